"""A mistake in generated code is named: of layers, calls, memory, training and initialisation."""

from __future__ import annotations

import pytest

from tests.helpers.validated import SKIPPED, fault

RESIDUAL = """
network n(w=8, drop=0.5): [3, 8, 8] = a: conv(w, 3) -> b: (relu -> dropout(drop) -> conv(w, 3))
    -> add(identity, c: conv(w, 1)) -> p: maxpool(3, 2, pad=1) -> d: conv(2 * w, 3, 2) -> bn
"""
HEADED = """
default conv(init=kaiming_normal("out"), bias_init=0.5)
block head(classes) = global_avgpool -> flatten -> fc: linear(classes, init=normal(0.01))
block unit(w) = conv: conv(w, 3) -> relu -> drop_path(0.1)
network n(w=8): [3, 8, 8] = a: unit(w) -> aux(early: head(10)) -> b: (bn(gain_init=0) -> conv(w, 3))
    -> relu -> scale(0.5) -> slice(0, 4) -> dropout -> head: head(10)
"""

ATTENDED = "network n: [5; 24] = attend(split(3), heads=2, causal=true)"
READING = """
network n: (x: [5; 8], y: [4; 8]) =
    @x -> a: multihead(2, causal=true) -> b: multihead(2, memory=@y)
"""
SAVED = "network n: [3, 8, 8] = y: sigmoid -> relu -> a: conv(4, 3)"
ENTERED = "network n: [3, 8, 8] = relu -> gelu -> a: conv(4, 3)"

IN_PLACE = "nn.ReLU(inplace=True)"


def dropped(training: str) -> str:
    """The dropout of `HEADED` as a function."""
    return f"F.dropout((x * 0.5)[:, :4], training={training})"


