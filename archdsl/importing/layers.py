"""Layers that are called as functions, with the weights of the module that calls them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from archdsl.importing.functions import arguments_of
from archdsl.importing.trace import Node, Value


def layer_of(node: Node) -> tuple[nn.Module, Value] | None:
    """The module of PyTorch that a function with weights is, and its weight."""
    given = arguments_of(node)
    make = LAYERS.get(node.name)
    weight = given.get("weight")
    if make is None or not isinstance(weight, Value):
        return None
    with torch.device("meta"):
        return make(node.inputs[0], weight, given), weight


def _conv(axes: int) -> Callable[[Value, Value, dict[str, Any]], nn.Module]:
    kind = getattr(nn, f"Conv{axes}d")

    def make(x: Value, weight: Value, given: dict[str, Any]) -> nn.Module:
        names = ("stride", "padding", "dilation", "groups")
        settings = {name: given[name] for name in names if name in given}
        bias = given.get("bias") is not None
        made: nn.Module = kind(x.shape[1], weight.shape[0], weight.shape[2:], bias=bias, **settings)
        return made

    return make


def _batch_norm(x: Value, weight: Value, given: dict[str, Any]) -> nn.Module:
    kind = getattr(nn, f"BatchNorm{max(1, len(x.shape) - 2)}d")
    momentum = {"momentum": given["momentum"]} if "momentum" in given else {}
    made: nn.Module = kind(weight.shape[0], given.get("eps", 1e-5), **momentum)
    return made


def _layer_norm(x: Value, weight: Value, given: dict[str, Any]) -> nn.Module:
    shape, has_bias = [*given["normalized_shape"]], given.get("bias") is not None
    return nn.LayerNorm(shape, given.get("eps", 1e-5), bias=has_bias)


def _rms_norm(x: Value, weight: Value, given: dict[str, Any]) -> nn.Module:
    return nn.RMSNorm([*given["normalized_shape"]], given.get("eps"))


def _group_norm(x: Value, weight: Value, given: dict[str, Any]) -> nn.Module:
    return nn.GroupNorm(given["num_groups"], weight.shape[0], given.get("eps", 1e-5))


def _linear(x: Value, weight: Value, given: dict[str, Any]) -> nn.Module:
    return nn.Linear(weight.shape[1], weight.shape[0], given.get("bias") is not None)


LAYERS: Mapping[str, Callable[[Value, Value, dict[str, Any]], nn.Module]] = {
    **{f"conv{axes}d": _conv(axes) for axes in (1, 2, 3)},
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
    "rms_norm": _rms_norm,
    "group_norm": _group_norm,
    "linear": _linear,
}
