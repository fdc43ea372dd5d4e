"""What Python users call, beyond what the command line does too."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner

import archdsl
from archdsl.analysis.facts import MEASURES, Measures
from archdsl.cli import main
from tests.helpers.paths import SPECS

SPEC = """\
network n(path=8, file=1, weights=10): [3, 8, 8] =
    conv(path * file, 3) -> flatten -> linear(weights)
network m(classes=2, widths=[8, 8], biased=true): [3, 8, 8] =
    chain(conv(width, 3, bias=biased) -> relu for width in widths) -> flatten -> linear(classes)
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "spec.arch"
    path.write_text(SPEC)
    return path


def test_a_parameter_may_be_called_like_one_of_ours(spec: Path) -> None:
    assert archdsl.read(spec, path=4, weights=5)["n"].output == (5,)
    assert "path: int = 4" in archdsl.compile(spec, "n", path=4)
    assert archdsl.load(spec, "n", path=4)(torch.zeros(1, 3, 8, 8)).shape == (1, 10)


@pytest.mark.parametrize(
    "values",
    [
        {"classes": torch.tensor(5), "widths": torch.tensor([4, 4]), "biased": torch.tensor(True)},
        {"classes": Fraction(10, 2), "widths": (4, 4), "biased": True},
        {"classes": 5.0, "widths": [torch.tensor(4), 4]},
    ],
)
def test_numbers_of_other_libraries_are_numbers(spec: Path, values: dict[str, Any]) -> None:
    plain = archdsl.read(spec, classes=5, widths=[4, 4], biased=True)["m"]
    assert archdsl.read(spec, **values)["m"].params == plain.params
    assert isinstance(archdsl.load(spec, "m", **values), torch.nn.Module)


@pytest.mark.parametrize("value", [None, [8, None], {"a": 1}, b"8", object()])
def test_what_is_no_value_of_the_language_has_a_code(spec: Path, value: Any) -> None:
    with pytest.raises(archdsl.SpecError, match="`widths` cannot be ") as caught:
        archdsl.read(spec, widths=value)
    assert [found.code for found in caught.value.diagnostics] == ["E0913"]


# --- a text in place of a file ---

MAIN = """\
from blocks import gated
network open(width=8): [3, h, w] -> [5, _, _] =
    stem: conv(width, 3, stride=2) -> gate: gated(width) -> last: conv(5, 3)
"""
TEXTS = {
    "blocks": "from parts.gates import opened\n"
    "block gated(w): [c, _, _] = mul(identity, opening: opened(w))\n",
    "parts.gates": "from squash import squashed\nblock opened(w) = conv: conv(w, 1) -> squashed\n",
    "parts.squash": "block squashed = sigmoid\n",
}


def test_a_text_is_as_good_as_a_file(tmp_path: Path) -> None:
    (tmp_path / "main.arch").write_text(MAIN)
    (tmp_path / "parts").mkdir()
    for name, text in TEXTS.items():
        (tmp_path / f"{name.replace('.', '/')}.arch").write_text(text)
    path = tmp_path / "main.arch"
    assert archdsl.check(text=MAIN, modules=TEXTS) == []
    assert archdsl.compile(text=MAIN, modules=TEXTS) == archdsl.compile(path)
    (first, second) = (archdsl.read(path), archdsl.read(text=MAIN, modules=TEXTS, width=8))
    assert first["open"].to_dict() == second["open"].to_dict()
    model = archdsl.load(text=MAIN, modules=TEXTS, network="open", width=4)
    assert model(torch.zeros(2, 3, 9, 9)).shape == (2, 5, 5, 5)


def test_the_only_network_of_a_spec_need_not_be_named(spec: Path) -> None:
    model = archdsl.load(text="network n: [3, 8, 8] = flatten -> fc: linear(2)")
    assert model(torch.zeros(1, 3, 8, 8)).shape == (1, 2)
    with pytest.raises(archdsl.SpecError, match="the spec has 2 networks; choose one"):
        archdsl.load(spec)


def test_library_blocks_and_their_imports_are_no_modules() -> None:
    text = "from shortcuts import zero_padding\nnetwork n: [3, 8, 8] = zero_padding(8, 2)\n"
    shadow = {"prelude": "block stage(n) = nonsense\n"}
    assert not [
        found for found in archdsl.check(text=text, modules=shadow) if found.code != "N0401"
    ]


@pytest.mark.parametrize(
    ("text", "modules", "shown"),
    [
        ("network n: [3, 8, 8] = conv(4, 3) -> linear(5)", None, "main.arch:1:38: error[E0312]: "),
        ("from blocks import x", None, "main.arch:1:6: error[E0601]: there is no module `blocks`"),
        ("from blocks import x", {"blocks": "block y = relu"}, "main.arch:1:20: error[E0603]: "),
        ("from a.b import x", {"a.b": "block x = rlu"}, "a/b.arch:1:11: error[E0201]: "),
    ],
)
def test_diagnostics_show_their_place(
    text: str, modules: dict[str, str] | None, shown: str
) -> None:
    found = archdsl.check(text=text, modules=modules)[0]
    assert str(found).startswith(shown), found
    assert repr([found]) == f"[{found}]"
    file, line, column = shown.split(" ")[0].rstrip(":").split(":")
    assert (found.file, found.line, found.column) == (file, int(line), int(column))


