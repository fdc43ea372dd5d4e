"""Everything that a figure of features shows, from top to bottom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from archdsl.analysis.reach import Reaches
from archdsl.analysis.receptive_field import reaches
from archdsl.analysis.spans import outside
from archdsl.attribution import deconvolution, methods
from archdsl.attribution.deconvolution import Unit, in_the_way
from archdsl.attribution.layers import Layer, layers, select
from archdsl.attribution.picture import Picture
from archdsl.diagnostics import Diagnostic, error, note, suggestion
from archdsl.graph import Graph, Node
from archdsl.shapes import Unknown
from archdsl.source import whole_of
from archdsl.training.faults import TrainingError
from archdsl.training.preparation import Preparation

METHODS = ("maps", "deconvolution", "occlusion", "gradients", "gradcam", "filters")
"""What a figure may show, in its order."""
MOST_FILTERS = 100

Box = tuple[int, int, int, int]
"""The first row and column of a part of the image, and those behind its last."""


@dataclass(frozen=True)
class Asked:
    """What is to be shown: empty `layers` and no `label` are chosen by what the network sees.

    `units` is how many of the strongest units, or which channels.
    """

    layers: tuple[str, ...] = ()
    units: int | tuple[int, ...] = 3
    label: str | None = None
    methods: tuple[str, ...] = ()
    square: int | None = None

    def shows(self, method: str) -> bool:
        """Whether the figure has a method; all, unless some are named."""
        return not self.methods or method in self.methods


@dataclass(frozen=True)
class UnitFinding:
    """A unit with its map [rows, columns], its field, and what it leads back to.

    `box` is the part of the field that lies in the image. `back` is [channels, height, width], None
    without deconvolution.
    """

    unit: Unit
    map: Tensor
    box: Box
    back: Tensor | None = None

    @property
    def is_even(self) -> bool:
        """Whether its map has one value everywhere, so that no place is the strongest."""
        return self.map.numel() > 1 and bool(self.map.min() == self.map.max())


@dataclass(frozen=True)
class LayerFinding:
    """The strongest units of a layer; `size` is its field in pixels, None for the whole image."""

    name: str
    channels: int
    grid: tuple[int, int]
    size: tuple[int, int] | None
    units: list[UnitFinding]


@dataclass(frozen=True)
class Heat:
    """A heat map [height, width] of a class, by its method; `detail` says what it is of."""

    method: str
    values: Tensor
    detail: str


@dataclass(frozen=True)
class Filters:
    """The first filters of a convolution, [filters, channels, height, width], of `count` in all."""

    layer: str
    values: Tensor
    count: int


@dataclass(frozen=True)
class Findings:
    """What a network sees in an image.

    `label` is the class that the heat maps are of, the most probable unless another was asked for.
    """

    network: str
    picture: Picture
    label: str
    probabilities: Tensor
    classes: tuple[str, ...]
    layers: list[LayerFinding]
    heats: list[Heat]
    filters: Filters | None

    @property
    def probability(self) -> float:
        """That of the label."""
        return self.probabilities[self.classes.index(self.label)].item()

    @property
    def best(self) -> str:
        """The most probable class."""
        return self.classes[int(self.probabilities.argmax())]


def find(
    module: nn.Module, graph: Graph, picture: Picture, how: Preparation, asked: Asked
) -> tuple[Findings, list[Diagnostic]]:
    """What the network sees, with notes; raises `TrainingError` where it cannot be shown."""
    module.eval()
    scores = methods.Scores(module, graph, how.answer == "smallest")
    _check_square(asked.square, picture.input)
    with torch.no_grad():
        probabilities = scores.probabilities(picture.input)[0]
    number = _class(asked.label, how.classes, probabilities)
    known = layers(module, graph, picture.input)
    chosen = select(known, asked.layers, graph.name)
    blocked = _blocked(graph, chosen, asked)
    shown = chosen if asked.shows("maps") or asked.shows("deconvolution") else []
    found = [_layer(scores, graph, each, picture.input, asked) for each in shown]
    heats = [*_heats(scores, picture.input, number, chosen[-1], asked)]
    filters = _filters(module, graph) if asked.shows("filters") else None
    label, classes = how.classes[number], how.classes
    made = Findings(graph.name, picture, label, probabilities, classes, found, heats, filters)
    return made, blocked


def _check_square(side: int | None, image: Tensor) -> None:
    """Refuse a square for occlusion that is larger than the image."""
    height, width = image.shape[2:]
    if side is not None and side > min(height, width):
        message = f"the square is larger than the image, of {height}×{width} pixels"
        raise TrainingError(error("E0996", message, whole_of("--square"), found=str(side)))


def _class(label: str | None, classes: Sequence[str], probabilities: Tensor) -> int:
    """The number of a class by its name or number; of none, the most probable."""
    if label is None:
        return int(probabilities.argmax())
    if label in classes:
        return classes.index(label)
    if label.isascii() and label.isdecimal() and int(label) < len(classes):
        return int(label)
    help = suggestion(label, classes) or f"classes have names, or numbers up to {len(classes) - 1}"
    raise TrainingError(
        error("E0996", f"there is no class `{label}`", whole_of("--class"), help=help)
    )


def _blocked(graph: Graph, chosen: Sequence[Layer], asked: Asked) -> list[Diagnostic]:
    """What has no way back: an error where deconvolution is asked for by name, else a note."""
    if not asked.shows("deconvolution"):
        return []
    ways = ((layer, in_the_way(graph, layer.node)) for layer in chosen)
    layer, node = next(((each, node) for each, node in ways if node), (None, None))
    if layer is None or node is None or node.op is None:
        return []
    message = f"deconvolution cannot go back from `{layer.name}` to the image: `{node.op.name}`"
    message += f" at `{node.path}` is in the way"
    help = "it undoes convolutions, batch norms, lrn, relu, pools, sums and concatenations"
    span = outside(graph)[node.id].span
    if "deconvolution" in asked.methods:
        raise TrainingError(error("E0995", message, span, help=help))
    return [note("N0995", message, span, help=help)]


def _layer(
    scores: methods.Scores, graph: Graph, layer: Layer, image: Tensor, asked: Asked
) -> LayerFinding:
    """The strongest units of a layer, or those that are asked for."""
    maps = methods.activation(scores, layer, image)
    units = [_unit(maps, channel) for channel in _channels(maps, layer, asked.units)]
    back: list[Tensor | None] = [None] * len(units)
    if asked.shows("deconvolution") and in_the_way(graph, layer.node) is None:
        back = [*deconvolution.deconvolved(scores.module, graph, layer, image, units)]
    size = (int(image.shape[2]), int(image.shape[3]))
    seen = reaches(graph, layer.node.id)
    found = [
        UnitFinding(unit, maps[unit.channel], box(seen, unit, layer, size), each)
        for unit, each in zip(units, back, strict=True)
    ]
    return LayerFinding(layer.name, len(maps), layer.grid, _size(seen, layer), found)


def _channels(maps: Tensor, layer: Layer, units: int | tuple[int, ...]) -> list[int]:
    """The channels with the largest activations, in order, or those that are asked for."""
    if isinstance(units, int):
        order = maps.flatten(1).amax(1).argsort(descending=True, stable=True)
        return [int(channel) for channel in order[:units]]
    for unit in units:
        if not 0 <= unit < len(maps):
            message = f"`{layer.name}` has the units 0 to {len(maps) - 1}"
            raise TrainingError(error("E0996", message, whole_of("--units"), found=str(unit)))
    return [*units]


def _unit(maps: Tensor, channel: int) -> Unit:
    """The place of a channel's largest activation."""
    values = maps[channel]
    row, column = divmod(int(values.argmax()), values.shape[1])
    return Unit(channel, row, column, float(values[row, column]))


