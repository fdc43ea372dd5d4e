"""Shared layers: keys, nodes that are there again, weights counted once, replays and damage."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archdsl.analysis.cost import depth, inference_params, macs, params, weight_bytes
from archdsl.analysis.state import head_keys, state_shapes
from archdsl.driver import load_program
from archdsl.elaborate import Elaboration, Known
from archdsl.elaborate.applications import Applications
from archdsl.files import finder
from archdsl.graph import Graph, verify
from archdsl.render import as_text
from archdsl.resolve.dependencies import Dependencies
from archdsl.source import Source
from tests.helpers.paths import SPECS
from tests.helpers.trees import described


class Forgetful(Applications):
    """A memory in which nothing is found."""

    def find(self, key: object) -> None:
        return None


def graphs(text: str, memory: Applications | None = None) -> dict[str, Graph]:
    """The networks of a text without mistakes and notes."""
    program, _ = load_program(Source("test.arch", text), finder(SPECS))
    before = Known(program, Dependencies(program), applications=memory or Applications())
    done = Elaboration(program, {}, before=before)
    assert not done.diagnostics, as_text(done.diagnostics)
    assert not [fault for graph in done.graphs.values() for fault in verify(graph)]
    return done.graphs


def graph(body: str, declarations: str = "", shape: str = "[8, 8, 8]") -> Graph:
    return graphs(f"{declarations}\nnetwork n: {shape} = {body}\n")["n"]


def test_every_use_has_the_nodes_of_the_first_again() -> None:
    found = graph("share f = conv(8, 3) -> relu in f -> f")
    assert str(found) == "\n".join(
        [
            "n",
            "%0 input -> [8, 8, 8]",
            "%1 f.0: conv(8, 3)(%0) -> [8, 8, 8]",
            "%2 f.1: relu(%1) -> [8, 8, 8]",
            "%3 f.0: conv(8, 3)(%2) -> [8, 8, 8] (again)",
            "%4 f.1: relu(%3) -> [8, 8, 8] (again)",
            "output = %4",
        ]
    )


KEYS = [
    ("share f = conv(8, 3) in f", ["f"]),
    ("share f = conv(8, 3) in relu -> c: conv(8, 1) -> f -> f", ["c", "f"]),
    ("share f = a: conv(8, 3) -> b: conv(8, 1) in f -> f", ["f.a", "f.b"]),
    ("share f = unit in f -> f", ["f.0", "f.1"]),
    ("share f = a: conv(8, 3) in f -> f", ["f.a"]),
    ("share f = chain(layer{i}: conv(8, 3) for i in range(2)) in f", ["f.layer0", "f.layer1"]),
    ("s: (share f = conv(8, 3) in f -> f) -> t: (share f = bn in f)", ["s.f", "t.f"]),
    ("share f = conv(8, 3), g = conv(8, 1) in g -> f -> g", ["g", "f"]),
    ("wrap(share f = conv(8, 3) in f -> f)", ["0.f", "1.f"]),
    ("share f = conv(8, 3) in repeat(3, f -> relu) -> add(f, f)", ["f"]),
    ("share f = conv(8, 3) in (f if 1 > 2) -> f -> (f if 2 > 1)", ["f"]),
    ("share f = (conv(8, 3) if 1 > 2 else bn) in f -> f", ["f"]),
]


@pytest.mark.parametrize(("body", "keys"), KEYS)
def test_the_name_is_a_key_of_the_scope(body: str, keys: list[str]) -> None:
    declared = "block unit = conv(8, 3) -> bn\nblock wrap(l) = first: l -> second: l"
    declared = declared.replace("first: l -> second: l", "(x: l) -> (y: l)")
    wanted = [key.replace("0.f", "x.f").replace("1.f", "y.f") for key in keys]
    found = graph(body, declared)
    assert [*dict.fromkeys(key.rpartition(".")[0] for key in state_shapes(found))] == wanted


def test_weights_count_once_and_multiplications_for_every_use() -> None:
    once = graph("share f = conv(8, 3) -> bn -> relu in f")
    thrice = graph("share f = conv(8, 3) -> bn -> relu in repeat(3, f)")
    for figure in (params, inference_params, weight_bytes):
        assert figure(thrice) == figure(once)
    assert state_shapes(thrice) == state_shapes(once)
    assert (macs(thrice), depth(thrice)) == (3 * macs(once), 3)


def test_what_only_training_uses_first_has_no_weights_there() -> None:
    body = "share f = conv(8, 1) in aux(a: f) -> c: conv(8, 3) -> aux(b: d: conv(2, 1)) -> f"
    found = graph(body)
    assert [node.again for node in found if node.path == "f"] == [True, False]
    assert params(found) - inference_params(found) == 2 * 8 + 2
    assert head_keys(found) == {"a": (), "b": ("b.d.weight", "b.d.bias")}


def test_a_wire_reads_the_last_use() -> None:
    found = graph("share f = conv(8, 3) in f -> add(@f, f) -> concat(@f, f -> add(@f, @f))")
    reads = [[port.node for port in node.inputs] for node in found if node.op and node.op.is_join]
    assert reads == [[1, 2], [4, 4], [2, 5]]


def test_a_wire_in_a_loop_reads_the_last_turn() -> None:
    found = graph("repeat(2, t: identity -> conv(8, 3) -> add(identity, @t)) -> add(relu, @t)")
    reads = [[port.node for port in node.inputs] for node in found if node.op and node.op.is_join]
    assert reads == [[1, 0], [3, 2], [5, 2]]


REPLAYED = """
block unit(w) = conv(w, 3) -> relu
block inner(w) = share u = unit(w) in c: conv(w, 1) -> u -> u
block outer(w) = share i = inner(w) in i -> i -> side: inner(w)
network n: [8, 8, 8] = a: outer(8) -> b: outer(8) -> c: inner(8)
    -> d: (share o = outer(8) in o -> aux(h: o) -> o) -> e: outer(8)