def test_a_text_has_a_name_in_messages() -> None:
    (found,) = archdsl.check(text="network n: [3] = linear(", name="cell \x1b[2J 3")
    assert str(found).startswith("cell \\x1b[2J 3:1:24: error[E0107]: ")


@pytest.mark.parametrize("verb", ["read", "check", "compile", "load"])
@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({}, TypeError, "give the path of a spec, or the spec itself as `text=`"),
        ({"path": "a.arch", "text": MAIN}, TypeError, "give either a path or `text=`"),
        ({"path": "a.arch", "modules": {}}, TypeError, "`modules` and `name` are for `text=`"),
        ({"path": "a.arch", "name": "b"}, TypeError, "`modules` and `name` are for `text=`"),
        ({"text": b"network"}, TypeError, "`text` must be a string, not bytes"),
        ({"text": MAIN, "name": 3}, TypeError, "`name` must be a string, not int"),
        ({"text": MAIN, "name": ""}, ValueError, "cannot have the name ''"),
        ({"text": MAIN, "name": "<library>/prelude.arch"}, ValueError, "cannot have the name"),
        ({"text": MAIN, "modules": [1]}, TypeError, "`modules` must map names to texts"),
        ({"text": MAIN, "modules": {"a": 1}}, TypeError, "the text of `a` in `modules` must be"),
        ({"text": MAIN, "modules": {1: ""}}, TypeError, "a name in `modules` must be a string"),
        ({"text": MAIN, "modules": {"a.arch": ""}}, ValueError, "name it as imports do"),
        ({"text": MAIN, "modules": {"../a": ""}}, ValueError, "name it as imports do"),
        ({"text": MAIN, "modules": {"main": ""}}, ValueError, "are both called `main.arch`"),
    ],
)
def test_a_spec_is_a_path_or_a_text(
    verb: str, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    positional = [arguments["path"]] if "path" in arguments else []
    keywords = {name: value for name, value in arguments.items() if name != "path"}
    with pytest.raises(error) as caught:
        getattr(archdsl, verb)(*positional, **keywords)
    assert message in str(caught.value)


# --- networks show themselves ---


def written_summary(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["summary", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_network_shows_its_figures() -> None:
    network = archdsl.read(SPECS / "resnet.arch")["resnet50"]
    assert repr(network) == (
        "Network('resnet50', [3, 224, 224] -> [1000], 25,557,032 parameters, 4,089,184,256 MACs)"
    )
    open_sizes = archdsl.read(text=MAIN, modules=TEXTS)["open"]
    assert "[3, h, w] -> [5, (h + 1) // 2, (w + 1) // 2], " in str(open_sizes)
    shown = [repr(each) for each in (network, network.layers, network.memory(), open_sizes.layers)]
    assert not [each for each in shown if " at 0x" in each or "Symbolic(" in each]


def test_a_summary_is_that_of_the_command() -> None:
    network = archdsl.read(SPECS / "resnet.arch")["resnet50"]
    asked = str(SPECS / "resnet.arch:resnet50")
    assert f"{network.summary()}\n" == written_summary(asked)
    columns = ["arguments", "saved"]
    assert f"{network.summary(1, columns, batch=4, units=True)!r}\n" == written_summary(
        asked, "--depth", "1", "--columns", "arguments,saved", "--at", "batch=4", "--units"
    )
    for form in "md", "tex", "csv":
        assert network.summary().written(form) == written_summary(asked, "--format", form)


def test_the_dictionary_of_a_network_is_its_json() -> None:
    network = archdsl.read(text=MAIN, modules=TEXTS)["open"]
    for each in network, network.at(h=32, w=48):
        document = json.loads(json.dumps(each.to_dict()))
        assert document == each.to_dict()
        assert sum(layer["params"] for layer in document["layers"]) == network.params
    asked = str(SPECS / "resnet.arch:resnet50")
    (expected,) = json.loads(written_summary(asked, "--format", "json"))["networks"]
    assert archdsl.read(SPECS / "resnet.arch")["resnet50"].to_dict() == expected


def test_layers_are_records_of_ops() -> None:
    network = archdsl.read(text=MAIN, modules=TEXTS)["open"].at(h=32, w=48)
    stem, *_, gate, last = network.layers
    assert (stem.path, stem.op, stem.arguments) == ("stem", "conv", "8, 3, stride=2")
    assert (stem.input, stem.output) == ((3, 32, 48), (8, 16, 24))
    assert (stem.params, stem.macs) == (224, 3 * 9 * 8 * 16 * 24)
    assert (stem.values["stride"], stem.values["groups"]) == (2, 1)
    assert (gate.op, gate.inputs) == ("mul", ((8, 16, 24), (8, 16, 24)))
    assert last.path == "last"
    assert sum(layer.params for layer in network.layers) == network.params
    with pytest.raises(AttributeError):
        stem.params = 0  # type: ignore[misc]
    assert len({*network.layers}) == len(network.layers)
    assert pickle.loads(pickle.dumps(network.layers)) == network.layers


def test_whatever_an_assert_may_ask_is_a_property() -> None:
    network = archdsl.read(text=MAIN, modules=TEXTS)["open"].at(h=32, w=48)
    for name in MEASURES:
        assert getattr(network, name) == Measures()(network.graph, name), name


def test_memory_is_that_of_the_summary() -> None:
    network = archdsl.read(SPECS / "lenet.arch")["lenet5"]
    columns = ["weights", "activations", "saved", "live"]
    found = network.to_dict(columns=columns, batch=8)
    memory = network.memory(8)
    assert {f"{name}_bytes": getattr(memory, name) for name in columns} == {
        name: value for name, value in found.items() if name.endswith("_bytes")
    }
    assert network.saved == network.memory().saved < memory.saved


def test_what_no_network_has_is_refused() -> None:
    network = archdsl.read(text=MAIN, modules=TEXTS)["open"]
    with pytest.raises(ValueError, match="no column `sived`; did you mean `saved`"):
        network.summary(columns=["sived"])
    for refused in [lambda: network.memory(0), lambda: network.at(h=0), lambda: network.summary(0)]:
        with pytest.raises(ValueError, match="must be 1 or more, not 0"):
            refused()
    with pytest.raises(TypeError):
        network.at(h=2.5)  # type: ignore[arg-type]
    with pytest.raises(archdsl.SpecError, match="no network has an open size `height`"):
        network.at(height=32)


def test_a_notebook_shows_a_summary_as_a_table() -> None:
    text = 'network n: [3, 8, 8] = conv(4, 3, init=kaiming_normal("out")) -> relu'
    summary = archdsl.read(text=text)["n"].summary(columns=["arguments", "params"])
    table = ElementTree.fromstring(f"<div>{summary._repr_html_()}</div>").find("table")
    assert table is not None
    rows = [[cell.text or "" for cell in row] for row in table.iter("tr")]
    assert rows[0] == ["layer", "op", "arguments", "params"]
    assert rows[1][2:] == ['4, 3, init=kaiming_normal(fan="out")', "112"]
    assert rows[-1] == ["total", "", "", "112"]


def test_importing_archdsl_imports_nothing_heavy() -> None:
    code = "import sys, archdsl; print({'torch', 'lark', 'rich', 'networkx'} & set(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "set()"


def test_networks_that_ship_need_no_path() -> None:
    (network,) = archdsl.read("lenet5_modern").values()
    assert network.to_dict() == archdsl.read(SPECS / "lenet.arch")["lenet5_modern"].to_dict()
    assert archdsl.check("lenet5_modern") == []
    assert archdsl.compile("lenet5_modern", classes=3).count("class ") == 1
    assert archdsl.load("lenet5_modern", classes=3)(torch.zeros(1, 1, 32, 32)).shape == (1, 3)
    assert [*archdsl.read(f"{SPECS}/lenet.arch:lenet5_modern")] == ["lenet5_modern"]
    with pytest.raises(TypeError, match="`lenet5_modern` and `network='lenet5'` are two networks"):
        archdsl.load("lenet5_modern", "lenet5")
    with pytest.raises(archdsl.SpecError, match="there is no file `lenet5_moder`"):
        archdsl.load("lenet5_moder")


@pytest.mark.parametrize("text", ["network n: [3, 8, 8] = relu", "# a spec\n", "let a = 1\n"])
@pytest.mark.parametrize("verb", [archdsl.read, archdsl.check, archdsl.compile, archdsl.load])
def test_a_text_is_not_taken_for_a_path(verb: Callable[[str], object], text: str) -> None:
    with pytest.raises(TypeError, match="this is a spec, not the name of a file"):
        verb(text)


def test_a_long_name_is_cut() -> None:
    with pytest.raises(archdsl.SpecError) as caught:
        archdsl.read("a" * 5000)
    assert "there is no file `" + "a" * 80 + "…`" in str(caught.value)
    assert len(str(caught.value)) < 400


def test_python_blames_no_option() -> None:
    network = archdsl.read(text="network n: [3, 8, 8] = relu")["n"]
    with pytest.raises(archdsl.SpecError, match=r"at\(\): error\[E0915\]"):
        network.at(h=64)


def test_an_unknown_parameter_lists_those_that_there_are() -> None:
    text = "network n(depth=1, widths=2): [3, 8, 8] = conv(widths, 3)"
    with pytest.raises(archdsl.SpecError) as caught:
        archdsl.read(text=text, width=3)
    (found,) = caught.value.diagnostics
    assert found.help == "did you mean `widths`? The parameters are `depth`, `widths`"


def test_a_graph_can_be_read_as_one_of_networkx_and_its_shapes_as_sizes() -> None:
    graph = archdsl.read(SPECS / "lenet.arch")["lenet5"].graph
    assert [*graph.shape(graph.inputs["input"])] == [1, 32, 32]
    assert [graph.nodes.nodes[node.id]["node"] for node in graph] == [*graph]
