"""`rearrange`: sizes split, reordered and joined by a pattern."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, reduce
from operator import mul
from types import new_class
from typing import Any, ClassVar

from archdsl.arithmetic import Value
from archdsl.ops.arrangement import Arrangement, Item, Step, Unreadable, arrangement, unknown_of
from archdsl.ops.axes import Window
from archdsl.ops.base import Op, Reject, Shape, shape_text
from archdsl.ops.expressions import Size, given
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.parameters import Initializer, Text, Whole, parameter, shown
from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import Calculable, Literal, operation
from archdsl.shapes import Dim, Undecided, same

REARRANGE = '''\
class Rearrange(nn.Module):
    """Splits dimensions into factors, reorders them, and joins neighbours."""

    splits: list[list[int]]
    joins: list[list[int]]
    dropped: list[int]
    made: list[int]

    def __init__(
        self,
        order: tuple[int, ...],
        splits: tuple[tuple[int, ...], ...] = (),
        joins: tuple[tuple[int, ...], ...] = (),
        dropped: tuple[int, ...] = (),
        made: tuple[int, ...] = (),
    ) -> None:
        super().__init__()
        self.order = list(order)
        self.splits = [list(split) for split in splits]
        self.joins = [list(join) for join in joins]
        self.dropped = list(dropped)
        self.made = list(made)

    def forward(self, x: Tensor) -> Tensor:
        for split in self.splits:
            x = x.unflatten(split[0], split[1:])
        for dimension in self.dropped:
            x = x.squeeze(dimension)
        x = x.permute(self.order)
        for join in self.joins:
            x = x.flatten(join[0], join[1])
        for dimension in self.made:
            x = x.unsqueeze(dimension)
        return x
'''
UNKNOWN = Literal(-1)
"""PyTorch finds this factor itself."""


@dataclass(frozen=True)
class Rearrange(Op):
    """The sizes split, reordered and joined by a pattern in einops' notation.

    A `;` stands before channels that are last, as in shapes. Names are local to the pattern, and
    every name stands once on each side; `1` makes or drops a size of 1. A group, `(h p)`, is one
    size that is the product of several, the first of which counts slowest. On the left all but one
    of a group need a size, by a keyword of that name.
    """

    name = "rearrange"
    family = "reshape"
    positional = 1
    only_moves = True
    takes_counted = True
    is_open = True
    sizes: ClassVar[Item] = ()
    """The names whose sizes are given."""
    examples = (
        '[8, 5, 4] | rearrange("c h w -> (h w); c") -> [20; 8]',
        '[20; 8] | rearrange("n; d -> d n") -> [8, 20]',
        '[6, 4; 8] | rearrange("(h p) (w q); c -> (h w) (p q); c", p=3, q=2) -> [4, 6; 8]',
        '[40] | rearrange("(c h w) -> c h w", h=5, w=4) -> [2, 5, 4]',
        '[8, 1, 1] | rearrange("c 1 1 -> 1; c") -> [1; 8]',
        '[6; 4] | rearrange("n; d -> n d") -> [6, 4]',
        '[4, 5] < 9 | rearrange("h w -> (h w)") -> [20] < 9',
    )

    pattern: str = parameter(
        Text(), about="how sizes come in and go out; sizes of names by further keywords"
    )

    def __post_init__(self) -> None:
        try:
            found = arrangement(self.pattern)
        except Unreadable as unreadable:
            message = f"the pattern of `rearrange` means nothing: {unreadable}"
            raise Reject(message, "pattern", PATTERN, shown(self.pattern)) from None
        for name in self.sizes:
            if name not in found.before.names:
                message = f"`{name}` is no name on the left of the pattern"
                raise Reject(message, name, found=str(found.before))
        for item in found.before.items:
            unknown = unknown_of(item, self.sizes) if len(item) > 1 else ()
            if len(unknown) > 1:
                needed = " and ".join(f"`{name}`" for name in unknown)
                message = f"the sizes of {needed} do not follow from their product"
                help = f"write all but one of them: `{unknown[-1]}=…`"
                raise Reject(message, "pattern", "", shown(self.pattern), help)
        if found.changes_nothing:
            raise Reject("this pattern changes nothing", "pattern", help="leave it out")

    @property
    def arrangement(self) -> Arrangement:
        """The pattern, read."""
        return arrangement(self.pattern)

    @classmethod
    def with_sizes(cls, names: Item) -> type[Rearrange]:
        """The op with a parameter for the size of each of some names."""
        return _with_sizes(tuple(dict.fromkeys([*cls.sizes, *names])))

    @classmethod
    def make(cls, values: Mapping[str, Value | Initializer]) -> Op:
        """The op with these parameters, the sizes of names among them."""
        names = tuple([name for name in values if name not in cls.parameters()])
        return cls.with_sizes(names).make(values) if names else super().make(values)

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (self.pattern, tuple([(name, getattr(self, name)) for name in self.sizes]))

    def __str__(self) -> str:
        sizes = [f"{name}={getattr(self, name)}" for name in self.sizes]
        return f"rearrange({', '.join([shown(self.pattern), *sizes])})"

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """The sizes behind the arrow."""
        found = arrangement(op.pattern)
        sizes = _sizes(op, *inputs)
        factors_of = [[sizes[name] for name in item] for item in found.after.items]
        made: list[Any] = [_product(factors) for factors in factors_of]
        return TensorType(tuple(made), found.after.is_last, inputs[0].below)

    def between(self, *inputs: Shape) -> tuple[Dim, ...]:
        return tuple(_sizes(self, *inputs).values())

    def factors(self, *inputs: Shape) -> dict[str, Dim]:
        """The size of every name of the pattern."""
        return _sizes(self, *inputs)

    def check(self, *inputs: Shape) -> None:
        (shape,) = inputs
        before = self.arrangement.before
        if shape.rank != len(before.items) or shape.is_last != before.has_last:
            message = f"the pattern takes `{before}`, which is not what comes in"
            help = "the channels that come in are first: there is no `;` in the pattern"
            if shape.is_last:
                help = "the channels that come in are last: a `;` stands before them in the pattern"
            help = help if shape.is_last != before.has_last else ""
            raise Reject(message, "", _shown(before), shape_text(shape), help)
        if shape.below is not None and self.arrangement.after.is_last:
            message = "whole numbers have no channels, so nothing of them can be last"
            raise Reject(message, "pattern", "a pattern without `;`", shown(self.pattern))
        unequal = []
        for item, size in zip(before.items, shape.sizes, strict=True):
            wanted = self._fitting(item, size)
            try:
                if not same(size, wanted):
                    raise self._misfit(item, size)
            except Undecided:
                unequal.append((size, wanted))
        result = self.rule(self, shape)
        if result.below is None and not isinstance(channels := result.channels, int):
            message = f"the channels of the result, {channels}, depend on the size of the input"
            raise Reject(message, "", "a number of channels", shape_text(shape))
        if unequal:
            reject = Reject("`rearrange` fits for some sizes only", "", "", shape_text(shape))
            reject.unequal = unequal
            raise reject

    def _fitting(self, item: Item, size: Dim) -> Dim:
        """The size that some names make, of which one may be unknown."""
        known: int = reduce(mul, [getattr(self, name) for name in item if name in self.sizes], 1)
        return known * (size // known) if unknown_of(item, self.sizes) else known

    def _misfit(self, item: Item, size: Dim) -> Reject:
        factors = [name for name in item if name in self.sizes]
        known: int = reduce(mul, [getattr(self, name) for name in factors], 1)
        if not unknown_of(item, self.sizes):
            text = " ".join(item) or "1"
            return Reject(f"`{text}` is {known}, and not the size there", "", str(known), str(size))
        message = f"{known} does not divide the size of `({' '.join(item)})`"
        return Reject(message, "", f"a multiple of {known}", str(size))

    def window(self, *inputs: Shape) -> Window:
        return Window(covers=True)

    def is_view(self, *inputs: Shape, training: bool) -> bool:
        return self.arrangement.keeps_order

    def label(self, *inputs: Shape) -> str:
        return self.pattern

    def torch(self, *inputs: Shape) -> TorchForm:
        steps = [*self.arrangement.steps()]
        named = [name for step in steps for name in step.factors if name in self.sizes]
        template = "{x}" + "".join(_calls(steps, named))
        function = TorchCall("", [*map(TorchArgument, map(given, named))], template)
        module = TorchCall("Rearrange", [*self._arguments(steps)])
        return TorchForm(module, function, REARRANGE)

    def _arguments(self, steps: list[Step]) -> Iterator[TorchArgument]:
        """The arguments of the module."""
        parts = {
            "splits": [self._split(step) for step in steps if step.method == "unflatten"],
            "joins": [_numbers(step.dimensions) for step in steps if step.method == "flatten"],
            "dropped": [Literal(s.dimensions[0]) for s in steps if s.method == "squeeze"],
            "made": [Literal(s.dimensions[0]) for s in steps if s.method == "unsqueeze"],
        }
        yield TorchArgument(_numbers(self.arrangement.order))
        for name, part in parts.items():
            if part:
                yield TorchArgument(operation("list", *part), name)

    def _split(self, step: Step) -> Any:
        factors = [given(name) if name in self.sizes else UNKNOWN for name in step.factors]
        return operation("list", Literal(step.dimensions[0]), *factors)


def _sizes(op: Any, shape: TensorType[Any]) -> dict[str, Any]:
    """The size of every name."""
    sizes: dict[str, Any] = {}
    for item, size in zip(arrangement(op.pattern).before.items, shape.sizes, strict=True):
        known = {name: getattr(op, name) for name in item if name in op.sizes}
        sizes |= known
        for name in unknown_of(item, op.sizes):
            sizes[name] = size // reduce(mul, known.values()) if known else size
    return sizes


def _product(factors: list[Any]) -> Any:
    """The size of a group; as an expression one product, whose factors a reader recognises."""
    if len(factors) > 1 and any(isinstance(factor, Calculable) for factor in factors):
        return operation("product", *factors)
    return reduce(mul, factors, 1) if len(factors) != 1 else factors[0]


PATTERN = 'a pattern such as "c h w -> (h w); c"'


def _numbers(numbers: tuple[int, ...]) -> Any:
    return operation("list", *map(Literal, numbers))


def _calls(steps: list[Step], named: list[str]) -> Iterator[str]:
    """Calls of a tensor's methods; sizes that are given are places to fill in."""
    places = {name: f"{{{place}}}" for place, name in enumerate(named)}
    for step in steps:
        numbers = [*map(str, step.dimensions)]
        if step.method == "unflatten":
            numbers.append(f"({', '.join(places.get(name, '-1') for name in step.factors)})")
        yield f".{step.method}({', '.join(numbers)})"


def _shown(side: Any) -> str:
    """A side of a pattern as a shape."""
    sizes = [" * ".join(item) or "1" for item in side.items]
    return str(TensorType(tuple(sizes), side.is_last))


@cache
def _with_sizes(names: Item) -> type[Rearrange]:
    """The op with parameters of these names, one class for all its uses."""
    if not names:
        return Rearrange
    space = {name: parameter(Whole(), about=f"size of `{name}`") for name in names}
    space |= {"sizes": names, "__annotations__": dict.fromkeys(names, int)}
    space |= {"__doc__": Rearrange.__doc__, "__module__": __name__}
    made = new_class("Rearrange", (Rearrange,), {"abstract": True}, lambda own: own.update(space))
    return dataclass(frozen=True)(made)


def _made(pattern: str, sizes: tuple[tuple[str, int], ...]) -> Op:
    """The op with a pattern, and with the sizes of some names."""
    return Rearrange.make({"pattern": pattern, **dict(sizes)})
