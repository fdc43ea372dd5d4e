"""From the boxes of a network to its scene."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from archdsl.analysis.cost import macs, params, total
from archdsl.analysis.layer_costs import Amount, Number
from archdsl.backends.scene.columns import columns
from archdsl.backends.scene.containers import OUTSIDE, Container, contain
from archdsl.backends.scene.edges import Edge, edges, joins_by_skips
from archdsl.backends.scene.fields import arguments_of, chain_row, edge_row, kind_of, relative
from archdsl.backends.scene.opened import opened
from archdsl.backends.scene.tables import Tables
from archdsl.backends.scene.words import (
    Shared,
    costs_text,
    has_one_set,
    label_of,
    op_of,
    said_alike,
    shares_weights,
    totals_text,
    words,
)
from archdsl.diagnostics import Diagnostic
from archdsl.fonts import text_width
from archdsl.graph import Graph
from archdsl.outline.choose import Choice, folding_for
from archdsl.outline.labels import Text
from archdsl.outline.measure import LARGE, SMALL, text_extent
from archdsl.outline.pieces import DiagramScope
from archdsl.outline.reader import Outline, outline
from archdsl.work import long_work

VERSION = 1
"""The version of the format; it grows when what readers know changes its meaning."""
FOLDED = Choice()
NOTHING = (0, "", ())
"""Values that are left out of definitions."""


@dataclass(frozen=True)
class Scene:
    """A network to look into, as lists, numbers and texts (see `FORMAT.md`)."""

    data: dict[str, Any]

    def text(self) -> str:
        """The JSON text, the same for the same network."""
        return json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))


@long_work()
def scene(graph: Graph, choice: Choice = FOLDED) -> tuple[Scene | None, list[Diagnostic]]:
    """The scene of a network; errors if what is to be open does not exist."""
    found = outline(graph)
    folding, refused = folding_for(found, choice)
    if refused:
        return None, refused
    top, tables = contain(found), Tables()
    number = written(found, top, tables, said_alike((found, top)))
    places = [".".join(map(str, place)) for place in opened(top, folding, choice.is_folded)]
    parts = {"top": number, "open": places, "columns": columns(found.costs)}
    return Scene(facts(found, tables) | parts | rows(tables)), []


def written(found: Outline, top: Container, tables: Tables, alike: Shared) -> int:
    """Write a network into tables; the number of its definition there."""
    return _Writer(found, tables, alike).box(top).number


def facts(found: Outline, tables: Tables) -> dict[str, Any]:
    """What there is to say of a network as a whole."""
    graph, costs = found.graph, found.costs
    ports = {"inputs": graph.inputs, "results": graph.results, "heads": graph.heads}
    through = [
        [[*graph.inputs.values()].index(port), place]
        for place, port in enumerate(graph.outputs.values())
        if port in graph.inputs.values()
    ]
    return {
        "version": VERSION,
        "name": graph.name,
        "file": PurePath(graph.tree.block.span.source.name).name,
        "params": tables.count(params(costs)),
        "macs": tables.count(macs(costs)),
        "costs": totals_text(params(costs), macs(costs)),
        **{
            kind: [[name, tables.shape(graph.shape(port))] for name, port in named.items()]
            for kind, named in ports.items()
        },
        "through": through,
    }


def rows(tables: Tables) -> dict[str, Any]:
    """The tables of a scene, as JSON has them."""
    return {
        "defs": [dict(row) for row in tables.defs.rows],
        "ops": tables.ops.rows,
        "shapes": tables.shapes.rows,
        "spans": tables.spans.rows,
        "blocks": tables.blocks.rows,
        "files": [
            {"name": name, "library": is_library, "text": text}
            for name, is_library, text in tables.files.rows
        ],
    }


@dataclass(frozen=True)
class _Written:
    """The number of a definition, and what those around it must know."""

    number: int
    params: Number
    macs: Amount
    signs: tuple[str, ...]
    title: str


@dataclass(frozen=True)
class _Writer:
    outline: Outline
    tables: Tables
    alike: Shared
    known: dict[object, _Written] = field(default_factory=dict)

    def box(self, box: Container) -> _Written:
        """Write a box and all boxes in it; what is known of an equal one is not found out again."""
        if box.is_step and box.pieces:
            ops = self._ops(box)
            key = ops, self._ports_read(box), len(box.gives)
            return self._once(key, box, lambda: self._definition(box, [], {"o": ops, "r": key[1]}))
        children = [self.box(child) for child in box.children]
        local = edges(box, self.outline.graph) if children else []
        inside = self._inside(box, children, local) if children else {}
        alike = arguments_of(box), inside.get("c"), inside.get("e"), len(box.reads)
        return self._once(
            alike if alike[0] else None, box, lambda: self._definition(box, children, inside, local)
        )

    def _once(self, key: object, box: Container, write: Callable[[], _Written]) -> _Written:
        """What is written for a key; a use of shared weights says whose they are, so has none."""
        known = None if key is None else self.known.get(key)
        if known is None:
            known = write()
            if key is not None and not any(self.outline.graph[node].again for node in box.nodes):
                self.known[key] = known
        return known

    def _definition(
        self,
        box: Container,
        children: Sequence[_Written],
        inside: Mapping[str, Any],
        local: Sequence[Edge] = (),
    ) -> _Written:
        graph = self.outline.graph
        signs = dict.fromkeys(joins_by_skips(box, local, graph))
        signs |= dict.fromkeys(sign for child in children for sign in child.signs)
        numbers, multiplications = self._costs(box, children)
        said = None if box.scope is self.outline.root else words(box, self.outline, self.alike)
        title = said.title if said else graph.name
        row = {
            **self._text(box, said, title, numbers, multiplications),
            "x": tuple(signs),
            "N": len(box.nodes),
            "P": self.tables.count(numbers),
            "M": self.tables.count(multiplications),
            "T": int(self._is_training_only(box)),
            "i": self._shapes(box.reads),
            "u": self._shapes(self._given(box)),
            **inside,
        }
        said_of_it = tuple([(key, value) for key, value in row.items() if value not in NOTHING])
        number = self.tables.defs.number(said_of_it)
        return _Written(number, numbers, multiplications, tuple(signs), title)

    def _given(self, box: Container) -> Iterable[int]:
        """What goes out: of a network its results and heads, as they are named."""
        if box.scope is self.outline.root:
            return [port.node for port in self.outline.graph.outputs.values()]
        return box.exits

    def _shapes(self, nodes: Iterable[int]) -> tuple[int, ...]:
        return tuple([self.tables.shape(self.outline.graph[node].shape) for node in nodes])

    def _is_training_only(self, box: Container) -> bool:
        return bool(box.pieces) and all(self.outline.graph[n].training_only for n in box.nodes)

    def _costs(self, box: Container, children: Sequence[_Written]) -> tuple[Number, Amount]:
        if not box.is_step:
            return sum([c.params for c in children]), total([c.macs for c in children])
        costs, graph = self.outline.costs, self.outline.graph
        always = [node for node in box.nodes if not graph[node].training_only]
        return sum([costs[n].params for n in box.nodes]), total([costs[n].macs for n in always])

    def _text(
        self, box: Container, said: Text | None, title: str, numbers: Number, macs: Amount
    ) -> dict[str, Any]:
        """The kind of a box, and its words with their sizes."""
        if said is None:
            return {"k": "top", "t": title}
        counts = [numbers] if self._is_training_only(box) else [numbers, macs]
        costs = costs_text(counts)
        extent = text_extent(said)
        op = op_of(box, self.outline)
        return {
            "k": kind_of(box, self.outline),
            "t": title,
            "b": said.before,
            "a": said.after,
            "l": said.lines,
            "s": costs,
            "z": (round(extent.width, 1), round(extent.height, 1)),
            "w": round(text_width(title, LARGE, bold=True), 1),
            "sw": round(text_width(costs, SMALL), 1) if costs else 0,
            "f": op.family if op else "",
            "j": int(op is not None and op.is_join),
            "n": len(box.run.pieces) if box.run else 0,
            "G": int(shares_weights(box, self.outline.costs)),
            "g": int(box.run is not None and has_one_set(box, self.outline)),
        }

    def _ops(self, box: Container) -> tuple[tuple[int, str, int], ...]:
        """The ops of a step, which are a chain: each with its path and place in a text."""
        nodes, tables = [self.outline.graph[node] for node in box.nodes], self.tables
        numbers = [tables.op(node, self.outline.costs) for node in nodes]
        paths = [relative(node.path, box.path) for node in nodes]
        return tuple(zip(numbers, paths, [tables.span(node.span) for node in nodes], strict=True))

    def _ports_read(self, box: Container) -> tuple[int, ...]:
        """The ports that the first op of a step reads; empty where these are all in order."""
        reads = tuple([box.entries[port.node] for port in self.outline.graph[box.first].inputs])
        return () if reads == tuple(range(len(box.reads))) else reads

    def _inside(
        self, box: Container, children: Sequence[_Written], local: Sequence[Edge]
    ) -> dict[str, Any]:
        call = box.scope.call if box.scope else None
        copy = box.run.pieces[0] if box.run else None
        if call is None and isinstance(copy, DiagramScope):
            call = copy.call
        if box.scope is self.outline.root:
            call, local = self.outline.graph.tree, self._named(box, local)
        return {
            "B": self.tables.block(call.block) + 1 if call else 0,
            "c": tuple(map(self._child, [box] * len(children), box.children, children)),
            "y": chain_row(box.chain),
            "e": tuple(map(edge_row, local)),
        }

    def _named(self, box: Container, local: Sequence[Edge]) -> list[Edge]:
        """The edges of a network, whose outputs have names: a tensor can have several."""
        inside = [edge for edge in local if edge.target != OUTSIDE]
        by_node = {node: local[len(inside) + port] for node, port in box.exits.items()}
        outputs = enumerate(port.node for port in self.outline.graph.outputs.values())
        return inside + [
            Edge(e.source, e.from_port, OUTSIDE, place, False, e.training_only)
            for place, node in outputs
            if (e := by_node.get(node)) is not None
        ]

    def _child(self, around: Container, box: Container, written: _Written) -> tuple[Any, ...]:
        """A reference: definition, path in what is around, label and its width, place in a text."""
        path = relative(box.path, around.path)
        label = label_of(path, written.title, op_of(box, self.outline))
        width = self.tables.width(label)
        piece = box.pieces[0]
        site = piece.site if isinstance(piece, DiagramScope) else None
        return written.number, path, label, width, self.tables.span(site) + 1 if site else 0
