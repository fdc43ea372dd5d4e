"""Networks side by side: figures, differences, and the plot of both."""

from __future__ import annotations

import csv
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import commands

SPEC = """\
block body(width): [c, h, w] = conv1: conv(width, 3) -> bn1: bn -> relu

network thin: [3, 16, 16] = stem: conv(8, 3) -> a: body(8) -> b: body(8) -> aux(head: conv(5, 1))

network wide: [3, 16, 16] =
    stem: conv(8, 3) -> a: body(8) -> new: maxpool(2) -> b: body(48) -> aux(head: conv(5, 1))

network open: [3, h, w] = stem: conv(8, 3)
"""
OTHER = "network thin: [3, 16, 16] = stem: conv(8, 5)\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.arch").write_text(SPEC)
    (tmp_path / "other.arch").write_text(OTHER)
    return tmp_path


run = partial(commands.run, "compare")
document = partial(commands.document, "compare")


def summary(*arguments: str) -> dict[str, Any]:
    columns = ["--columns", "params,macs,weights,activations,saved,live,field,stride"]
    (found,) = commands.document("summary", *arguments, *columns)["networks"]
    return found


def test_figures_are_those_of_the_summary() -> None:
    for found in document("net.arch", "--at", "h=8,w=9,batch=2")["networks"][:2]:
        expected = summary(f"net.arch:{found['name']}", "--at", "batch=2")
        for key in found.keys() - {"name", "depth", "families"}:
            assert found[key] == expected[key], key
        assert found["depth"] == 3
        assert found["families"]["convolution"] == 3


def test_networks_are_labelled_by_what_tells_them_apart() -> None:
    def labels(*arguments: str) -> list[str]:
        return [found["name"] for found in document(*arguments)["networks"]]

    assert labels("net.arch") == ["thin", "wide", "open"]
    assert labels("net.arch:thin", "other.arch") == ["net.arch:thin", "other.arch:thin"]
    assert labels("net.arch:thin", "net.arch:wide") == ["thin", "wide"]


@pytest.mark.parametrize("depth", ["1", "2", "3"])
def test_changes_add_up_to_the_difference(depth: str) -> None:
    found = document("net.arch:thin", "net.arch:wide", "--depth", depth)
    thin, wide = (summary(f"net.arch:{name}") for name in ("thin", "wide"))
    for key in "params", "macs", "weights_bytes", "activations_bytes", "saved_bytes":
        assert sum(row[key] for row in found["difference"]) == wide[key] - thin[key], key


def test_only_what_changed_is_listed() -> None:
    changes = document("net.arch:thin", "net.arch:wide", "--depth", "1")["difference"]
    assert [(row["change"], row["path"], row["op"]) for row in changes] == [
        ("+", "new", "maxpool(2)"),
        ("-", "b", "body"),
        ("+", "b", "body"),
        ("-", "head", "conv(5, 1)"),
        ("+", "head", "conv(5, 1)"),
    ]
    assert document("net.arch:thin", "net.arch:thin")["networks"][0]["name"] == "thin"


def test_a_network_does_not_differ_from_itself(folder: Path) -> None:
    (folder / "other.arch").write_text(SPEC)
    assert document("net.arch:thin", "other.arch:thin")["difference"] == []


def test_a_figure_that_is_not_shown_makes_no_change(folder: Path) -> None:
    text = "network {}: [3, 8, 8] = c1: conv(8, 3) -> a: {} -> c2: conv(8, 3)\n"
    (folder / "net.arch").write_text(text.format("p", "relu") + text.format("q", "silu"))
    found = document("net.arch", "--columns", "params")["difference"]
    assert [(row["change"], row["op"]) for row in found] == [("-", "relu"), ("+", "silu")]
    assert "c2" not in run("net.arch", "--columns", "params").output
    found = document("net.arch", "--columns", "saved")["difference"]
    assert {row["path"] for row in found} == {"a", "c2"}