network first: [8, 8, 8] = share o = outer(8) in aux(h: o) -> o
"""


def test_replays_are_as_applications_that_are_made_anew() -> None:
    memory = Applications()
    texts = []
    for known in (Forgetful(), memory, memory):
        found = graphs(REPLAYED, known)
        again = {name: [node.again for node in each] for name, each in found.items()}
        texts.append((again, {name: described(each) for name, each in found.items()}))
    assert texts[0] == texts[1] == texts[2]


def test_a_graph_that_shares_too_much_is_not_valid() -> None:
    text = """
        network n: [8, 8, 8] = share f = conv(8, 3) in f -> f -> g: conv(8, 3) -> h: conv(8, 1)
    """
    for node, changes, reason in [
        (2, {"again": False}, "another node has its key"),
        (1, {"again": True}, "no node has the weights that it shares"),
        (4, {"again": True, "path": "g"}, "the weights that it shares are those of another layer"),
        (4, {"again": True}, "no node has the weights that it shares"),
    ]:
        found = graphs(text)["n"]
        found.order[node] = replace(found.order[node], **changes)
        assert reason in verify(found)[0].message


def test_a_tied_layer_has_no_weights_of_its_own() -> None:
    alone = graph("share f = linear(5) in f", shape="[20; 8]")
    tied = graph(
        "share f = linear(5) in f -> tied(f) -> add(identity, tied(f) if 1 > 2)", shape="[20; 8]"
    )
    assert state_shapes(tied) == state_shapes(alone)
    assert (params(tied), macs(tied), depth(tied)) == (params(alone), 2 * macs(alone), 2)
    assert [str(node) for node in tied][2] == "%2 f: tied(8)(%1) -> [20; 8] (again)"


def test_a_tied_layer_with_another_weight_is_not_valid() -> None:
    found = graph("share f = linear(8), g = linear(4) in f -> tied(f) -> g", shape="[8]")
    found.order[2] = replace(found.order[2], path="g")
    assert "those of another layer" in verify(found)[0].message
