"""Scenes: the graph can be rebuilt from them, costs add up, and copies are written once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from archdsl.analysis.cost import macs, params
from archdsl.backends.scene import VERSION, scene
from archdsl.driver import read
from archdsl.files import finder
from archdsl.graph import Graph
from archdsl.outline.choose import Choice
from archdsl.source import Source
from archdsl.testing import Spec, specs
from tests.helpers.kinds import different
from tests.helpers.paths import DIAGRAMS, ROOT, SPECS
from tests.helpers.pipeline import graphs
from tests.helpers.scene_graph import of_graph, path_of, rebuilt

EXAMPLES = ROOT / "tests" / "examples"
each_file = pytest.mark.parametrize(
    "path",
    sorted([*SPECS.glob("*.arch"), *DIAGRAMS.glob("*.arch"), *EXAMPLES.glob("*.arch")]),
    ids=lambda path: path.stem,
)


def of_text(text: str) -> dict[str, Graph]:
    found, diagnostics = read(Source("net.arch", text), finder(Path()))
    assert not diagnostics, diagnostics
    return found


def written(graph: Graph, choice: Choice | None = None) -> dict[str, Any]:
    found, diagnostics = scene(graph, choice or Choice())
    assert found is not None, diagnostics
    data: dict[str, Any] = json.loads(found.text())
    return data


def check(graph: Graph) -> dict[str, Any]:
    """The scene of a graph, after comparing it with the graph."""
    data = written(graph)
    assert rebuilt(data) == of_graph(graph)
    assert data["version"] == VERSION
    top = data["defs"][data["top"]]
    for key, name, total in (("P", "params", params(graph)), ("M", "macs", macs(graph))):
        assert top.get(key, 0) == data[name] == (total if isinstance(total, int) else str(total))
    for row in data["defs"]:
        children = [data["defs"][child[0]] for child in row.get("c", ())]
        for key in ("N", "P"):
            counts = [each.get(key, 0) for each in children]
            unknown = next((each for each in counts if isinstance(each, str)), None)
            assert not children or row.get(key, 0) == (unknown or sum(counts))
        assert sorted(places(row.get("y", []))) == list(range(len(children)))
    return data


def places(chain: list[Any]) -> list[int]:
    """The boxes of a chain."""
    found: list[int] = []
    for part in chain:
        match part:
            case ["p", branches, join]:
                found += [place for branch in branches for place in places(branch)]
                found += [join] * (join >= 0)
            case ["a", beside]:
                found += places(beside)
            case _:
                found.append(part)
    return found


@each_file
def test_the_graph_of_every_kind_of_network_can_be_rebuilt(path: Path) -> None:
    for graph in different(path).values():
        check(graph)


@settings(max_examples=60)
@given(specs())
def test_the_graph_of_random_specs_can_be_rebuilt(spec: Spec) -> None:
    found, _ = read(Source("random.arch", spec.text), finder(Path()))
    for graph in found.values():
        check(graph)


def test_copies_are_written_once() -> None:
    spec = "block unit(c) = conv(c, 3) -> bn -> relu\nnetwork n: [8, 9, 9] = repeat({}, unit(8))\n"
    few, many = (written(of_text(spec.format(times))["n"]) for times in (4, 400))
    assert len(few["defs"]) == len(many["defs"])
    assert len(few["ops"]) == len(many["ops"]) == 3


def test_a_network_may_have_no_ops() -> None:
    data = check(of_text("network n: [3] = identity\n")["n"])
    assert data["through"] == [[0, 0]]


def test_inputs_and_results_have_names() -> None:
    data = check(
        of_text("network n: (a: [3], b: [3]) -> (s: [3], b: [3]) = (s: add(@a, @b), b: @b)\n")["n"]
    )
    assert [name for name, _ in data["inputs"]] == ["a", "b"]
    assert [name for name, _ in data["results"]] == ["s", "b"]


def test_shared_weights_have_marks() -> None:
    data = check(of_text("network n: [8] = share f = linear(8) in f -> relu -> f\n")["n"])
    marked = [row for row in data["defs"] if row.get("G")]
    assert [row["l"] for row in marked] == [["shares f"]]


def test_names_can_begin_with_the_sign_of_paths() -> None:
    check(of_text('network n: [8] = "^a": relu -> g: ("^^b": relu -> "c^": relu)\n')["n"])


def test_symbolic_sizes_are_texts() -> None:
    graph = of_text("network n: [3, h, w] = conv(8, 3)\n")["n"]
    data = check(graph)
    assert data["macs"] == str(macs(graph))
    assert ["8 × h × w", "[8, h, w]"] in [shape[:2] for shape in data["shapes"]]


def test_what_is_asked_for_is_open() -> None:
    graph = graphs(SPECS / "resnet.arch")["resnet50"]
    folded, full = written(graph)["open"], written(graph, Choice(full=True))["open"]
    assert {*folded} < {*full}
    opened = {*written(graph, Choice(paths=("layer3.1",)))["open"]} - {*folded}
    paths = {path_at(written(graph), place) for place in opened}
    assert paths == {"layer3", "layer3.1"}


def path_at(data: dict[str, Any], places: str) -> str:
    """The path of the box at some places."""
    row, path = data["defs"][data["top"]], ""
    for place in map(int, places.split(".")):
        number, relative, *_ = row["c"][place]
        row, path = data["defs"][number], path_of(relative, path)
    return path


def test_what_does_not_exist_cannot_be_opened() -> None:
    found, (refused,) = scene(graphs(SPECS / "resnet.arch")["resnet50"], Choice(paths=("layer9",)))
    assert found is None
    assert refused.code == "E0914"


def test_boxes_say_in_what_they_differ_from_others_of_their_block() -> None:
    data = written(graphs(SPECS / "googlenet.arch")["googlenet"])
    lines = [row["l"] for row in data["defs"] if row.get("t") == "inception"]
    assert ["c1 64 · c3_reduce 96 · c3 128", "c5_reduce 16 · c5 32 · pool 32"] in lines
    assert not any("normalized" in line for each in lines for line in each)


def test_a_block_that_is_there_once_says_what_it_is_given() -> None:
    data = written(graphs(SPECS / "densenet.arch")["densenet121"])
    cards = [row["l"] for row in data["defs"] if row.get("t") == "dense_layer ×6"]
    assert cards == [["in 64 → 224, +32 each", "growth 32"]]
