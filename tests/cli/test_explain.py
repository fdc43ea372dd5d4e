"""`archdsl ops` and `archdsl explain`."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from archdsl.cli import main
from archdsl.diagnostics import codes
from archdsl.ops import OPS


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_ops_lists_what_there_is() -> None:
    result = run("ops")
    assert result.exit_code == 0
    assert "  linear(out, *, bias=true" in result.output
    for title in ("Ops: pooling", "Joins", "Functions: numbers and lists", "Blocks: shortcuts"):
        assert f"\n{title}\n" in result.output


def test_ops_as_json() -> None:
    document = json.loads(run("ops", "--format", "json").output)
    assert (document["version"], document["diagnostics"]) == (1, [])
    found = {entry["name"]: entry for entry in document["entries"]}
    assert found.keys() >= OPS.keys()
    stride = found["conv"]["parameters"][2]
    assert (stride["name"], stride["default"], stride["by_position"]) == ("stride", "1", True)
    assert found["se"]["text"].startswith("block se(")


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("conv", "number of output channels"),
        ("repeat", "n copies of a layer"),
        ("kaiming_normal", "et al., ICCV 2015)"),
        ("bottleneck", "Every file may use it without an import."),
        ("zero_padding", "`from shortcuts import zero_padding`"),
        ("for", "branches of a join"),
        ("in", "let NAME(parameter)"),
        ("->", "One layer after another"),
        ("-", "Arithmetic"),
        ("@", "@label"),
        ("station", "a list of sizes between two layers, checked"),
        ("chain", "The layers of a list"),
        ("E0301", "branches that do not fit together"),
        ("e0301", "branches that do not fit together"),
    ],
)
def test_a_name_is_explained(name: str, part: str) -> None:
    result = run("explain", name)
    assert result.exit_code == 0
    assert part in result.output


def test_all_codes_are_listed() -> None:
    lines = run("explain").output.splitlines()
    assert lines == [f"{code}  {meaning.title}" for code, meaning in codes().items()]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("cnv", "there is no code or name `cnv`; did you mean `conv`?"),
        ("nn.Conv2d", "`conv` is its name here"),
        ("batchnorm", "write `bn`"),
        ("xyzzy", "`archdsl ops` lists the names"),
        ("E0310x", "there is no code or name"),
        ("E0399", "there is no code `E0399`"),
    ],
)
def test_an_unknown_name_gets_a_suggestion(name: str, part: str) -> None:
    result = run("explain", name)
    assert result.exit_code == 2
    assert part in result.output
