"""Windows that slide over positions: what convolution and pooling share."""

from __future__ import annotations

from typing import Any

from archdsl.ops.axes import each, times
from archdsl.ops.base import Op, Reject, Shape, shape_text
from archdsl.ops.expressions import Element
from archdsl.provenance import Calculable, operation
from archdsl.shapes import Dim, Symbolic


def require_window(op: Op, shape: Shape, ceil: bool = False) -> None:
    """Raise `Reject` where not one window fits into the padded input.

    With `ceil` a window may stand out of it by less than a stride.
    """
    for axis, size in enumerate(shape.positions):
        window = op.window(shape).along(axis)
        reach = window.dilation * (window.kernel - 1) + 1
        beyond = window.stride - 1 if ceil else 0
        least = max(1, reach - 2 * window.padding - beyond)
        if _may_be_less(size, least):
            raise Reject(
                f"the window of `{op.name}` is larger than its input",
                "",
                f"a {shape.axes[axis]} of {least} or more",
                shape_text(shape),
                "pad the input, or leave out an earlier stride",
            )


def window_label(op: Any, shape: Shape, what: str = "") -> str:
    """The text of a window in a diagram: `conv 3×3, 64, /2`."""
    kernel = "×".join(map(str, each(op.kernel, len(shape.positions))))
    parts = [f"{op.title} {kernel}", what, scale_label(op)]
    dilation = getattr(op, "dilation", 1)
    if times(dilation) != "1":
        parts.append(f"dilation {times(dilation)}")
    return ", ".join(filter(None, parts))


def scale_label(op: Op) -> str:
    """By how much an op makes an image smaller, `/2`, or larger, `×2`; empty where it does neither.

    Where the axes differ, a number for each: `/2×1`.
    """
    window = op.window()
    signs = (("/", times(window.stride)), ("×", times(window.upscale)))
    return " ".join([f"{sign}{factor}" for sign, factor in signs if factor != "1"])


def _may_be_less(size: Dim, least: int) -> bool:
    """Whether a size is too small, or not growing and too small for some value of its symbol.

    The symbol of a size that grows has only values for which that is large enough.
    """
    if isinstance(size, int):
        return size < least
    low, _ = size.extent()
    is_growing = isinstance(size, Symbolic) and size.function.rise > 0
    return not is_growing and (low is None or low < least)


def slide(
    size: Element, kernel: Any, stride: Any, padding: Any, dilation: Any = 1, ceil: bool = False
) -> Any:
    """How often a window fits: floor((size + 2 * padding - reach) / stride) + 1.

    `ceil` rounds up, but as in PyTorch no window starts behind the input and its left padding.
    """
    reach = dilation * (kernel - 1)
    if not ceil:
        return (size + 2 * padding - reach - 1) // stride + 1
    return (size + _smaller(2 * padding - reach + 2 * stride - 2, padding + stride - 1)) // stride


def _smaller(first: Any, second: Any) -> Any:
    if isinstance(first, Calculable) or isinstance(second, Calculable):
        return operation("min", first, second)
    return min(first, second)
