"""Several tensors: bundles, blocks that take and give several, and what is asked of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import archdsl
from archdsl.cli import main
from archdsl.graph import Graph

BLOCKS = """
block both(w): [c, ...] -> (a: [w, ...], b: [w, ...]) = (b: conv(w, 1), a: conv(w, 3))
block joined(w): (a: [_, ...], b: [_, ...]) = add(@a -> l: conv(w, 1), @b -> m: conv(w, 1))
"""


def built(network: str) -> Graph:
    found = archdsl.analyse(BLOCKS + network)
    assert found.diagnostics == ()
    return found.graphs["n"]


def read_by(graph: Graph, path: str) -> str:
    """The path of what the layer of a path reads."""
    (node,) = [each for each in graph if each.path == path]
    return ", ".join(graph[port.node].path for port in node.inputs)


def test_results_have_the_order_of_the_signature() -> None:
    graph = built("network n: [3, 8, 8] -> (a: [4, 8, 8], b: [4, 8, 8]) = both(4)")
    assert [*graph.results] == ["a", "b"]
    assert [graph[port.node].path for port in graph.results.values()] == ["a", "b"]
    assert graph.heads == {}
    with pytest.raises(ValueError, match="unpack"):
        _ = graph.result


def test_a_result_may_have_a_name() -> None:
    graph = built("network n: [3, 8, 8] -> (mask: [4, 8, 8]) = conv(4, 3)")
    assert [*graph.results] == ["mask"]
    assert graph.shape(graph.result).sizes == (4, 8, 8)


def test_tensors_go_on_by_name() -> None:
    graph = built("network n: [3, 8, 8] = (b: relu, a: conv(4, 3)) -> j: joined(8)")
    assert (read_by(graph, "j.l"), read_by(graph, "j.m")) == ("a", "b")


@pytest.mark.parametrize("first", ["(a: @x, b: @x)", "(a: @x, b: @y)"])
def test_one_tensor_twice_is_not_two(first: str) -> None:
    # An application is made again only if its inputs are one tensor, or two, as before.
    graph = built(
        f"network n: [4, 8, 8] = x: conv(4, 3) -> y: conv(4, 3)"
        f" -> one: ({first} -> j: joined(4)) -> two: ((a: @x, b: @y) -> j: joined(4))"
        f" -> three: ((a: @y, b: @x) -> j: joined(4)) -> add(identity, @one, @two)"
    )
    assert (read_by(graph, "two.j.l"), read_by(graph, "two.j.m")) == ("x", "y")
    assert (read_by(graph, "three.j.l"), read_by(graph, "three.j.m")) == ("y", "x")
    assert read_by(graph, "one.j.m") == first[12]


def test_one_of_several_results() -> None:
    graph = built("network n: [3, 8, 8] = f: both(4) -> add(@f.b -> c: conv(4, 1), @f.a)")
    assert read_by(graph, "c") == "f.b"


def test_figures_of_several_results() -> None:
    text = BLOCKS + (
        "network n: [3, 8, 8] -> (low: [4, 4, 4], high: [4, 8, 8]) =\n"
        "    first: conv(4, 3) -> x: relu -> deep: conv(4, 3)"
        " -> (high: identity, @x -> low: conv(4, 3, 2))\n"
        "assert n.depth == 2\nassert n.receptive_field == [5, 5]\n"
    )
    found = archdsl.analyse(text)
    network = found.networks["n"]
    assert found.diagnostics == ()
    assert network.results == {"low": (4, 4, 4), "high": (4, 8, 8)}
    assert repr(network).startswith("Network('n', [3, 8, 8] -> low [4, 4, 4], high [4, 8, 8], ")
    with pytest.raises(ValueError, match="n gives low, high"):
        _ = network.output


def test_tables_and_training(tmp_path: Path) -> None:
    path = tmp_path / "several.arch"
    path.write_text(BLOCKS + "network n: [1, 8, 8] = f: both(4) -> (p: @f.a, q: @f.b)\n")
    arguments = ["summary", str(path), "--format", "json", "--depth", "1"]
    (found,) = json.loads(CliRunner().invoke(main, arguments).output)["networks"]
    assert found["output"] == {"p": [4, 8, 8], "q": [4, 8, 8]}
    assert found["layers"][0]["output"] == {"a": [4, 8, 8], "b": [4, 8, 8]}
    refused = CliRunner().invoke(main, ["train", f"{path}:n", "--data", "digits"])
    assert "gives several results, `p`, `q`" in refused.output


def test_a_shared_layer_gives_several_at_every_use() -> None:
    graph = built(
        "network n: [4, 8, 8] = share f = both(4) in u: f -> add(@u.a, @u.b) -> x: identity"
        " -> f -> concat(@f.b, @f.a, @u.a)"
    )
    assert [(each.path, each.again) for each in graph if each.path.startswith("f.")] == [
        ("f.b", False), ("f.a", False), ("f.b", True), ("f.a", True)
    ]  # fmt: skip
    assert read_by(graph, "concat") == "f.b, f.a, f.a"


def test_a_wire_may_read_one_of_the_tensors_that_come_in() -> None:
    graph = built(
        "network n: [3, 8, 8] = t: both(4) -> @t.b -> c: conv(4, 1) -> add(identity, @t.a)"
    )
    assert read_by(graph, "c") == "t.b"


def test_wires_name_the_results_of_a_bundle() -> None:
    graph = built(
        "network n: [3, 8, 8] -> (y: [4, 8, 8], a: [4, 8, 8]) ="
        " t: both(4) -> y: joined(4) -> (@t.a, @y)"
    )
    assert {name: graph[port.node].path for name, port in graph.results.items()} == {
        "y": "y.add", "a": "t.a"
    }  # fmt: skip
