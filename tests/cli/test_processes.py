"""The command line as a process: what it imports, and what surrounds it."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.helpers.commands import run
from tests.helpers.paths import ROOT


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "archdsl", *arguments],
        env={"PATH": "", "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", ["check", "summary", "compare", "compile"])
def test_no_command_imports_torch(folder: Path, command: str) -> None:
    result = process(command, "net.arch")
    assert result.returncode == 0
    modules = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines()}
    assert not modules & {"torch", "numpy", "safetensors", "matplotlib"}


def test_to_load_without_torch_says_what_to_install(folder: Path) -> None:
    program = (
        "import sys; sys.modules['torch'] = None; import archdsl; archdsl.load('net.arch', 'n')"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True)
    assert b"pip install 'archdsl[torch]'" in result.stderr


def test_the_version_needs_neither_lark_nor_networkx() -> None:
    result = process("--version")
    assert result.stdout.startswith("archdsl, version ")
    assert not any(heavy in result.stderr for heavy in ("lark", "networkx", "rich", "jinja2"))


def test_a_terminal_that_knows_only_ascii_gets_escapes(folder: Path) -> None:
    (folder / "wide.arch").write_text('# 日本\nlet a = "日本" -> é\n', encoding="utf-8")
    result = process("check", "wide.arch", PYTHONIOENCODING="ascii")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr


def test_modules_planted_beside_a_spec_are_not_imported(folder: Path) -> None:
    for name in ("torch", "lark", "click", "networkx", "jinja2"):
        (folder / f"{name}.py").write_text("raise SystemExit(9)\n")
    command = [sys.executable, installed(folder / "bin"), "compile", "net.arch"]
    result = subprocess.run(command, capture_output=True, check=False)
    assert result.returncode == 0, result.stderr
    assert (folder / "generated" / "net.py").exists()


def installed(folder: Path) -> Path:
    """The script `archdsl` as installers write it, in a new folder."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, name = project["scripts"]["archdsl"].partition(":")
    folder.mkdir()
    script = folder / "archdsl"
    script.write_text(f"import sys\nfrom {module} import {name}\nsys.exit({name}())\n")
    return script


@pytest.mark.parametrize("seed", ["0", "1", "77"])
def test_output_does_not_depend_on_hash_seed_locale_or_zone(folder: Path, seed: str) -> None:
    run("compile", "net.arch", "-o", "here")
    process("compile", "net.arch", PYTHONHASHSEED=seed, LC_ALL="tr_TR.UTF-8", TZ="Asia/Tokyo")
    written = [folder / name / "net.py" for name in ("generated", "here")]
    assert written[0].read_bytes() == written[1].read_bytes()


def in_shell(command: str) -> tuple[int, str]:
    """What a command line that runs archdsl ends with, and writes to standard error."""
    script = f"archdsl() {{ '{sys.executable}' -m archdsl \"$@\"; }}; {command}"
    result = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    return result.returncode, result.stderr


def test_output_without_a_place_to_go_is_one_line(folder: Path) -> None:
    closed = "Error: there is no standard output to write to\n"
    assert in_shell("archdsl check net.arch >&-") == (2, closed)
    full = "Error: the output cannot be written: no space left on device\n"
    for command in ("check net.arch", "summary net.arch --format json", "--help"):
        assert in_shell(f"archdsl {command} >/dev/full") == (2, full)
    assert in_shell("archdsl compile wrong.arch 2>&-") == (1, "")
    assert in_shell("archdsl compile wrong.arch 2>/dev/full") == (2, "")


def test_a_reader_who_has_read_enough_is_no_error(folder: Path) -> None:
    command = [sys.executable, "-m", "archdsl", "summary", "net.arch"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert (running.stderr.read(), running.wait()) == (b"", 141)
