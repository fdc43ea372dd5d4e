"""How the weights of generated networks start: keys and logits see nothing of it."""

from __future__ import annotations

import math
import re
from functools import cache

import pytest
import torch
from torch import Tensor

from archdsl.ops.parameters import Initializer
from tests.helpers.generated import built
from tests.helpers.paths import SPECS
from tests.helpers.pipeline import graphs

STARTS = [("lenet", "lenet5_modern"), ("resnet", "resnet18"), ("resnet", "resnet50")]
STARTS += [("densenet", "densenet121"), ("vgg", "vgg11"), ("vgg", "vgg11_bn")]
STARTS += [("alexnet", "alexnet"), ("alexnet", "alexnet_2012"), ("zfnet", "zfnet")]
STARTS += [("googlenet", "googlenet"), ("googlenet", "googlenet_paper")]
STARTS += [("squeezenet", "squeezenet1_0"), ("inception_v3", "inception_v3")]
STARTS += [("inception_v4", "inception_v4"), ("xception", "legacy_xception")]
STARTS += [("resnet_v2", "resnetv2_50"), ("resnet_cifar", "resnet20")]
STARTS += [("senet", "seresnet50"), ("senet", "legacy_seresnet50"), ("senet", "se_bn_inception")]
STARTS += [("resnext", "stage_summed"), ("resnext", "resnext29_8x64d")]
STARTS += [("mobilenet", "mobilenetv1_025"), ("mobilenet_v2", "mobilenet_v2")]
STARTS += [("mobilenet_v3", "mobilenet_v3_small"), ("shufflenet_v2", "shufflenet_v2_x0_5")]
STARTS += [("shufflenet", "shufflenet_g1"), ("shufflenet", "shufflenet_g3")]


@cache
def state_of(file: str, name: str) -> dict[str, Tensor]:
    torch.manual_seed(0)
    state: dict[str, Tensor] = built(file, name).state_dict()
    return state


@pytest.mark.parametrize(("file", "name"), STARTS)
def test_weights_start_as_the_spec_says(file: str, name: str) -> None:
    state = state_of(file, name)
    for node in graphs(SPECS / f"{file}.arch")[name]:
        if node.op is not None and (start := node.op.starts()) is not None:
            weight, bias = state[f"{node.path}.weight"], state.get(f"{node.path}.bias")
            assert starts_as(weight, start.weight), node.path
            assert (bias is None) == (start.bias is None), node.path
            if bias is not None and start.bias is not None:
                assert bias_starts_at(bias, start.bias, weight), node.path


def starts_as(weight: Tensor, init: Initializer) -> bool:
    """Whether a weight starts at a number, or with the spread of a scheme."""
    if init.scheme == "gain":
        return bool(torch.all(weight == dict(init.arguments)["gain"]))
    return has_spread(weight, spread(init, weight))


def bias_starts_at(bias: Tensor, start: float | str, weight: Tensor) -> bool:
    """Whether a bias starts at a number, or as PyTorch starts it."""
    if start != "default":
        return bool(torch.all(bias == start))
    if weight.dim() == 1:  # that of a normalisation
        return not bias.any()
    return 0 < bias.abs().max().item() <= 1 / math.sqrt(weight[0].numel())


def has_spread(weight: Tensor, expected: float) -> bool:
    """Whether a weight has a standard deviation, as far as so few samples can tell."""
    # The spread of n samples is itself spread by 1 / sqrt(2n); five times that is allowed.
    allowed = 5 / math.sqrt(2 * weight.numel())
    return weight.std().item() == pytest.approx(expected, rel=allowed)


