"""What a class or a layer depends on in an image, with Captum's methods."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from archdsl.attribution.layers import Layer
from archdsl.graph import Graph
from archdsl.training.fitting import last_squashing

AT_ONCE = 16
"""Occluded images computed at once."""
SQUARES = 5
"""How many squares cover a side, unless the square's side is given."""
STEPS = 3
"""How many steps the square takes to move by its own side."""


class Scores(nn.Module):
    """A network of which the largest result names the class, also where that is a distance.

    Of several results it is the first. Where that is a map, as of a segmentation, every class has
    its mean over the positions.
    """

    def __init__(self, module: nn.Module, graph: Graph, is_distance: bool = False) -> None:
        super().__init__()
        self.module, self.is_distance = module, is_distance
        self.is_last = graph.shape(next(iter(graph.results.values()))).is_last
        self.is_probability = bool(last_squashing(graph, next(iter(graph.results.values()))))

    def forward(self, image: Tensor) -> Tensor:
        """The scores [images, classes]."""
        results = self.module(image)
        first: Tensor = results[0] if isinstance(results, tuple) else results
        first = first.movedim(-1, 1) if self.is_last else first
        first = first.flatten(2).mean(2) if first.ndim > 2 else first
        return -first if self.is_distance else first

    def probabilities(self, image: Tensor) -> Tensor:
        """The probabilities [images, classes]; a discriminator has a single one."""
        found: Tensor = self(image)
        if self.is_probability:
            return found
        return found.softmax(1) if found.shape[1] > 1 else found.sigmoid()


def activation(scores: Scores, layer: Layer, image: Tensor) -> Tensor:
    """The maps [channels, rows, columns] of a layer, rectified where its readers do that."""
    from captum.attr import LayerActivation

    with torch.no_grad():
        result = LayerActivation(scores, _module(scores, layer)).attribute(image)
    maps = layer.maps(result)
    return maps.clamp(min=0) if layer.is_rectified else maps


def gradient(scores: Scores, image: Tensor, number: int) -> Tensor:
    """The magnitude [height, width] of the gradient of a class's score, largest over the channels.

    Simonyan, Vedaldi and Zisserman, ICLR workshop 2014, section 3.1.
    """
    from captum.attr import Saliency

    found: Tensor = Saliency(scores).attribute(image.clone().requires_grad_(), target=number)
    return found[0].amax(0).detach()


def grad_cam(scores: Scores, layer: Layer, image: Tensor, number: int) -> Tensor:
    """Grad-CAM [height, width] of a class: the maps of a layer weighed by their mean gradients.

    Selvaraju et al., ICCV 2017, equations 1 and 2. Captum's `LayerGradCam` takes the second axis
    for the channels; layers that have them last get the same from its parts.
    """
    from captum.attr import LayerActivation, LayerGradientXActivation

    module = _module(scores, layer)
    gradients = LayerGradientXActivation(scores, module, multiply_by_inputs=False)
    weights = layer.maps(gradients.attribute(image.clone().requires_grad_(), target=number)).mean(
        (1, 2)
    )
    maps = layer.maps(LayerActivation(scores, module).attribute(image))
    weighed = torch.einsum("c,chw->hw", weights, maps).clamp(min=0).detach()
    size = (int(image.shape[2]), int(image.shape[3]))
    return interpolate(weighed[None, None], size, mode="bilinear", align_corners=False)[0, 0]


def occlusion(
    scores: Scores, image: Tensor, number: int, side: int | None = None, grey: float = 0.0
) -> Tensor:
    """The probability [height, width] of a class where a grey square lies on the image.

    The square moves in steps of a third of its side; every pixel has the mean over the squares that
    cover it. Zeiler and Fergus, ECCV 2014, section 4.2. `grey` is the square's value after
    normalisation: 0 is the mean of the data.
    """
    from captum.attr import Occlusion

    channels = image.shape[1]
    side = side or square_of(image)
    step = max(1, side // STEPS)

    def probability(images: Tensor) -> Tensor:
        return scores.probabilities(images)[:, number]

    with torch.no_grad():
        lost: Tensor = Occlusion(probability).attribute(
            image,
            sliding_window_shapes=(channels, side, side),
            strides=(channels, step, step),
            baselines=grey,
            perturbations_per_eval=AT_ONCE,
        )
        found: Tensor = probability(image) - lost[0, 0]
    return found


def square_of(image: Tensor) -> int:
    """The side of the square in pixels, unless it is given: a fifth of the shorter side."""
    return max(1, round(min(image.shape[2:]) / SQUARES))


def _module(scores: Scores, layer: Layer) -> nn.Module:
    return scores.module.get_submodule(layer.name)
