"""Classes of other libraries that are one op, though their `forward` does not say so.

What they do at random, or do only in training, a trace cannot tell.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from archdsl.ops import OPS
from archdsl.ops.base import Op, Shape

Row = Callable[[Any, Shape], Op | None]
"""The op of a module on an input; None where it passes on what comes in."""


def _drop_path(p: float, mode: str = "row") -> Op | None:
    return OPS["drop_path"].make({"p": float(p), "mode": mode}) if p else None


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


ROWS: dict[str, Row] = {
    "torch.nn.modules.linear:Identity": _identity,
    "torch.nn.modules.dropout:Dropout": _dropout,
    "torchvision.ops.stochastic_depth:StochasticDepth": lambda m, _: _drop_path(m.p, str(m.mode)),
    "torchvision.models.swin_transformer:ShiftedWindowAttentionV2": _window_attention,
    "timm.layers.drop:DropPath": lambda m, _: _drop_path(m.drop_prob),
}


def row_of(module: nn.Module) -> Row | None:
    """The row for the class of a module."""
    kind = type(module)
    return ROWS.get(f"{kind.__module__}:{kind.__qualname__}")


def is_known(module: nn.Module) -> bool:
    """Whether there is a row for the class of a module."""
    return row_of(module) is not None
