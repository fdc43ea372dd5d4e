"""The layers of a live network that see an image: their names, and their maps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import torch
from torch import Tensor, nn

from archdsl.diagnostics import error, several, suggestion
from archdsl.graph import Graph, Node, needed_for
from archdsl.source import whole_of
from archdsl.training.faults import TrainingError

MOST_TOKENS = 2
"""Maximum number of tokens in front of those that stand for places, such as the class token."""
FEWEST, MOST = 3, 5
"""How many layers are shown unless they are named."""
MOST_NAMES = 8
"""Maximum number of layers that a message names."""
Sizes = tuple[int, ...]


@dataclass(frozen=True)
class Layer:
    """A module that is called once, the node of its result, and where that lies in the image.

    `grid` are the rows and columns of its maps. Of tokens, `skipped` come before those that have a
    place. `is_rectified`: only rectifiers read its result.
    """

    name: str
    node: Node
    grid: tuple[int, int]
    skipped: int = 0
    is_rectified: bool = False

    def maps(self, result: Tensor) -> Tensor:
        """The result [1, ...] of the module as [channels, rows, columns]."""
        maps = result[0].movedim(self.node.shape.channels_dimension, 0).flatten(1)
        return maps[:, self.skipped :].reshape(len(maps), *self.grid)


def layers(module: nn.Module, graph: Graph, image: Tensor) -> list[Layer]:
    """All layers with maps of an image [1, channels, height, width], as they finish.

    A module that is called several times, as a rectifier may be, has no single result.
    """
    found = _called(module, image)
    calls = Counter(name for name, _ in found)
    height, width = image.shape[2:]
    results = _results(graph)
    chosen = []
    for name, sizes in found:
        node = results.get(name)
        if node is None or calls[name] > 1 or node.shape.sizes != sizes:
            continue
        layer = _layer(name, node, graph, (int(height), int(width)))
        chosen += [layer] if layer else []
    return chosen


def select(known: Sequence[Layer], names: Sequence[str], network: str) -> list[Layer]:
    """The layers of these names or patterns, or some that show the most.

    Raises `TrainingError` where a name has none, or none has maps.
    """
    if not known:
        message = "no layer has maps of the image"
        raise TrainingError(error("E0996", message, whole_of(network)))
    if not names:
        return _telling(known)
    chosen = {layer.name: layer for name in names for layer in _named(name, known)}
    return [*chosen.values()]


def _named(name: str, known: Sequence[Layer]) -> list[Layer]:
    """The layer of a name, or those of a pattern such as `conv*`."""
    if found := [layer for layer in known if fnmatchcase(layer.name, name)]:
        return found
    names = [layer.name for layer in known]
    message = f"`{name}` is no layer with maps of the image"
    help = suggestion(name, names) or f"these are: {several(names, MOST_NAMES)}"
    raise TrainingError(error("E0996", message, whole_of("--layers"), help=help))


def _telling(known: Sequence[Layer]) -> list[Layer]:
    """The last layer of every resolution before a pool; of few, also the first and a middle one."""
    own = [layer for layer in known if not _is_rectifier(layer, known)]
    wide = [layer for layer in own if layer.grid != (1, 1) and not _is_pool(layer)] or own
    # Of a resolution the last layer of the outermost ones: a stage, and not what begins the next.
    outer = sorted(wide, key=lambda layer: -layer.name.count("."))
    first = next((layer for layer in wide if layer.is_rectified), wide[0])
    chosen = {*{layer.grid: layer.name for layer in outer}.values()}
    for further in (first, wide[len(wide) // 2]):
        chosen |= {further.name} if len(chosen) < FEWEST else set()
    return [layer for layer in wide if layer.name in chosen][-MOST:]


def _is_rectifier(layer: Layer, known: Sequence[Layer]) -> bool:
    """Whether it is a rectifier alone, of a layer that is shown rectified."""
    op, sources = layer.node.op, {port.node for port in layer.node.inputs}
    others = [other for other in known if other.node.id in sources and other.is_rectified]
    is_alone = op is not None and op.name == "relu" and layer.name == layer.node.path
    return is_alone and bool(others)


def _is_pool(layer: Layer) -> bool:
    return layer.node.op is not None and layer.node.op.family == "pooling"


def _called(module: nn.Module, image: Tensor) -> list[tuple[str, Sizes]]:
    """The modules by name, as they finish, with the sizes of the one tensor that they give."""
    found: list[tuple[str, Sizes]] = []

    def note(name: str, result: object) -> None:
        if isinstance(result, Tensor) and result.shape[:1] == (1,):
            found.append((name, tuple(result.shape[1:])))

    hooks = [
        child.register_forward_hook(lambda _m, _i, result, name=name: note(name, result))
        for name, child in module.named_modules()
        if name
    ]
    try:
        with torch.no_grad():
            module(image)
    finally:
        for hook in hooks:
            hook.remove()
    return found


def _results(graph: Graph) -> dict[str, Node]:
    """By module or scope the last node that depends on the image."""
    found: dict[str, Node] = {}
    for node in _seeing(graph):
        parts = node.path.split(".")
        found |= {".".join(parts[: end + 1]): node for end in range(len(parts))}
    return found


def _seeing(graph: Graph) -> Iterator[Node]:
    """The nodes that depend on an input, and on which the first result depends."""
    seeing = {port.node for port in graph.inputs.values()}
    needed = needed_for(graph, [next(iter(graph.results.values()))])
    for node in graph:
        if node.id in needed and any(port.node in seeing for port in node.sources):
            seeing.add(node.id)
            yield node


def _layer(name: str, node: Node, graph: Graph, image: tuple[int, int]) -> Layer | None:
    """The layer of a module, if its result has the places of an image."""
    grid = _grid(node, graph, image)
    if grid is None:
        return None
    readers = [each.op for each in graph if any(port.node == node.id for port in each.inputs)]
    is_rectified = bool(readers) and all(op is not None and op.name == "relu" for op in readers)
    positions = [size for size in node.shape.positions if isinstance(size, int)]
    skipped = positions[0] - grid[0] * grid[1] if len(positions) == 1 else 0
    return Layer(name, node, grid, skipped, is_rectified)


def _grid(node: Node, graph: Graph, image: tuple[int, int]) -> tuple[int, int] | None:
    """Rows and columns of a result, if there are any; tokens have those of the last map."""
    positions = [size for size in node.shape.positions if isinstance(size, int)]
    if len(positions) == 2:
        grid = positions[0], positions[1]
        return grid if _is_like(grid, image) else None
    if len(positions) != 1:
        return None
    for before in reversed(graph.order[: node.id]):
        if len(before.shape.positions) == 2 and before.shape.below is None:
            around = _grid(before, graph, image)
            if around and 0 <= positions[0] - around[0] * around[1] <= MOST_TOKENS:
                return around
    return None


def _is_like(grid: tuple[int, int], image: tuple[int, int]) -> bool:
    """Whether a map has the proportions of the image, but for what strides round off.

    Windows of attention have not: their rows are windows, their columns places in one.
    """
    (rows, columns), (height, width) = grid, image
    return abs(rows * width - columns * height) <= 2 * (height + width)
