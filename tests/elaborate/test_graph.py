"""Specs to graphs: what the language means, in the printed form of a graph."""

from __future__ import annotations

import networkx
import pytest

from archdsl.diagnostics import has_errors
from archdsl.driver import load_program
from archdsl.elaborate import elaborate
from archdsl.files import finder
from archdsl.graph import Cases, Graph, Node, Port, verify
from archdsl.ops import OPS
from archdsl.render import as_text
from archdsl.source import Source
from tests.helpers.paths import EXAMPLES


def graphs(text: str) -> dict[str, Graph]:
    """The networks of a text without mistakes."""
    program, diagnostics = load_program(Source("test.arch", text), finder(EXAMPLES))
    result, more = elaborate(program)
    assert not has_errors([*diagnostics, *more]), as_text([*diagnostics, *more])
    assert not [fault for graph in result.values() for fault in verify(graph)]
    return result


def graph(body: str, declarations: str = "", shape: str = "[3, 8, 8]") -> Graph:
    """The graph of a network with this body."""
    return graphs(f"{declarations}\nnetwork n: {shape} = {body}\n")["n"]


def keys(body: str, declarations: str = "") -> list[str]:
    """The paths of the layers that have weights."""
    found = graph(body, declarations)
    return [node.path for node in found if node.op and node.op.weights(*found.input_shapes(node))]


def test_a_graph_prints_itself() -> None:
    text = """
        block unit(width, stride=1): [c, h, w] -> [width, _, _] =
            add(conv: conv(width, 3, stride) -> bn: bn,
                (down: conv(width, 1, stride)) if c != width) -> relu
        network tiny(classes=10): [3, 8, 8] -> [classes] =
            first: unit(16, stride=2) -> aux(side: (flatten -> fc: linear(classes)))
            -> global_avgpool -> flatten -> fc: linear(classes)
    """
    assert str(graphs(text)["tiny"]) == "\n".join(
        [
            "tiny",
            "%0 input -> [3, 8, 8]",
            "%1 first.conv: conv(16, 3, stride=2)(%0) -> [16, 4, 4]",
            "%2 first.bn: bn(%1) -> [16, 4, 4]",
            "%3 first.down: conv(16, 1, stride=2)(%0) -> [16, 4, 4]",
            "%4 first.add: add(%2, %3) -> [16, 4, 4]",
            "%5 first.relu: relu(%4) -> [16, 4, 4]",
            "%6 side.flatten: flatten(%5) -> [256] (training only)",
            "%7 side.fc: linear(10)(%6) -> [10] (training only)",
            "%8 global_avgpool: global_avgpool(%5) -> [16, 1, 1]",
            "%9 flatten: flatten(%8) -> [16]",
            "%10 fc: linear(10)(%9) -> [10]",
            "output = %10",
            "side = %7",
        ]
    )


# --- state-dict keys: the rules of the language, one by one ---

