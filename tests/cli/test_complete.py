"""What shells complete, as they ask for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from archdsl.cli import main
from archdsl.cli.complete import Zsh
from tests.helpers.paths import ROOT

SPEC = """\
network small(classes=10, width=0.5): [3, 16 * h, w] = conv(8, 3)
network other(deep=true): [3, n, n] = conv(8, 3)
network smaller: [3, 8, 8] = conv(8, 3)
"""


@pytest.fixture
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "specs" / "inner").mkdir(parents=True)
    for name in ("net.arch", "specs/one.arch", "specs/two words.arch", "specs/notes.txt"):
        (tmp_path / name).write_text(SPEC)
    (tmp_path / ".hidden.arch").write_text(SPEC)
    return tmp_path


def bash(line: str) -> list[str]:
    """What Bash is told to put behind its last break of a word, at the end of a line."""
    environment = {
        "_ARCHDSL_COMPLETE": "bash_complete",
        "ARCHDSL_LINE": f"archdsl {line}",
        "ARCHDSL_BREAKS": " \t\n\"'><=;|&(:",
    }
    result = CliRunner(env=environment).invoke(main, [], prog_name="archdsl")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.output.split()


def zsh(words: list[str], incomplete: str) -> list[tuple[str, str]]:
    found = Zsh(main, {}, "archdsl", "_ARCHDSL_COMPLETE").get_completions(words, incomplete)
    return [(item.type, item.value) for item in found]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("check ", ["net.arch", "specs/"]),
        ("check n", ["net.arch"]),
        ("check specs/", ["specs/inner/", "specs/one.arch", "specs/two\\", "words.arch"]),
        ("check ./specs/o", ["./specs/one.arch"]),
        ("check net.arch specs/o", ["specs/one.arch"]),
        ("check .h", [".hidden.arch"]),
        ("check nowhere/", []),
        ("compile net.arch:", ["small", "other", "smaller"]),
        ("compile net.arch:sm", ["small", "smaller"]),
        ("compile specs/one.arch:o", ["other"]),
        ("compile notes.arch:", []),
        ("compile resnet:resnet50_", ["resnet50_paper", "resnet50_a", "resnet50_c"]),
        ("summary resnet15", ["resnet152", "resnet152_paper"]),
        ("compile net.arch --set ", ["classes=", "deep=", "width="]),
        ("compile net.arch:small --set cl", ["classes="]),
        ("compile net.arch:small --set classes=1,w", ["1,width="]),
        ("compile net.arch:small --set classes=", []),
        ("compile resnet50 --set ", ["classes="]),
        ("summary net.arch --at ", ["batch=", "h=", "n=", "w="]),
        ("summary net.arch:small --at h=2,", ["2,batch=", "2,h=", "2,w="]),
        ("train net.arch:small --set cl", ["classes="]),
        ("compile - --set cl", []),
        ("compile --set cl", []),
        ("check net.arch --color al", ["always"]),
        (
            "explain E092",
            ["E0921", "E0922", "E0923", "E0924", "E0925", "E0926", "E0927", "E0928", "E0929"],
        ),
        ("explain e0921", ["E0921"]),
        ("netw", ["networks"]),
        ("check --qu", ["--quiet"]),
    ],
)
def test_bash_is_given(specs: Path, line: str, found: list[str]) -> None:
    assert bash(line) == found


def test_zsh_completes_files_itself(specs: Path) -> None:
    assert zsh(["check"], "ne") == [("file", "ne")]
    assert zsh(["check"], "lenet5_") == [("plain", "lenet5_modern")]
    assert zsh(["compile"], "net.arch:o") == [("plain", "net.arch:other")]
    assert zsh(["compile", "net.arch"], "sp")[-1] == ("file", "sp")


def test_what_cannot_be_read_completes_nothing(specs: Path) -> None:
    (specs / "net.arch").write_bytes(b"\xff network x")
    (specs / "loop.arch").symlink_to("loop.arch")
    for name in ("net.arch", "specs", "loop.arch", "a" * 5000):
        assert bash(f"compile {name}:") == []
        assert bash(f"compile {name} --set ") == []
        assert bash(f"summary {name}:x --at ") in ([], ["batch="])


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("archdsl check ne", "net.arch"),
        ("archdsl check specs/two", r"specs/two\ words.arch"),
        ("archdsl compile net.arch:ot", "other"),
        ("archdsl compile net.arch:small --set cl", "classes="),
        ("archdsl compile net.arch --set classes=1,dee", "1,deep="),
    ],
)
def test_the_script_works_in_bash(specs: Path, line: str, found: str) -> None:
    """The function is called as Bash calls it."""
    run = "import sys; sys.argv[0] = 'archdsl'; from archdsl.cli import main; main()"
    (specs / "archdsl").write_text(f'#!/bin/sh\nexec \'{sys.executable}\' -c "{run}" "$@"\n')
    (specs / "archdsl").chmod(0o755)
    program = f"""
source <(_ARCHDSL_COMPLETE=bash_source ./archdsl)
COMP_LINE={line!r}; COMP_POINT=${{#COMP_LINE}}
_archdsl_completion ./archdsl
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    command = ["bash", "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [found], done.stderr
