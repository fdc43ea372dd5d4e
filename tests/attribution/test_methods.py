"""Occlusion, gradients and Grad-CAM against naive loops, and where the layout is another."""

from __future__ import annotations

import pytest
import torch
from captum.attr import LayerGradCam
from torch import Tensor, nn

import archdsl
from archdsl.attribution.layers import Layer, layers
from archdsl.attribution.methods import Scores, grad_cam, gradient, occlusion

SMALL = """
network small(classes=3): [2, {side}, 13] -> [classes] =
    conv1: conv(4, 3) -> relu -> maxpool(2) -> conv2: conv(6, 3) -> relu
    -> flatten -> fc: linear(classes)
"""
CHANNELS_LAST = """
network first: [2, 8, 8] -> [3] =
    conv: conv(4, 3) -> mix: conv(5, 1) -> relu -> global_avgpool -> flatten -> fc: linear(3)
network last: [2, 8, 8] -> [3] =
    conv: conv(4, 3) -> rearrange("c h w -> h w; c") -> mix: linear(5) -> relu
    -> rearrange("h w; c -> c h w") -> global_avgpool -> flatten -> fc: linear(3)
network tokens: [2, 8, 8] -> [3] =
    conv: conv(4, 3) -> rearrange("c h w -> (h w); c") -> mix: linear(5) -> relu
    -> rearrange("n; c -> c n") -> global_avgpool -> flatten -> fc: linear(3)
"""


def network(text: str, name: str | None = None) -> tuple[Scores, dict[str, Layer], Tensor]:
    """A network in float64 with its layers, and an image."""
    torch.manual_seed(0)
    module = archdsl.load(text=text, network=name).eval().double()
    (graph,) = (n.graph for key, n in archdsl.read(text=text).items() if name in (None, key))
    image = torch.randn(1, *graph.shape(graph.inputs["input"]), dtype=torch.float64)
    return Scores(module, graph), {each.name: each for each in layers(module, graph, image)}, image


def naive_occlusion(module: nn.Module, image: Tensor, number: int, side: int, step: int) -> Tensor:
    """The mean probability over all squares that cover a pixel."""
    height, width = image.shape[2:]
    sums, counts = torch.zeros(2, height, width, dtype=image.dtype)
    for top in range(0, height - side + step, step):
        for left in range(0, width - side + step, step):
            part = slice(top, top + side), slice(left, left + side)
            covered = image.clone()
            covered[:, :, part[0], part[1]] = 0.25
            with torch.no_grad():
                sums[part] += module(covered).softmax(1)[0, number]
            counts[part] += 1
    return sums / counts


@pytest.mark.parametrize(("height", "side", "step"), [(11, 3, 1), (14, 6, 2), (12, 4, 1)])
def test_occlusion_equals_a_naive_loop(height: int, side: int, step: int) -> None:
    scores, _, image = network(SMALL.format(side=height))
    found = occlusion(scores, image, 1, side, grey=0.25)
    wanted = naive_occlusion(scores.module, image, 1, side, step)
    # Captum divides by counts of squares in float32.
    assert (found - wanted).abs().max() < 1e-7


def test_occlusion_and_gradients_find_a_planted_corner() -> None:
    scores, _, image = network(
        "network corner(classes=2): [1, 16, 16] -> [classes] =\n"
        "    conv1: conv(3, 3) -> relu -> flatten -> fc: linear(classes)"
    )
    with torch.no_grad():
        weight = scores.module.fc.weight.view(2, 3, 16, 16)
        weight[:, :, 3:] = weight[:, :, :, 3:] = 0
        plain = scores(image).softmax(1)[0, 0]
    changed = (occlusion(scores, image, 0, side=2) - plain).abs() > 1e-12
    assert changed[:4, :4].any()
    for found in (changed, gradient(scores, image, 0) > 0):
        # A filter sees one pixel more than what it is weighed by; a square covers one pixel more.
        assert found.any()
        assert not found[5:].any()
        assert not found[:, 5:].any()


def test_gradients_are_the_largest_over_the_channels() -> None:
    scores, _, image = network(SMALL.format(side=11))
    step = 1e-6
    moved = image.repeat(image.numel(), 1, 1, 1)
    moved.view(image.numel(), -1).diagonal().add_(step)
    with torch.no_grad():
        slopes = (scores(moved)[:, 2] - scores(image)[0, 2]) / step
    wanted = slopes.abs().view_as(image)[0].amax(0)
    assert (gradient(scores, image, 2) - wanted).abs().max() < 1e-4


def test_grad_cam_is_that_of_captum() -> None:
    scores, known, image = network(SMALL.format(side=11))
    wanted = LayerGradCam(scores, scores.module.conv2).attribute(
        image.clone().requires_grad_(), target=1, relu_attributions=True
    )
    found = grad_cam(scores, known["conv2"], image, 1)
    shown = nn.functional.interpolate(wanted, (11, 13), mode="bilinear", align_corners=False)
    assert found.allclose(shown[0, 0].detach(), atol=1e-12)
    assert found.any()


def test_grad_cam_knows_where_the_channels_are() -> None:
    first, known, image = network(CHANNELS_LAST, "first")
    wanted = grad_cam(first, known["mix"], image, 1)
    for name in ("last", "tokens"):
        other, layers_of_other, _ = network(CHANNELS_LAST, name)
        state = dict(first.module.state_dict())
        state["mix.weight"] = state["mix.weight"].flatten(1)
        other.module.load_state_dict(state)
        assert layers_of_other["mix"].grid == (8, 8)
        assert grad_cam(other, layers_of_other["mix"], image, 1).allclose(wanted, atol=1e-12)
