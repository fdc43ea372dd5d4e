"""The summary: what its columns say, and how it is written for people and programs."""

from __future__ import annotations

import csv
import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from archdsl.analysis.given import at_sizes
from archdsl.analysis.memory import activations, live, saved
from archdsl.backends.table import Grid, written
from archdsl.backends.table.grid import Heading
from archdsl.graph import verify
from tests.helpers.commands import document, run
from tests.helpers.paths import SPECS
from tests.helpers.pipeline import graphs

SPEC = """\
block gate(width): [c, h, w] = mul(identity, squeeze: global_avgpool -> conv(width, 1) -> sigmoid)

network open(width=8): [3, h, w] -> [5, _, _] =
    stem: conv(width, 3, stride=2) -> bn -> relu -> aux(head: conv(2, 1)) -> gate: gate(width)
    -> join: add(maxpool(3, 2, pad=1), conv(width, 3, stride=2)) -> last: conv(5, 3)

network fixed(width=8): [3, 32, 48] -> [5, _, _] =
    stem: conv(width, 3, stride=2) -> bn -> relu -> aux(head: conv(2, 1)) -> gate: gate(width)
    -> join: add(maxpool(3, 2, pad=1), conv(width, 3, stride=2)) -> last: conv(5, 3)

network deep: [3, 16, w] = repeat(4, conv(4, 3, stride=2)) -> conv(4, 3, pad=[1, 0])
"""
ALL = "output,params,macs,weights,activations,saved,live,field,stride,centres"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.arch").write_text(SPEC)
    return tmp_path


def network(*arguments: str) -> dict[str, Any]:
    (only,) = document("summary", *arguments)["networks"]
    return only


def test_layers_add_up_at_every_depth() -> None:
    for depth in "1", "2", "3":
        found = network("net.arch:fixed", "--columns", ALL, "--depth", depth)
        for key in "params", "weights_bytes", "activations_bytes", "saved_bytes":
            assert sum(layer[key] for layer in found["layers"]) == found[key], key
        assert max(layer["live_bytes"] for layer in found["layers"]) == found["live_bytes"]
        own = [layer["macs"] for layer in found["layers"] if not layer["training_only"]]
        assert sum(own) == found["macs"]


def test_totals_are_those_of_the_analyses() -> None:
    graph = graphs(SPECS / "googlenet.arch")["googlenet"]
    found = network(str(SPECS / "googlenet.arch:googlenet"), "--columns", ALL, "--at", "batch=3")
    assert found["saved_bytes"] == sum(saved(graph, 3).values())
    assert found["activations_bytes"] == sum(activations(graph, 3).values())
    assert found["live_bytes"] == max(live(graph, 3).values())


def test_sizes_that_are_given_are_as_good_as_written() -> None:
    given = network("net.arch:open", "--columns", ALL, "--at", "h=32,w=48,batch=4")
    written = network("net.arch:fixed", "--columns", ALL, "--at", "batch=4")
    assert {**given, "name": ""} == {**written, "name": ""}


def test_open_sizes_stay_closed_forms() -> None:
    found = network("net.arch:open", "--columns", ALL, "--at", "h=32")
    assert found["inputs"] == {"input": [3, 32, "w"]}
    first = found["layers"][0]
    assert first["output"] == [8, 16, "(w + 1) // 2"]
    assert first["macs"] == "3,456 * ((w + 1) // 2)"
    assert first["saved_bytes"] == "384 * w"


def test_given_sizes_make_a_valid_graph(folder: Path) -> None:
    graph, found = at_sizes(graphs(folder / "net.arch")["open"], {"h": 32, "w": 48, "other": 5})
    assert (found, verify(graph)) == ([], [])
    assert graph.shape(graph.outputs["output"]).sizes == (5, 8, 12)


def test_fields_name_what_makes_them_whole() -> None:
    found = network("net.arch:fixed", "--columns", ALL)
    layers = {layer["path"]: layer for layer in found["layers"]}
    assert layers["stem"]["field"] == {"size": [3, 3], "whole": [None, None]}
    assert layers["last"]["field"] == {"size": [32, 48], "whole": ["gate.squeeze"] * 2}
    assert layers["stem"]["stride"] == [2, 2]
    assert layers["last"]["stride"] == []
    text = run("summary", "net.arch:fixed", "--columns", "field").output
    assert "whole input, through gate.squeeze" in text


def test_centres_are_told_where_branches_join(folder: Path) -> None:
    spec = "network n: [3, 8, 8] = add(maxpool(2), conv(3, 3, stride=2)) -> conv(3, 3)\n"
    (folder / "net.arch").write_text(spec)
    layers = network("net.arch", "--columns", "centres")["layers"]
    assert [layer["centres"] for layer in layers] == [[], [], [0.5, 0.5], []]
    assert "[1/2, 1/2]" in run("summary", "net.arch", "--columns", "centres").output


