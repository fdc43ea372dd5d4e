"""Whatever the command line is given, it ends in a code and never in a traceback."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archdsl.cli import main
from tests.helpers.small_spec import SPEC

WORDS = st.sampled_from(
    "block network let assert default from import if else in for and or not repeat chain add aux "
    'conv linear relu small body net n x = -> : ( ) [ ] , . @ * / // + - ** == 3 0.5 true " # ## \n'
    " { } _ \t $ é \x00 \x1b[31m".split(" ")
)

in_one_folder = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@given(st.lists(WORDS, max_size=30).map(" ".join), st.sampled_from(["check", "compile", "summary"]))
@in_one_folder
def test_random_words_end_in_a_code_and_never_in_a_traceback(
    folder: Path, text: str, command: str
) -> None:
    (folder / "net.arch").write_text(SPEC + text, encoding="utf-8")
    result = CliRunner().invoke(main, [command, "net.arch"])
    assert result.exit_code in (0, 1), result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert (result.exit_code == 0) == ("error[" not in result.output)


@given(st.binary(max_size=60))
@in_one_folder
def test_random_bytes_end_in_a_code(folder: Path, data: bytes) -> None:
    (folder / "net.arch").write_bytes(data)
    result = CliRunner().invoke(main, ["check", "net.arch"])
    assert result.exit_code in (0, 1)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20), max_size=4
    )
)
@settings(max_examples=60)
def test_random_arguments_are_refused_in_words(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code in (0, 1, 2)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception


LINES = st.lists(
    st.sampled_from(
        [
            *("-", "-:small", "-:", "net.arch", "net.arch:tall", "net.arch:", "wrong.arch", "."),
            *(
                "lenet5",
                "lenet:lenet5",
                "lenet:",
                ":lenet5",
                "./-",
                "a\0b",
                "\udcff",
                "",
                "nowhere",
            ),
            *("-o", "-o-", "out/", "out.py", "x.dot", "--format", "dot", "json", "csv", "--check"),
            *("-q", "--color", "always", "--name", "a.arch", "../b.arch", "<library>/prelude.arch"),
            *("--set", "classes=3,", "classes=3", "width=[1", "--at", "h=2,w=3", "--depth", "1"),
        ]
    ),
    max_size=6,
)


@given(st.sampled_from(["check", "compile", "summary", "compare", "draw", "networks"]), LINES)
@in_one_folder
def test_random_command_lines_end_in_a_code(folder: Path, command: str, line: list[str]) -> None:
    (folder / "net.arch").write_text(SPEC, encoding="utf-8")
    # A picture takes long, but for its text.
    output = ["-o", "out.dot"] if command == "draw" else []
    result = CliRunner().invoke(main, [command, *line, *output], input=SPEC)
    assert result.exit_code in (0, 1, 2), result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert (folder / "net.arch").read_text(encoding="utf-8") == SPEC