def box(seen: Reaches | Unknown, unit: Unit, layer: Layer, size: tuple[int, int]) -> Box:
    """The part of the image that a unit can see, the whole of it where that is not known."""
    if isinstance(seen, Unknown) or len(layer.node.shape.positions) != 2:
        return 0, 0, *size
    starts, ends = [], []
    for reach, place, length in zip(seen, (unit.row, unit.column), size, strict=True):
        first, last = reach.at(place) or (0, length - 1)
        starts.append(int(min(max(first, 0), length - 1)))
        ends.append(int(max(min(last + 1, length), starts[-1] + 1)))
    return starts[0], starts[1], ends[0], ends[1]


def _size(seen: Reaches | Unknown, layer: Layer) -> tuple[int, int] | None:
    """Height and width of the field in pixels, None where it is the whole image or unknown."""
    if isinstance(seen, Unknown) or len(layer.node.shape.positions) != 2:
        return None
    height, width = (reach.size for reach in seen)
    return None if height + width == float("inf") else (int(height), int(width))


def _heats(
    scores: methods.Scores, image: Tensor, number: int, layer: Layer, asked: Asked
) -> Iterator[Heat]:
    """The heat maps of a class that are asked for; Grad-CAM is of the last layer that is shown."""
    if asked.shows("occlusion"):
        side = asked.square or methods.square_of(image)
        values = methods.occlusion(scores, image, number, side)
        yield Heat("occlusion", values, f"probability, {side} px")
    if asked.shows("gradients"):
        yield Heat("gradient", methods.gradient(scores, image, number), "magnitude")
    if asked.shows("gradcam"):
        values = methods.grad_cam(scores, layer, image, number)
        yield Heat("Grad-CAM", values, layer.name)


def _filters(module: nn.Module, graph: Graph) -> Filters | None:
    """The filters of the first convolution, if it reads the image and looks at more than points."""
    first = next((node for node in graph if _is_convolution(node)), None)
    if first is None or first.inputs[0] not in graph.inputs.values():
        return None
    weight = module.state_dict()[f"{first.path}.weight"].detach().cpu()
    if weight.ndim != 4 or weight.shape[2:].numel() == 1:
        return None
    return Filters(first.path, weight[:MOST_FILTERS], len(weight))


def _is_convolution(node: Node) -> bool:
    return node.op is not None and node.op.name in ("conv", "std_conv")
