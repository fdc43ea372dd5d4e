"""Pools as PyTorch can prove their sizes: those that round up as pools that round down.

The last window of a pool that rounds up may stand out of the padded image. Padding the image on
that side by as much as it may stand out lets the same windows fit, and no other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from archdsl.ops.axes import each


class RoundedDown(TorchFunctionMode):
    """While it is entered, pools are traced as others with the same results."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Calls of PyTorch, of which pools go to the functions below."""
        return POOLS.get(func, func)(*args, **(kwargs or {}))


def max_pool(
    image: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    **others: Any,
) -> Any:
    """`max_pool2d`, or that of other axes, with the same results."""
    axes = image.dim() - 2
    if ceil_mode:
        beyond = _beyond(axes, kernel_size, stride, padding)
        image = functional.pad(image, beyond, value=-torch.inf)
    if axes == 1:
        return _max_pool_of_rows(image, kernel_size, stride, padding, **others)
    return MAXIMA[axes](image, kernel_size, stride, padding, **others)


def _max_pool_of_rows(
    signal: Tensor, kernel: Any, stride: Any, padding: Any, dilation: Any = 1, **others: Any
) -> Any:
    """`max_pool1d` as `max_pool2d` on images of one row: PyTorch fixes the length in the former."""
    numbers = (kernel, stride or kernel, padding, dilation)
    sides: list[Any] = [(fill, *each(n, 1)) for fill, n in zip((1, 1, 0, 1), numbers, strict=True)]
    return MAXIMA[2](signal.unsqueeze(2), *sides, **others).squeeze(2)


def avg_pool(
    image: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """`avg_pool2d`, or that of other axes, with the same results except for rounding."""
    axes = image.dim() - 2
    pool = MEANS[axes]
    if not ceil_mode or divisor_override:
        divisor = [divisor_override] if divisor_override else []
        return pool(image, kernel_size, stride, padding, ceil_mode, count_include_pad, *divisor)
    around = [margin for margin in reversed(each(padding, axes)) for _ in range(2)]
    counted = functional.pad(torch.ones_like(image[:1, :1]), around, value=float(count_include_pad))
    beyond = _beyond(axes, kernel_size, stride, padding)
    means, shares = (
        pool(functional.pad(padded, beyond), kernel_size, stride)
        for padded in (functional.pad(image, around), counted)
    )
    return means / shares


def _beyond(axes: int, kernel_size: Any, stride: Any, padding: Any) -> list[int]:
    """By how much a window may stand out of the padded image, as `F.pad` takes it.

    By less than a stride; and it begins in the image or in the padding before it.
    """
    numbers = [each(value, axes) for value in (kernel_size, stride or kernel_size, padding)]
    settings = zip(*numbers, strict=True)
    beyond = [min(step - 1, kernel - 1 - margin) for kernel, step, margin in settings]
    return [number for margin in reversed(beyond) for number in (0, margin)]


MAXIMA: dict[int, Callable[..., Any]] = {
    1: functional.max_pool1d,
    2: functional.max_pool2d,
    3: functional.max_pool3d,
}
"""By the number of axes."""
MEANS: dict[int, Callable[..., Any]] = {
    1: functional.avg_pool1d,
    2: functional.avg_pool2d,
    3: functional.avg_pool3d,
}
POOLS: dict[Callable[..., Any], Callable[..., Any]] = {
    **dict.fromkeys(MAXIMA.values(), max_pool),
    **dict.fromkeys(MEANS.values(), avg_pool),
}
"""What is traced instead of functions of PyTorch."""
