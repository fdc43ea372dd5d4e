"""The command line on specs good and bad: all of a file, or nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import archdsl
from archdsl.cli import main
from tests.helpers.commands import run
from tests.helpers.paths import ERRORS, GENERATED, ROOT, SPECS

FILES = sorted(SPECS.glob("*.arch"))
# An assert that does not hold is no reason to write no code.
WRONG = [
    path
    for path in sorted(ERRORS.glob("*.arch"))
    if path.stem != "asserts" and b"#! E" in path.read_bytes()
]
GOOD = "network good: [3, 8, 8] = conv(8, 3)\n"
BAD = GOOD + "network bad: [3, 8, 8] = add(conv(8, 3), conv(4, 3))\n"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_specs_are_without_fault(path: Path) -> None:
    """Their asserts hold too."""
    assert archdsl.check(path) == []


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_a_wrong_spec_is_refused_whole(path: Path, tmp_path: Path) -> None:
    result = run("compile", path, "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert "error[E" in result.output
    assert not (tmp_path / "out").exists()


def test_one_wrong_network_keeps_the_others_back(tmp_path: Path) -> None:
    spec = tmp_path / "networks.arch"
    spec.write_text(GOOD)
    assert run("compile", spec, "-o", tmp_path).exit_code == 0
    before = (tmp_path / "networks.py").read_bytes()
    spec.write_text(BAD)
    assert run("compile", spec, "-o", tmp_path).exit_code == 1
    assert (tmp_path / "networks.py").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["networks.arch", "networks.py"]


def test_the_right_network_beside_a_wrong_one_can_be_had(tmp_path: Path) -> None:
    spec = tmp_path / "networks.arch"
    spec.write_text(BAD)
    assert run("compile", f"{spec}:good", "-o", tmp_path).exit_code == 0
    assert run("compile", f"{spec}:bad", "-o", tmp_path).exit_code == 1


def test_an_assert_that_fails_is_an_error_of_check(tmp_path: Path) -> None:
    spec = tmp_path / "wrong.arch"
    spec.write_text(GOOD + "assert good.params == 225\n")
    result = run("check", "--format", "json", spec)
    (diagnostic,) = json.loads(result.output)["diagnostics"]
    assert result.exit_code == 1
    assert diagnostic["code"].startswith("E08")
    assert "224" in json.dumps(diagnostic)


@pytest.mark.parametrize("setting", ["classes=7", "classes=1"])
def test_a_setting_is_the_new_default(tmp_path: Path, setting: str) -> None:
    result = run("compile", SPECS / "resnet.arch:resnet18", "-o", tmp_path, "--set", setting)
    assert result.exit_code == 0
    assert f"def resnet18({setting.replace('=', ': int = ')})" in (
        tmp_path / "resnet18.py"
    ).read_text(encoding="utf-8")


def test_the_same_bytes_everywhere(tmp_path: Path) -> None:
    """Whatever the seed of hashes, the language, the time zone and the folder."""
    script = "import sys; from archdsl.cli import main; main(sys.argv[1:])"
    for seed, zone, language in [("1", "Asia/Tokyo", "C"), ("2", "America/Lima", "tr_TR.UTF-8")]:
        out = tmp_path / seed
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTHONHASHSEED": seed,
            "TZ": zone,
            "LC_ALL": language,
        }
        subprocess.run(
            [sys.executable, "-c", script, "compile", SPECS / "googlenet.arch", "-o", out],
            env=environment,
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )
        assert (out / "googlenet.py").read_bytes() == (GENERATED / "googlenet.py").read_bytes()


def test_no_message_has_an_absolute_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages are pasted into reports; they name files as they were typed, or from here on."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    folder = tmp_path / "there"
    folder.mkdir()
    (folder / "parts.arch").write_text("block stem(n) = conv(n, 3) -> rlu\n")
    (folder / "wrong.arch").write_text(
        "from parts import stem\nfrom missing import x\nnetwork n: [3, 8, 8] = stem(8) -> bm\n"
    )
    (folder / "net.arch").write_text(
        "network n: [3, 8, 8] = conv(8, 3)\nnetwork m: [3, 8, 8] = conv(8, 3)\n"
    )
    for command in (
        ["check", f"{folder}/wrong.arch"],
        ["check", f"{folder}/net.arch"],
        ["check", f"{folder}/absent.arch"],
        ["check", f"{folder}"],
        ["compile", f"{folder}/net.arch"],
        ["compile", f"{folder}/net.arch", "-o", f"{folder}/code"],
        ["compile", f"{folder}/net.arch", "-o", f"{folder}/net.arch/code"],
        ["compile", f"{folder}/wrong.arch"],
        ["summary", f"{folder}/net.arch"],
        ["summary", f"{folder}/net.arch:absent"],
        ["compare", f"{folder}/net.arch", f"{folder}/wrong.arch"],
        ["draw", f"{folder}/net.arch:n", "-o", f"{folder}/n.dot"],
        ["draw", f"{folder}/net.arch:n", "-o", f"{folder}/n.jpg"],
        ["export", f"{folder}/net.arch", "--to", "torchscript"],
        ["export", f"{folder}/net.arch:n", "--to", "onnx", "-o", f"{folder}/n.pt"],
        ["train", f"{folder}/net.arch:n", "--data", f"{folder}/data"],
    ):
        result = CliRunner().invoke(main, command)
        assert str(tmp_path) not in result.output, command
        assert result.output
    assert str(tmp_path) not in (folder / "code" / "net.py").read_text()
    assert (
        "wrote ../there/code/net.py"
        in CliRunner()
        .invoke(main, ["compile", f"{folder}/net.arch", "-o", f"{folder}/code"])
        .output
    )


def test_notes_can_be_silenced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (
        "block unit = a: conv(8, 3) -> conv(8, 3)\n"
        "network wide(n=3): [3, 8, 8] = concat(conv(8, 3) for i in range(n)) -> unit\n"
    )
    Path("net.arch").write_text(text)
    assert "note[N0401]" in run("check", "net.arch").output
    assert "note[N0901]" in run("compile", "net.arch").output
    assert "note" not in run("check", "net.arch", "--silence", "N0601, n0401").output
    assert "note" not in run("compile", "net.arch", "--silence", "N0901").output
    data = json.loads(run("check", "net.arch", "--silence", "N0401", "--format", "json").output)
    assert data["diagnostics"] == []
    for code, message in (
        ("N0409", "there is no note N0409; did you mean"),
        ("E0201", "E0201 is an error, and only notes can be silenced"),
        ("", "there is no note "),
    ):
        result = run("check", "net.arch", "--silence", code)
        assert (result.exit_code, message in result.output) == (2, True), result.output
    Path("net.arch").write_text(
        text.replace("\nnetwork", "  # silence: N0401\nnetwork").replace(
            "unit\n", "unit # silence: N0901\n"
        )
    )
    assert "note" not in run("check", "net.arch").output
    assert "note" not in run("compile", "net.arch").output
    assert run("compile", "net.arch").exit_code == 0


@pytest.mark.parametrize("name", ["class", "import", "my-net", "2d", "torch", "None"])
def test_a_name_for_a_file_is_one_that_works(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(f"{name}.arch").write_text(GOOD)
    result = run("compile", f"{name}.arch")
    other = result.output.partition("rename it, to `")[2].partition("`")[0]
    assert (result.exit_code, bool(other)) == (2, True), result.output
    Path(f"{name}.arch").rename(f"{other}.arch")
    assert run("compile", f"{other}.arch").exit_code == 0
