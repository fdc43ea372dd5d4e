"""TensorFlow's padding: as little as gives ceil(size / stride), the smaller half before.

In all, max((ceil(size / stride) - 1) * stride + dilation * (kernel - 1) + 1 - size, 0) positions:
how many depends on the size, so code computes it where it runs.
"""

from __future__ import annotations

from typing import Any

from archdsl.ops.axes import each
from archdsl.ops.base import Shape
from archdsl.shapes import Dim, Undecided, greatest

SAME_END = "same_end"
"""The word for it."""
MARGINS = """\
        margins: list[int] = []
        for axis in range({last}, -1, -1):
            size, stride = x.shape[axis + 2], self.stride[axis]
            reach = self.dilation[axis] * (self.kernel_size[axis] - 1) + 1
            total = (size - 1) // stride * stride + reach - size
            total = total * (total // (stride + reach) + 1)  # 0 instead of less, without a branch
            margins += [total // 2, total - total // 2]
        x = F.pad(x, margins)
"""
"""The lines of `forward` that pad, for the convolutions of a number of axes."""
CONVOLUTION = '''\
class Conv{axes}dSame(nn.Conv{axes}d):
    """Pads as little as gives ceil(size / stride) positions, the smaller half before them."""

    def forward(self, x: Tensor) -> Tensor:
{margins}        return self._conv_forward(x, self.weight, self.bias)
'''


def margins(axes: int) -> str:
    """The lines that pad."""
    return MARGINS.format(last=axes - 1)


def definition(axes: int) -> str:
    """The class of a convolution over a number of axes."""
    return CONVOLUTION.format(axes=axes, margins=margins(axes))


def slide_to_end(size: Any, stride: Any) -> Any:
    """How many windows there are: ceil(size / stride)."""
    return (size - 1) // stride + 1


def _totals(op: Any, shape: Shape) -> list[Dim]:
    """How many positions are added to every axis; raises `Undecided`."""
    numbers = [each(value, len(shape.positions)) for value in (op.kernel, op.stride, op.dilation)]
    found: list[Dim] = []
    for size, kernel, stride, dilation in zip(shape.positions, *numbers, strict=True):
        reach = dilation * (kernel - 1) + 1
        found.append(greatest((size - 1) // stride * stride + reach - size, 0))
    return found


def padded(op: Any, shape: Shape) -> Shape:
    """What the windows slide over."""
    both = zip(shape.positions, _totals(op, shape), strict=True)
    return shape.with_positions(size + total for size, total in both)


def before(op: Any, shape: Shape) -> tuple[int, ...]:
    """How many positions are added before every axis; where that depends on a symbol, the most."""
    try:
        totals = _totals(op, shape)
    except Undecided:
        totals = [*shape.positions]
    reaches = each(op.kernel, len(totals)), each(op.dilation, len(totals))
    most = [dilation * (kernel - 1) for kernel, dilation in zip(*reaches, strict=True)]
    known = zip(totals, most, strict=True)
    return tuple([(total if isinstance(total, int) else limit) // 2 for total, limit in known])
