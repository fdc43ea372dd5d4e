"""What every operator says about itself, and how it says it: as values, not as code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from archdsl.provenance import Expression, Literal, Symbol, Value
from archdsl.shapes import Dim

Shape: TypeAlias = tuple[Dim, ...]


class Reject(Exception):
    """An op's refusal. `argument` names the parameter to blame, if one is; the place is added later.

    Without `argument` the input is to blame; `expected` and `found` are shapes as text.
    """

    def __init__(
        self, message: str, argument: str = "", expected: str = "", found: str = "", help: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.argument = argument
        self.expected = expected
        self.found = found
        self.help = help


@dataclass(frozen=True)
class Weight:
    """One entry of an op's state, by its key below the op's own: `weight`, `running_mean`, ..."""

    name: str
    shape: tuple[int, ...]
    trainable: bool = True


@dataclass(frozen=True)
class Window:
    """The pixels that one output reads, as (height, width): for sizes and receptive fields."""

    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    dilation: tuple[int, int] = (1, 1)


@dataclass(frozen=True)
class Initializer:
    """How a weight starts: a scheme of `torch.nn.init` with its arguments, or "default"."""

    scheme: str = "default"
    arguments: tuple[tuple[str, float | str], ...] = ()


@dataclass(frozen=True)
class TorchArgument:
    """One argument of a PyTorch call.

    `value` is what it is here; `source` is how it follows from the op's parameters
    (`Symbol(None, "kernel")`) and the sizes of its inputs (`Symbol(None, "input.0.1")`: input 0,
    dimension 1), so that a backend can print an expression instead of a number. Without `keyword`
    the argument is positional; an argument that equals `default` need not be written.
    """

    value: Value | None
    source: Expression
    keyword: str = ""
    default: Value | None = None
    has_default: bool = False


@dataclass(frozen=True)
class TorchCall:
    """A call `callee(*arguments)`; for a function, the tensors come first.

    With a `template` the call is printed from it instead: `{x}` is the tensor, `{0}`, `{1}` are
    the arguments. `atom` says that the printed text needs no parentheses as an operand.
    """

    callee: str
    arguments: tuple[TorchArgument, ...] = ()
    template: str = ""
    atom: bool = True


@dataclass(frozen=True)
class TorchForm:
    """An op in PyTorch.

    `module` is its module (every op but a join has one; where torch.nn has none, `definition` is
    the source of a class that the generated file carries). `function` is its form in `forward`,
    for an op without state. `inplace`: the call takes `inplace=True`. `saves_output`: the
    gradient reads the op's own result, which must therefore not be overwritten. `training`: the
    function takes `self.training` after its arguments. For a join, `join` is how the operands are
    written: (opening, separator, closing); `{n}` in the closing is their number.
    """

    module: TorchCall | None = None
    function: TorchCall | None = None
    definition: str = ""
    inplace: bool = False
    saves_output: bool = False
    training: bool = False
    join: tuple[str, str, str] | None = None


def given(name: str) -> Expression:
    """The op's own parameter of that name, for `TorchArgument.source`."""
    return Symbol(None, name)


def input_size(dimension: int = 0, index: int = 0) -> Expression:
    """A size of an input: dimension 0 is the channels."""
    return Symbol(None, f"input.{index}.{dimension}")


@dataclass(frozen=True)
class Op:
    """An operator of the language; a subclass is a frozen dataclass whose fields are parameters.

    `name` is its name in the language, `family` the group it belongs to in diagrams, and every
    example `"[8, 15, 15] | conv(16, 5, stride=2) -> [16, 8, 8]"` is documentation and a test.
    Several inputs are written `"[8, 4, 4], [8, 4, 4] | add -> [8, 4, 4]"`.
    """

    name: ClassVar[str]
    family: ClassVar[str]
    examples: ClassVar[tuple[str, ...]]

    def output(self, *inputs: Shape) -> Shape:
        """The shape of the result; raises `Reject` where the inputs do not fit."""
        raise NotImplementedError

    def channels(self, *inputs: Shape) -> Expression:
        """The first size of the result as an expression (see `TorchArgument.source`)."""
        return input_size()

    def window(self) -> Window | None:
        """The window over height and width, if the op has one; None where it works point by point."""
        return None

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """The op's state-dict entries, in PyTorch's order."""
        return ()

    def macs(self, *inputs: Shape) -> Dim:
        """Multiply-adds for one image: convolutions, linear layers and matrix products only."""
        return 0

    def torch(self, *inputs: Shape) -> TorchForm:
        """The op in PyTorch."""
        raise NotImplementedError
