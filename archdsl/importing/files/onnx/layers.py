"""Layers of ONNX files: with weights, and over windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from torch import nn
from torch.nn import functional

from archdsl.importing.files.onnx.graph import Call, Fixed, float32, whole
from archdsl.importing.files.onnx.translation import Rule, Translation
from archdsl.importing.trace import Value


def _axes(x: Value, call: Call) -> int:
    axes = len(x.shape) - 2
    if axes not in (1, 2, 3):
        raise call.refuse(f"works on {axes} axes of positions")
    return axes


def _numbers(call: Call, name: str, axes: int, default: int = 1) -> tuple[int, ...]:
    return tuple(whole(call.get(name) or [default] * axes))


def _margins(call: Call, x: Value, kernel: tuple[int, ...]) -> list[tuple[int, int]]:
    """The margin before and behind the positions of every axis."""
    axes = len(kernel)
    mode = call.get("auto_pad", "NOTSET")
    if mode in ("SAME_UPPER", "SAME_LOWER"):
        return [_same(call, x, kernel, axis, mode == "SAME_LOWER") for axis in range(axes)]
    pads = whole(call.get("pads") or [0] * 2 * axes)
    pads = pads if mode == "NOTSET" else [0] * 2 * axes
    return [*zip(pads[:axes], pads[axes:], strict=True)]


def _same(
    call: Call, x: Value, kernel: tuple[int, ...], axis: int, is_lower: bool
) -> tuple[int, int]:
    """The margin by which positions are only divided by the stride."""
    stride = _numbers(call, "strides", len(kernel))[axis]
    window = (kernel[axis] - 1) * _numbers(call, "dilations", len(kernel))[axis] + 1
    size = x.shape[2 + axis]
    both = max(0, (-(-size // stride) - 1) * stride + window - size)
    less, more = both // 2, both - both // 2
    return (more, less) if is_lower else (less, more)


def _conv(translation: Translation, call: Call) -> Value:
    x, filters = translation.value(call, 0), translation.fixed(call, 1)
    if filters is None:
        raise call.refuse("has no filters")
    axes = _axes(x, call)
    kernel = filters.shape[2:]
    margins = _margins(call, x, kernel)
    if any(before != behind for before, behind in margins):
        pads = [n for pair in reversed(margins) for n in pair]
        x = translation.function(call, "pad", functional.pad, x, pads)
        margins = [(0, 0)] * axes
    bias = translation.fixed(call, 2)
    settings = {
        "stride": _numbers(call, "strides", axes),
        "padding": tuple([before for before, _ in margins]),
        "dilation": _numbers(call, "dilations", axes),
        "groups": call.get("group", 1),
        "bias": bias is not None,
    }
    make = getattr(nn, f"Conv{axes}d")
    out = filters.shape[0]
    parts = {"weight": filters, "bias": bias}
    return translation.leaf(call, lambda: make(x.shape[1], out, kernel, **settings), x, parts)


def _conv_transpose(translation: Translation, call: Call) -> Value:
    x, filters = translation.value(call, 0), translation.fixed(call, 1)
    if filters is None or call.get("output_shape"):
        raise call.refuse("says the size of its result, which no op does")
    axes, groups = _axes(x, call), call.get("group", 1)
    kernel = filters.shape[2:]
    margins = _margins(call, x, kernel)
    if any(before != behind for before, behind in margins) or call.get("auto_pad", "") == "SAME":
        raise call.refuse("has different margins before and behind its positions")
    bias = translation.fixed(call, 2)
    settings = {
        "stride": _numbers(call, "strides", axes),
        "padding": tuple([before for before, _ in margins]),
        "output_padding": _numbers(call, "output_padding", axes, 0),
        "dilation": _numbers(call, "dilations", axes),
        "groups": groups,
        "bias": bias is not None,
    }
    make = getattr(nn, f"ConvTranspose{axes}d")
    out = filters.shape[1] * groups
    parts = {"weight": filters, "bias": bias}
    return translation.leaf(call, lambda: make(x.shape[1], out, kernel, **settings), x, parts)


def _batch_norm(translation: Translation, call: Call) -> Value:
    if call.get("training_mode", 0):
        raise call.refuse("normalises by the batch, as in training")
    x = translation.value(call, 0)
    names = ("weight", "bias", "running_mean", "running_var")
    parts = {name: translation.fixed(call, place) for place, name in enumerate(names, 1)}
    eps, momentum = float32(call.get("epsilon", 1e-5)), round(1 - call.get("momentum", 0.9), 6)
    make = getattr(nn, f"BatchNorm{max(1, len(x.shape) - 2)}d")
    return translation.leaf(call, lambda: make(x.shape[1], eps, momentum), x, parts)


def _instance_norm(translation: Translation, call: Call) -> Value:
    x, eps = translation.value(call, 0), float32(call.get("epsilon", 1e-5))
    make = getattr(nn, f"InstanceNorm{_axes(x, call)}d")
    parts = {"weight": translation.fixed(call, 1), "bias": translation.fixed(call, 2)}
    return translation.leaf(call, lambda: make(x.shape[1], eps, affine=True), x, parts)


def _group_norm(translation: Translation, call: Call) -> Value:
    x, eps = translation.value(call, 0), float32(call.get("epsilon", 1e-5))
    groups = call.get("num_groups", 1)
    parts = {"weight": translation.fixed(call, 1), "bias": translation.fixed(call, 2)}
    return translation.leaf(call, lambda: nn.GroupNorm(groups, x.shape[1], eps), x, parts)


def _layer_norm(translation: Translation, call: Call) -> Value:
    x, eps = translation.value(call, 0), float32(call.get("epsilon", 1e-5))
    axis = call.get("axis", -1)
    shape = x.shape[axis % len(x.shape) :]
    bias = translation.fixed(call, 2)
    parts = {"weight": translation.fixed(call, 1), "bias": bias}
    return translation.leaf(call, lambda: nn.LayerNorm(shape, eps, bias=bias is not None), x, parts)


def _rms_norm(translation: Translation, call: Call) -> Value:
    x, eps = translation.value(call, 0), float32(call.get("epsilon", 1e-5))
    shape = x.shape[call.get("axis", -1) % len(x.shape) :]
    parts = {"weight": translation.fixed(call, 1)}
    return translation.leaf(call, lambda: nn.RMSNorm(shape, eps), x, parts)


def _gemm(translation: Translation, call: Call) -> Value:
    if call.get("transA", 0) or call.get("alpha", 1.0) != 1.0 or call.get("beta", 1.0) != 1.0:
        raise call.refuse("scales or turns its operands")
    matrix = translation.fixed(call, 1)
    if matrix is None:
        raise call.refuse("has no weights")
    x, bias = translation.value(call, 0), translation.fixed(call, 2)
    return linear(
        translation, call, x, matrix if call.get("transB", 0) else matrix.permuted((1, 0)), bias
    )


def linear(
    translation: Translation, call: Call, x: Value, matrix: Fixed, bias: Fixed | None
) -> Value:
    """A linear layer with a matrix as PyTorch has it, and a bias."""
    out, inside = matrix.shape
    if bias is not None and bias.array.ndim == 2 and bias.shape[0] == 1:
        bias = replace(bias, array=bias.array.reshape(-1))
    parts = {"weight": matrix, "bias": bias}
    return translation.leaf(call, lambda: nn.Linear(inside, out, bias is not None), x, parts)


def _max_pool(translation: Translation, call: Call) -> Value:
    if len(call.outputs) > 1 or call.get("storage_order", 0):
        raise call.refuse("gives the places of the largest numbers, which no op does")
    return _pooled(translation, call, "MaxPool", {"dilation": "dilations"}, {})


def _average_pool(translation: Translation, call: Call) -> Value:
    # Without a margin nothing of one is counted.
    is_bare = not any(call.get("pads") or []) and not call.get("auto_pad", "").startswith("SAME")
    counted = bool(call.get("count_include_pad", 0)) or is_bare
    if any(n != 1 for n in call.get("dilations") or []):
        raise call.refuse("leaves positions out of its windows, which no op does")
    return _pooled(translation, call, "AvgPool", {}, {"count_include_pad": counted})


def _pooled(
    translation: Translation, call: Call, name: str, further: dict[str, str], given: dict[str, Any]
) -> Value:
    x = translation.value(call, 0)
    axes = _axes(x, call)
    kernel = _numbers(call, "kernel_shape", axes)
    margins = _margins(call, x, kernel)
    stride = _numbers(call, "strides", axes)
    settings = {key: _numbers(call, value, axes) for key, value in further.items()} | given
    before = tuple([pair[0] for pair in margins])
    more = [behind - first for first, behind in margins]
    is_even = not any(more)
    # A further margin of less than a step behind gives the windows of sizes that are rounded up.
    if not is_even and (
        call.get("ceil_mode", 0) or not _rounds_up(x, kernel, stride, before, more)
    ):
        raise call.refuse("has different margins before and behind its positions")
    if not is_even and name != "MaxPool":
        raise call.refuse("counts a margin that is only behind its positions")
    ceil = bool(call.get("ceil_mode", 0)) or not is_even
    make = getattr(nn, f"{name}{axes}d")
    return translation.leaf(
        call, lambda: make(kernel, stride, before, ceil_mode=ceil, **settings), x
    )


def _rounds_up(
    x: Value,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    before: tuple[int, ...],
    more: list[int],
) -> bool:
    """Whether further margins give as many windows as rounding up does."""
    for axis, size in enumerate(x.shape[2:]):
        free = size + 2 * before[axis] - kernel[axis]
        up = -(-free // stride[axis]) + 1
        # PyTorch leaves out a window that begins behind all positions.
        up -= (up - 1) * stride[axis] >= size + before[axis]
        if more[axis] < 0 or (free + more[axis]) // stride[axis] + 1 != up:
            return False
    return True


def _global_pool(name: str) -> Rule:
    def rule(translation: Translation, call: Call) -> Value:
        x = translation.value(call, 0)
        make = getattr(nn, f"Adaptive{name}Pool{_axes(x, call)}d")
        return translation.leaf(call, lambda: make(1), x)

    return rule


def _response_norm(translation: Translation, call: Call) -> Value:
    x = translation.value(call, 0)
    size, bias = call.get("size"), float32(call.get("bias", 1.0))
    alpha, beta = float32(call.get("alpha", 1e-4)), float32(call.get("beta", 0.75))
    return translation.leaf(call, lambda: nn.LocalResponseNorm(size, alpha, beta, bias), x)


def _prelu(translation: Translation, call: Call) -> Value:
    x, slopes = translation.value(call, 0), translation.fixed(call, 1)
    if slopes is None or slopes.array.size not in (1, x.shape[1]):
        raise call.refuse("has slopes that are no number for each channel")
    flat = replace(slopes, array=slopes.array.reshape(-1))
    return translation.leaf(call, lambda: nn.PReLU(flat.array.size), x, {"weight": flat})


RULES: Mapping[str, Rule] = {
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "BatchNormalization": _batch_norm,
    "InstanceNormalization": _instance_norm,
    "GroupNormalization": _group_norm,
    "LayerNormalization": _layer_norm,
    "RMSNormalization": _rms_norm,
    "Gemm": _gemm,
    "MaxPool": _max_pool,
    "AveragePool": _average_pool,
    "GlobalAveragePool": _global_pool("Avg"),
    "GlobalMaxPool": _global_pool("Max"),
    "LRN": _response_norm,
    "PRelu": _prelu,
}
