"""What every command takes: `--quiet`, `--color`."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from archdsl.cli import main

NOTED = "network n: [3, 8, 8] = a: conv(8, 3) -> conv(8, 3)\n"


def run(*arguments: str, **environment: str) -> Result:
    result = CliRunner(env=environment).invoke(main, arguments, color=None)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.mark.parametrize("name", main.commands)
def test_every_command_has_them(name: str) -> None:
    options = {option for each in main.commands[name].params for option in each.opts}
    assert {"-q", "--quiet", "--color"} <= options
    takes_spec = any(
        isinstance(each, click.Argument) and each.name in ("file", "files")
        for each in main.commands[name].params
    )
    assert ("--name" in options) == takes_spec


@pytest.mark.parametrize(
    ("arguments", "environment", "is_colored"),
    [
        ([], {}, False),
        (["--color", "auto"], {}, False),
        (["--color", "always"], {}, True),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": ""}, False),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (["--color", "always"], {"NO_COLOR": "1", "TERM": "dumb"}, True),
    ],
)
def test_colours_are_as_asked_for(
    folder: Path, arguments: list[str], environment: dict[str, str], is_colored: bool
) -> None:
    nothing = {"FORCE_COLOR": "", "NO_COLOR": ""}
    for command in ("check", "compile", "summary", "compare"):
        result = run(command, "wrong.arch", *arguments, **(nothing | environment))
        assert ("\x1b[" in result.output) == is_colored
    result = run("summary", "net.arch", *arguments, **(nothing | environment))
    assert ("\x1b[" in result.output) == is_colored


def test_quiet_leaves_errors_and_what_was_asked_for(folder: Path) -> None:
    (folder / "noted.arch").write_text(NOTED)
    assert "note[N0401]" in run("check", "noted.arch").output
    assert run("check", "-q", "noted.arch", "net.arch").output == ""
    assert run("compile", "--quiet", "net.arch").output == ""
    assert run("compile", "-q", "--check", "net.arch").output == ""
    assert run("draw", "-q", "net.arch:small", "-o", "x.dot").output == ""
    assert "error[E0201]" in run("check", "-q", "wrong.arch").output
    assert "total" in run("summary", "-q", "net.arch").output
    assert "class Small" in run("compile", "-q", "net.arch", "-o", "-").output
