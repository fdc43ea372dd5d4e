"""Nodes that rearrange, join, cut and resize tensors."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from archdsl.importing.files.onnx.folding import axes_of, slices, target
from archdsl.importing.files.onnx.graph import Call, Fixed, float32, whole
from archdsl.importing.files.onnx.translation import Held, Rule, Translation, broadcast
from archdsl.importing.trace import Value


def _same(translation: Translation, call: Call) -> Held:
    return translation.known[call.inputs[0]]


def _cast(translation: Translation, call: Call) -> Held:
    x = translation.value(call, 0)
    # 1, 10, 11 and 16 are numbers with a point, of several precisions.
    if x.is_counted or call.get("to") not in (1, 10, 11, 16):
        raise call.refuse("makes numbers of another kind")
    return x


def _reshape(translation: Translation, call: Call) -> Value:
    x, shape = translation.value(call, 0), translation.array(call, 1)
    if shape is None:
        raise call.refuse("says no sizes")
    sizes = target(shape, x.shape, bool(call.get("allowzero")))
    return translation.function(call, "reshape", torch.reshape, x, tuple(sizes))


def _flatten(translation: Translation, call: Call) -> Value:
    x, axis = translation.value(call, 0), call.get("axis", 1)
    sizes = (int(np.prod(x.shape[:axis])), -1)
    return translation.function(call, "reshape", torch.reshape, x, sizes)


def _transpose(translation: Translation, call: Call) -> Value:
    x = translation.value(call, 0)
    order = whole(call.get("perm") or [*range(len(x.shape))][::-1])
    return translation.function(call, "permute", torch.permute, x, order)


def _unsqueeze(translation: Translation, call: Call) -> Value:
    x = translation.value(call, 0)
    axes = axes_of(call, translation.array(call, 1))
    rank = len(x.shape) + len(axes)
    for axis in sorted(axis % rank for axis in axes):
        x = translation.function(call, "unsqueeze", torch.unsqueeze, x, axis)
    return x


def _squeeze(translation: Translation, call: Call) -> Value:
    x = translation.value(call, 0)
    axes = axes_of(call, translation.array(call, 1))
    gone = {axis % len(x.shape) for axis in axes} or {i for i, n in enumerate(x.shape) if n == 1}
    sizes = tuple([n for place, n in enumerate(x.shape) if place not in gone])
    return translation.function(call, "reshape", torch.reshape, x, sizes)


def _expand(translation: Translation, call: Call) -> Held:
    found, shape = translation.held(call, 0), translation.array(call, 1)
    if found is None or shape is None:
        raise call.refuse("says no sizes")
    sizes = broadcast(found.shape, tuple(whole(shape)))
    x = translation.value(call, 0)
    return translation.function(call, "expand", torch.Tensor.expand, x, *sizes)


def _concat(translation: Translation, call: Call) -> Value:
    several = [translation.value(call, place) for place in range(len(call.inputs))]
    return translation.function(call, "cat", torch.cat, several, call.get("axis", 0))


def _split(translation: Translation, call: Call) -> list[Held]:
    x, axis = translation.value(call, 0), call.get("axis", 0)
    given = translation.array(call, 1)
    count = call.get("num_outputs", len(call.outputs))
    sizes = whole(given if given is not None else call.get("split") or [])
    sizes = sizes or _equal_parts(x.shape[axis], count)
    if {*sizes} == {1} and axis % len(x.shape) != len(x.shape) - 1:
        several = translation.functions(call, "unbind", torch.unbind, x, axis)
        return [translation.function(call, "unsqueeze", torch.unsqueeze, y, axis) for y in several]
    return [*translation.functions(call, "split", torch.split, x, sizes, axis)]


def _equal_parts(size: int, count: int) -> list[int]:
    """Sizes that are equal; the last is what remains."""
    part = -(-size // count)
    return [min(part, size - start) for start in range(0, size, part)]


def _slice(translation: Translation, call: Call) -> Value:
    x = translation.value(call, 0)
    given = [translation.array(call, place) for place in range(1, 5)]
    index = slices(call, len(x.shape), *given)
    cut = [slice(*each.indices(n)) for each, n in zip(index, x.shape, strict=True)]
    if any(each.step < 0 for each in cut):
        raise call.refuse("turns the order around, which no op does")
    plain = [
        slice(None) if _is_all(each, n) else each for each, n in zip(cut, x.shape, strict=True)
    ]
    found = tuple([_open(each, n) for each, n in zip(plain, x.shape, strict=True)])
    return translation.function(call, "__getitem__", operator.getitem, x, found)


def _is_all(cut: slice, size: int) -> bool:
    return (cut.start, cut.stop, cut.step) == (0, size, 1)


def _open(cut: slice, size: int) -> slice:
    """Without an end where it is that of the size, as people write it."""
    if cut.step in (None, 1) or cut.stop < size:
        return cut
    return slice(cut.start or None, None, cut.step)


def _gather(translation: Translation, call: Call) -> Value:
    table, places = translation.held(call, 0), translation.held(call, 1)
    axis = call.get("axis", 0)
    if isinstance(table, Fixed) and isinstance(places, Value):
        if axis or table.array.ndim != 2:
            raise call.refuse("looks up in what is no table of rows")
        rows, features = table.shape
        parts = {"weight": table}
        return translation.leaf(call, lambda: nn.Embedding(rows, features), places, parts)
    x = translation.value(call, 0)
    if not isinstance(places, Fixed) or places.array.size != 1:
        raise call.refuse("picks places in an order, which no op does")
    index = int(places.array.reshape(-1)[0]) % x.shape[axis]
    if places.array.ndim:
        cut = (*[slice(None)] * (axis % len(x.shape)), slice(index, index + 1))
        return translation.function(call, "__getitem__", operator.getitem, x, cut)
    return translation.function(call, "select", torch.select, x, axis, index)


def _reduced(name: str) -> Rule:
    def rule(translation: Translation, call: Call) -> Value:
        x = translation.value(call, 0)
        axes = axes_of(call, translation.array(call, 1)) or [*range(len(x.shape))]
        keep = bool(call.get("keepdims", 1))
        function = getattr(torch, name)
        return translation.function(call, name, function, x, dim=tuple(axes), keepdim=keep)

    return rule


def _pad(translation: Translation, call: Call) -> Value:
    x, given = translation.value(call, 0), translation.array(call, 1)
    pads = whole(given if given is not None else call.get("pads"))
    axes = translation.array(call, 3)
    rank = len(x.shape)
    places = whole(axes) if axes is not None else [*range(rank)]
    before, behind = [0] * rank, [0] * rank
    for place, axis in enumerate(places):
        before[axis], behind[axis] = pads[place], pads[place + len(places)]
    listed = [n for axis in reversed(range(rank)) for n in (before[axis], behind[axis])]
    while len(listed) > 2 and listed[-2:] == [0, 0]:
        listed = listed[:-2]
    modes = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}
    value = translation.array(call, 2)
    number = float32(call.get("value", 0.0) if value is None else value.item())
    settings: dict[str, Any] = {"mode": modes[call.get("mode", "constant")]}
    if number:
        settings["value"] = number
    return translation.function(call, "pad", functional.pad, x, listed, **settings)


def _resize(translation: Translation, call: Call) -> Value:
    x = translation.value(call, 0)
    is_new = call.op == "Resize" and translation.graph.opset > 10
    scales = translation.array(call, 2 if is_new else 1)
    given = translation.array(call, 3) if is_new else None
    if given is not None and given.size:
        sizes = whole(given)
    elif scales is not None:
        sizes = [int(np.floor(n * s)) for n, s in zip(x.shape, scales.tolist(), strict=True)]
    else:
        raise call.refuse("says no sizes")
    if sizes[:2] != [*x.shape[:2]]:
        raise call.refuse("makes more channels of fewer")
    mode = _mode(call, len(x.shape) - 2, is_new)
    settings = {"size": tuple(sizes[2:]), "mode": mode}
    return translation.function(call, "interpolate", functional.interpolate, x, **settings)


def _mode(call: Call, axes: int, is_new: bool) -> str:
    """How PyTorch calls the way of an interpolation."""
    usual = "half_pixel" if is_new else "asymmetric"
    given = (call.get("mode", "nearest"), call.get("coordinate_transformation_mode", usual))
    floor = call.get("nearest_mode", "round_prefer_floor" if is_new else "floor")
    if given == ("nearest", "asymmetric") and floor == "floor":
        return "nearest"
    linear_modes = {1: "linear", 2: "bilinear", 3: "trilinear"}
    is_half = given[1] in ("half_pixel", "pytorch_half_pixel")
    if given[0] == "linear" and is_half and axes in linear_modes and not call.get("antialias", 0):
        return linear_modes[axes]
    raise call.refuse(f"interpolates in a way that no op has: {given[0]}, {given[1]}, {floor}")


def _depth_to_space(translation: Translation, call: Call) -> Value:
    if call.get("mode", "DCR") != "CRD":
        raise call.refuse("takes positions from other channels than PyTorch does")
    size = call.get("blocksize")
    return translation.leaf(call, lambda: nn.PixelShuffle(size), translation.value(call, 0))


RULES: Mapping[str, Rule] = {
    "Identity": _same,
    "Cast": _cast,
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Expand": _expand,
    "Concat": _concat,
    "Split": _split,
    "Slice": _slice,
    "Gather": _gather,
    "ReduceMean": _reduced("mean"),
    "ReduceMax": _reduced("amax"),
    "Pad": _pad,
    "Resize": _resize,
    "Upsample": _resize,
    "DepthToSpace": _depth_to_space,
}