def test_every_number_has_its_unit_and_its_meaning() -> None:
    found = document("summary", "net.arch:fixed", "--columns", ALL, "--at", "batch=2")
    assert (found["version"], found["batch"], found["sizes"]) == (1, 2, {})
    layer = found["networks"][0]["layers"][0]
    assert found["columns"].keys() == layer.keys() - {"path", "op", "training_only"}
    assert found["columns"]["saved_bytes"]["unit"] == "bytes"
    text = run("summary", "net.arch:fixed", "--columns", ALL, "--at", "batch=2").output
    below = text.partition("\ntotal")[2]
    for heading in ALL.replace("macs", "MACs").replace("output,", "").split(","):
        assert f"\n{heading}" in below
    assert " ".join(below.split()).count("for a batch of 2") == 3


def test_what_is_said_of_all_networks_is_said_once() -> None:
    assert run("summary", "net.arch").output.count("\nMACs: ") == 1


def test_csv_is_one_table_of_all_networks() -> None:
    text = run("summary", "net.arch", "--format", "csv", "--columns", "output,saved").output
    header, *rows = csv.reader(StringIO(text))
    assert header == ["network", "layer", "op", "output", "saved_bytes"]
    assert {row[0] for row in rows} == {"open", "fixed", "deep"}
    fixed = [row for row in rows if row[0] == "fixed"]
    assert fixed[0] == ["fixed", "stem", "conv", "[8, 16, 24]", str(4 * 3 * 32 * 48)]
    total = network("net.arch:fixed", "--columns", "saved")["saved_bytes"]
    assert sum(int(row[-1]) for row in fixed) == total


def test_markdown_is_a_table() -> None:
    text = run("summary", "net.arch:fixed", "--format", "md", "--columns", "output,saved").output
    lines = text.splitlines()
    assert lines[0] == "**fixed (input: [3, 32, 48])**"
    assert lines[2:4] == ["| layer | op | output | saved |", "| --- | --- | --- | --: |"]
    assert lines[4] == "| stem | conv | [8, 16, 24] | 18,432 |"
    assert all(line.count("|") == 5 for line in lines if line.startswith("|"))
    assert any(line.startswith("| **total** |") for line in lines)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--columns", "output,sived"], "there is no column `sived`; did you mean `saved`?"),
        (["--columns", "q"], "there is no column `q`; the columns are layer, op, output"),
        (["--columns", ""], "there is no column ``"),
        (["--at", "h"], "--at takes NAME=SIZE,..., such as h=224,batch=8, not `h`"),
        (["--at", "h=2,"], "--at takes NAME=SIZE"),
        (["--at", "h=-2"], "--at takes NAME=SIZE"),
        (["--at", "h=2.5"], "--at takes NAME=SIZE"),
        (["--at", "h=\u0663"], "--at takes NAME=SIZE"),
        (["--at", "h=0"], "--at takes sizes from 1 to"),
        (["--at", "h=" + 5000 * "9"], "--at takes sizes from 1 to"),
        (["--at", "h=2", "--at", "h=3"], "--at has `h` twice"),
        (["--at", "bach=8"], "--at: error[E0915]: no network has an open size `bach`"),
        (["--at", "bach=8"], "help: did you mean `batch`?"),
        (["--at", "x=8"], "help: the open sizes are `h`, `w`"),
        (["--format", "html"], "'html' is not one of"),
    ],
)
def test_what_cannot_be_asked_for_is_wrong_usage(arguments: list[str], message: str) -> None:
    result = run("summary", "net.arch", *arguments)
    assert (result.exit_code, message in result.output) == (2, True), result.output


def test_sizes_that_do_not_fit_are_refused_at_the_layer() -> None:
    result = run("summary", "net.arch:deep", "--at", "w=32")
    assert result.exit_code == 2
    assert "net.arch:11:63: error[E0916]: `deep` cannot have w=32: the window" in result.output
    assert run("summary", "net.arch:deep", "--at", "w=33").exit_code == 0


def test_without_open_sizes_the_help_says_so(folder: Path) -> None:
    (folder / "net.arch").write_text("network n: [3, 8, 8] = conv(8, 3)\n")
    result = run("summary", "net.arch", "--at", "q=8", "--format", "json")
    (found,) = json.loads(result.output)["diagnostics"]
    assert (result.exit_code, found["help"]) == (2, "all sizes are numbers")


ANSI = re.compile(r"\033\[[0-9;]*m")


def test_in_colour_head_and_totals_are_bold() -> None:
    headings = [Heading("layer", "layer"), Heading("n", "n", is_number=True)]
    grid = Grid("net", headings, [["a", 5], ["bb", 1000]], ["total", 1005], ["so"])
    plain = written("text", {"net": grid}, ["n: a number"])
    assert (
        plain == "net\nlayer      n\na          5\nbb     1,000\ntotal  1,005\nso\n\nn: a number\n"
    )
    colored = written("text", {"net": grid}, ["n: a number"], color=True)
    bold = [ANSI.sub("", line) for line in colored.splitlines() if "\033[1m" in line]
    assert [line.split() for line in bold] == [["layer", "n"], ["total", "1,005"]]
    lines = [line.rstrip() for line in ANSI.sub("", colored).splitlines()]
    assert lines == plain.splitlines()
