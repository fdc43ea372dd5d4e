"""Tables in every form: what stands in a cell comes out as it is read, and fits a terminal."""

from __future__ import annotations

import csv
import html
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from io import StringIO
from pathlib import Path

import pytest
from rich.cells import cell_len

from archdsl.backends.table import Grid, written
from archdsl.backends.table.cells import Cell, Effect
from archdsl.backends.table.grid import Heading
from archdsl.backends.table.magnitude import Unit, abbreviated

HOSTILE = [
    "\r=1", "\x1b[2J",
    "a|b", "*a* _b_", "<b>&lt;</b>", "`x`", "two\nlines\r\nmore", "back\\slash \\| \\n", "[a](b)",
    "$x$ ~~y~~", "100% #1 {z} ^2", "=1+1", "+1", "-1--2", "@x", "\t=1", 'say "x"', "[0mm]", "*",
    "'", "", "größe", "> quote", "\\end{tabular}", "a & b \\\\",
]  # fmt: skip
"""Texts that are markup, or a formula, in some form."""


def grid_of(texts: list[str]) -> Grid:
    headings = [Heading("name", "name"), Heading("text", "text"), Heading("n", "n", True, "bytes")]
    rows: list[list[Cell]] = [[text, text, -index * 1000] for index, text in enumerate(texts)]
    return Grid("a *title*", headings, rows, ["total", "", 1], ["a *note*"])


def in_one_line(text: str) -> str:
    """A text as readers of documents see it, who see no breaks and no controls."""
    return " ".join(text.split()).replace("\x1b", "\\x1b")


def markdown_cells(line: str) -> list[str]:
    """The cells of a row as a reader of Markdown sees them: escapes are undone."""
    cells = re.split(r"(?<!\\)(?:\\\\)*\|", line)[1:-1]
    markup = r"(?<!\\)(?:\\\\)*(?:[*_<`&$~]|(?<=\])\()"
    assert not [cell for cell in cells if re.search(markup, cell)], line
    return [re.sub(r"\\(\W|_)", r"\1", cell.strip()) for cell in cells]


def test_markdown_is_read_as_it_was() -> None:
    lines = written("md", {"": grid_of(HOSTILE)}, []).splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == len(HOSTILE) + 3
    for text, line in zip(HOSTILE, rows[2:], strict=False):
        assert markdown_cells(line)[1] == in_one_line(text)


def test_csv_has_no_formulas_and_its_numbers_are_numbers() -> None:
    text = written("csv", {"=cmd()": grid_of(HOSTILE)}, [])
    _, *rows = csv.reader(StringIO(text))
    for index, (row, cell) in enumerate(zip(rows, HOSTILE, strict=True)):
        assert row[0] == "'=cmd()"
        guard = "'" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else ""
        assert row[1] == row[2] == guard + cell.replace("\r\n", "\n").replace("\r", "\n")
        assert int(row[3]) == -index * 1000


def test_html_is_read_as_it_was() -> None:
    text = written("html", {"": grid_of(HOSTILE)}, ["<script>"])
    root = ElementTree.fromstring(f"<div>{text}</div>")
    cells = [[cell.text or "" for cell in row] for row in root.iter("tr")]
    assert [in_one_line(row[0]) for row in cells[1:-1]] == [in_one_line(text) for text in HOSTILE]
    assert html.escape("<script>") in text


TEX_WORDS = {
    "textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^", "textless": "<",
    "textgreater": ">", "textbar": "|", "char34": '"', "char96": "`",
}  # fmt: skip
TEX_TOKEN = re.compile(r" & |\\([A-Za-z]+\d*)\{\}|\\([{}$&#%_])|(\{\})|([^\\{}$&#%_~^<>|\"`])")


def tex_cells(line: str) -> list[str]:
    """The cells of a row as LaTeX sets them; only markup of ours may be in it."""
    cells, end = [""], 0
    while end < len(line):
        token = TEX_TOKEN.match(line, end)
        assert token, line[end:]
        end = token.end()
        word, character, nothing, plain = token.groups()
        if token[0] == " & ":
            cells.append("")
        elif not nothing:
            cells[-1] += TEX_WORDS[word] if word else character or plain
    return cells


def tex_rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line and not line.startswith("%")]
    assert (lines[0], lines[1]) == ("\\begin{tabular}{llr}", "\\toprule")
    assert lines[-2:] == ["\\bottomrule", "\\end{tabular}"]
    rows = [line for line in lines[2:-2] if line != "\\midrule"]
    assert all(line.endswith(" \\\\") for line in rows)
    assert not [line for line in rows if line.startswith(("[", "*"))]
    return [tex_cells(line.removesuffix(" \\\\")) for line in rows]


