"""`archdsl fmt`: files, standard input, `--check` and `--diff`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.commands import run

BEFORE = "network n : [3,8,8]=conv(8,3)\n"
AFTER = "network n: [3, 8, 8] = conv(8, 3)\n"


@pytest.fixture
def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.arch").write_text(BEFORE)
    return tmp_path / "net.arch"


def test_a_file_is_formatted_once(net: Path) -> None:
    net.chmod(0o640)
    assert run("fmt", "net.arch").output == "formatted net.arch\n"
    assert net.read_text() == AFTER
    assert net.stat().st_mode & 0o777 == 0o640
    assert run("fmt", "net.arch").output == ""


def test_check_writes_nothing(net: Path) -> None:
    result = run("fmt", "--check", ".")
    assert result.exit_code == 1
    assert "net.arch: error[E0929]: `net.arch` is not formatted\n" in result.output
    assert net.read_text() == BEFORE
    net.write_text(AFTER)
    assert run("fmt", "--check", ".").exit_code == 0


def test_diff_is_a_patch(net: Path) -> None:
    result = run("fmt", "--diff", "net.arch")
    assert result.exit_code == 1
    assert result.stdout == f"--- a/net.arch\n+++ b/net.arch\n@@ -1 +1 @@\n-{BEFORE}+{AFTER}"
    assert net.read_text() == BEFORE
    net.write_bytes(b"let a = 1\r\nlet b=2\r\n")
    result = run("fmt", "--diff", "net.arch")
    assert result.stdout_bytes.endswith(b" let a = 1\r\n-let b=2\r\n+let b = 2\r\n")


def test_standard_input_goes_to_standard_output() -> None:
    result = run("fmt", "-", text=BEFORE)
    assert (result.exit_code, result.stdout) == (0, AFTER)


def test_what_does_not_parse_stays_as_it_is(net: Path) -> None:
    net.write_text("let a = (1\n")
    result = run("fmt", "net.arch")
    assert result.exit_code == 1
    assert "net.arch:1:9: error[E0107]" in result.output
    assert net.read_text() == "let a = (1\n"


@pytest.mark.parametrize("called", ["resnet50", "net.arch:n", "net.arch:n(x=1)"])
def test_only_whole_files_are_formatted(net: Path, called: str) -> None:
    result = run("fmt", called)
    assert result.exit_code == 2
    assert "fmt takes whole files" in result.output


def test_a_link_is_not_replaced(net: Path) -> None:
    link = net.with_name("link.arch")
    link.symlink_to(net)
    result = run("fmt", "link.arch")
    assert (result.exit_code, link.is_symlink()) == (2, True)
    assert "error[E0922]" in result.output
