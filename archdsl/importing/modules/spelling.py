"""Modules of PyTorch in the form that ops are made of, and the classes that they compute as."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import nn


def class_of(module: nn.Module) -> type:
    """The class of a module, as an object like others."""
    return type(module)


@cache
def base_of(kind: type) -> type:
    """The class of PyTorch that a class without an own `forward` computes as."""
    for base in kind.__mro__:
        is_torch = base.__module__.startswith("torch.nn.") and base.__name__ in vars(nn)
        if is_torch and getattr(base, "forward", None) is getattr(kind, "forward", None):
            return base
    return kind


def spelled_out(module: nn.Module) -> nn.Module:
    """A margin of zeros as one of a constant, and "same" as its number: what ops are made of."""
    name = type(module).__name__
    if name.startswith("ZeroPad") and hasattr(nn, name):
        made: nn.Module = getattr(nn, f"Constant{name[4:]}")(module.padding, 0.0)
        return made
    if getattr(module, "padding", None) == "same":
        return _with_margin(module)
    return module


def _with_margin(module: Any) -> nn.Module:
    """A convolution with its margin in numbers, where that is the same on both sides."""
    both = [d * (k - 1) for k, d in zip(module.kernel_size, module.dilation, strict=True)]
    if any(amount % 2 for amount in both):
        return module  # type: ignore[no-any-return]
    settings = {name: getattr(module, name) for name in ("stride", "dilation", "groups")}
    sizes = (module.in_channels, module.out_channels, module.kernel_size)
    margin = tuple([amount // 2 for amount in both])
    has_bias = module.bias is not None
    with torch.device("meta"):
        made: nn.Module = base_of(class_of(module))(
            *sizes, padding=margin, bias=has_bias, padding_mode=module.padding_mode, **settings
        )
    return made