BLOCKS = """
block unit(width) = conv(width, 3) -> bn
block named(width) = conv: conv(width, 3)
block alias(width) = unit(width)
block only(width) = conv(width, 3)
let pair(width) = conv(width, 3) -> bn
let single(width) = conv(width, 3)
"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # Without labels layers are numbered, and what is no layer takes no number.
        ("conv(8, 3) -> relu -> conv(8, 3)", "0 2"),
        ("conv(8, 3) -> identity -> [8, 8, 8] -> add(identity, relu) -> conv(8, 3)", "0 2"),
        # With a label the others are named after their op, with a number from the second on.
        ("a: conv(8, 3) -> conv(8, 3) -> relu -> conv(8, 3)", "a conv conv2"),
        ("conv: conv(8, 3) -> conv(8, 3)", "conv conv_"),
        # A call of a block is a scope, and so is a label on anything but an op.
        ("unit(8) -> unit(8)", "0.0 0.1 1.0 1.1"),
        ("a: unit(8)", "a.0 a.1"),
        ("a: (conv(8, 3) -> bn)", "a.0 a.1"),
        ("a: pair(8)", "a.0 a.1"),
        ("a: single(8)", "a"),
        ("a: (b: conv(8, 3))", "a.b"),
        ("a: (identity -> conv(8, 3) -> identity)", "a"),
        ("a: repeat(2, conv(8, 3))", "a.0 a.1"),
        ("a: chain([conv(8, 3)])", "a.0"),
        ("a: add(conv(8, 3), conv(8, 1))", "a.0 a.1"),
        # Parentheses, functions, conditions and chains make no scope by themselves.
        ("(conv(8, 3) -> (bn)) -> pair(8)", "0 1 2 3"),
        ("(conv(8, 3) if true) -> (relu -> bn)", "0 2"),
        ("repeat(2, unit(8))", "0.0 0.1 1.0 1.1"),
        # A body that is nothing but a call shares its scope.
        ("a: alias(8)", "a.0 a.1"),
        ("a: only(8)", "a"),
        ("alias(8) -> only(8)", "0.0 0.1 1"),
        ("named(8)", "conv"),
        ("only(8)", "0"),
        ("let w = 8 in [3, _, _] -> (alias(w) if w > 4 else relu)", "0 1"),
        ("chain([alias(8)])", "0.0 0.1"),
        # Labels with variables.
        ("chain(layer{i}: conv(8, 3) for i in range(1, 3))", "layer1 layer2"),
        ('chain("block{s}-{i}": conv(8, 3) for s, i in [["a", 1], ["b", 2]])', "blocka-1 blockb-2"),
    ],
)  # fmt: skip
def test_keys(body: str, expected: str) -> None:
    assert keys(body, BLOCKS) == expected.split()


# --- values and calls ---


@pytest.mark.parametrize(
    ("declarations", "body", "op"),
    [
        ("", "conv(8, 3)", "conv(8, 3)"),
        ("default conv(bias=false)", "conv(8, 3)", "conv(8, 3, bias=false)"),
        ("default conv(bias=false)", "conv(8, 3, bias=true)", "conv(8, 3)"),
        ("default conv(bias=false)\ndefault conv(stride=2)", "conv(8, 3)",
         "conv(8, 3, stride=2, bias=false)"),
        ("let c = conv(8)\ndefault conv(bias=false)", "c(3)", "conv(8, 3)"),
        ("let c = conv(kernel=3)", "c(8)", "conv(8, 3)"),
        ("let c = conv(8, 3, stride=2)", "c(stride=1)", "conv(8, 3)"),
        ("let f(n, k=1) = conv(n, k)", "f(8)", "conv(8, 1)"),
        ("let f(layer) = layer(kernel=3)", "f(conv(8))", "conv(8, 3)"),
        ("let sizes = [8, 16]", "conv(sizes[1], 3)", "conv(16, 3)"),
        ("", "conv(16 / 2, 3)", "conv(8, 3)"),
        ("", "conv(divisible(30 * 0.35, 8), 3)", "conv(16, 3)"),
        ("", "conv(sum([k for k in range(5) if k != 2]), 3)", "conv(8, 3)"),
        ("", "conv(len(zip([1, 2], [3, 4])) ** 3, 1)", "conv(8, 1)"),
        ("", "conv(-(-7) + 1, [1, 3])", "conv(8, [1, 3])"),
        ("", "conv(8 if 1 < 2 and not false else 9, 3)", "conv(8, 3)"),
        ("", 'conv(8, 3, init=trunc_normal(0.02))',
         "conv(8, 3, init=trunc_normal(std=0.02, limit=2))"),
        ("block f(relu) = conv(relu, 3)", "f(8)", "conv(8, 3)"),
        ("block f(n, twice=2 * n): [c, h, w] = conv(twice + c, h // 8)", "f(2)", "conv(7, 1)"),
        ("block down(n) = conv(n, 1) -> (down(n // 2) if n > 8)", "down(8)", "conv(8, 1)"),
    ],
)  # fmt: skip
def test_the_first_op(declarations: str, body: str, op: str) -> None:
    assert str(graph(body, declarations)[1].op) == op


def test_recursion_ends() -> None:
    block = "block down(n) = conv(n, 1) -> (rest: down(n // 2) if n > 2)"
    found = [str(node.op) for node in graph("down(8)", block) if node.op]
    assert found == ["conv(8, 1)", "conv(4, 1)", "conv(2, 1)"]


def test_the_prelude_needs_no_import_and_a_file_wins_over_it() -> None:
    body = "conv(64, 1) -> stage(3, bottleneck(64, groups=32)) -> se(16)"
    assert len(graph(body)) == 40
    assert str(graph("stage", "block stage = relu")[1].op) == "relu"


def test_imports_rename() -> None:
    text = "from mobilenet import separable as unit\nnetwork n: [3, 8, 8] = unit(8)\n"
    assert [node.path for node in graphs(text)["n"]][1] == "conv_dw"


# --- wires ---


def inputs_of(found: Graph, path: str) -> list[int]:
    """The nodes that the node of a path reads."""
    return [port.node for node in found if node.path == path for port in node.inputs]


def test_a_wire_reads_an_earlier_layer() -> None:
    found = graph("a: conv(8, 3) -> b: relu -> add(@a, identity, @b -> c: conv(8, 1))")
    assert inputs_of(found, "add") == [1, 2, 3]
    assert inputs_of(found, "c") == [2]


def test_a_wire_may_be_an_argument() -> None:
    block = "block up(skip, width) = concat(skip, identity) -> conv(width, 1)"
    found = graph("a: conv(8, 3) -> b: conv(4, 3) -> up: up(@a, 6)", block)
    assert inputs_of(found, "up.concat") == [1, 2]
    assert found.shape(Port(3)).sizes == (12, 8, 8)


def test_a_wire_reads_the_innermost_scope() -> None:
    body = "x: relu -> a: (x: conv(8, 3) -> add(@x, relu)) -> concat(@x, identity)"
    found = graph(body)
    assert inputs_of(found, "a.add")[0] == 2
    assert inputs_of(found, "concat")[0] == 1


def test_several_inputs_are_wires() -> None:
    found = graph(
        "concat(@rgb, @depth -> conv(4, 1)) -> conv(2, 1)",
        shape="(rgb: [3, 8, 8], depth: [1, 8, 8])",
    )
    assert found.inputs == {"rgb": Port(0), "depth": Port(1)}
    assert found.shape(found.outputs["output"]).sizes == (2, 8, 8)


def test_one_tensor_may_feed_a_node_twice() -> None:
    found = graph("add(identity, identity)")
    assert found.nodes.number_of_edges(0, 1) == 2


# --- symbolic sizes ---


@pytest.mark.parametrize(
    ("body", "shape", "output"),
    [
        ("conv(8, 3, stride=2)", "[3, h, w]", "[8, (h + 1) // 2, (w + 1) // 2]"),
        ("conv(8, 7, stride=2) -> maxpool(3, stride=2, pad=1) -> conv(8, 3, stride=2)",
         "[3, h, 64]", "[8, (h + 7) // 8, 8]"),
        ("upsample(2) -> conv(8, 3)", "[3, h, w]", "[8, 2 * h, 2 * w]"),
        ("maxpool(2) -> maxpool(2) -> upsample(4)", "[3, 4 * h, w]", "[3, 4 * h, 4 * (w // 4)]"),
        ("global_avgpool", "[3, h, h]", "[3, 1, 1]"),
        ("maxpool(2, stride=2, ceil=true) -> [3, (h + 1) // 2, _]", "[3, h, 8]",
         "[3, (h + 1) // 2, 4]"),
    ],
)  # fmt: skip
def test_symbolic_sizes(body: str, shape: str, output: str) -> None:
    found = graph(body, shape=shape)
    assert output in str(found).splitlines()[-2]


def test_a_network_in_another_solves_for_its_symbols() -> None:
    text = """
        network inner: [3, 16 * k, w] = conv(8, 3) -> [8, 16 * k, w]
        network outer: [3, 48, 20] = inner
    """
    assert graphs(text)["outer"].shape(Port(1)).sizes == (8, 48, 20)


# --- the check between stages ---


def damaged(found: Graph, **changes: object) -> Graph:
    """A graph of two layers, the second of which is changed."""
    node = found[2]
    fields = {name: getattr(node, name) for name in node.__dataclass_fields__} | changes
    found.order[2] = Node(**fields)
    return found


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"shape": (8, 7, 7)}, "its shape is [8, 8, 8]"),
        ({"inputs": (Port(3),)}, "reads a later node"),
        ({"inputs": ()}, "reads nothing"),
        ({"path": "0"}, "another node has its key"),
        ({"op": OPS["linear"].make({"out": 8})}, "works on features"),
    ],
)  # fmt: skip
def test_faults_of_a_graph_are_found(changes: dict[str, object], fault: str) -> None:
    whole, cases = graph("conv(8, 3) -> conv(8, 3)"), Cases()
    assert verify(whole, cases) == []
    found = verify(damaged(whole, **changes), cases)
    assert {each.code for each in found} == {"E0902"}
    assert any(fault in each.message for each in found)


def test_cases_that_are_forgotten_are_inferred_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archdsl.graph.MOST_CASES", 1)
    found, cases = graph("conv(8, 3) -> conv(8, 3)"), Cases()
    assert verify(found, cases) == []
    assert "its shape is" in verify(damaged(found, shape=(8, 7, 7)), cases)[0].message


def test_a_layer_that_reaches_no_output_is_found() -> None:
    found = graph("conv(8, 3)")
    found.add(Node(2, found[1].op, (Port(0),), found[1].shape, "extra", found[1].span))
    assert "it reaches no output" in verify(found)[0].message


def test_nodes_are_in_an_order_of_evaluation() -> None:
    for found in graphs((EXAMPLES / "unet.arch").read_text(encoding="utf-8")).values():
        assert [node.id for node in found] == list(found.nodes) == list(range(len(found)))
        assert networkx.is_directed_acyclic_graph(found.nodes)
