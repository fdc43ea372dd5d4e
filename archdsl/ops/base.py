"""The definition of an operator: values, not code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Literal, TypeAlias

from archdsl.arithmetic import Value
from archdsl.ops.axes import Window
from archdsl.ops.expressions import Lifted, Size, as_expression, input_size
from archdsl.ops.forms import TorchForm
from archdsl.ops.memory import NUMBER_BYTES, Saves
from archdsl.ops.parameters import Initializer, Start, shown_briefly
from archdsl.ops.parametric import Parametric
from archdsl.ops.reject import Reject
from archdsl.ops.tensor_type import TensorType
from archdsl.ops.units import NOUNS, UnitPart
from archdsl.provenance import Expression
from archdsl.shapes import Count, Dim, Undecided

__all__ = ["OPS", "Op", "Reject", "SameShape", "Shape", "Weight", "shape_text"]

Shape: TypeAlias = TensorType[Dim]
"""The type of one tensor, in numbers and symbolic sizes."""


@dataclass(frozen=True)
class Weight:
    """One entry of an op's state, by its key below the op's own: `weight`, `running_mean`, ...

    A bare one is a tensor of the scope that the op stands in: its key is the op's own, with `name`
    appended to it.
    """

    name: str
    shape: tuple[int, ...]
    trainable: bool = True
    number_bytes: int = NUMBER_BYTES
    is_bare: bool = False

    def key(self, path: str) -> str:
        """The entry's key in the state dict, for an op of that path."""
        return f"{path}{self.name}" if self.is_bare else f"{path}.{self.name}"


OPS: dict[str, type[Op]] = {}
"""Every operator by its name in the language."""


REQUIRED = ("name", "family", "examples", "__doc__")
OVERRIDDEN = ("rule", "torch")


