"""Pools that round up, as pools that round down: PyTorch proves sizes of the latter only.

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

from archdsl.ops.base import pair


class RoundedDown(TorchFunctionMode):
    """While it is entered, pools that round up are traced as pools that round down."""

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
    """`max_pool2d`, with the same results."""
    if ceil_mode:
        beyond = _beyond(kernel_size, stride, padding)
        image = functional.pad(image, beyond, value=-torch.inf)
    return functional.max_pool2d(image, kernel_size, stride, padding, **others)


def avg_pool(
    image: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """`avg_pool2d`, with the same results except for rounding."""
    if not ceil_mode or divisor_override:
        return functional.avg_pool2d(
            image, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
        )
    height, width = pair(padding)
    around = width, width, height, height
    counted = functional.pad(torch.ones_like(image[:1, :1]), around, value=float(count_include_pad))
    beyond = _beyond(kernel_size, stride, padding)
    means, shares = (
        functional.avg_pool2d(functional.pad(padded, beyond), kernel_size, stride)
        for padded in (functional.pad(image, around), counted)
    )
    return means / shares


def _beyond(kernel_size: Any, stride: Any, padding: Any) -> list[int]:
    """By how much a window may stand out of the padded image, as `F.pad` takes it.

    By less than a stride; and it begins in the image or in the padding before it.
    """
    settings = zip(*map(pair, (kernel_size, stride or kernel_size, padding)), strict=True)
    height, width = (min(step - 1, kernel - 1 - margin) for kernel, step, margin in settings)
    return [0, width, 0, height]


POOLS: dict[Callable[..., Any], Callable[..., Any]] = {
    functional.max_pool2d: max_pool,
    functional.avg_pool2d: avg_pool,
}
"""What is traced instead of functions of PyTorch."""
