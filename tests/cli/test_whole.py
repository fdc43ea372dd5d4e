"""The command line on specs good and bad: all of a file, or nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import archdsl
from archdsl.cli import main
from tests.helpers.paths import ERRORS, GENERATED, ROOT, SPECS

FILES = sorted(SPECS.glob("*.arch"))
# An assert that does not hold is no reason to write no code.
WRONG = [p for p in sorted(ERRORS.glob("*.arch")) if p.stem != "asserts"]
GOOD = "network good: [3, 8, 8] = conv(8, 3)\n"
BAD = GOOD + "network bad: [3, 8, 8] = add(conv(8, 3), conv(4, 3))\n"


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


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
            [sys.executable, "-c", script, "compile", SPECS / "densenet.arch", "-o", out],
            env=environment,
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )
        assert (out / "densenet.py").read_bytes() == (GENERATED / "densenet.py").read_bytes()
