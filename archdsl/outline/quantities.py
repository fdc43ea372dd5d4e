"""How copies of a block can differ: in the channels they read, and in arguments of blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archdsl.arithmetic import Value
from archdsl.graph import Graph, Port
from archdsl.outline.pieces import DiagramScope, Piece
from archdsl.provenance import Term, constant
from archdsl.tree import Binding, Block, Instance, LayerValue

DEFAULT = constant("default")
"""Stands for what a layer that came as an argument is not given."""


def entry(piece: Piece, graph: Graph) -> Port:
    """The tensor that a piece reads first from outside."""
    inside = set(piece.nodes)
    return next(
        port for node in piece.nodes for port in graph[node].inputs if port.node not in inside
    )


def quantities(pieces: Sequence[Piece], graph: Graph) -> list[tuple[str, list[Value]]]:
    """The channels at the entry of every copy, where they vary, and the arguments of blocks.

    Turns of a loop that are no block by themselves have the arguments of the blocks in them.
    """
    channels = [graph.shape(entry(piece, graph)).breadth for piece in pieces]
    found: list[tuple[str, list[Value]]] = []
    if len(set(channels)) > 1:
        found.append(("in", [each if isinstance(each, int) else str(each) for each in channels]))
    for calls in zip(*map(_calls, pieces), strict=True):
        owner = f"{calls[0].block.name} " if _is_group(pieces[0]) else ""
        for name in dict.fromkeys(name for call in calls for name in call.arguments):
            found += _values(f"{owner}{name}", [_argument(call, name) for call in calls])
    return found


def arguments(piece: Piece, graph: Graph) -> tuple[tuple[str, Value], ...]:
    """The arguments of a block that are not zero or false."""
    return tuple([(name, value) for name, (value,) in quantities([piece], graph) if value])


def _is_group(piece: Piece) -> bool:
    return isinstance(piece, DiagramScope) and piece.call is None


def _calls(piece: Piece) -> Iterator[Instance]:
    """The block that a piece stands for, else those of the scopes in it."""
    if isinstance(piece, DiagramScope):
        if piece.call is not None:
            yield piece.call
        else:
            for inner in piece.pieces:
                yield from _calls(inner)


def _argument(call: Instance, name: str) -> Binding | None:
    """The value of a parameter, given or default; None without either."""
    given = call.arguments.get(name)
    if given is None:
        # The frame of an application that was replayed is made when it is read.
        given = call.frame.definitions.get(name)
    return call.layers.get(name) if given is None else given


def _values(name: str, given: Sequence[Binding | None]) -> Iterator[tuple[str, list[Value]]]:
    """The values of one argument; of a layer its name, and what it is given in turn."""
    values = [each.value for each in given if isinstance(each, Term)]
    layers = [each for each in given if isinstance(each, LayerValue)]
    if len(values) == len(given):
        yield name, values
    elif len(layers) == len(given):
        yield name, [_word(layer) for layer in layers]
        for inner in dict.fromkeys(inner for layer in layers for inner in layer.bindings):
            yield from _values(
                f"{name} {inner}", [layer.bindings.get(inner, DEFAULT) for layer in layers]
            )


def _word(layer: LayerValue) -> str:
    """The name of a layer, or how it is written."""
    if isinstance(layer.callee, Block):
        return layer.callee.name
    return layer.callee or " ".join(layer.site.text.split())
