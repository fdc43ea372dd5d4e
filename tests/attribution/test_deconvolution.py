"""Deconvolution against a reference that goes back layer by layer, as Zeiler and Fergus say."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

import archdsl
from archdsl.analysis.receptive_field import reaches
from archdsl.attribution.deconvolution import Unit, deconvolved, in_the_way
from archdsl.attribution.findings import box
from archdsl.attribution.layers import Layer, layers
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
        size = functional.conv_transpose2d(
            back, leaf.weight, None, leaf.stride, leaf.padding, 0, leaf.groups
        )
        lost = [have - got for have, got in zip(read.shape[2:], size.shape[2:], strict=True)]
        return functional.conv_transpose2d(
            back, leaf.weight, None, leaf.stride, leaf.padding, lost, leaf.groups
        )
    if isinstance(leaf, nn.ReLU):
        return back * (back > 0)
    if isinstance(leaf, nn.MaxPool2d):
        _, switches = functional.max_pool2d(
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
    ("name", "chosen"), [("alexnet", ("features.1", "features.11")), ("zfnet", ("conv2", "conv5"))]
)
def test_it_equals_a_reference_made_of_transposed_layers(
    name: str, chosen: tuple[str, ...]
) -> None:
    torch.manual_seed(0)
    module = archdsl.load(f"specs/{name}.arch", name, classes=2).eval().double()
    graph = archdsl.read(f"specs/{name}.arch")[name].graph
    image = torch.randn(1, 3, 224, 224, dtype=torch.float64)
    known = {layer.name: layer for layer in layers(module, graph, image)}
    called = steps(module, image)
    for layer in map(known.__getitem__, chosen):
        end = next(i for i, step in enumerate(called) if step[0] == layer.name)
        unit = strongest(layer, called[end][3][0])
        found = deconvolved(module, graph, layer, image, [unit])[0]
        back = torch.zeros_like(called[end][3])
        back[0, unit.channel, unit.row, unit.column] = unit.value
        for _, leaf, read, _ in reversed(called[: end + 1]):
            back = undone(leaf, back, read)
        assert unit.value > 0
        assert (found - back[0]).abs().max() <= 1e-9 * back.abs().max()
        top, left, bottom, right = box(reaches(graph, layer.node.id), unit, layer, (224, 224))
        found[:, top:bottom, left:right] = 0
        assert not found.any()


def test_a_rectifier_that_branches_share_goes_back_by_both_ways() -> None:
    text = """
    block two = add(left: conv(4, 3) -> {0}relu, right: conv(4, 3) -> {1}relu)
    network n: [1, 8, 8] -> [2] = two: two -> conv: conv(4, 3) -> flatten -> fc: linear(2)
    """
    images, found = torch.randn(1, 1, 8, 8, dtype=torch.float64), []
    for labels in (("", ""), ("l: ", "r: ")):
        module, graph = network(text.format(*labels), "n")
        layer = {layer.name: layer for layer in layers(module, graph, images)}["conv"]
        units = [Unit(channel, 3, 4, 1.0) for channel in range(4)]
        found.append(deconvolved(module, graph, layer, images, units))
    assert found[0].equal(found[1])
    assert found[0].any()


def test_a_planted_corner_is_where_the_class_leads_back_to() -> None:
    module, graph = network(PLANTED, "corner")
    with torch.no_grad():
        module.conv2.weight[:, :, 1:] = module.conv2.weight[:, :, :, 2:] = 0
        module.conv2.weight.abs_()
    image = torch.rand(1, 1, 16, 16, dtype=torch.float64)
    layer = {layer.name: layer for layer in layers(module, graph, image)}["conv2"]
    found = deconvolved(module, graph, layer, image, [Unit(1, 0, 0, 1.0)])[0, 0]
    assert found[:3, :5].any()
    found[:3, :5] = 0
    assert not found.any()


@pytest.mark.parametrize(
    ("body", "op"),
    [
        ("conv(4, 3) -> silu -> conv: conv(4, 3)", "silu"),
        ("conv(4, 3) -> sigmoid -> relu6 -> bn -> conv: conv(4, 3)", "relu6"),
        ("conv(4, 3) -> mul(identity, relu) -> conv: conv(4, 3)", "mul"),
        ("conv(4, 3) -> channel_shuffle(2) -> dropout -> avgpool(2) -> conv: conv(4, 3)", ""),
    ],
)
def test_the_first_op_in_the_way_is_named(body: str, op: str) -> None:
    graph = archdsl.read(text=f"network n: [1, 8, 8] -> [2] = {body} -> flatten -> linear(2)")[
        "n"
    ].graph
    last = next(node for node in graph if node.path == "conv")
    found = in_the_way(graph, last)
    assert (found.op.name if found else "") == op
