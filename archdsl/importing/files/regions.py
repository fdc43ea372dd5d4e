"""Blocks of a network whose names are gone: regions of layers that repeat.

The way from the input to the result is cut at the nodes that all tensors pass. Between two cuts
lies a single layer, or branches with the join that ends them. Branches with weights that come again
in the same form are a block, with the activation behind it; so is a run of layers that is the
branch of a shortcut elsewhere, and a run of several blocks that is repeated as a whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

import networkx as nx

from archdsl.importing.files.flat import Flat, Level, common, weights_of
from archdsl.importing.files.names import form_of
from archdsl.importing.trace import Node

KINDS = {"add": "residual_block", "cat": "branch_block", "mul": "gate"}
"""What a block is called by the join that ends it."""
LEAST = 2
"""How often a form comes for a block."""
MOST_PERIOD = 8
ALIKE = 0.6
"""How much of their layers blocks have in common that are variants of one."""


@dataclass(eq=False)
class Item:
    """What lies between two cuts: branches and their join, or one layer."""

    nodes: list[Node]
    inner: list[Node]
    """Those of the branches."""

    @property
    def last(self) -> Node:
        """The join, or the layer."""
        return self.nodes[-1]

    @property
    def is_core(self) -> bool:
        """Whether it may be a block: it has branches with weights."""
        return any(weights_of(node) for node in self.inner) and self.last.name in KINDS


@dataclass
class Run:
    """Items that are one region."""

    items: list[Item]
    kind: str = ""
    inside: list[Run] = field(default_factory=list)

    @property
    def nodes(self) -> list[Node]:
        """The nodes of all items."""
        return [node for item in self.items for node in item.nodes]


def with_regions(flat: Flat) -> dict[str, str]:
    """Give the nodes of a network the regions that they belong to, as modules without names.

    The new paths of layers by the old ones: weights are in their regions.
    """
    _Finder(flat).find(flat.nodes, ())
    homes: dict[str, tuple[Level, ...]] = {}
    for node in flat.nodes:
        for path in weights_of(node):
            levels = flat.levels[node]
            # What is shared belongs to what its users have in common.
            homes[path] = common([homes.get(path, levels), levels])
    moved = {path: f"{levels[-1].path}.{path}" for path, levels in homes.items() if levels}
    for node in flat.nodes:
        node.path = moved.get(node.path, node.path)
    for weight in {value.node for node in flat.nodes for value in node.inputs}:
        if weight.kind == "weight":
            weight.name = moved.get(weight.name, weight.name)
    return moved


class _Finder:
    def __init__(self, flat: Flat) -> None:
        self.flat = flat
        self.numbers = count()
        self.place = {node: index for index, node in enumerate(flat.nodes)}

    def find(self, nodes: Sequence[Node], outer: tuple[Level, ...]) -> None:
        """Find the regions of some nodes, and those in them."""
        runs = _periods(_blocks(self.items(nodes)))
        for run in runs:
            levels = outer
            if run.kind:
                path = f"{outer[-1].path}." if outer else ""
                levels = (*outer, Level(f"{path}region{next(self.numbers)}", run.kind))
            for node in run.nodes:
                self.flat.levels[node] = levels
            for part in run.inside or [run]:
                self._inside(part, levels, is_new=part is not run)

    def _inside(self, run: Run, outer: tuple[Level, ...], is_new: bool) -> None:
        levels = outer
        if is_new and run.kind:
            levels = (*outer, Level(f"{outer[-1].path}.region{next(self.numbers)}", run.kind))
            for node in run.nodes:
                self.flat.levels[node] = levels
        for item in run.items:
            for branch in _branches(item.inner):
                if len(branch) > 1:
                    self.find(branch, levels)

    def items(self, nodes: Sequence[Node]) -> list[Item]:
        """The items of some nodes in order."""
        if not nodes:
            return []
        inside = {*nodes}
        graph: nx.DiGraph[Node | str] = nx.DiGraph()
        for node in nodes:
            before = {value.node for value in node.inputs if value.node in inside}
            graph.add_edges_from([(each, node) for each in before] or [("start", node)])
            outside = [v for v in node.inputs if v.node not in inside and v.node.kind != "weight"]
            graph.add_edges_from([("start", node)] if outside else [])
        ends = [node for node in nodes if graph.out_degree(node) == 0]
        graph.add_edges_from([(node, "end") for node in ends])
        above = dict(nx.immediate_dominators(graph, "start"))
        spine = _line(above, "end")
        return _cut(nodes, above, spine)


def _line(above: dict[Node | str, Node | str], end: Node | str) -> list[Node]:
    """The nodes that all ways to the end pass, in order."""
    found: list[Node] = []
    while above.get(end, "start") != "start":
        end = above[end]
        if isinstance(end, Node):
            found.append(end)
    return found[::-1]


def _cut(
    nodes: Sequence[Node], above: dict[Node | str, Node | str], spine: list[Node]
) -> list[Item]:
    """The nodes before each cut, with the cut."""
    found = {node: Item([], []) for node in spine}
    rest = Item([], [])
    owner: dict[Node | str, Node | None] = {}
    following = dict(zip(["start", *spine], [*spine, None], strict=True))
    for node in nodes:
        if node in found:
            found[node].nodes.append(node)
            continue
        start: Node | str = node
        while start not in following:
            start = above[start]
        owner[node] = following[start]
        item = found[owner[node]] if owner[node] is not None else rest  # type: ignore[index]
        item.nodes.append(node)
        item.inner.append(node)
    return [found[node] for node in spine] + ([rest] if rest.nodes else [])


def _branches(nodes: Sequence[Node]) -> list[list[Node]]:
    """Nodes in groups that read nothing of each other."""
    inside = {*nodes}
    graph: nx.Graph[Node] = nx.Graph()
    graph.add_nodes_from(nodes)
    for node in nodes:
        graph.add_edges_from([(value.node, node) for value in node.inputs if value.node in inside])
    return [[node for node in nodes if node in part] for part in nx.connected_components(graph)]


# --- blocks ---


def _blocks(items: Sequence[Item]) -> list[Run]:
    """Items in runs, of which those that repeat are blocks."""
    kinds = Counter(item.last.name for item in items if item.is_core)
    forms = _forms(items, kinds)
    runs: list[Run] = []
    place = 0
    while place < len(items):
        length = _length(items, place, kinds, forms)
        kind = KINDS["add"] if length and not items[place].is_core else ""
        if items[place].is_core and kinds[items[place].last.name] >= LEAST:
            kind = KINDS[items[place].last.name]
        run = Run([*items[place : place + max(1, length)]], kind)
        place += len(run.items)
        if (
            kind
            and place < len(items)
            and _is_activation(items[place].last)
            and items[place - 1].is_core
        ):
            run.items.append(items[place])
            place += 1
        runs.append(run)
    return runs


def _forms(items: Sequence[Item], kinds: Counter[str]) -> set[tuple[str, ...]]:
    """The forms of branches beside which a tensor is only passed on."""
    found = set()
    for item in items:
        if item.is_core and item.last.name == "add" and kinds["add"] >= LEAST:
            branches = _branches(item.inner)
            if len(branches) == 1:
                found.add(tuple(map(form_of, branches[0])))
    return found


def _length(
    items: Sequence[Item], place: int, kinds: Counter[str], forms: set[tuple[str, ...]]
) -> int:
    """How many items from a place on are a branch of a shortcut elsewhere, without a shortcut."""
    for form in sorted(forms, key=len, reverse=True):
        found: list[str] = []
        for length, item in enumerate(items[place:], 1):
            if item.is_core and item.last.name == "add":
                break
            found += map(form_of, item.nodes)
            if tuple(found) == form:
                return length
            if len(found) >= len(form):
                break
    return 0


def _is_activation(node: Node) -> bool:
    is_plain = node.kind == "leaf" and not weights_of(node) and len(node.inputs) == 1
    return is_plain and "Pool" not in node.name and node.name not in ("Dropout", "Softmax")


# --- runs of blocks that repeat ---


def _periods(runs: list[Run]) -> list[Run]:
    """Runs of several blocks that are repeated as a whole, as one block."""
    names = _classes(runs)
    made: list[Run] = []
    place = 0
    while place < len(runs):
        period, turns = _period(names, place)
        later = _period(names, place + 1) if place and names[place] == names[place - 1] else (0, 0)
        # Rather a run of equal blocks before the repetition than its last block behind it.
        if not period or later[0] * later[1] >= period * turns:
            made.append(runs[place])
            place += 1
            continue
        for turn in range(turns):
            part = runs[place + turn * period : place + (turn + 1) * period]
            made.append(Run([item for run in part for item in run.items], "stage", part))
        place += period * turns
    return made


def _classes(runs: Sequence[Run]) -> list[str]:
    """The class of every block: of those that have most of their layers in common."""
    known: list[Counter[str]] = []
    names = []
    for run in runs:
        form = Counter(map(form_of, run.nodes))
        alike = [(form & o).total() >= ALIKE * (form | o).total() for o in known]
        number = alike.index(True) if True in alike else len(known)
        known += [form] if number == len(known) else []
        names.append(f"{run.kind}{number}" if run.kind else "")
    return names


def _period(names: Sequence[str], place: int) -> tuple[int, int]:
    """How many blocks from a place on are repeated, and how often; zeros for none."""
    for period in range(2, MOST_PERIOD + 1):
        part = names[place : place + period]
        if len({*part}) < 2 or not all(part):
            continue
        turns = 1
        while [*names[place + turns * period : place + (turns + 1) * period]] == [*part]:
            turns += 1
        if turns >= LEAST:
            return period, turns
    return 0, 0
