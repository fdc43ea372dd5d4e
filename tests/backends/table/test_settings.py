"""Networks with settings of their own, chosen columns, and the arguments that differ."""

from __future__ import annotations

import csv
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from io import StringIO
from pathlib import Path

import pytest

import archdsl
from tests.helpers.commands import document, run

SPEC = """\
block unit(out, act): [c, _, _] = deep: conv(c, 3, groups=c) -> point: conv(out, 1) -> act

network n(width=1.0, stride=2, depths=[1, 2], act="relu"): [3, 64, 64] -> [10] =
    conv1: conv(32, 3, stride=stride, pad=1)
    -> body: chain(unit(floor(64 * width), relu if act == "relu" else gelu) for d in depths)
    -> global_avgpool -> flatten -> fc: linear(10)

network other(classes=2): [3, h, w] -> [classes, _, _] = conv1: conv(classes, 3)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in "net.arch", "net(1).arch", "a:b(c=1).arch":
        (tmp_path / name).write_text(SPEC)
    return tmp_path


@pytest.mark.parametrize(
    ("asked", "labels"),
    [
        (["net.arch:n(width=0.75)", "net.arch:n(width=1.0)"], ["n(width=0.75)", "n(width=1.0)"]),
        (["net.arch:n(width=2)", "net.arch:n"], ["n(width=2)", "n"]),
        (['net.arch:n( depths = [1,2, 3],act="gelu" )'], ['n(depths=[1, 2, 3], act="gelu")']),
        (['net.arch:n(act="a:b)(,")'], ['n(act="a:b)(,")']),
        (["net.arch:n()"], ["n"]),
        (["net(1).arch:n(width=0.5)"], ["n(width=0.5)"]),
        (["net(1).arch"], ["n", "other"]),
        (["a:b(c=1).arch:n(width=0.5)"], ["n(width=0.5)"]),
        (
            ["net.arch:n(width=0.5)", "net(1).arch:n(width=0.5)"],
            ["net.arch:n(width=0.5)", "net(1).arch:n(width=0.5)"],
        ),
    ],
)
def test_networks_are_labelled_with_their_settings(asked: list[str], labels: list[str]) -> None:
    assert [found["name"] for found in document("compare", *asked)["networks"]] == labels


def test_a_setting_is_as_good_as_set() -> None:
    label = "n(width=0.5, depths=[1])"
    asked = document("summary", f"net.arch:{label}")["networks"]
    found = document("summary", "net.arch:n", "--set", "width=0.5", "--set", "depths=[1]")
    assert asked == found["networks"]
    assert found["settings"] == {"width": 0.5, "depths": [1]}
    text = run("summary", "net.arch:n(width=0.5)").output
    assert text.startswith("n(width=0.5) (input: [3, 64, 64])\n")
    # What stands behind a network is said of it, and of no other.
    both = document("compare", "net.arch:n(stride=1)", "net.arch:n", "--set", "stride=4")
    assert both["arguments"] == [
        {"path": "conv1", "op": "conv", "argument": "stride", "from": 1, "to": 4}
    ]


def test_what_is_set_belongs_to_the_name_of_the_networks_that_have_it() -> None:
    def labels(*asked: str) -> list[str]:
        found = document("compare", *asked, "--set", "width=0.5")["networks"]
        return [each["name"] for each in found]

    assert labels("net.arch") == ["n(width=0.5)", "other"]
    assert labels("net.arch:n", "net.arch:n(width=2)") == ["n(width=0.5)", "n(width=2)"]
    assert labels("net.arch:n", "net.arch:n(width=0.5)") == ["n(width=0.5)"]
    text = run("summary", "net.arch:n", "--set", "width=0.5").output
    assert text.startswith("n(width=0.5) (input: [3, 64, 64])\n")


@pytest.mark.parametrize(
    ("asked", "code", "message"),
    [
        ("net.arch:n(0.75)", 2, "settings are written as in `FILE:NETWORK(width=0.75"),
        ("net.arch:n(width=)", 2, "settings are written as in"),
        ("net.arch:n(width=1, width=2)", 2, "settings are written as in"),
        ("net.arch:n(width=1)(stride=1)", 2, "settings are written as in"),
        ("net.arch:n(width=half)", 2, "settings are written as in"),
        ("net.arch:n(width=1 # )", 2, "settings are written as in"),
        ("net.arch:n(wdth=1)", 2, "error[E0912]: there is no parameter `wdth`"),
        ("net.arch:m(width=1)", 2, "error[E0911]: there is no network `m`"),
        ("no.arch:n(width=1)", 2, "there is no file `no.arch"),
    ],
)
def test_what_is_no_setting_is_wrong_usage(asked: str, code: int, message: str) -> None:
    for command in ["summary", asked], ["compare", "net.arch:n", asked]:
        result = run(*command)
        assert (result.exit_code, message in result.output) == (code, True), result.output


def test_a_mistake_of_a_file_is_told_once_for_all_settings(folder: Path) -> None:
    (folder / "net.arch").write_text(SPEC.replace("conv(out, 1)", "cnv(out, 1)"))
    output = run("compare", "net.arch:n(width=1)", "net.arch:n(width=2)").output
    assert output.count("error[") == 1


def test_every_command_that_builds_networks_takes_settings() -> None:
    asked = "net.arch:n(width=0.5)"
    code = run("compile", "net.arch:n", "--set", "width=0.5", "-o", "-").output
    assert "width: float = 0.5" in code
    assert run("compile", asked, "-o", "-").output == code
    drawn = run("draw", asked, "-o", "a.dot")
    assert drawn.exit_code == 0, drawn.output
    assert "32" in Path("a.dot").read_text()
    result = run("check", asked)
    assert (result.exit_code, "check takes no settings" in result.output) == (2, True)


# --- the argument that differs ---


def test_the_argument_that_differs_is_named() -> None:
    text = run("compare", "net.arch:n", "net.arch:n(stride=1)").output
    assert "\nconv1: stride 2 -> 1\n" in text
    assert text.count("->") == 1
    folded = run("compare", "net.arch:n", "net.arch:n(width=0.5)", "--depth", "1").output
    assert "\nbody.0.point: out 64 -> 32\nbody.1.deep: out 64 -> 32\n" in folded
    md = run("compare", "net.arch:n", "net.arch:n(stride=1)", "--format", "md").output
    assert "\n- conv1: stride 2 -> 1\n" in md


def test_layers_that_come_have_no_arguments_that_differ() -> None:
    found = document("compare", "net.arch:n", "net.arch:n(depths=[1, 2, 3])")
    assert found["arguments"] == []
    assert [row["path"] for row in found["difference"]] == ["body.2"]
    found = document("compare", "net.arch:n", 'net.arch:n(act="gelu")')
    assert found["arguments"] == []
    assert {row["op"] for row in found["difference"]} >= {"unit"}


def test_layers_without_names_need_not_be_as_many(folder: Path) -> None:
    join = "add(identity, conv(3, 3))"
    (folder / "net.arch").write_text(
        f"network a: [3, 8, 8] = {join}\nnetwork b: [3, 8, 8] = {join} -> {join}\n"
    )
    found = document("compare", "net.arch:a", "net.arch:b")
    assert found["arguments"] == []
    assert sum(row["params"] for row in found["difference"]) == 3 * 3 * 9 + 3


def test_very_many_arguments_are_counted() -> None:
    many = f"[{', '.join('1' * 30)}]"
    text = run(
        "compare", f"net.arch:n(depths={many})", f"net.arch:n(depths={many}, width=2)"
    ).output
    assert text.count("out 64 -> 128") + text.count("groups 64 -> 128") == 20
    assert "\nand 68 more arguments\n" in text


# --- columns ---


def test_the_columns_of_a_comparison_are_chosen() -> None:
    asked = ["compare", "net.arch:n", "net.arch:n(stride=1)", "--columns", "macs,output,depth"]
    text = run(*asked).output
    assert text.splitlines()[0].split() == ["network", "MACs", "output", "depth"]
    assert ["layer", "op", "output", "MACs"] in [line.split() for line in text.splitlines()]
    assert "params" not in text
    found = document(*asked)
    assert [list(each) for each in found["networks"]] == [["name", "macs", "output", "depth"]] * 2
    assert found["columns"].keys() == {"macs", "output"}
    assert {"macs"} == found["difference"][0].keys() - {"change", "path", "op", "output"}
    header, *rows = csv.reader(StringIO(run(*asked, "--format", "csv").output))
    assert header == ["network", "macs", "output", "depth"]
    assert rows[0][1] == str(found["networks"][0]["macs"])


def test_without_effects_a_difference_has_layers_alone() -> None:
    text = run("compare", "net.arch:n", "net.arch:n(stride=1)", "--columns", "depth").output
    assert ["-", "conv1", "conv(32,", "3,", "stride=2,", "pad=1)", "[32,", "32,", "32]"] in [
        line.split() for line in text.splitlines()
    ]
    assert "change" not in text


def test_a_column_that_there_is_not_is_wrong_usage() -> None:
    result = run("compare", "net.arch:n", "--columns", "parms")
    assert (result.exit_code, "no column `parms`; did you mean `params`?" in result.output) == (
        2,
        True,
    )
    result = run("compare", "net.arch:n", "--columns", "arguments")
    assert (result.exit_code, "there is no column `arguments`" in result.output) == (2, True)


def test_arguments_are_those_of_ops_and_blocks() -> None:
    layers = document("summary", "net.arch:n", "--columns", "arguments")["networks"][0]["layers"]
    assert {layer["path"]: layer["arguments"] for layer in layers} == {
        "conv1": "32, 3, stride=2, pad=1",
        "body.0": 'out=64, act=relu if act == "relu" else gelu',
        "body.1": 'out=64, act=relu if act == "relu" else gelu',
        "global_avgpool": "",
        "flatten": "",
        "fc": "10",
    }


def test_units_leave_json_alone() -> None:
    asked = ["summary", "net.arch:n", "--columns", "params,saved"]
    assert document(*asked, "--units") == document(*asked)
    assert " KiB" in run(*asked, "--units").output
    assert " k |" in run(*asked, "--units", "--format", "md").output
    assert " KiB" in run("compare", "net.arch", "--at", "h=9,w=9", "--units").output


OPEN = """\
network o: [3, h, 16 * w] -> [10] =
    chain(conv(8 * (i + 1), 3, 2, pad=1) for i in range(4))
    -> global_avgpool -> flatten -> linear(10)
