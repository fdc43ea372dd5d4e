"""Diagnostics as GitHub's annotations, and as SARIF."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.helpers.commands import run

TEXT = 'let s = "\N{PARTY POPPER}" network n: [3, 8, 8] = conv(8, 3) -> rellu\n'


@pytest.fixture
def _wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a, b.arch").write_text(TEXT)


@pytest.mark.usefixtures("_wrong")
def test_github_shows_a_mistake_at_its_line() -> None:
    result = run("check", "a, b.arch", "--format", "github")
    assert result.exit_code == 1
    assert result.stdout == (
        "::error file=a%2C b.arch,line=1,endLine=1,col=50,endColumn=55,"
        "title=E0201%3A unknown name::unknown name `rellu`%0Ahelp: did you mean `relu`?\n"
    )


@pytest.mark.usefixtures("_wrong")
def test_sarif_has_a_mistake_with_its_fix() -> None:
    log = json.loads(run("check", "a, b.arch", "--format", "sarif").stdout)
    assert log["version"] == "2.1.0"
    (case,) = log["runs"]
    assert case["tool"]["driver"]["rules"] == [
        {"id": "E0201", "shortDescription": {"text": "unknown name"}}
    ]
    (result,) = case["results"]
    assert (result["ruleId"], result["level"]) == ("E0201", "error")
    place = result["locations"][0]["physicalLocation"]
    region = {"startLine": 1, "startColumn": 50, "endLine": 1, "endColumn": 55}
    assert place == {"artifactLocation": {"uri": "a%2C%20b.arch"}, "region": region}
    ((change,),) = [fix["artifactChanges"] for fix in result["fixes"]]
    assert change["replacements"] == [
        {"deletedRegion": region, "insertedContent": {"text": "relu"}}
    ]


def test_nothing_wrong_is_an_empty_log() -> None:
    log = json.loads(run("check", "-", "--format", "sarif", text="let a = 1\n").stdout)
    assert log["runs"][0]["results"] == []
    assert run("check", "-", "--format", "github", text="let a = 1\n").stdout == ""


@pytest.mark.usefixtures("_wrong")
def test_a_mistake_in_an_import_is_said_once_and_an_unreadable_file_is_named() -> None:
    Path("bin.arch").write_bytes(b"\xff")
    Path("blocks.arch").write_text("block unit = convv\n")
    for name in ("c", "d"):
        Path(f"{name}.arch").write_text("from blocks import unit\nnetwork n: [3] = unit\n")
    shown = run("check", ".").stdout
    assert shown.count("unknown name `convv`") == 1
    assert "\nd.arch: stopped by errors that are shown above\n" in shown
    told = run("check", ".", "--format", "github").stdout.splitlines()
    assert [line.partition(",")[0] for line in told] == [
        "::error file=a%2C b.arch",
        "::error file=bin.arch",
        "::error file=blocks.arch",
    ]
    (case,) = json.loads(run("check", ".", "--format", "sarif").stdout)["runs"]
    places = [each["locations"][0]["physicalLocation"] for each in case["results"]]
    assert places[1] == {"artifactLocation": {"uri": "bin.arch"}}
    assert len(places) == 3
