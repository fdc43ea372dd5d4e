"""Several files, and folders of them; whether what was written is up to date."""

from __future__ import annotations

import ast
import json
import os
from pathlib import Path

import pytest

from archdsl.outputs import is_sealed
from tests.helpers.commands import run

NET = "network {}: [3, 8, 8] = conv(8, 3)\n"
BLOCKS = "block b(out) = conv(out, 3)\n"


@pytest.fixture
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `specs` in the working folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("specs/b.arch", "specs/a/z.arch", "specs/c.arch", "specs/.hidden/d.arch"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(NET.format(path.stem))
    (tmp_path / "specs" / "blocks.arch").write_text(BLOCKS)
    (tmp_path / "specs" / "notes.txt").write_text("not a spec")
    (tmp_path / "specs" / "again").symlink_to("a")
    return tmp_path / "specs"


def checked(*arguments: str) -> list[str]:
    return [line.partition(":")[0] for line in run("check", *arguments).output.splitlines()]


def test_a_folder_stands_for_its_specs_in_order(specs: Path) -> None:
    files = ["specs/a/z.arch", "specs/b.arch", "specs/blocks.arch", "specs/c.arch"]
    assert checked("specs") == checked("specs/") == files
    assert checked("specs/c.arch", "specs", "specs/a") == ["specs/c.arch", *files[:3]]
    assert checked(".") == files


def test_a_mistake_in_one_does_not_keep_the_others_back(specs: Path) -> None:
    (specs / "b.arch").write_text("network b: [3, 8, 8] = rellu\n")
    result = run("check", "specs")
    assert (result.exit_code, result.output.count("no errors")) == (1, 3)
    result = run("compile", "specs")
    assert (result.exit_code, result.stdout) == (1, "wrote generated/z.py\nwrote generated/c.py\n")
    result = run("draw", "specs", "-o", "out", "--format", "dot")
    assert (result.exit_code, result.stdout) == (1, "wrote out/z.dot\nwrote out/c.dot\n")
    document = json.loads(run("summary", "specs", "--format", "json").output)
    assert [network["name"] for network in document["networks"]] == ["z", "c"]
    assert [found["file"] for found in document["diagnostics"]] == ["specs/b.arch"]


def test_the_exit_code_is_the_worst(specs: Path) -> None:
    (specs / "b.arch").write_text("network b: [3, 8, 8] = rellu\n")
    assert run("check", "specs/c.arch", "specs/b.arch").exit_code == 1
    assert run("compile", "specs/b.arch", "specs/blocks.arch").exit_code == 2


def test_networks_of_one_name_are_told_apart(specs: Path) -> None:
    (specs / "a" / "b.arch").write_text(NET.format("b").replace("8, 3)", "4, 3)"))
    document = json.loads(run("summary", "specs", "--format", "json").output)
    found = {network["name"]: network["params"] for network in document["networks"]}
    assert found == {"specs/a/b.arch:b": 112, "z": 224, "specs/b.arch:b": 224, "c": 224}


def test_two_specs_are_not_written_to_one_file(specs: Path) -> None:
    (specs / "a" / "b.arch").write_text(NET.format("b"))
    for command in ("compile", "draw"):
        result = run(command, "specs")
        assert (result.exit_code, "would both be written" in result.output) == (2, True)
        assert not Path("generated").exists()


def test_two_settings_of_a_network_are_not_written_to_one_file(specs: Path) -> None:
    asked = ["resnet18(classes=2)", "resnet:resnet18(classes=3)"]
    result = run("compile", *asked)
    assert result.exit_code == 2
    assert f"`{asked[0]}` and `{asked[1]}` would both be written as" in result.output


def test_a_folder_without_specs_is_wrong_usage(specs: Path) -> None:
    (specs / "empty").mkdir()
    result = run("check", "specs/empty")
    assert (result.exit_code, "no `.arch` file in `specs/empty`" in result.output) == (2, True)
    (specs / "empty" / "blocks.arch").write_text(BLOCKS)
    result = run("compile", "specs/empty")
    assert (result.exit_code, "`.arch` file with a network" in result.output) == (2, True)


def test_the_output_is_a_folder_or_a_file(specs: Path) -> None:
    assert run("compile", "specs/b.arch", "-o", "one/new.py").output == "wrote one/new.py\n"
    assert run("compile", "specs/b.arch", "-o", "two.py/").output == "wrote two.py/b.py\n"
    assert run("compile", "specs/b.arch", "-o", "two.py").output == "wrote two.py/b.py\n"
    assert run("compile", "specs/b.arch", "-o", "v1.0").output == "wrote v1.0/b.py\n"
    assert "E0923" in run("compile", "specs/b.arch", "-o", "my-net.py").output
    (specs / "my-net.arch").write_text(NET.format("b"))
    assert "E0923" in run("compile", "specs/my-net.arch").output
    assert run("compile", "specs/my-net.arch", "-o", "my_net.py").exit_code == 0
    assert run("compile", "specs/my-net.arch:b", "-o", "three").output == "wrote three/b.py\n"


def test_what_lies_in_a_folder_may_have_any_name_and_kind(specs: Path) -> None:
    for name in (b"\xff.arch", "日本.arch".encode(), b"a b.arch", b"new\nline.arch"):
        (specs / os.fsdecode(name)).write_text(NET.format("n"))
    os.mkfifo(specs / "pipe.arch")
    (specs / "folder.arch").mkdir()
    (specs / "loop.arch").symlink_to("loop.arch")
    result = run("check", "specs")
    assert (result.exit_code, result.output.count("no errors")) == (1, 8)
    assert "\\xff" in result.output or "\\udcff" in result.output
    assert "specs/new\\x0aline.arch: no errors" in result.output
    result = run("compile", "specs")
    assert (result.exit_code, result.stdout.count("wrote")) == (2, 3)
    assert result.stderr.count("E0923") == 4
    for name in (b"\xff.arch", b"new\nline.arch"):
        text = run("compile", f"specs/{os.fsdecode(name)}", "-o", "-").stdout
        ast.parse(text)
        assert is_sealed(text)


def test_what_is_out_of_date_is_said_and_not_mended(specs: Path) -> None:
    result = run("compile", "specs", "--check")
    assert (result.exit_code, result.stderr.count("there is no such file")) == (1, 3)
    assert not Path("generated").exists()
    run("compile", "specs")
    result = run("compile", "specs", "--check")
    assert (result.exit_code, result.stdout.count(" is up to date\n")) == (0, 3)
    (specs / "b.arch").write_text(NET.format("b").replace("8, 3)", "9, 3)"))
    before = Path("generated/b.py").read_bytes()
    result = run("compile", "specs", "--check")
    assert (result.exit_code, result.stdout.count(" is up to date\n")) == (1, 2)
    message = (
        "generated/b.py: error[E0928]: `generated/b.py` is not what `b.arch` compiles to: line "
    )
    assert message in result.stderr
    assert 'expected """[3, 8, 8] -> [9, 8, 8]; 252 parameters' in result.stderr
    assert 'found    """[3, 8, 8] -> [8, 8, 8]; 224 parameters' in result.stderr
    assert "= help: run compile again, without --check" in result.stderr
    assert Path("generated/b.py").read_bytes() == before


def test_the_way_out_for_a_file_edited_by_hand_is_told_at_once(specs: Path) -> None:
    run("compile", "specs/b.arch")
    with Path("generated/b.py").open("a") as file:
        file.write("x = 1\n")
    help = "it was edited by hand: move it away, or overwrite it with --force"
    assert help in run("compile", "specs/b.arch", "--check").stderr
    assert run("compile", "specs/b.arch", "--force").exit_code == 0
    assert run("compile", "specs/b.arch", "--check").exit_code == 0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (lambda data: data + b"x = 1\n", "found    x = 1"),
        (lambda data: data.replace(b"\n", b"\r\n"), "the ends of its lines differ"),
        (lambda data: data[:-1], "the ends of its lines differ"),
        (lambda data: data.replace(b"below: ", b"below: 0", 1), "its hash differs"),
        (lambda data: b"", "found    the end of the file"),
        (lambda data: b"\xff\0", "line 1 differs"),
    ],
)
def test_every_difference_has_a_reason(specs: Path, content: object, reason: str) -> None:
    run("compile", "specs/b.arch")
    path = Path("generated/b.py")
    path.write_bytes(content(path.read_bytes()))  # type: ignore[operator]
    result = run("compile", "specs/b.arch", "--check")
    assert (result.exit_code, reason in result.output) == (1, True), result.output


def test_a_link_or_a_folder_is_not_up_to_date(specs: Path) -> None:
    run("compile", "specs/b.arch")
    Path("generated/b.py").rename("b.py")
    Path("generated/b.py").symlink_to("../b.py")
    result = run("compile", "specs/b.arch", "--check")
    assert (result.exit_code, "not a regular file" in result.output) == (1, True)
