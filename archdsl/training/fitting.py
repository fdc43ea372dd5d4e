"""Whether a network fits its training data."""

from __future__ import annotations

from collections.abc import Collection

from archdsl.diagnostics import error
from archdsl.graph import Graph, Node, Port
from archdsl.ops.base import shape_text
from archdsl.source import whole_of
from archdsl.training.data import Data, Shape3
from archdsl.training.faults import TrainingError

SQUASHING = ("sigmoid", "hardsigmoid", "softmax")
"""Ops whose results are probabilities as they are."""


def is_sized(graph: Graph, classes: int) -> bool:
    """Whether a network gives a vector of `classes` scores, and so does every head."""
    return len(graph.results) == 1 and all(
        graph.shape(port).sizes == (classes,) for port in graph.outputs.values()
    )


def layers(graph: Graph) -> tuple[str, ...]:
    """Every layer of a network as text, with its inputs: what `--resume` compares."""
    # Without its number in front, by which only the inputs of others refer to it.
    return tuple(f"{str(node).partition(' ')[2]}{_made_as(graph, node)}" for node in graph)


def _made_as(graph: Graph, node: Node) -> str:
    """What somebody else's class is, and is made with, which its layer does not say."""
    if node.op is None or not node.op.is_foreign:
        return ""
    return f" as {node.op.module_text(*graph.input_shapes(node))}"


def has_distances(graph: Graph) -> bool:
    """Whether the network's outputs are distances, of which the smallest names the class."""
    ops = [graph[port.node].op for port in graph.results.values()]
    return len(ops) == 1 and ops[0] is not None and ops[0].is_distance


def last_squashing(graph: Graph, port: Port) -> str:
    """The op that makes a result probabilities, perhaps in another order, or nothing."""
    node = graph[port.node]
    while node.op is not None and node.op.only_moves:
        node = graph[node.inputs[0].node]
    return node.op.name if node.op is not None and node.op.name in SQUASHING else ""


def image_shape(graph: Graph, data: Data) -> Shape3:
    """The image shape of a network, which must have one score per class."""
    shape = input_shape(graph)
    _check_scores(graph, data)
    check_channels(graph, shape, data.channels)
    return shape


def check_channels(graph: Graph, shape: Shape3, channels: Collection[int]) -> None:
    """Raise an error if images cannot have as many channels as the network takes."""
    if channels and shape[0] not in channels:
        message = f"the network takes {shape[0]} channels, but images have 1 or 3"
        raise TrainingError(error("E0963", message, whole_of(graph.name)))


def input_shape(graph: Graph) -> Shape3:
    """The shape of the one image that a network takes."""
    span = whole_of(graph.name)
    shapes = [graph.shape(port) for port in graph.inputs.values()]
    if len(shapes) != 1 or shapes[0].rank != 3 or shapes[0].is_last or shapes[0].below is not None:
        found = " and ".join(map(shape_text, shapes))
        help = (
            "its only input must be `[channels, h, w]`; `archdsl.load` gives any network's module"
        )
        message = "the network does not take one image"
        raise TrainingError(error("E0963", message, span, found=found, help=help))
    (shape,) = shapes
    sizes = [size for size in shape.sizes if isinstance(size, int)]
    if len(sizes) < 3:
        help = "give a size with `--at`: `--at h=64,w=64`"
        message = "the network has a symbolic image size"
        found = shape_text(shape)
        raise TrainingError(error("E0963", message, span, found=found, help=help))
    channels, height, width = sizes
    return channels, height, width


def score_count(graph: Graph, named: int | None) -> int:
    """How many classes a network has scores for: as many as the weights name, if they do."""
    _check_single(graph)
    _check_unsquashed(graph)
    span, result = whole_of(graph.name), graph.shape(graph.result)
    scores = result.breadth
    if result.rank != 1 or result.below is not None or not isinstance(scores, int):
        message = "the network does not give one score for every class"
        raise TrainingError(error("E0963", message, span))
    if named not in (None, scores):
        message = f"the weights name {named} classes, and the network has {scores}"
        raise TrainingError(error("E0963", message, span))
    return scores


def map_count(graph: Graph, named: int | None) -> int:
    """How many classes the first result has scores or maps for."""
    first = graph.shape(next(iter(graph.results.values())))
    count = first.breadth
    if first.below is not None or not isinstance(count, int):
        message = "the network does not give one score or map for every class"
        raise TrainingError(error("E0963", message, whole_of(graph.name)))
    if named not in (None, count):
        message = f"the weights name {named} classes, and the network has {count}"
        raise TrainingError(error("E0963", message, whole_of(graph.name)))
    return count


def _check_single(graph: Graph) -> None:
    """Raise an error for several results: what is trained here are image classifiers."""
    if len(graph.results) > 1:
        names = ", ".join(f"`{name}`" for name in graph.results)
        message = f"the network gives several results, {names}, not the scores of a classifier"
        raise TrainingError(error("E0963", message, whole_of(graph.name)))


def _check_unsquashed(graph: Graph) -> None:
    """Raise an error for probabilities: the loss and predictions have a softmax of their own."""
    for name, port in graph.outputs.items():
        if op := last_squashing(graph, port):
            which = f"`{name}` of the network" if len(graph.outputs) > 1 else "the network"
            message = f"{which} gives probabilities, and a softmax of them would be taken once more"
            help = f"leave out the last `{op}`: the scores before it have the same order"
            raise TrainingError(error("E0963", message, whole_of(graph.name), help=help))


def _check_scores(graph: Graph, data: Data) -> None:
    _check_single(graph)
    _check_unsquashed(graph)
    count = len(data.classes)
    for name, port in graph.outputs.items():
        if graph.shape(port).sizes != (count,):
            message = f"`{data.name}` has {count} classes: `{name}` needs one score per class"
            expected, found = f"[{count}]", shape_text(graph.shape(port))
            help = "a parameter `classes` is set automatically; set others with --set"
            span = whole_of(graph.name)
            raise TrainingError(
                error("E0963", message, span, expected=expected, found=found, help=help)
            )
