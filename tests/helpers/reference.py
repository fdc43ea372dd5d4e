"""Public reference models: which networks have one, and its results."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.helpers.paths import REFERENCE

FAMILIES = {
    "alexnet": ["alexnet"],
    "convnext": ["convnext_tiny", "convnext_small", "convnext_base", "convnext_large"],
    "densenet": ["densenet121", "densenet161", "densenet169", "densenet201"],
    "efficientnet": [
        "efficientnet_b0",
        "efficientnet_b1",
        "efficientnet_b2",
        "efficientnet_b3",
        "efficientnet_b4",
        "efficientnet_b5",
        "efficientnet_b6",
        "efficientnet_b7",
        "efficientnet_v2_s",
        "efficientnet_v2_m",
        "efficientnet_v2_l",
    ],
    "googlenet": ["googlenet"],
    "inception_resnet": ["inception_resnet_v2"],
    "inception_v3": ["inception_v3"],
    "inception_v4": ["inception_v4"],
    "maxvit": ["maxvit_t"],
    "mixer": ["mixer_s16_224", "mixer_b16_224", "mixer_l16_224"],
    "mnasnet": ["mnasnet0_5", "mnasnet0_75", "mnasnet1_0", "mnasnet1_3"],
    "mobilenet": ["mobilenetv1_100"],
    "mobilenet_v2": ["mobilenet_v2"],
    "mobilenet_v3": ["mobilenet_v3_large", "mobilenet_v3_small"],
    "mobileone": ["mobileone_s0"],
    "regnet": [
        "regnet_x_400mf",
        "regnet_x_800mf",
        "regnet_x_1_6gf",
        "regnet_x_3_2gf",
        "regnet_x_8gf",
        "regnet_x_16gf",
        "regnet_x_32gf",
        "regnet_y_400mf",
        "regnet_y_800mf",
        "regnet_y_1_6gf",
        "regnet_y_3_2gf",
        "regnet_y_8gf",
        "regnet_y_16gf",
        "regnet_y_32gf",
        "regnet_y_128gf",
    ],
    "repvgg": ["repvgg_a0", "repvgg_a1", "repvgg_a2", "repvgg_b0"],
    "resnet": ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"],
    "resnet_v2": ["resnetv2_50"],
    "resnext": ["resnext50_32x4d", "resnext101_32x8d", "resnext101_64x4d"],
    "senet": ["seresnet50", "legacy_senet154"],
    "shufflenet_v2": [
        "shufflenet_v2_x0_5",
        "shufflenet_v2_x1_0",
        "shufflenet_v2_x1_5",
        "shufflenet_v2_x2_0",
    ],
    "squeezenet": ["squeezenet1_0", "squeezenet1_1"],
    "swin": ["swin_t", "swin_s", "swin_b", "swin_v2_t", "swin_v2_s", "swin_v2_b"],
    "vgg": ["vgg11", "vgg11_bn", "vgg13", "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn"],
    "video": ["r3d_18", "mc3_18", "r2plus1d_18"],
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
    "wide_resnet": ["wide_resnet50_2", "wide_resnet101_2"],
    "xception": ["legacy_xception"],
}
SEGMENTATION = {
    "deeplab": ["deeplabv3_resnet50", "deeplabv3_resnet101", "deeplabv3_mobilenet_v3_large"],
    "fcn": ["fcn_resnet50", "fcn_resnet101"],
    "lraspp": ["lraspp_mobilenet_v3_large"],
}
"""Networks that classify every pixel, and give their results by name."""
LARGE = {"convnext_large", "mixer_l16_224", "vit_l_16", "vit_l_32", "vit_h_14", "regnet_y_128gf"}
"""Networks of 200 million parameters or more, whose logits take too much memory for a test.

Those of `convnext`, `regnet` and `vit` were compared by hand, with the same tolerance.
"""
UNCALLED = {"swin": (".qkv", ".proj")}
"""Layers of which a reference reads the weights without calling them: no hook counts these."""
TOLERANCE = 1e-9
TOLERANCES = {"legacy_senet154": 1e-6, "efficientnet_b7": 1e-4, "eca_nfnet_l0": 1e-7}
"""Gates of large numbers make chaos of rounding, which another order of sums changes.

Measured, it becomes 4e-8, 4e-6 and 2e-9 of the largest logit. For the same reason
`efficientnet_v2_s` has an image of 160 pixels: with 128, it is 4e-3.
"""


def facts(name: str) -> dict[str, Any]:
    return json.loads((REFERENCE / f"{name}.json").read_text())


def assert_logits(logits: Tensor, reference: dict[str, Any]) -> None:
    assert list(logits.shape) == reference["logits_shape"]
    head = torch.tensor(reference["logits_head"], dtype=torch.float64)
    difference = (logits[:, : head.shape[1]] - head).abs().max()
    tolerance = TOLERANCES.get(reference["name"], TOLERANCE)
    assert difference / logits.abs().max() < tolerance
    assert logits.abs().sum().item() == pytest.approx(reference["logits_abs_sum"], rel=tolerance)


def assert_keys(shapes: Mapping[str, tuple[int, ...]], name: str) -> None:
    """Compare the keys of a state dict and their shapes, or a hash of them if that is recorded."""
    path = REFERENCE / f"{name}.keys.json"
    if path.exists():
        assert dict(shapes) == {k: tuple(v) for k, v in json.loads(path.read_text()).items()}
        return
    lines = "\n".join(f"{key} {list(shape)}" for key, shape in sorted(shapes.items()))
    assert len(shapes) == facts(name)["keys"]
    assert hashlib.sha256(lines.encode()).hexdigest() == facts(name)["keys_sha256"]


def assert_results(results: Mapping[str, Tensor], reference: dict[str, Any]) -> None:
    """Compare several results, by name."""
    assert [*results] == [*reference["results"]]
    for name, wanted in reference["results"].items():
        found = results[name]
        assert list(found.shape) == wanted["shape"]
        head = torch.tensor(wanted["head"], dtype=torch.float64)
        difference = (found.flatten(1)[:, : head.shape[1]] - head).abs().max()
        assert difference / found.abs().max() < TOLERANCE
        assert found.abs().sum().item() == pytest.approx(wanted["abs_sum"], rel=TOLERANCE)
