"""Deconvolution against a reference that goes back layer by layer, as Zeiler and Fergus say."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import archdsl
from archdsl.features.deconvolution import Unit, deconvolved, in_the_way
from archdsl.features.findings import box
from archdsl.analysis.receptive_field import reaches
from archdsl.features.layers import Layer, layers
from archdsl.graph import Graph

PLANTED = """
network corner(classes=2): [1, 16, 16] -> [classes] =
    conv1: conv(3, 3) -> relu -> maxpool(2) -> conv2: conv(classes, 8, pad=0) -> flatten
"""


def network(text: str, name: str) -> tuple[nn.Module, Graph]:
    """A network in float64, and its graph."""
    torch.manual_seed(0)
    module = archdsl.load(text=text).eval().double()
    return module, archdsl.read(text=text)[name].graph


def strongest(layer: Layer, maps: Tensor) -> Unit:
    channel = int(maps.flatten(1).amax(1).argmax())
    row, column = divmod(int(maps[channel].argmax()), maps.shape[2])
    return Unit(channel, row, column, maps[channel, row, column].item())


def steps(module: nn.Module, image: Tensor) -> list[tuple[str, nn.Module, Tensor, Tensor]]:
    """The leaves of a chain by name, as they are called, with what they read and give."""
    found, read = [], {}

    def before(leaf: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        read[leaf] = inputs[0].clone()

    def after(name: str, leaf: nn.Module, result: Tensor) -> None:
        found.append((name, leaf, read[leaf], result.clone()))

    for name, leaf in module.named_modules():
        if not [*leaf.children()]:
            leaf.register_forward_pre_hook(before)
            leaf.register_forward_hook(lambda leaf, _, result, name=name: after(name, leaf, result))
    with torch.no_grad():
        module(image)
    return found


def undone(leaf: nn.Module, back: Tensor, read: Tensor) -> Tensor:
    """What comes back from a layer that has read a tensor."""
    if isinstance(leaf, nn.Conv2d):
        size = F.conv_transpose2d(back, leaf.weight, None, leaf.stride, leaf.padding, 0, leaf.groups)
        lost = [have - got for have, got in zip(read.shape[2:], size.shape[2:], strict=True)]
        return F.conv_transpose2d(
            back, leaf.weight, None, leaf.stride, leaf.padding, lost, leaf.groups
        )
    if isinstance(leaf, nn.ReLU):
        return back * (back > 0)
    if isinstance(leaf, nn.MaxPool2d):
        _, switches = F.max_pool2d(
            read, leaf.kernel_size, leaf.stride, leaf.padding, 1, leaf.ceil_mode, True
        )
        flat = torch.zeros_like(read).flatten(2)
        return flat.scatter_add(2, switches.flatten(2), back.flatten(2)).view_as(read)
    if isinstance(leaf, nn.LocalResponseNorm):
        return back / divisors(leaf, read)
    assert isinstance(leaf, nn.AdaptiveAvgPool2d | nn.Dropout), leaf
    return back


def divisors(leaf: nn.LocalResponseNorm, read: Tensor) -> Tensor:
    """Those of equation 1 in section 3.3 of AlexNet's paper, channel by channel."""
    channels, around = read.shape[1], leaf.size // 2
    sums = [
        read[:, max(0, i - around) : min(channels, i + around + 1)].square().sum(1)
        for i in range(channels)
    ]
    return (leaf.k + leaf.alpha / leaf.size * torch.stack(sums, 1)) ** leaf.beta


@pytest.mark.parametrize(
    ("name", "layer"), [("alexnet", "features.11"), ("zfnet", "conv2"), ("zfnet", "conv5")]
)
def test_it_equals_a_reference_made_of_transposed_layers(name: str, layer: str) -> None:
    text = f"from networks.{name} import {name}\nnetwork n(): [3, 99, 99] -> [5] = {name}(classes=5)"
    path = f"specs/{name}.arch"
    torch.manual_seed(0)
    module = archdsl.load(path, name, classes=5).eval().double()
    graph = archdsl.read(path)[name].graph
    image = torch.randn(1, *graph.shape(graph.inputs["x"]), dtype=torch.float64)
