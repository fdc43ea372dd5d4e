"""The values that a name has: what an editor shows of a parameter, a size or a `let`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archdsl.editor.definitions import Definition
from archdsl.editor.hints import layers_of
from archdsl.elaborate.evaluate.dispatch import value_text
from archdsl.graph import Graph
from archdsl.source import Span
from archdsl.syntax.program import Program
from archdsl.tree import CallNode, Instance, Likeness
from archdsl.work import long_work

NUMBERED = ("parameter", "size", "value")
"""Kinds of names that a frame has."""


@long_work()
def values_in(
    graphs: Iterable[Graph],
    program: Program,
    definition: Definition,
    others: Iterable[Definition],
) -> tuple[str, ...]:
    """The values of a name of a block in all applications of it, as text, each once.

    A name that the block binds several times has none here: a frame knows the first alone.
    """
    around = [each.whole for each in others if each.kind in ("block", "network")]
    block = next((each for each in around if each.holds(definition.span)), None)
    if block is None or definition.kind not in NUMBERED:
        return ()
    bound = [each for each in others if block.holds(each.span) and each.name == definition.name]
    if len([each for each in bound if each.kind not in ("label", "input")]) > 1:
        return ()
    frames = [each.frame for graph in graphs for each in _instances(graph, program, block)]
    terms = [frame.definitions.get(definition.name) for frame in frames]
    return tuple(dict.fromkeys([value_text(each.value) for each in terms if each is not None]))


def _instances(graph: Graph, program: Program, block: Span) -> Iterator[Instance]:
    """The applications of a block in a network, those that are alike once."""
    waiting, seen = [graph.tree], set[Likeness]()
    while waiting:
        instance = waiting.pop()
        if block.holds(program.placed(instance.block.span)):
            yield instance
        calls = [each for each in layers_of(instance.body) if isinstance(each, CallNode)]
        for inner in [each.instance for each in reversed(calls)]:
            if inner.likeness not in seen:
                seen.add(inner.likeness)
                waiting.append(inner)