def spread(init: Initializer, weight: Tensor) -> float:
    """The standard deviation that a scheme gives to a weight."""
    arguments = dict(init.arguments)
    fan_in = weight[0].numel()
    match init.scheme:
        case "default":  # uniform in +-1 / sqrt(fan_in)
            return 1 / math.sqrt(3 * fan_in)
        case "normal":
            return float(arguments["std"])
        case "uniform":
            return float(arguments["limit"]) / math.sqrt(3)
        case "trunc_normal" if arguments["limit"] >= 4 * arguments["std"]:  # as good as normal
            return float(arguments["std"])
        case "xavier_uniform":
            return math.sqrt(2 / (fan_in + weight.numel() // weight.shape[1]))
        case "kaiming_normal" | "kaiming_uniform":
            fan_out = weight.numel() // weight.shape[1]
            return math.sqrt(2 / (fan_in if arguments.get("fan", "in") == "in" else fan_out))
    raise AssertionError(init.scheme)


# --- as in the reference models ---


def weights_of(file: str, name: str) -> dict[str, Tensor]:
    """The weights of convolutions and linear layers."""
    return {key: entry for key, entry in state_of(file, name).items() if entry.dim() > 1}


def biases_of_norms(file: str, name: str) -> list[Tensor]:
    state = state_of(file, name)
    return [state[key.replace("running_mean", "bias")] for key in state if "running_mean" in key]


@pytest.mark.parametrize("name", ["mobilenetv1_100", "mobilenetv1_025"])
def test_mobilenet_starts_as_in_timm(name: str) -> None:
    """By `_init_weight_goog`: both its rules look at what a layer gives."""
    for key, weight in weights_of("mobilenet", name).items():
        outputs = 1 if "conv_dw" in key else len(weight)
        fan_out = outputs * weight[0, 0].numel()
        variance = (1 / 3 if key == "classifier.weight" else 2) / fan_out
        assert has_spread(weight, math.sqrt(variance)), key
    assert not state_of("mobilenet", name)["classifier.bias"].any()


def test_densenet_classifies_as_in_torchvision() -> None:
    """Its weight is PyTorch's own, its bias is not."""
    state = state_of("densenet", "densenet121")
    weight = state["classifier.weight"]
    assert has_spread(weight, 1 / math.sqrt(3 * 1024))
    assert weight.abs().max() <= 1 / math.sqrt(1024)
    assert not state["classifier.bias"].any()


@pytest.mark.parametrize(
    ("file", "name", "last"),
    [
        ("senet", "seresnet50", r"layer\d\.\d\.bn3"),
        ("senet", "seresnext50_32x4d", r"layer\d\.\d\.bn3"),
        ("senet", "legacy_seresnet50", "none"),
        ("resnet", "resnet50", "none"),
        ("resnet_v2", "resnetv2_50", "none"),
    ],
)
def test_last_gains_start_at_zero_in_timm_alone(file: str, name: str, last: str) -> None:
    """timm's ResNets do, but for the legacy ones and those of v2; torchvision's do not."""
    state = state_of(file, name)
    for key in [key for key in state if key.endswith("running_var")]:
        norm = key.removesuffix(".running_var")
        gain = 0 if re.fullmatch(last, norm) else 1
        assert torch.all(state[f"{norm}.weight"] == gain), norm


@pytest.mark.parametrize("name", ["seresnet50", "legacy_seresnet50"])
def test_squeezes_have_biases_of_pytorch(name: str) -> None:
    state = state_of("senet", name)
    biases = {key: entry for key, entry in state.items() if re.search(r"fc\d\.bias", key)}
    assert len(biases) == 2 * 16
    assert all(bias.any() for bias in biases.values())


@pytest.mark.parametrize("name", ["shufflenet_g1", "shufflenet_g3", "shufflenet_g8"])
def test_shufflenet_starts_as_its_authors_do(name: str) -> None:
    """Their first convolution and classifier have small weights, all others by their inputs."""
    for key, weight in weights_of("shufflenet", name).items():
        expected = 0.01 if key in ("conv1.weight", "fc.weight") else 1 / weight.shape[1]
        assert has_spread(weight, expected), key
    assert not state_of("shufflenet", name)["fc.bias"].any()
    assert all(torch.all(bias == 0.0001) for bias in biases_of_norms("shufflenet", name))