def test_tex_is_read_as_it_was() -> None:
    heads, *rows, total = tex_rows(written("tex", {"": grid_of(HOSTILE)}, ["a\nnote"]))
    assert heads == ["name", "text", "n"]
    assert [in_one_line(row[1]) for row in rows] == list(map(in_one_line, HOSTILE))
    assert total == ["total", "", "1"]


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no LaTeX")
def test_latex_sets_it(tmp_path: Path) -> None:
    table = written("tex", {"a": grid_of(HOSTILE), "b": grid_of(HOSTILE[:3])}, ["a\nnote %"])
    document = (
        "\\documentclass{article}\\usepackage{booktabs}\\begin{document}\n"
        f"{table}\\end{{document}}\n"
    )
    (tmp_path / "a.tex").write_text(document, encoding="utf-8")
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "a.tex"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=300)
    assert result.returncode == 0, result.stdout[-2000:].decode(errors="replace")


@pytest.mark.parametrize(
    ("number", "unit", "expected"),
    [
        (25_557_032, "numbers", "25.6 M"),
        (4_089_184_256, "multiply-adds", "4.1 G"),
        (102_441_032, "bytes", "97.7 MiB"),
        (0, "bytes", "0 B"),
        (1023, "bytes", "1,023 B"),
        (1024, "bytes", "1.0 KiB"),
        (999, "numbers", "999"),
        (1000, "numbers", "1.0 k"),
        (999_949, "numbers", "999.9 k"),
        (999_950, "numbers", "1.0 M"),
        (2**20 - 1, "bytes", "1.0 MiB"),
        (-25_557_032, "numbers", "-25.6 M"),
        (10**24, "numbers", "1,000,000.0 E"),
        (25_557_032, "", "25,557,032"),
    ],
)
def test_large_numbers_are_abbreviated(number: int, unit: Unit, expected: str) -> None:
    assert abbreviated(number, unit) == expected


def test_units_are_in_every_form() -> None:
    headings = [Heading("a", "a"), Heading("b", "b", True, "bytes"), Heading("n", "n", True)]
    grid = Grid("", headings, [["x", 2**20, 5000], ["y", Effect(-(2**30)), Effect(5)]])
    for form in "text", "md", "tex", "html", "csv":
        text = written(form, {"": grid}, [], units=True)
        for cell in "1.0 MiB", "-1.0 GiB", "5,000", "+5":
            assert cell in text, (form, cell)


# --- terminals ---


def wide_grid(columns: int, name: str) -> Grid:
    headings = [Heading("layer", "layer"), Heading("what", "what")]
    headings += [Heading(f"number{index}", f"n{index}", is_number=True) for index in range(columns)]
    rows: list[list[Cell]] = [
        [f"{name}.{row}", "some op", *[10 ** (row + index) for index in range(columns)]]
        for row in range(4)
    ]
    return Grid("", headings, rows, ["total", "", *range(columns)])


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
@pytest.mark.parametrize("name", ["a", "stage4.block12.branches.1.convolution" * 2, "日本語" * 20])
def test_no_line_is_wider_than_the_terminal(width: int, name: str) -> None:
    grid = wide_grid(9, name)
    text = written("text", {"": grid}, ["so " * 50], width=width)
    assert all(cell_len(line) <= width for line in text.splitlines())
    for cell in [f"{10**index:,}" for index in range(12)]:
        assert f"{cell}\n" in text.replace(" ", "\n"), "a number was torn apart, or left out"
    for heading in grid.headings:
        assert text.count(heading.text) >= 1
    joined = "".join(text.split())
    assert ("continueon" in joined) == (not any(f"{name}.3" in line for line in text.splitlines()))


def test_parts_say_what_they_are_and_repeat_the_keys() -> None:
    text = written("text", {"": wide_grid(9, "a")}, [], width=60)
    parts = text.split("\n\n")
    heads = [part.splitlines()[0].split() for part in parts[:-1]]
    assert len(heads) > 1
    assert all(head[0] == "layer" for head in heads)
    assert [name for head in heads for name in head if name.startswith("number")] == [
        f"number{index}" for index in range(9)
    ]
    assert all([line.split()[0] for line in part.splitlines()][1] == "a.0" for part in parts[:-1])
    assert "tables are split into parts of at most 60 columns" in parts[-1].replace("\n  ", " ")


def test_what_fits_is_in_one_piece_and_nothing_is_said() -> None:
    grid = wide_grid(2, "a")
    assert written("text", {"": grid}, [], width=80) == written("text", {"": grid}, [])
    assert "parts" not in written("text", {"": grid}, [])
