"""Files: written whole or not at all, and never over somebody's own work."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from archdsl.outputs import is_sealed, picture_form, save, save_file, seal

TEXT = '"""A network."""\n'


def codes(folder: Path, name: str = "net", text: str = TEXT, force: bool = False) -> list[str]:
    return [one.code for one in save(folder / f"{name}.py", text, "net.arch", force)]


def test_a_file_is_written_below_its_seal_in_a_new_folder(tmp_path: Path) -> None:
    assert codes(tmp_path / "a" / "b") == []
    text = (tmp_path / "a" / "b" / "net.py").read_text()
    assert text == seal(TEXT, "net.arch")
    assert text.endswith("\n" + TEXT)
    assert max(map(len, text.splitlines())) <= 100


def test_a_seal_breaks_with_any_change() -> None:
    text = seal(TEXT, "net.arch")
    assert is_sealed(text)
    assert not is_sealed(text + "\n")
    assert not is_sealed(text.replace("A network", "My network"))
    assert not is_sealed(TEXT)


def test_only_an_untouched_file_is_replaced(tmp_path: Path) -> None:
    codes(tmp_path)
    assert codes(tmp_path, text="# new\n") == []
    path = tmp_path / "net.py"
    path.write_text(path.read_text() + "# mine\n")
    edited = path.read_text()
    assert codes(tmp_path) == ["E0921"]
    assert path.read_text() == edited
    assert codes(tmp_path, force=True) == []
    assert path.read_text() == seal(TEXT, "net.arch")


@pytest.mark.parametrize("force", [False, True])
def test_what_is_no_regular_file_stays(tmp_path: Path, force: bool) -> None:
    target = tmp_path / "target"
    target.write_text("theirs")
    (tmp_path / "net.py").symlink_to(target)
    (tmp_path / "other.py").mkdir()
    assert codes(tmp_path, force=force) == ["E0922"]
    assert codes(tmp_path, "other", force=force) == ["E0922"]
    assert target.read_text() == "theirs"


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert codes(tmp_path / "file") == ["E0922"]
    assert codes(Path("/proc/none")) == ["E0922"]


def test_nothing_is_left_behind_when_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes(tmp_path)
    before = (tmp_path / "net.py").read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert codes(tmp_path, text="# new\n") == ["E0922"]
    assert [path.name for path in tmp_path.iterdir()] == ["net.py"]
    assert (tmp_path / "net.py").read_bytes() == before


def test_nothing_is_left_behind_after_an_interrupt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save(tmp_path / "net.py", TEXT, "net.arch")
    assert list(tmp_path.iterdir()) == []


def test_a_file_has_the_mode_of_any_new_file_or_keeps_its_own(tmp_path: Path) -> None:
    codes(tmp_path)
    (tmp_path / "plain").touch()
    path = tmp_path / "net.py"
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)
    path.chmod(0o600)
    codes(tmp_path, text="# new\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "name", ["torch", "math", "class", "my-net", "1st", "a.b", "né", "a\nb", ""]
)
def test_a_name_that_python_cannot_import_is_refused(tmp_path: Path, name: str) -> None:
    assert codes(tmp_path, name) == ["E0923"]
    assert list(tmp_path.iterdir()) == []


PICTURES = {
    "svg": b'<?xml version="1.0"?>\n<svg></svg>',
    "png": b"\x89PNG\r\n\x1a\n",
    "pdf": b"%PDF-1.5\n",
    "dot": b"digraph {}\n",
    "html": b'<!doctype html>\n<html lang="en" data-theme="light">',
    "json": b'{"version":1,"name":"net"}',
}


def draw(path: Path, content: bytes | None = None) -> list[str]:
    """The codes of what is said where a picture is written."""
    new = PICTURES[path.suffix[1:].lower()] if content is None else content
    return [one.code for one in save_file(path, new)]


@pytest.mark.parametrize("form", PICTURES)
def test_the_suffix_says_the_form_of_a_picture(form: str) -> None:
    assert picture_form(Path(f"a.b/net.{form}")) == (form, [])
    assert picture_form(Path(f"net.{form.upper()}")) == (form, [])


@pytest.mark.parametrize("name", ["net.arch", "net.jpg", "net", "net.svg.gz", ".svg", "svg", "."])
def test_another_suffix_is_an_error_that_lists_the_forms(name: str) -> None:
    form, (error,) = picture_form(Path(name))
    assert (form, error.code) == (None, "E0924")
    assert all(f".{form}" in error.help for form in PICTURES)


@pytest.mark.parametrize("form", PICTURES)
def test_a_picture_is_written_in_a_new_folder_and_replaces_a_picture(
    tmp_path: Path, form: str
) -> None:
    path = tmp_path / "a" / "b" / f"net.{form}"
    assert draw(path) == []
    assert path.read_bytes() == PICTURES[form]
    new = PICTURES[form] + b"\n"
    assert draw(path, new) == []
    assert path.read_bytes() == new
    assert [*path.parent.iterdir()] == [path]


@pytest.mark.parametrize("form", PICTURES)
def test_what_is_no_picture_stays(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"net.{form}"
    path.write_text("Dear Sir or Madam")
    assert draw(path) == ["E0925"]
    assert path.read_text() == "Dear Sir or Madam"
    path.write_bytes(b"")
    assert draw(path) == []


@pytest.mark.parametrize(
    "text",
    [
        "graph{}",
        "// by hand\nstrict digraph net {}",
        "# a line\n/* and\nmore */ digraph {}",
        "\n\n digraph{",
    ],
)
def test_a_graph_by_another_program_is_a_picture_too(tmp_path: Path, text: str) -> None:
    (tmp_path / "net.dot").write_text(text)
    assert draw(tmp_path / "net.dot") == []


@pytest.mark.parametrize("part", ["/**/", "//", "#", " ", "/*", "//\n", "graph", "strict "])
def test_a_file_of_any_kind_is_told_apart_at_once(tmp_path: Path, part: str) -> None:
    (tmp_path / "net.dot").write_text(part * 4000 + "x")
    before = time.monotonic()
    assert draw(tmp_path / "net.dot") == ["E0925"]
    assert time.monotonic() - before < 30


def test_a_picture_replaces_no_link_and_no_folder(tmp_path: Path) -> None:
    target = tmp_path / "target.svg"
    target.write_bytes(PICTURES["svg"])
    (tmp_path / "net.svg").symlink_to(target)
    (tmp_path / "other.svg").mkdir()
    assert draw(tmp_path / "net.svg", b"<svg>new</svg>") == ["E0922"]
    assert draw(tmp_path / "other.svg") == ["E0922"]
    assert draw(target / "below.svg") == ["E0922"]
    assert draw(Path("/proc/none/net.svg")) == ["E0922"]
    assert draw(tmp_path / "a\0b.svg") == ["E0922"]
    assert draw(tmp_path / f"{'x' * 300}.svg") == ["E0922"]
    assert target.read_bytes() == PICTURES["svg"]


def test_no_half_of_a_picture_is_left_when_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "net.png"
    draw(path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert draw(path, PICTURES["png"] + b"new") == ["E0922"]
    assert path.read_bytes() == PICTURES["png"]
    assert [*tmp_path.iterdir()] == [path]
