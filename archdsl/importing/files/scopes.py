"""From a flat list of functions to frames, one for each call of a module, as a trace has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import networkx as nx
from torch import nn
from torch.utils import _pytree as pytree

from archdsl.importing.files.flat import Flat, Level, weights_of
from archdsl.importing.trace import Frame, Node, Value

SEQUENTIAL = "torch.nn.modules.container.Sequential"


def framed(flat: Flat) -> Frame:
    """The frame of the whole network, with those of its modules in it."""
    levels = {node: _around_weights(node, flat.levels.get(node, ())) for node in flat.nodes}
    builder = _Builder(flat, levels, _readers(flat))
    return builder.frame(Level("", flat.kind), flat.nodes, 0, flat.inputs, flat.results)


def _around_weights(node: Node, levels: tuple[Level, ...]) -> tuple[Level, ...]:
    """The levels whose paths lead to all weights of a node: others say where it was written."""
    keys = weights_of(node)
    kept = []
    for level in levels:
        if not all(f"{key}.".startswith(f"{level.path}.") for key in keys):
            break
        kept.append(level)
    return tuple(kept)


def _readers(flat: Flat) -> dict[Value, set[Node]]:
    found: dict[Value, set[Node]] = {}
    for node in flat.nodes:
        for value in node.inputs:
            found.setdefault(value, set()).add(node)
    return found


def standin(kind: str) -> nn.Module:
    """A module that stands for one of a class that is not at hand."""
    if kind == SEQUENTIAL:
        return nn.Sequential()

    def forward(self: nn.Module, x: Any) -> Any:
        raise NotImplementedError

    name = kind.rpartition(".")[2]
    made: nn.Module = type(name or "Block", (nn.Module,), {"forward": forward})()
    return made


@dataclass
class _Builder:
    flat: Flat
    levels: dict[Node, tuple[Level, ...]]
    readers: dict[Value, set[Node]]

    def __post_init__(self) -> None:
        self.places = {node: place for place, node in enumerate(self.flat.nodes)}

    def frame(
        self,
        level: Level,
        nodes: Sequence[Node],
        depth: int,
        inputs: Sequence[Value],
        results: Sequence[Value],
    ) -> Frame:
        """The frame of one call, which some nodes belong to."""
        frame = Frame(level.path, standin(level.kind))
        known: dict[Value, Value] = {}
        for place, value in enumerate(inputs):
            node = Node("input", str(place))
            known[value] = _copied(value, node, 0)
            node.results = [known[value]]
            frame.inputs.append(known[value])
            frame.nodes.append(node)
        for part in self._parts(nodes, depth):
            frame.nodes.append(self._node(part, depth, known))
        frame.results = [known.get(value, value) for value in results]
        frame.result = tuple(frame.results)
        return frame

    def _node(self, part: _Part, depth: int, known: dict[Value, Value]) -> Node:
        """A node of a frame: a function as it is, or the call of a module."""
        if part.level is None:
            (node,) = part.nodes
            return _with(node, known)
        inputs, results = self._crossing(part.nodes)
        frame = self.frame(part.level, part.nodes, depth + 1, inputs, results)
        call = Node("call", frame.kind, part.nodes[0].line, frame=frame, module=frame.module)
        call.path = part.level.path
        call.inputs = [known[value] for value in inputs]
        call.results = [_copied(value, call, place) for place, value in enumerate(results)]
        known.update(zip(results, call.results, strict=True))
        return call

    def _crossing(self, nodes: Sequence[Node]) -> tuple[list[Value], list[Value]]:
        """The tensors that come into some nodes, and those that leave them."""
        inside = {*nodes}
        read = dict.fromkeys(value for node in nodes for value in node.inputs)
        inputs = [v for v in read if v.node not in inside and v.node.kind != "weight"]
        wanted = {*self.flat.results}
        results = [
            value
            for node in nodes
            for value in node.results
            if value in wanted or self.readers.get(value, set()) - inside
        ]
        return inputs, results

    def _parts(self, nodes: Sequence[Node], depth: int) -> list[_Part]:
        """The nodes of a frame in groups, one for each call, in an order in which they can run."""
        while True:
            parts = _grouped(nodes, self.levels, depth)
            order, circle = _ordered(parts)
            if not circle:
                return order
            # What is torn apart most goes first: others may only lie within it.
            self._break(max(circle, key=lambda part: len(self._runs(part.nodes))), depth)

    def _break(self, part: _Part, depth: int) -> None:
        """A call that something outside runs in the middle of: its nodes belong to its caller.

        Where they are several calls of one module, each is one.
        """
        runs = self._runs(part.nodes)
        is_repeated = len(runs) > 1 and len({_keys(run) for run in runs}) == 1
        for number, run in enumerate(runs):
            for node in run:
                levels = self.levels[node]
                if is_repeated:
                    again = replace(levels[depth], call=f"{levels[depth].call}@{number}")
                    self.levels[node] = (*levels[:depth], again, *levels[depth + 1 :])
                else:
                    self.levels[node] = (*levels[:depth], *levels[depth + 1 :])

    def _runs(self, nodes: Sequence[Node]) -> list[list[Node]]:
        """Nodes in groups that stand side by side in the file."""
        runs: list[list[Node]] = []
        for node in nodes:
            if runs and self.places[node] == self.places[runs[-1][-1]] + 1:
                runs[-1].append(node)
            else:
                runs.append([node])
        return runs


@dataclass(eq=False)
class _Part:
    """Nodes of one call, or one node of the frame itself."""

    level: Level | None
    nodes: list[Node]


def _grouped(
    nodes: Sequence[Node], levels: dict[Node, tuple[Level, ...]], depth: int
) -> list[_Part]:
    parts: list[_Part] = []
    known: dict[Level, _Part] = {}
    for node in nodes:
        level = levels[node][depth] if len(levels[node]) > depth else None
        if level is not None and level in known:
            known[level].nodes.append(node)
            continue
        parts.append(_Part(level, [node]))
        if level is not None:
            known[level] = parts[-1]
    return parts


def _ordered(parts: list[_Part]) -> tuple[list[_Part], list[_Part]]:
    """Parts in an order in which they can run, or calls that wait for each other."""
    owner = {node: part for part in parts for node in part.nodes}
    graph: nx.DiGraph[_Part] = nx.DiGraph()
    graph.add_nodes_from(parts)
    for part in parts:
        for node in part.nodes:
            before = {owner[value.node] for value in node.inputs if value.node in owner}
            graph.add_edges_from([(each, part) for each in before if each is not part])
    place = {part: index for index, part in enumerate(parts)}
    if nx.is_directed_acyclic_graph(graph):
        return [*nx.lexicographical_topological_sort(graph, key=place.__getitem__)], []
    circles = [each for each in nx.strongly_connected_components(graph) if len(each) > 1]
    waiting = {part for circle in circles for part in circle if part.level is not None}
    return [], sorted(waiting, key=place.__getitem__)


def _keys(nodes: Sequence[Node]) -> tuple[tuple[str, ...], ...]:
    return tuple([(node.name, *weights_of(node)) for node in nodes])


def _with(node: Node, known: dict[Value, Value]) -> Node:
    """A node that reads the values of another frame."""
    copied = replace(node)
    args, kwargs = pytree.tree_map(
        lambda each: known.get(each, each) if isinstance(each, Value) else each,
        (node.args, node.kwargs),
    )
    copied.args, copied.kwargs = args, kwargs
    copied.inputs = [known.get(value, value) for value in node.inputs]
    copied.results = [_copied(value, copied, value.index) for value in node.results]
    known.update(zip(node.results, copied.results, strict=True))
    return copied


def _copied(value: Value, node: Node, index: int) -> Value:
    return Value(node, index, value.shape, value.is_counted)
