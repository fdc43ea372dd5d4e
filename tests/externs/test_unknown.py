"""What nobody knows of a class is said to be unknown, and added up to nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

import archdsl
from archdsl.analysis.cost import buffers, depth, macs, params, weight_bytes
from archdsl.analysis.memory import activations, live, saved
from archdsl.analysis.receptive_field import receptive_field
from archdsl.analysis.state import foreign_paths, state_shapes
from archdsl.backends.diagram import Choice, Look, diagram
from archdsl.graph import Graph
from archdsl.shapes import UNKNOWN, Unknown
from tests.helpers.commands import document, run

TEXT = """
extern gate: [c, h, w] -> [c, h, w] = "layers.Gate"(c)
extern known: [c, h, w] -> [c, h, w] = "layers.Known"(c), weights=10 * c
network n: [3, 8, 8] -> [2] =
    conv1: conv(4, 3) -> gate: gate -> conv2: conv(4, 3)
    -> global_avgpool -> flatten -> fc: linear(2)
network k: [3, 8, 8] -> [4, 8, 8] = conv1: conv(4, 3) -> known: known
network plain: [3, 8, 8] -> [4, 8, 8] = conv1: conv(4, 3)
"""


@pytest.fixture
def graphs() -> dict[str, Graph]:
    return {name: each.graph for name, each in archdsl.read(text=TEXT).items()}


@pytest.fixture
def path(tmp_path: Path) -> str:
    (tmp_path / "net.arch").write_text(TEXT)
    return str(tmp_path / "net.arch")


def test_sums_with_it_are_unknown(graphs: dict[str, Graph]) -> None:
    for figure in (params, buffers, weight_bytes, macs, depth, receptive_field):
        assert isinstance(figure(graphs["n"]), Unknown), figure
        assert not isinstance(figure(graphs["plain"]), Unknown), figure


def test_a_declaration_may_count_the_weights(graphs: dict[str, Graph]) -> None:
    assert params(graphs["k"]) == params(graphs["plain"]) + 40
    assert macs(graphs["k"]) == UNKNOWN


def test_memory_is_known_up_to_the_class(graphs: dict[str, Graph]) -> None:
    first, gate, second = [node.id for node in graphs["n"]][1:4]
    for figures in (activations, saved, live):
        found = figures(graphs["n"])
        assert isinstance(found[gate], Unknown)
        assert not isinstance(found[first], Unknown)
    assert isinstance(live(graphs["n"])[second], Unknown)


def test_the_state_lists_what_is_known(graphs: dict[str, Graph]) -> None:
    assert foreign_paths(graphs["n"]) == ["gate"]
    assert [key.split(".")[0] for key in state_shapes(graphs["n"])][::2] == ["conv1", "conv2", "fc"]


def test_tables_say_so(path: str) -> None:
    table = run("summary", f"{path}:n", "--columns", "params,macs,field,saved").output
    rows = {line.split()[0]: line.split() for line in table.splitlines() if line.strip()}
    assert rows["conv1"][-5:] == ["112", "6,912", "[3,", "3]", "768"]
    assert rows["gate"][-4:] == ["unknown"] * 4
    assert rows["total"][-4:] == ["unknown"] * 4
    assert "unknown, being classes of others: gate" in table


def test_json_has_null(path: str) -> None:
    (found,) = document("summary", f"{path}:n")["networks"]
    assert (found["params"], found["inference_params"], found["macs"]) == (None, None, None)
    assert found["unknown"] == ["gate"]
    assert [each["params"] for each in found["layers"]][:3] == [112, None, 148]
    (found,) = document("summary", f"{path}:k")["networks"]
    assert (found["params"], found["macs"]) == (152, None)
    (found,) = document("summary", f"{path}:plain")["networks"]
    assert "unknown" not in found


def test_comparisons_say_so(path: str) -> None:
    found = document("compare", f"{path}:plain", f"{path}:k")
    assert [each["macs"] for each in found["networks"]] == [6912, None]
    assert [each["depth"] for each in found["networks"]] == [1, None]
    table = run("compare", f"{path}:plain", f"{path}:k").output
    assert "+  known" in table
    assert "unknown" in table


def test_python_says_so() -> None:
    network = archdsl.read(text=TEXT)["n"]
    assert repr(network) == "Network('n', [3, 8, 8] -> [2], unknown parameters, unknown MACs)"
    assert isinstance(network.params, Unknown)
    assert "activations=unknown" in repr(network.memory())


def test_an_assert_cannot_ask() -> None:
    (found,) = archdsl.check(text=f"{TEXT}assert n.macs == 3\nassert k.params == 152\n")
    assert (found.code, found.span.text) == ("E0804", "n.macs")


def test_generated_code_says_so() -> None:
    code = archdsl.compile(text=TEXT, network="n")
    assert "unknown parameters; unknown multiply-adds." in " ".join(code.split())


def test_a_diagram_has_a_colour_for_it(graphs: dict[str, Graph]) -> None:
    dot = diagram(graphs["n"], Choice(), Look())[0]
    assert ">foreign<" in dot.replace(" ", "")
    assert "unknown parameters" in dot
    assert "foreign" not in diagram(graphs["plain"], Choice(), Look())[0]


def test_it_is_written_as_that_whatever_the_form() -> None:
    assert f"{UNKNOWN:,} {UNKNOWN} {UNKNOWN + 1:,} {3 - UNKNOWN} {-UNKNOWN}" == " ".join(
        ["unknown"] * 5
    )
    assert sum([1, UNKNOWN, 2]) == UNKNOWN != 3
