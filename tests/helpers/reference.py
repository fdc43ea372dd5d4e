"""Public reference models: which networks have one, and its results."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.helpers.paths import REFERENCE

FAMILIES = {
    "alexnet": ["alexnet"],
    "convnext": ["convnext_tiny", "convnext_small", "convnext_base", "convnext_large"],
    "densenet": ["densenet121", "densenet169", "densenet201"],
    "googlenet": ["googlenet"],
    "inception_resnet": ["inception_resnet_v2"],
    "inception_v3": ["inception_v3"],
    "inception_v4": ["inception_v4"],
    "maxvit": ["maxvit_t"],
    "mixer": ["mixer_s16_224", "mixer_b16_224", "mixer_l16_224"],
    "mobilenet": ["mobilenetv1_100"],
    "mobilenet_v2": ["mobilenet_v2"],
    "mobilenet_v3": ["mobilenet_v3_large"],
    "resnet": ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"],
    "resnet_v2": ["resnetv2_50"],
    "resnext": ["resnext50_32x4d"],
    "senet": ["seresnet50", "legacy_senet154"],
    "shufflenet_v2": ["shufflenet_v2_x1_0"],
    "squeezenet": ["squeezenet1_0", "squeezenet1_1"],
    "swin": ["swin_t", "swin_s", "swin_b", "swin_v2_t", "swin_v2_s", "swin_v2_b"],
    "vgg": ["vgg11", "vgg16", "vgg16_bn", "vgg19"],
    "vit": [
        "vit_b_16",
        "vit_b_32",
        "vit_l_16",
        "vit_l_32",
        "vit_h_14",
        "deit_tiny_patch16_224",
        "deit_small_patch16_224",
        "deit_base_patch16_224",
        "deit_tiny_distilled_patch16_224",
        "deit_small_distilled_patch16_224",
        "deit_base_distilled_patch16_224",
    ],
    "video": ["r3d_18", "mc3_18", "r2plus1d_18"],
    "xception": ["legacy_xception"],
}
LARGE = {"convnext_large", "mixer_l16_224", "vit_l_16", "vit_l_32", "vit_h_14"}
"""Networks of 200 million parameters or more, whose logits take too much memory for a test.

Those of `convnext` and `vit` were compared by hand, with the same tolerance.
"""
UNCALLED = {"swin": (".qkv", ".proj")}
"""Layers of which a reference reads the weights without calling them: no hook counts these."""
TOLERANCE = 1e-9
TOLERANCES = {"legacy_senet154": 1e-7}
"""On another CPU, float64 rounding in this network becomes 2e-8 of the largest logit."""


def facts(name: str) -> dict[str, Any]:
    return json.loads((REFERENCE / f"{name}.json").read_text())


def assert_logits(logits: Tensor, reference: dict[str, Any]) -> None:
    assert list(logits.shape) == reference["logits_shape"]
    head = torch.tensor(reference["logits_head"], dtype=torch.float64)
    difference = (logits[:, : head.shape[1]] - head).abs().max()
    tolerance = TOLERANCES.get(reference["name"], TOLERANCE)
    assert difference / logits.abs().max() < tolerance
    assert logits.abs().sum().item() == pytest.approx(reference["logits_abs_sum"], rel=tolerance)
