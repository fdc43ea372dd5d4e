"""Classes of other libraries that are one op, though their `forward` does not say so.

What they do at random, or do only in training, a trace cannot tell.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from archdsl.ops import OPS
from archdsl.ops.base import Op, Reject, Shape

STANDARDISED = ("StdConv2d", "StdConv2dSame", "ScaledStdConv2d", "ScaledStdConv2dSame")
Row = Callable[[Any, Shape], Op | None]
"""The op of a module on an input; None where it passes on what comes in."""


def _drop_path(p: float, mode: str = "row") -> Op | None:
    return OPS["drop_path"].make({"p": float(p), "mode": mode}) if p else None


def _timm_drop_path(module: Any, shape: Shape) -> Op | None:
    if module.drop_prob and not module.scale_by_keep:
        raise Reject("`drop_path` divides what it keeps by 1 - p, which this module does not")
    return _drop_path(module.drop_prob)


def _identity(module: Any, shape: Shape) -> None:
    return None


def _window_attention(module: Any, shape: Shape) -> Op:
    given = {"heads": module.num_heads, "side": module.window_size[0]}
    # A map of one window is not moved.
    is_cut = shape.positions[0] != module.window_size[0]
    return OPS["window_attention_v2"].make(given | {"shift": module.shift_size[0] * is_cut})


def _dropout(module: Any, shape: Shape) -> Op | None:
    p = float(module.p)
    return OPS["dropout"].make({"p": p}) if p else None


def _std_conv(module: Any, shape: Shape) -> Op:
    """A convolution whose filters are standardised, with a gain or without."""
    given = {
        "out": module.out_channels,
        "kernel": module.kernel_size,
        "stride": module.stride,
        "dilation": module.dilation,
    }
    given = {name: _one_of(value) for name, value in given.items()}
    fixed = {"groups": module.groups, "bias": module.bias is not None, "eps": module.eps}
    return OPS["std_conv"].make(given | fixed | _margin(module) | _gain(module))


def _margin(module: Any) -> dict[str, object]:
    if getattr(module, "same_pad", False):
        return {"pad": "same_end"}
    sizes = zip(module.kernel_size, module.dilation, strict=True)
    is_same = [2 * pad for pad in module.padding] == [each * (size - 1) for size, each in sizes]
    return {} if is_same else {"pad": _one_of(module.padding)}


def _gain(module: Any) -> dict[str, object]:
    gain = getattr(module, "gain", None)
    if gain is None:
        return {"gain": False}
    fan = module.weight[0].numel() ** -0.5
    # Dividing leaves a rounding behind; the module's own number is a short one.
    gamma = round(module.scale / fan, 12)
    return {"gamma": gamma if gamma * fan == module.scale else module.scale / fan}


def _one_of(numbers: Any) -> Any:
    """Equal numbers along all axes as one."""
    is_one = isinstance(numbers, tuple) and len({*numbers}) == 1
    return numbers[0] if is_one else numbers


def _response_norm(module: Any, shape: Shape) -> Op:
    if (module.channel_dim == -1) is not shape.is_last:
        raise Reject("a norm of channels that are elsewhere")
    return OPS["grn"].make({"eps": module.eps})


ROWS: dict[str, Row] = {
    "torch.nn.modules.linear:Identity": _identity,
    "torch.nn.modules.dropout:Dropout": _dropout,
    "torchvision.ops.stochastic_depth:StochasticDepth": lambda m, _: _drop_path(m.p, str(m.mode)),
    "torchvision.models.swin_transformer:ShiftedWindowAttentionV2": _window_attention,
    "timm.layers.drop:DropPath": _timm_drop_path,
    "timm.layers.grn:GlobalResponseNorm": _response_norm,
    "timm.models.metaformer:StarReLU": lambda m, _: OPS["star_relu"].make({}),
    **{f"timm.layers.std_conv:{kind}": _std_conv for kind in STANDARDISED},
}


def row_of(module: nn.Module) -> Row | None:
    """The row for the class of a module."""
    kind = type(module)
    return ROWS.get(f"{kind.__module__}:{kind.__qualname__}")


def is_known(module: nn.Module) -> bool:
    """Whether there is a row for the class of a module."""
    return row_of(module) is not None
