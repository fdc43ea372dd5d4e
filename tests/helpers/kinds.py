"""Networks that differ only in numbers: costly tests use the smallest of each kind."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator
from functools import cache
from pathlib import Path

from archdsl.graph import Graph
from archdsl.shipped import INDEX
from archdsl.tree import CallNode, ConditionNode, Node, OpNode, children
from tests.helpers.paths import ROOT, SPECS
from tests.helpers.pipeline import graphs

LISTED = json.loads((SPECS / INDEX).read_text(encoding="utf-8"))["networks"]
NETWORKS = [(str(each["file"]).removesuffix(".arch"), str(each["name"])) for each in LISTED]
"""All shipped networks by file and name, without reading a spec: every worker collects them."""
SMALLEST = ROOT / "tests" / "networks" / "smallest.txt"
"""What `smallest_text` gives: to find it takes a quarter of a minute."""


def kind(graph: Graph) -> frozenset[Hashable]:
    """The blocks and ops of a network, and the branches it takes of every `if`."""
    found: set[Hashable] = set()
    waiting: list[Node] = [graph.tree.body]
    while waiting:
        node = waiting.pop()
        match node:
            case CallNode(instance=instance):
                found.add(instance.block)
                waiting.append(instance.body)
            case ConditionNode(site=site, taken=taken):
                found.add((site, taken))
            case OpNode(op=op):
                found.add(op.name)
        waiting += children(node)
    return frozenset(found)


@cache
def smallest_of_each_kind() -> list[tuple[str, str]]:
    """The network with the fewest layers of each group that differs only in numbers."""
    lines = SMALLEST.read_text(encoding="utf-8").splitlines()
    return [(file, name) for file, name in map(str.split, lines)]


def different(path: Path) -> dict[str, Graph]:
    """The networks of a file: those of a shipped one differ in more than numbers."""
    found, chosen = graphs(path), smallest_of_each_kind()
    is_shipped = path.parent == SPECS
    return {n: g for n, g in found.items() if not is_shipped or (path.stem, n) in chosen}


def of_all_sizes(path: Path) -> dict[str, Graph]:
    """The same, and the network of the file with the most layers."""
    largest = max(graphs(path).items(), key=lambda each: len(each[1]))
    return different(path) | dict([largest])


def smallest_text() -> str:
    """The same found in the specs: a line with a file and a name for each."""
    return "".join(f"{file} {name}\n" for file, name in _smallest())


def _smallest() -> Iterator[tuple[str, str]]:
    smallest: dict[Hashable, tuple[int, tuple[str, str]]] = {}
    for path in sorted(SPECS.glob("*.arch")):
        for name, graph in graphs(path).items():
            group, found = (path.stem, kind(graph)), (len(graph), (path.stem, name))
            if found[0] < smallest.setdefault(group, found)[0]:
                smallest[group] = found
    for _, network in smallest.values():
        yield network
