"""Comparisons as scenes: without what belongs to the other, each network is whole."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from archdsl.backends.scene import compared, scene
from archdsl.driver import read
from archdsl.files import finder
from archdsl.graph import Graph
from archdsl.source import Source
from archdsl.testing import Spec, specs
from tests.helpers.paths import SPECS
from tests.helpers.pipeline import graphs
from tests.helpers.scene_graph import of_graph, rebuilt

PAIRS = [
    ("resnet", "resnet50", "resnet101"),
    ("resnet", "resnet18", "resnet50"),
    ("densenet", "densenet121", "densenet169"),
    ("vgg", "vgg16", "vgg16_bn"),
    ("senet", "seresnet50", "legacy_seresnet50"),
]


def written(first: Graph, second: Graph) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(compared(first, second).text())
    return data


def check(first: Graph, second: Graph) -> dict[str, Any]:
    """The comparison of two networks, from which either can be rebuilt but for its names."""
    data = written(first, second)
    for side, graph in ((1, first), (2, second)):
        found, wanted = rebuilt(_of_side(data, side)), of_graph(graph)
        for mine, its in zip(found.ops, wanted.ops, strict=True):
            text, _, shape, bits, read = mine
            own, _, own_shape, own_bits, own_read = its
            assert (text, shape, bits) == (own, own_shape, own_bits)
            assert len(read) == len(own_read)
            assert [x for x in read if isinstance(x, int)] == [
                x for x in own_read if isinstance(x, int)
            ]
        columns = written_columns(graph)
        assert data["columns"][side - 1] == columns
        numbers = columns["live"][1] if columns else []
        assert _ops(data, [data["top"]], side) == len(numbers)
    for row in data["defs"]:
        for side in (1, 2) if "NN" in row else ():
            assert _ops(data, row["c"], side) == row["NN"][side - 1]
    return data


def written_columns(graph: Graph) -> dict[str, Any]:
    found, _ = scene(graph)
    assert found is not None
    columns: dict[str, Any] = json.loads(found.text())["columns"]
    return columns


def _ops(data: dict[str, Any], children: list[Any], side: int) -> int:
    """How many ops one network has in some boxes, as the numbers of columns are counted."""
    count = 0
    for child in children:
        number, sides = (child, []) if isinstance(child, int) else (child[0], child[5:])
        row = data["defs"][number]
        count += row.get("NN", [row.get("N", 0)] * 2)[side - 1] if sides in ([], [side]) else 0
    return count


def _of_side(data: dict[str, Any], side: int) -> dict[str, Any]:
    """The scene without the boxes and edges of the other network."""
    defs = []
    for row in data["defs"]:
        kept = [n for n, child in enumerate(row.get("c", ())) if child[5:] in ([], [side])]
        place = {old: new for new, old in enumerate(kept)} | {-1: -1}
        bit = 16 if side == 1 else 8
        edges = [
            [place[e[0]], e[1], place[e[2]], e[3], *e[4:]]
            for e in row.get("e", ())
            if not (e[4:] and e[4] & bit)
        ]
        children = {"c": [row["c"][n] for n in kept], "e": edges} if "c" in row else {}
        defs.append(row | children)
    return data | {"defs": defs}


def marked(data: dict[str, Any]) -> int:
    """The number of boxes that one network alone has."""
    return sum(len(child) > 5 for row in data["defs"] for child in row.get("c", ()))


@pytest.mark.parametrize(("file", "first", "second"), PAIRS)
def test_networks_are_whole_in_their_comparison(file: str, first: str, second: str) -> None:
    found = graphs(SPECS / f"{file}.arch")
    assert marked(check(found[first], found[second])) > 0


def test_equal_networks_have_no_marks() -> None:
    resnet = graphs(SPECS / "resnet.arch")["resnet50"]
    data = check(resnet, resnet)
    assert marked(data) == 0
    assert data["open"] == data["sides"] == []
    assert data["costs"] == "25.6 M parameters · 4.09 G MACs"


def test_what_differs_is_marked_and_open() -> None:
    found = graphs(SPECS / "resnet.arch")
    data = written(found["resnet50"], found["resnet101"])
    assert data["sides"] == ["resnet50", "resnet101"]
    assert data["open"] == ["4"]
    assert marked(data) == 23 - 6


@settings(max_examples=40)
@given(specs())
def test_random_networks_are_whole_in_comparisons(spec: Spec) -> None:
    found, _ = read(Source("random.arch", spec.text), finder(Path()))
    for first, second in pairwise([*found.values()]):
        check(first, second)