"""


def test_long_formulas_are_cut_in_texts_alone(folder: Path) -> None:
    (folder / "net.arch").write_text(OPEN)
    whole = document("summary", "net.arch")["networks"][0]["macs"]
    assert len(whole) > 100
    for command in "summary", "compare":
        text = run(command, "net.arch").output
        assert whole[:30] in text
        assert whole not in text
        assert " …" in text
        assert text.count("`--at h=224,w=14` gives numbers") == 1
        assert "…" not in run(command, "net.arch", "--format", "csv").output
        assert "gives numbers" not in run(command, "net.arch", "--at", "h=224,w=14").output
    network = archdsl.read("net.arch")["o"]
    assert len(repr(network)) < 150
    assert "…" in repr(network)


# --- terminals ---


def on_a_terminal(width: int, *arguments: str) -> list[str]:
    """The lines that a command writes to a terminal of a width."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    command = [sys.executable, "-m", "archdsl", *arguments]
    environment = {**os.environ, "TERM": "dumb"}
    written = b""
    with subprocess.Popen(command, stdout=follower, env=environment) as process:
        os.close(follower)
        try:
            while part := os.read(leader, 65536):
                written += part
        except OSError:
            # This is how Linux says that nobody has the other side open.
            pass
    os.close(leader)
    assert process.returncode == 0
    return written.decode().splitlines()


@pytest.mark.parametrize(
    "arguments",
    [
        ["compare", "net.arch", "--at", "h=64,w=64"],
        ["compare", "net.arch:n(width=0.75)", "net.arch:n(width=1.0, depths=[1, 2, 3])"],
        ["summary", "net.arch:n", "--columns", "arguments,output,params,macs,saved,field"],
    ],
)
def test_tables_fit_the_terminal(arguments: list[str]) -> None:
    wide = on_a_terminal(500, *arguments)
    assert "split into parts" not in " ".join(wide)
    words = {word for line in wide if not line.startswith("  ") for word in line.split()}
    for width in (60, 80):
        lines = on_a_terminal(width, *arguments)
        assert max(map(len, lines)) <= width
        assert "are split into parts of at most" in " ".join(lines)
        assert {word for word in words if word[0].isdigit()} <= set(" ".join(lines).split())


def test_without_a_terminal_tables_are_as_wide_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ["compare", "net.arch", "--at", "h=64,w=64"]
    assert "split into parts" not in run(*asked).output
    monkeypatch.setenv("COLUMNS", "60")
    assert max(map(len, run(*asked).output.splitlines())) <= 60
