"""What values of open sizes mean in pixels: `h = 14` is a height of 224 where that is 16 * h."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from archdsl.contracts import Contract, contract
from archdsl.diagnostics import Diagnostic, note
from archdsl.graph import Graph
from archdsl.ops.base import shape_text
from archdsl.shapes import Dim, Symbolic, evaluate
from archdsl.source import whole_of

USUAL = 224
"""The side of an image that an example is about."""
MOST_TRIED = 100_000


def usual_sizes(graph: Graph, side: int = USUAL) -> dict[str, int]:
    """A value for every open size, with which images are as near to a `side` as can be."""
    accepted = contract(graph)
    return {name: _near(size, accepted, side) for name, size in _patterns(graph)}


def example(graph: Graph) -> str:
    """What `--at` could be given for a network: `h=14,w=14`."""
    return ",".join(f"{name}={value}" for name, value in usual_sizes(graph).items())


def input_text(graph: Graph, values: Mapping[str, int]) -> str:
    """The inputs of a network where sizes have values: `[3, 224, 16 * w]`."""

    def given(size: Dim) -> Dim:
        is_given = isinstance(size, Symbolic) and size.symbol in values
        return evaluate(size, values) if is_given else size

    shapes = [graph.shape(port) for port in graph.inputs.values()]
    return " and ".join(shape_text(shape.map(given)) for shape in shapes)


def for_side(name: str, value: int, graphs: Iterable[Graph]) -> str:
    """What to give instead of `height=224`, in words; empty where `name` is no side of an input."""
    for graph in graphs:
        for side, size in _sides(graph):
            if side.startswith(name) and isinstance(size, Symbolic):
                number = _near(size, contract(graph), value)
                pixels = evaluate(size, {size.symbol: number})
                return f"write `--at {size.symbol}={number}`: a {side} of {pixels:,}"
    return ""


def scaled(graph: Graph, values: Mapping[str, int]) -> list[Diagnostic]:
    """A note where a size that was given is a factor, and no number of pixels."""
    factors = {name: size for name, size in _patterns(graph) if name in values}
    factors = {name: size for name, size in factors.items() if str(size) != name}
    if not factors:
        return []
    given = ",".join(f"{name}={values[name]}" for name in factors)
    message = f"with {given} the input of `{graph.name}` is {input_text(graph, values)}"
    listed = " and ".join(f"{size}" for size in factors.values())
    usual = usual_sizes(graph)
    near = ",".join(f"{name}={usual[name]}" for name in factors)
    at = input_text(graph, {**values, **{name: usual[name] for name in factors}})
    help = f"its sides are {listed}" + ("" if near == given else f"; `--at {near}` makes it {at}")
    return [note("N0915", message, whole_of("--at"), help=help)]


def _patterns(graph: Graph) -> Iterator[tuple[str, Symbolic]]:
    """Every open size, with the first size of an input that it is part of."""
    seen: set[str] = set()
    for port in graph.inputs.values():
        for size in graph.shape(port).sizes:
            if isinstance(size, Symbolic) and size.symbol not in seen:
                seen.add(size.symbol)
                yield size.symbol, size


def _sides(graph: Graph) -> Iterator[tuple[str, object]]:
    for port in graph.inputs.values():
        shape = graph.shape(port)
        yield from zip(shape.axes, shape.positions, strict=True)


def _near(size: Symbolic, accepted: Contract, wanted: int) -> int:
    """The value of a symbol, of those that are allowed, with which a size is nearest to another."""
    best = least = accepted.least.get(size.symbol, 1)
    end = least + MOST_TRIED
    for value in range(least, min(end, accepted.most.get(size.symbol, end) + 1)):
        found = evaluate(size, {size.symbol: value})
        if abs(found - wanted) < abs(evaluate(size, {size.symbol: best}) - wanted):
            best = value
        if found >= wanted:
            break
    return best
