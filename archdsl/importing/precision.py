"""Models in double precision: what they ask for in single precision is double too.

A model of single precision may say `x.float()`, which does nothing to it. In double precision that
would lose digits.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode


class SingleAsDouble(TorchFunctionMode):
    """Functions that make numbers of single precision make those of double precision."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call a function."""
        if func is Tensor.float:
            return Tensor.double(*args, **(kwargs or {}))
        named = {name: _doubled(each) for name, each in (kwargs or {}).items()}
        return func(*[_doubled(each) for each in args], **named)


def _doubled(each: Any) -> Any:
    return torch.float64 if each is torch.float32 else each