@dataclass(frozen=True)
class Op(Parametric):
    """An operator of the language; a subclass is a frozen dataclass whose fields are parameters.

    `name` is its name in the language, `family` its title in tables and its colour in diagrams;
    whatever else others ask of an op has a field of its own. Every example
    `"[8, 15, 15] | conv(16, 5, stride=2) -> [16, 8, 8]"` is documentation and a test; several
    inputs are written `"[8, 4, 4], [8, 4, 4] | add -> [8, 4, 4]"`.
    A subclass registers itself, and is refused while something is missing.
    """

    family: ClassVar[str]
    examples: ClassVar[tuple[str, ...]]
    arity: ClassVar[int | Literal["many"]] = 1
    """The number of its inputs; the language gives several as positional arguments."""
    keyword_branches: ClassVar[tuple[str, ...]] = ()
    """Further inputs, each a branch with a keyword: a parameter that says whether it is there."""
    input_names: ClassVar[tuple[str, ...]] = ()
    """What code calls several inputs where it has no other name for them."""
    part: ClassVar[UnitPart | None] = None
    is_distance: ClassVar[bool] = False
    """Of its results the smallest is the best."""
    is_join: ClassVar[bool] = False
    """It does nothing but join tensors: diagrams have a sign for it."""
    is_gate: ClassVar[bool] = False
    """It weighs one tensor by others: a tensor that only comes to be weighed skips nothing."""
    is_random: ClassVar[bool] = False
    """Its result is another each time in training."""
    is_overwritable: ClassVar[bool] = False
    """An activation that follows it may overwrite its result, as far as gradients allow."""
    reads_shape_only: ClassVar[bool] = False
    """Its result depends on the shape of its input alone, so no gradient goes back through it."""
    shape_inputs: ClassVar[tuple[int, ...]] = ()
    """Of several inputs the places of those of which it reads the shape alone."""
    is_repeated: ClassVar[bool] = False
    """Its result is the same for every sample, and in memory once."""
    takes_counted: ClassVar[bool] = False
    """It takes whole numbers, such as the numbers of words, and does not compute with them."""
    is_open: ClassVar[bool] = False
    """It takes further keywords, whose names its own parameters say; see `with_sizes`."""
    is_link: ClassVar[bool] = True
    """Its module is called with one tensor and gives one, so that a container can hold it."""
    is_tied: ClassVar[bool] = False
    """It has a weight of another layer, the one with its path, and needs no other of that."""
    is_bare: ClassVar[bool] = False
    """Its weights are tensors of the scope that it stands in, without a module of their own."""
    reads_batch_only: ClassVar[bool] = False
    """It reads no number of its input, but only how many samples there are."""
    is_foreign: ClassVar[bool] = False
    """Somebody else's class: nobody knows what it computes, costs and keeps."""
    stays_float32: ClassVar[bool] = False
    """On a GPU it computes in float32 under `torch.autocast`."""
    only_moves: ClassVar[bool] = False
    """It moves numbers, and learns and decides nothing: code calls it as a function."""

    def __init_subclass__(cls, *, abstract: bool = False) -> None:
        super().__init_subclass__()
        if abstract:
            return
        missing = [part for part in REQUIRED if not getattr(cls, part, "")]
        missing += [part for part in OVERRIDDEN if getattr(cls, part) is getattr(Op, part)]
        if missing:
            raise TypeError(f"the op {cls.__name__} lacks {', '.join(missing)}")
        if cls.name in OPS:
            raise TypeError(f"the op {cls.__name__} has the name of {OPS[cls.name].__name__}")
        OPS[cls.name] = cls

    @property
    def is_layer(self) -> bool:
        """Whether published depths count it, where it learns."""
        return self.part == "layer"

    @property
    def is_activation(self) -> bool:
        """Whether it follows a layer and takes its numbers one by one, maybe in place."""
        return self.part == "activation"

    @property
    def passes_gradient(self) -> bool:
        """Whether its inputs' gradients are that of its result, or parts of it: no new tensors."""
        return False

    @property
    def noun(self) -> str:
        """The name of a module that is one of several ops of the family."""
        return NOUNS.get(self.family, self.family)

    @classmethod
    def with_sizes(cls, names: tuple[str, ...]) -> type[Op]:
        """The op with a parameter for each of some further keywords, where it `is_open`."""
        raise NotImplementedError

    @classmethod
    def make(cls, values: Mapping[str, Value | Initializer]) -> Op:
        """The op with these parameters; raises `Reject` where some of them cannot be."""
        return cls(**cls.read(values))

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """The result in a domain of `expressions.py`, from sizes and `op`'s parameters."""
        raise NotImplementedError

    def check(self, *inputs: Shape) -> None:
        """Raise `Reject` where the inputs do not fit."""

    def leeway(self, *inputs: Shape) -> tuple[Dim, ...]:
        """What must be 1 or more beside the sizes of its result: the room that is left.

        With a table of 1024 rows for n positions, that is `1025 - n`.
        """
        return ()

    def output(self, *inputs: Shape) -> Shape:
        """The shape of the result; raises `Reject` where the inputs do not fit."""
        self._require_measured(*inputs)
        try:
            self.check(*inputs)
            shape = self.rule(self, *inputs)
        except Undecided as undecided:
            raise _not_decided(self, undecided, *inputs) from None
        if any(isinstance(size, int) and size < 1 for size in shape.sizes):
            raise Reject(
                f"nothing is left of the input of `{self.name}`",
                "",
                "sizes of 1 or more",
                shape_text(shape),
            )
        return shape

    def _require_measured(self, *inputs: Shape) -> None:
        """Raise `Reject` for whole numbers where the op computes."""
        for index, shape in enumerate(inputs):
            if shape.below is not None and not self.may_count(index):
                message = f"`{self.name}` wants numbers that are measured, not counted"
                help = "`embedding(...)` makes features of whole numbers"
                reject = Reject(message, "", "", shape_text(shape), help, index)
                reject.code = "E0305"
                raise reject

    def may_count(self, index: int) -> bool:
        """Whether the input of that number may be whole numbers."""
        return self.takes_counted

    def sources(self, *inputs: Shape) -> TensorType[Expression]:
        """The sizes of the result as expressions, like `TorchArgument.source`."""
        return _sources(self, tuple([shape.map(_unknown) for shape in inputs]))

    def window(self, *inputs: Shape) -> Window:
        """The window over the positions; the default is that of what works point by point.

        Where it depends on the size of the inputs, and these are not given, it covers them.
        """
        return Window()

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """The op's state-dict entries, in PyTorch's order."""
        return ()

    def has_weights(self, *inputs: Shape) -> bool:
        """Whether it has, or may have, entries in the state dict."""
        return bool(self.weights(*inputs))

    def module_text(self, *inputs: Shape) -> str:
        """What tells its module from others, beside the shapes of its weights."""
        return str(self)

    def starts(self) -> Start | None:
        """How its weight and its bias start; None for an op that leaves no choice."""
        return None

    def macs(self, *inputs: Shape) -> Count:
        """Multiply-adds for one image, as PyTorch's `FlopCounterMode` counts them.

        It knows convolutions, linear layers and matrix products, and nothing else.
        """
        return 0

    def saves(self, *inputs: Shape) -> Saves:
        """The tensors saved for the backward pass; by default none."""
        return Saves()

    def is_view(self, *inputs: Shape, training: bool) -> bool:
        """Whether the result lies in the memory of the first input."""
        return False

    def between(self, *inputs: Shape) -> tuple[Dim, ...]:
        """Sizes of tensors on the way to the result, which a trace sees; by default none."""
        return ()

    def torch(self, *inputs: Shape) -> TorchForm:
        """The op in PyTorch."""
        raise NotImplementedError

    @property
    def title(self) -> str:
        """Its name as a figure sets it, in words: `global avgpool`."""
        return self.name.replace("_", " ")

    def label(self, *inputs: Shape) -> str:
        """Its text in a diagram: title and required parameters."""
        needed = [self.argument(name) for name in self.parameters() if name not in self.defaults()]
        return " ".join([self.title, *map(shown_briefly, needed)])


@dataclass(frozen=True)
class SameShape(Op, abstract=True):
    """An op whose result has the shape of its input."""

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """The shape stays."""
        (shape,) = inputs
        return shape


def _not_decided(op: Op, undecided: Undecided, *inputs: Shape) -> Reject:
    message = (
        f"the output size of `{op.name}` cannot be determined: {undecided.reason or undecided}"
    )
    help = "a number, or a multiple as the input size, makes it simpler: `[3, 16 * h, 16 * w]`"
    reject = Reject(message, "", "", ", ".join(map(shape_text, inputs)), help)
    reject.code = "E0311"
    return reject


def _unknown(size: Dim) -> int:
    """Leave the layout of a type, without its sizes."""
    return 0


@lru_cache(maxsize=1024)
def _sources(op: Op, layouts: tuple[TensorType[int], ...]) -> TensorType[Expression]:
    """The sizes of an op's result as expressions; most networks have few different ops."""
    inputs = [
        layout.with_parts(input_size(place, index) for place in range(len(layout.parts)))
        for index, layout in enumerate(layouts)
    ]
    return op.rule(Lifted(op), *inputs).map(as_expression)


def shape_text(shape: Shape) -> str:
    """A shape as the language writes it: `[64, 56, 56]`."""
    return str(shape)
