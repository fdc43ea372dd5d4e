"""Standard streams in the place of files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archdsl.cli import main
from archdsl.outputs import is_sealed

SPEC = "network n(classes=10): [3, 8, 8] = conv(8, 3) -> flatten -> linear(classes)\n"
TWO = SPEC + "network m: [3, 8, 8] = conv(4, 1)\n"
WRONG = "network n: [3, 8, 8] = rellu\n"


def run(*arguments: str, text: str | bytes = SPEC) -> Result:
    result = CliRunner().invoke(main, arguments, input=text)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_a_mistake_in_standard_input_has_a_place(folder: Path) -> None:
    assert run("check", "-", text=WRONG).output.startswith("<stdin>:1:24: error[E0201]")
    named = run("check", "-", "--name", "sub/new.arch", text=WRONG).output
    assert named.startswith("sub/new.arch:1:24: error[E0201]")
    absolute = run("check", "-", "--name", str(folder / "new.arch"), text=WRONG).output
    assert absolute.startswith("new.arch:1:24: error[E0201]")
    assert str(folder) not in run("check", "-", "--name", "/a/new.arch", text=WRONG).output


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "-"],
        ["check", "-:n"],
        ["check", "net.arch", "-"],
        ["summary", "-:n"],
        ["compare", "-:n", "net.arch:small"],
        ["draw", "-:n", "-o", "n.dot"],
        ["compile", "-:n"],
    ],
)
def test_standard_input_stands_wherever_a_file_does(folder: Path, arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 0


def test_a_network_of_standard_input_is_chosen(folder: Path) -> None:
    assert run("check", "-:m", text=TWO).output == "<stdin>: no errors (1 network)\n"
    assert "did you mean `m`" not in run("check", "-:x", text=TWO).output
    assert run("check", "-:x", text=TWO).exit_code == 2


def test_a_name_gives_the_imports_and_the_file(folder: Path) -> None:
    (folder / "parts").mkdir()
    (folder / "parts" / "blocks.arch").write_text("block b = conv(8, 3)\n")
    text = "from blocks import b\nnetwork n: [3, 8, 8] = b\n"
    assert "E0601" in run("compile", "-", text=text).output
    result = run("compile", "-", "--name", "parts/new.arch", text=text)
    assert result.output == "wrote generated/new.py\n"
    assert Path("generated/new.py").read_text().startswith("# Generated from new.arch by")
    assert run("compile", "-").output == "wrote generated/main.py\n"


@pytest.mark.parametrize("name", ["", "..", "a/..", "/", "a/", "\0", "a\nb.arch", "\x1b[31m.arch"])
def test_a_name_that_no_file_has_is_refused(folder: Path, name: str) -> None:
    result = run("compile", "-", "--name", name)
    assert (result.exit_code, "\x1b" in result.output) == (2, False), result.output
    assert not (folder / "generated").exists()


def test_a_name_cannot_hide_the_library(folder: Path) -> None:
    for name in ("<library>/prelude.arch", "<networks>/resnet.arch"):
        output = run("check", "-", "--name", name, text=WRONG).output
        assert output.startswith(f"./{name}:1:24: error[E0201]")
    text = "from networks.resnet import resnet\nnetwork n: [3, 8, 8] = basic(3)\n"
    assert run("check", "-", "--name", "<networks>/resnet.arch", text=text).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "-", "-"], "`-` is there twice"),
        (["compare", "-:n", "-:m"], "`-` is there twice"),
        (["check", "net.arch", "--name", "a.arch"], "--name is for standard input"),
        (["compile", "-", "-o", "-", "--check"], "--check compares files"),
        (["compile", "net.arch", "-", "-o", "-"], "-o - takes one spec, not 2"),
        (["compile", "net.arch", "-", "-o", "x.py"], "-o x.py takes one spec, not 2"),
        (["draw", "net.arch", "-", "-o", "-"], "-o - takes one network"),
        (["draw", "net.arch", "-o", "-"], "`net.arch` has 2 networks"),
        (["draw", "-", "-o", "a.png", "--format", "svg"], "`a.png` is not of the form svg"),
        (["train", "-", "--gpus", "2"], "it has to be a file"),
    ],
)
def test_what_streams_cannot_do_is_wrong_usage(
    folder: Path, arguments: list[str], message: str
) -> None:
    result = run(*arguments)
    assert (result.exit_code, message in result.output) == (2, True), result.output


def test_code_on_standard_output_is_the_file(folder: Path) -> None:
    result = run("compile", "-:n", "-o", "-", "--set", "classes=7")
    assert is_sealed(result.stdout)
    assert "classes: int = 7" in result.stdout
    assert result.stdout == run("compile", "-:n", "-o", "-", "--set", "classes=7").stdout
    run("compile", "net.arch", "-o", "net.py")
    assert run("compile", "net.arch", "-o", "-").stdout == (folder / "net.py").read_text()
    assert not (folder / "generated").exists()


def test_code_on_standard_output_does_not_depend_on_the_locale(folder: Path) -> None:
    spec = "## Größe: 日本.\n" + SPEC
    (folder / "net.arch").write_text(spec, encoding="utf-8")
    run("compile", "net.arch", "-o", "net.py")
    command = [sys.executable, "-m", "archdsl", "compile", "net.arch", "-o", "-"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    found = subprocess.run(command, env=environment, capture_output=True, check=True).stdout
    assert found == (folder / "net.py").read_bytes()


def test_after_a_mistake_nothing_is_on_standard_output(folder: Path) -> None:
    result = run("compile", "-", "-o", "-", text=WRONG)
    assert (result.exit_code, result.stdout) == (1, "")
    result = run("draw", "-", "-o", "-", text=WRONG)
    assert (result.exit_code, result.stdout) == (1, "")


@pytest.mark.parametrize(
    ("form", "beginning"), [("dot", b"digraph"), ("svg", b"<svg"), ("png", b"\x89PNG\r\n")]
)
def test_a_picture_on_standard_output_has_the_form_that_is_asked_for(
    folder: Path, form: str, beginning: bytes
) -> None:
    content = run("draw", "-:n", "-o", "-", "--format", form).stdout_bytes
    assert beginning in content[:200]
    assert run("draw", "net.arch", "-o", "figures", "--format", form).exit_code == 0
    names = [path.name for path in sorted((folder / "figures").iterdir())]
    assert names == [f"small.{form}", f"tall.{form}"]


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"\xff\xfe\x00", "E0604"), (b"#" * 4_000_001, "E0702"), (b"", "E0911"), (b"\0", "E0103")],
)
def test_standard_input_has_the_bounds_of_files(folder: Path, data: bytes, code: str) -> None:
    result = run("compile", "-", text=data)
    assert (result.exit_code > 0, f"error[{code}]" in result.output) == (True, True)


def shell(command: str) -> subprocess.CompletedProcess[str]:
    script = f"archdsl() {{ '{sys.executable}' -m archdsl \"$@\"; }}; {command}"
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)


def test_an_input_without_an_end_or_closed_is_one_error(folder: Path) -> None:
    endless = shell("yes | archdsl check -")
    assert (endless.returncode, "error[E0702]" in endless.stdout) == (1, True)
    closed = shell("archdsl check - <&-")
    assert (closed.returncode, "it is closed" in closed.stdout) == (1, True)


def test_a_pipe_in_the_place_of_a_file_names_the_way(folder: Path) -> None:
    os.mkfifo(folder / "pipe.arch")
    result = run("check", "pipe.arch")
    assert (result.exit_code, "= help: `-` reads standard input" in result.output) == (1, True)


def test_a_file_called_like_the_stream_can_be_reached(folder: Path) -> None:
    (folder / "-").write_text(WRONG)
    assert run("check", "./-").output.startswith("-:1:24: error[E0201]")
