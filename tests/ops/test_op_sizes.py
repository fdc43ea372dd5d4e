"""Windows at random: sizes as PyTorch has them, as numbers, as symbols and as expressions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from archdsl.ops.base import Reject, Shape
from archdsl.ops.tensor_type import TensorType
from archdsl.shapes import evaluate, symbol
from tests.helpers.op_examples import read

H = symbol("h")


@dataclass(frozen=True)
class Slide:
    """A random op with a window, as text, and the same in PyTorch."""

    text: str
    module: Callable[[], nn.Module]


@st.composite
def slides(draw: st.DrawFn) -> Slide:
    """Convolutions and poolings, most of them possible."""
    kernel, stride, pad = draw(sides(1, 5)), draw(sides(1, 4)), draw(sides(0, 3))
    dilation, more, ceil = draw(sides(1, 3)), draw(sides(0, 3)), draw(st.booleans())
    kind = draw(st.sampled_from(["conv", "conv_transpose", "maxpool", "avgpool"]))
    window = f"{list(kernel)}, {list(stride)}, pad={list(pad)}"
    match kind:
        case "conv":
            text = f"conv(2, {window}, dilation={list(dilation)})"
            return Slide(text, lambda: nn.Conv2d(2, 2, kernel, stride, pad, dilation))
        case "conv_transpose":
            text = (
                f"conv_transpose(2, {window}, output_pad={list(more)}, dilation={list(dilation)})"
            )
            return Slide(
                text,
                lambda: nn.ConvTranspose2d(2, 2, kernel, stride, pad, more, dilation=dilation),
            )
        case _:
            pooling = nn.MaxPool2d if kind == "maxpool" else nn.AvgPool2d
            text = f"{kind}({window}, ceil={str(ceil).lower()})"
            return Slide(text, lambda: pooling(kernel, stride, pad, ceil_mode=ceil))


def sides(least: int, most: int) -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(st.integers(least, most), st.integers(least, most))


def ours(slide: Slide, shape: Shape) -> Shape | None:
    """The shape of the result, None where it is refused."""
    try:
        return read(f"[1] | {slide.text}").op.output(shape)
    except Reject:
        return None


def theirs(slide: Slide, shape: Shape) -> Shape | None:
    """The shape of the result in PyTorch, None where it fails or nothing is left."""
    try:
        result = tuple(slide.module()(torch.empty(1, *shape.sizes)).shape[1:])
    except RuntimeError:
        return None
    return TensorType(result) if all(result) else None


@settings(max_examples=250)
@given(slides(), sides(1, 12))
def test_sizes_are_those_of_pytorch(slide: Slide, size: tuple[int, int]) -> None:
    shape = TensorType((2, *size))
    assert ours(slide, shape) == theirs(slide, shape)


@settings(max_examples=200)
@given(slides(), st.integers(1, 200))
def test_symbolic_sizes_are_the_numbers(slide: Slide, number: int) -> None:
    result = ours(slide, TensorType((2, number, 3 * number + 1)))
    symbolic = ours(slide, TensorType((2, H, 3 * H + 1)))
    if result is not None:
        assert symbolic is not None
        assert symbolic.map(lambda size: evaluate(size, {"h": number})) == result


@settings(max_examples=200)
@given(slides(), sides(6, 12))
def test_sources_are_the_numbers(slide: Slide, size: tuple[int, int]) -> None:
    result = ours(slide, TensorType((2, *size)))
    if result is not None:
        case = read(f"{[2, *size]} | {slide.text}")
        assert case.op.sources(*case.inputs).map(case.value) == result
