"""`rearrange` against PyTorch: any pattern, in `forward` and as a module, and for all sizes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from archdsl.ops import OPS
from archdsl.ops.arrangement import Unreadable, arrangement
from archdsl.ops.base import Op, Reject
from archdsl.ops.tensor_type import TensorType
from archdsl.shapes import evaluate, symbol
from tests.helpers.op_examples import Example

NAMES = "abcdef"


@dataclass(frozen=True)
class Drawn:
    """A pattern with the sizes of all its names."""

    before: tuple[tuple[str, ...], ...]
    after: tuple[tuple[str, ...], ...]
    is_last: tuple[bool, bool]
    sizes: dict[str, int]
    given: dict[str, int]

    @property
    def pattern(self) -> str:
        return " -> ".join(map(side, (self.before, self.after), self.is_last))

    def shape(self, items: tuple[tuple[str, ...], ...], is_last: bool) -> TensorType[int]:
        sizes = [math.prod(self.sizes[name] for name in item) for item in items]
        return TensorType(tuple(sizes), is_last)

    @property
    def example(self) -> Example:
        op = OPS["rearrange"].make({"pattern": self.pattern, **self.given})
        before, after = map(self.shape, (self.before, self.after), self.is_last)
        return Example(self.pattern, op, (before,), after)

    def expected(self, x: torch.Tensor) -> torch.Tensor:
        """The same by reshape, permute and reshape, with all sizes known."""
        first = [name for item in self.before for name in item]
        second = [name for item in self.after for name in item]
        apart = x.reshape(x.shape[0], *[self.sizes[name] for name in first])
        moved = apart.permute(0, *[first.index(name) + 1 for name in second])
        return moved.reshape(x.shape[0], *self.shape(self.after, self.is_last[1]).sizes)


def side(items: tuple[tuple[str, ...], ...], is_last: bool) -> str:
    texts = [" ".join(item) or "1" for item in items]
    texts = [f"({text})" if " " in text else text for text in texts]
    return f"{' '.join(texts[:-1])}; {texts[-1]}" if is_last else " ".join(texts)


@st.composite
def items(draw: st.DrawFn, names: list[str]) -> tuple[tuple[str, ...], ...]:
    """Names in groups, with sizes of 1 between them."""
    found: list[tuple[str, ...]] = []
    rest = draw(st.permutations(names))
    while rest:
        if draw(st.integers(0, 5)) == 0:
            found.append(())
        count = draw(st.integers(1, min(3, len(rest))))
        found.append(tuple(rest[:count]))
        rest = rest[count:]
    return tuple(found)


@st.composite
def patterns(draw: st.DrawFn) -> Drawn:
    names = [*NAMES[: draw(st.integers(1, 5))]]
    before, after = draw(items(names)), draw(items(names))
    sizes = {name: draw(st.integers(1, 4)) for name in names}
    # All but one of a group need a size, and any may have one.
    free = {draw(st.sampled_from(item)) for item in before if item}
    given = {name: size for name, size in sizes.items() if name not in free or draw(st.booleans())}
    return Drawn(before, after, (draw(st.booleans()), draw(st.booleans())), sizes, given)


def made(drawn: Drawn) -> Example | None:
    """An example of the op; None for a pattern that changes nothing."""
    is_alike = len({*drawn.is_last}) == 1 or len(drawn.before) == 1
    if drawn.before == drawn.after and is_alike:
        with pytest.raises(Reject, match="changes nothing"):
            _ = drawn.example
        return None
    return drawn.example


def module_of(example: Example) -> torch.nn.Module:
    names: dict[str, object] = {"torch": torch, "nn": torch.nn, "Tensor": torch.Tensor}
    exec("\n".join(each.source for each in example.form.definitions.values()), names)
    call = example.form.module
    assert call is not None
    module = eval(f"{call.callee}({', '.join(example.written(call))})", names)
    assert isinstance(module, torch.nn.Module)
    return module


def function_of(example: Example, x: torch.Tensor) -> torch.Tensor:
    call = example.form.function
    assert call is not None
    text = call.template.format(*example.written(call), x="x", slice="")
    found = eval(text, {"x": x})
    assert isinstance(found, torch.Tensor)
    return found


@given(patterns())
def test_every_form_is_pytorchs(drawn: Drawn) -> None:
    if (example := made(drawn)) is None:
        return
    (x,) = example.tensors()
    expected = drawn.expected(x)
    assert example.op.output(*example.inputs) == example.output
    assert example.op.sources(*example.inputs).map(example.value) == example.output
    assert torch.equal(function_of(example, x), expected)
    assert torch.equal(module_of(example)(x), expected)
    is_view = function_of(example, x).data_ptr() == x.data_ptr()
    assert is_view or not example.op.is_view(*example.inputs, training=False)
    assert made_again(example.op) == example.op


def made_again(op: Op) -> Op:
    kind, arguments = op.__reduce__()[:2]  # type: ignore[misc]
    found = kind(*arguments)  # type: ignore[operator]
    assert isinstance(found, Op)
    return found


@given(patterns(), st.data())
def test_sizes_hold_for_every_symbol(drawn: Drawn, data: st.DataObject) -> None:
    """A position that is open, as a multiple of what its group is given."""
    if (example := made(drawn)) is None:
        return
    (shape,) = example.inputs
    places = [place for place in range(shape.rank) if place != shape.channels_dimension]
    free = [p for p in places if set(drawn.before[p]) - drawn.given.keys()]
    if not free:
        return
    place = data.draw(st.sampled_from(free))
    known = math.prod(drawn.given[name] for name in drawn.before[place] if name in drawn.given)
    sizes = [symbol("n") * known if at == place else size for at, size in enumerate(shape.sizes)]
    opened = shape.with_sizes(sizes)
    if not isinstance(example.op.rule(example.op, opened).channels, int):
        with pytest.raises(Reject, match="depend on the size of the input"):
            example.op.output(opened)
        return
    result = example.op.output(opened)
    for number in range(1, 6):
        numbers = [known * number if at == place else size for at, size in enumerate(shape.sizes)]
        expected = example.op.output(shape.with_sizes(numbers))  # type: ignore[arg-type]
        assert result.map(lambda size, n=number: evaluate(size, {"n": n})) == expected


@pytest.mark.parametrize("text", ["", "->", "a -> b -> a", "a; -> a", "a b c -> a (b c", "a -> 2"])
def test_what_is_no_pattern(text: str) -> None:
    with pytest.raises(Unreadable):
        arrangement(text)
