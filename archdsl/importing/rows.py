"""Classes of other libraries that are one op, though their `forward` does not say so.

What they do at random, or do only in training, a trace cannot tell.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from archdsl.ops import OPS
from archdsl.ops.base import Op

Row = Callable[[nn.Module], Op | None]
"""The op of a module; None where it passes on what comes in."""


def _drop_path(p: float, mode: str = "row") -> Op | None:
    return OPS["drop_path"].make({"p": float(p), "mode": mode}) if p else None


def _identity(module: nn.Module) -> None:
    return None


def _window_attention(module: Any) -> Op:
    given = {"heads": module.num_heads, "side": module.window_size[0]}
    return OPS["window_attention_v2"].make(given | {"shift": module.shift_size[0]})


def _dropout(module: nn.Module) -> Op | None:
    p = float(module.p)  # type: ignore[arg-type]
    return OPS["dropout"].make({"p": p}) if p else None


ROWS: dict[str, Row] = {
    "torch.nn.modules.linear:Identity": _identity,
    "torch.nn.modules.dropout:Dropout": _dropout,
    "torchvision.ops.stochastic_depth:StochasticDepth": lambda m: _drop_path(m.p, str(m.mode)),  # type: ignore[arg-type]
    "torchvision.models.swin_transformer:ShiftedWindowAttentionV2": _window_attention,
    "timm.layers.drop:DropPath": lambda m: _drop_path(m.drop_prob),  # type: ignore[arg-type]
}


def row_of(module: nn.Module) -> Row | None:
    """The row for the class of a module."""
    kind = type(module)
    return ROWS.get(f"{kind.__module__}:{kind.__qualname__}")


def is_known(module: nn.Module) -> bool:
    """Whether there is a row for the class of a module."""
    return row_of(module) is not None