MISTAKES = [
    (HEADED, "module: nn.Module", "module: Unit", "Unit is named before it is defined"),
    # Layers: arguments, names, number.
    (
        RESIDUAL,
        "self.c = nn.Conv2d(w, w, 1)",
        "self.c = nn.Conv2d(w, w, 3)",
        "c is nn.Conv2d(8, 8, 3)",
    ),
    (
        RESIDUAL,
        "self.c = nn.Conv2d(w, w, 1)",
        "self.c = nn.Conv2d(w, w, 1.0)",
        "c is nn.Conv2d(8, 8, 1.0)",
    ),
    (RESIDUAL, "self.c", "self.e", "e, nn.Conv2d(8, 8, 1), is not a layer of the network"),
    (RESIDUAL, "nn.ReLU(inplace=True), nn.Dropout", "nn.Dropout", "b.1, nn.Conv2d(8, 8, 3"),
    (
        RESIDUAL,
        "self.b = ",
        "self.f = nn.Conv2d(3, 3, 1)\n        self.b = ",
        "f, nn.Conv2d(3, 3, 1), is not a layer",
    ),
    (RESIDUAL, "self.c = nn.Conv2d(w, w, 1)", "self.c = self.a", "has two keys, a and c"),
    (
        RESIDUAL,
        "self.c = nn.Conv2d(w, w, 1)",
        "self.c = [nn.Conv2d(w, w, 1)][0:]",
        "c, nn.Conv2d(8, 8, 1), is missing",
    ),
    (RESIDUAL, "super().__init__()", "super().__init__()\n        nn.bias", "no attribute 'bias'"),
    (RESIDUAL, "super().__init__()", "pass", "cannot assign module before"),
    # Calls: arguments, tensors, order, number.
    (
        RESIDUAL,
        "nn.MaxPool2d(3, stride=2",
        "nn.MaxPool2d(3, stride=3",
        "nn.MaxPool2d(3, padding=1, stride=3)(x) is not a layer of the network; expected maxpool(",
    ),
    (RESIDUAL, "x + self.c(x)", "self.c(x) + x", "x + x is not a layer of the network"),
    (RESIDUAL, "x + self.c(x)", "x * self.c(x)", "x * x is not a layer"),
    (RESIDUAL, "return self.bn(x)", "return x", "output is not the result of bn (bn)"),
    (RESIDUAL, "return self.bn(x)", "self.bn(x)\n        return self.bn(x)", "2 times, not 1"),
    (RESIDUAL, "self.b(x)", "self.b(self.a(x))", "layer('a', x) is not a layer"),
    (RESIDUAL, "return self.bn(x)", "return self.bn(x) if x else x", "used as a condition"),
    # Memory.
    (RESIDUAL, "nn.ReLU(inplace=True)", "nn.ReLU()", None),
    (
        HEADED,
        "x = self.relu(self.b(x))",
        "y = self.b(x)\n        x = F.relu(y)\n        self.relu(y)",
        None,
    ),
    (SKIPPED, "nn.ReLU()", IN_PLACE, "a tensor is read after it was overwritten in place"),
    (SAVED, "nn.ReLU()", IN_PLACE, "overwrites what the gradient of sigmoid needs"),
    (ENTERED, "nn.ReLU()", IN_PLACE, "overwrites an input of the network"),
    (ENTERED, "nn.GELU()", "nn.GELU(inplace=True)", "gelu cannot work in place"),
    (HEADED, "nn.Dropout()", "nn.Dropout(inplace=True)", None),
    (HEADED, "x = self.a(x)", "x = self.a(self.relu(x))", "not a layer of the network"),
    # Training and evaluation.
    (HEADED, "self.dropout((x * 0.5)[:, :4])", dropped("True"), "in evaluation"),
    (HEADED, "self.dropout((x * 0.5)[:, :4])", dropped("False"), "training=False) is not a layer"),
    (HEADED, "self.dropout((x * 0.5)[:, :4])", dropped("self.training"), None),
    (HEADED, "self.dropout((x * 0.5)[:, :4])", "F.dropout((x * 0.5)[:, :4])", "is not a layer"),
    (
        HEADED,
        "if self.training:\n            early",
        "if True:\n            early",
        "1 times, not 0 in evaluation",
    ),
    (
        HEADED,
        "if self.training:\n            return NOutputs",
        "if False:\n            return NOutputs",
        "the results are output, not output, early in training",
    ),
    (
        HEADED,
        "if self.training:\n            return NOutputs",
        "if True:\n            return NOutputs",
        "the result is not a tensor in evaluation",
    ),
    (HEADED, "NOutputs(x, early)", "NOutputs(early, x)", "output is not the result of head.fc"),
    (
        HEADED,
        "    early: Tensor | None\n",
        "    late: Tensor | None\n",
        "output, late, not output, early",
    ),
    # Initialisations.
    (HEADED, '"fan_out"', '"fan_in"', "the weight of a.conv is initialised with kaiming_normal_"),
    (
        HEADED,
        "std=0.01",
        "std=0.02",
        "the weight of early.fc is initialised with normal_(mean=0.0, std=0.02)",
    ),
    (
        HEADED,
        "self.apply(_init_weights)",
        "pass",
        "weight of a.conv is initialised as in PyTorch",
    ),
    (
        HEADED,
        "module.bias, 0.5",
        "module.bias, 0.25",
        "the bias of a.conv is initialised with constant_(val=0.25)",
    ),
    (
        HEADED,
        "zeros_(module.weight)",
        "zeros_(module.bias)",
        "the weight of b.0 is initialised with constant_(val=1.0)",
    ),
    # The ops' own classes.
    (
        HEADED,
        "if not self.training:",
        "if self.training:",
        "DropPath differs from its op's definition",
    ),
    (HEADED, "DropPath(0.1)", "DropPath(0.2)", "DropPath(0.2)(x) is not a layer"),
    # Their functions, which are as long as the calls need.
    (ATTENDED, "is_causal=causal", "is_causal=True", "attend differs from its op's definition"),
    (ATTENDED, "heads=2, causal=True", "heads=2", "attend(x, x, x, heads=2) is not a layer"),
    (ATTENDED, "causal=True)", "scale=0.5)", "attend lacks a parameter that a call gives"),
    (READING, "attn_mask=causal_mask(x), ", "", "is not a layer of the network"),
    (READING, "(x, y, y, ", "(y, x, x, ", "is not a layer of the network"),
]


@pytest.mark.parametrize(("spec", "old", "new", "message"), MISTAKES)
def test_a_mistake_is_named(spec: str, old: str, new: str, message: str | None) -> None:
    found = fault(spec, old, new)
    assert found == message if message is None or found is None else message in found
