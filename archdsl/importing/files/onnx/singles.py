"""Functions of single numbers in ONNX files: activations and the like."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import nn

from archdsl.importing.files.onnx.graph import Call, float32
from archdsl.importing.files.onnx.translation import Rule, Translation
from archdsl.importing.trace import Value


def _dropout(translation: Translation, call: Call) -> Value:
    ratio = translation.array(call, 1)
    rate = call.get("ratio", 0.5) if ratio is None else ratio.item()
    if len([name for name in call.outputs if name]) > 1:
        raise call.refuse("gives what it dropped")
    return translation.single(call, lambda: nn.Dropout(float32(rate)))


def _single(make: Callable[[Call], nn.Module]) -> Rule:
    """A function of every number."""

    def rule(translation: Translation, call: Call) -> Value:
        return translation.single(call, lambda: make(call))

    return rule


def _clip(translation: Translation, call: Call) -> Value:
    low, high = [_bound(translation, call, place, name) for place, name in ((1, "min"), (2, "max"))]
    if low == 0 and high is None:
        return translation.single(call, nn.ReLU)
    if low is None or high is None:
        raise call.refuse("cuts numbers off at one side only")
    if (low, high) == (0, 6):
        return translation.single(call, nn.ReLU6)
    return translation.single(call, lambda: nn.Hardtanh(low, high))


def _bound(translation: Translation, call: Call, place: int, name: str) -> float | None:
    found = translation.array(call, place)
    value = call.get(name) if found is None else found.item()
    return None if value is None else float32(value)


def _softmax(translation: Translation, call: Call) -> Value:
    x = translation.value(call, 0)
    is_old = translation.graph.opset < 13
    axis = call.get("axis", 1 if is_old else -1) % len(x.shape)
    if is_old and axis != len(x.shape) - 1:
        raise call.refuse("normalises over several dimensions at once")
    return translation.single(call, lambda: nn.Softmax(axis))


def _hard_sigmoid(call: Call) -> nn.Module:
    alpha, beta = float32(call.get("alpha", 0.2)), float32(call.get("beta", 0.5))
    if abs(alpha - 1 / 6) > 1e-7 or beta != 0.5:
        raise call.refuse("has another slope than the op of that name")
    return nn.Hardsigmoid()


def _gelu(call: Call) -> nn.Module:
    return nn.GELU(call.get("approximate", "none"))


def _plain(call: Call, name: str, default: float) -> float:
    return float32(call.get(name, default))


RULES: Mapping[str, Rule] = {
    "Dropout": _dropout,
    "Clip": _clip,
    "Softmax": _softmax,
    "Relu": _single(lambda call: nn.ReLU()),
    "Sigmoid": _single(lambda call: nn.Sigmoid()),
    "Tanh": _single(lambda call: nn.Tanh()),
    "Softplus": _single(lambda call: nn.Softplus()),
    "Softsign": _single(lambda call: nn.Softsign()),
    "HardSwish": _single(lambda call: nn.Hardswish()),
    "HardSigmoid": _single(_hard_sigmoid),
    "Mish": _single(lambda call: nn.Mish()),
    "Selu": _single(lambda call: nn.SELU()),
    "Gelu": _single(_gelu),
    "Silu": _single(lambda call: nn.SiLU()),
    "LeakyRelu": _single(lambda call: nn.LeakyReLU(_plain(call, "alpha", 0.01))),
    "Elu": _single(lambda call: nn.ELU(_plain(call, "alpha", 1.0))),
}