def test_text_has_both_tables() -> None:
    lines = [line.split() for line in run("net.arch:thin", "net.arch:wide").output.splitlines()]
    assert lines[0][:3] == ["network", "params", "MACs"]
    assert [line[0] for line in lines[1:3]] == ["thin", "wide"]
    assert ["from", "thin", "to", "wide"] in lines
    assert ["+", "new", "maxpool(2)"] in [line[:3] for line in lines]


def test_symbolic_figures_are_formulas() -> None:
    found = document("net.arch:open", "net.arch:thin")
    assert found["networks"][0]["macs"] == "216 * h * w"
    assert found["difference"][0]["macs"] == "-(216 * h * w)"
    assert run("net.arch:open", "net.arch:thin").exit_code == 0


def test_csv_has_a_row_for_every_network() -> None:
    header, *rows = csv.reader(StringIO(run("net.arch", "--format", "csv").output))
    assert header[:3] == ["network", "params", "macs"]
    assert [row[0] for row in rows] == ["thin", "wide", "open"]
    assert all(len(row) == len(header) for row in rows)


def test_markdown_has_tables() -> None:
    text = run("net.arch:thin", "net.arch:wide", "--format", "md").output
    assert text.startswith("| network | params | MACs |")
    assert "**from thin to wide**" in text


# --- the plot ---


def test_the_plot_is_the_same_every_time(folder: Path) -> None:
    result = run("net.arch:thin", "net.arch:wide", "--plot", "a.svg")
    assert (result.exit_code, result.output.startswith("network")) == (0, True)
    command = [sys.executable, "-m", "archdsl", "compare", "net.arch:thin", "net.arch:wide"]
    subprocess.run([*command, "--plot", "b.svg"], check=True, capture_output=True)
    assert (folder / "a.svg").read_bytes() == (folder / "b.svg").read_bytes()
    assert ElementTree.parse(folder / "a.svg").getroot().tag == "{http://www.w3.org/2000/svg}svg"


def test_many_networks_are_numbered(folder: Path) -> None:
    networks = [f"network n{i}: [3, 8, 8] = conv({i + 1}, 3)" for i in range(12)]
    (folder / "net.arch").write_text("\n".join(networks) + "\n")
    assert run("net.arch", "--plot", "many.svg").exit_code == 0
    assert "<!-- 12 n11 -->" in (folder / "many.svg").read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["net.arch:thn"], 2, "error[E0911]: there is no network `thn`"),
        (["net.arch", "nothing.arch"], 2, "there is no file `nothing.arch`"),
        (["net.arch", "--plot", "a.svg"], 2, "error[E0951]: `open` has no numbers to plot"),
        (
            ["net.arch:thin", "--plot", "a.png"],
            2,
            "error[E0926]: `a.png` does not end in a plot format",
        ),
        (["net.arch:thin", "--plot", "net.arch/a.svg"], 2, "error[E0922]: `a.svg` cannot be"),
        (["net.arch:thin", "--plot", "mine.svg"], 2, "error[E0925]: `mine.svg` already exists"),
        (["net.arch", "--at", "height=3"], 2, "error[E0915]: no network has an open size"),
        ([], 2, "Missing argument"),
    ],
)
def test_what_cannot_be_done_is_one_error(
    folder: Path, arguments: list[str], code: int, message: str
) -> None:
    (folder / "mine.svg").write_text("my notes")
    result = run(*arguments)
    assert (result.exit_code, message in result.output) == (code, True), result.output
    assert result.output.count("error[") <= 1
    assert "network  params" not in result.output
    assert sorted(path.name for path in folder.iterdir()) == ["mine.svg", "net.arch", "other.arch"]
    assert (folder / "mine.svg").read_text() == "my notes"


def test_without_matplotlib_there_is_one_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # type: ignore[arg-type]
    result = run("net.arch:thin", "--plot", "a.svg")
    assert (result.exit_code, "error[E0952]" in result.output) == (2, True), result.output
    assert "pip install 'archdsl[plot]'" in result.output
    assert not (folder / "a.svg").exists()
