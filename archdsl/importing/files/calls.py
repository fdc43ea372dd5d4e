"""Functions whose arguments stand in exported programs in another way than in Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from archdsl.importing.refusal import Refusal
from archdsl.importing.trace import Node

EVALUATION = "export the model in evaluation: `torch.export.export(model.eval(), …)`"
DROPS = frozenset("dropout feature_dropout alpha_dropout feature_alpha_dropout".split())


def _dropout(node: Node) -> None:
    """What drops nothing in evaluation is still written, with its probability."""
    if node.args[2]:
        raise Refusal("E0988", f"{node.origin} drops numbers at random", EVALUATION)
    node.kind, node.name = "leaf", "Dropout"
    node.module, node.args = nn.Dropout(float(node.args[1])), node.args[:1]


def _batch_norm(node: Node) -> None:
    x, scale, _, mean, variance, training, momentum, eps = node.args[:8]
    if training or mean is None or variance is None:
        message = f"{node.origin} normalises by the batch, as in training"
        raise Refusal("E0988", message, EVALUATION)
    path = mean.node.name.rpartition(".")[0]
    kind = getattr(nn, f"BatchNorm{max(1, len(x.shape) - 2)}d")
    with torch.device("meta"):
        node.module = kind(mean.shape[0], eps, momentum, affine=scale is not None)
    node.kind, node.name, node.path, node.args = "leaf", kind.__name__, path, (x,)


def _embedding(node: Node) -> None:
    table, numbers = node.args[:2]
    with torch.device("meta"):
        node.module = nn.Embedding(*table.shape)
    path = table.node.name.rpartition(".")[0]
    node.kind, node.name, node.path, node.args, node.kwargs = (
        "leaf",
        "Embedding",
        path,
        (numbers,),
        {},
    )


def _hardtanh(node: Node) -> None:
    if tuple(map(float, node.args[1:])) == (0.0, 6.0):
        node.name, node.args = "relu6", node.args[:1]


def _enlarged(mode: str) -> Callable[[Node], None]:
    def change(node: Node) -> None:
        x, size, *rest = node.args
        corners = bool(rest[0]) if mode != "nearest" else False
        node.name, node.args = "interpolate", (x,)
        node.kwargs = {"size": size, "mode": mode} | ({"align_corners": True} if corners else {})

    return change


def _sliced(node: Node) -> None:
    x, *given = node.args
    usual: list[Any] = [0, None, None, 1]
    dim, start, end, step = given + usual[len(given) :]
    index = [slice(None)] * (dim % len(x.shape))
    cut = slice(start, None if end is not None and end >= x.shape[dim] else end, step)
    node.name, node.args = "__getitem__", (x, (*index, cut))


def _same(node: Node) -> None:
    node.name, node.args, node.kwargs = "contiguous", node.args[:1], {}


CALLS: Mapping[str, Callable[[Node], None]] = {
    **dict.fromkeys(DROPS, _dropout),
    **dict.fromkeys((f"{name}_" for name in DROPS), _dropout),
    "batch_norm": _batch_norm,
    "embedding": _embedding,
    **dict.fromkeys(("hardtanh", "hardtanh_"), _hardtanh),
    **{f"upsample_nearest{n}d": _enlarged("nearest") for n in (1, 2, 3)},
    "upsample_linear1d": _enlarged("linear"),
    "upsample_bilinear2d": _enlarged("bilinear"),
    "upsample_trilinear3d": _enlarged("trilinear"),
    "slice": _sliced,
    **dict.fromkeys(("to", "_to_copy", "detach", "lift_fresh_copy"), _same),
}
