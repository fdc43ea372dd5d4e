"""The command line as a person or a build script uses it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.helpers.commands import run
from tests.helpers.small_spec import PARAMS, SPEC


def test_a_spec_without_errors_is_fine(folder: Path) -> None:
    result = run("check", "net.arch")
    assert (result.exit_code, result.output) == (
        0,
        """\
net.arch: no errors (2 networks)
  tall: [1, 8 * h, w] where h >= 1, w >= 1 (height >= 8, height % 8 == 0)
""",
    )


def test_errors_exit_with_1_and_show_the_place(folder: Path) -> None:
    result = run("check", "net.arch", "wrong.arch")
    assert result.exit_code == 1
    assert "net.arch: no errors (2 networks)\n" in result.output
    assert "wrong.arch:1:38: error[E0201]: " in result.output
    assert "did you mean `relu`?" in result.output


def test_an_assert_that_does_not_hold_is_an_error(folder: Path) -> None:
    (folder / "net.arch").write_text(SPEC)
    result = run("check", "net.arch")
    assert result.exit_code == 1
    assert "net.arch:13:8: error[E0802]" in result.output
    assert "found    4,514" in result.output


def test_what_was_passed_to_a_block_of_the_library_is_blamed(folder: Path) -> None:
    (folder / "net.arch").write_text("network n: [3, 8, 8] = stage(2.5, basic(3))\n")
    assert (
        run("check", "net.arch").output
        == """\
net.arch:1:30: error[E0503]: `repeat` needs a whole number of copies
 1 | network n: [3, 8, 8] = stage(2.5, basic(3))
   |                              ^^^
   = found 1.5
   = in `n - 1`, at <library>/prelude.arch:9:62
   = in `stage`, called at 1:24
   = help: `floor(...)` makes one
"""
    )


def test_a_value_from_a_default_declaration_says_so(folder: Path) -> None:
    (folder / "net.arch").write_text(
        "default conv(groups=4)\nnetwork n: [3, 8, 8] = conv(8, 3) -> conv(16, 3)\n"
    )
    output = run("check", "net.arch").output
    assert "net.arch:2:24: error[E0306]" in output
    assert "help: `groups` comes from the `default` at 1:14\n" in output


def test_json_has_a_version_and_every_diagnostic(folder: Path) -> None:
    result = run("check", "net.arch", "wrong.arch", "--format", "json")
    document = json.loads(result.output)
    assert (result.exit_code, document["version"]) == (1, 1)
    (mistake,) = document["diagnostics"]
    assert (mistake["file"], mistake["line"], mistake["code"]) == ("wrong.arch", 1, "E0201")


def test_json_says_what_networks_take(folder: Path) -> None:
    *_, network = json.loads(run("check", "net.arch", "--format", "json").output)["networks"]
    assert network == {
        "name": "tall",
        "file": "net.arch",
        "inputs": {"input": [1, "8 * h", "w"]},
        "least": {"h": 1, "w": 1},
        "conditions": ["h >= 1", "w >= 1", "height >= 8", "height % 8 == 0"],
        "smallest": {"input": [1, 8, 1]},
    }


def test_a_whole_file_becomes_one_python_file(folder: Path) -> None:
    assert run("compile", "net.arch").output == "wrote generated/net.py\n"
    text = (folder / "generated" / "net.py").read_text()
    assert "class Small(nn.Module):" in text
    assert "def __init__(self, classes: int = 10, width: int = 8) -> None:" in text
    assert str(folder) not in text


def test_one_network_becomes_a_file_of_its_name(folder: Path) -> None:
    result = run("compile", "net.arch:small", "-o", "out", "--set", "classes=7")
    assert (result.exit_code, [path.name for path in Path("out").iterdir()]) == (0, ["small.py"])
    text = (folder / "out" / "small.py").read_text()
    assert "classes: int = 7" in text
    assert "tall" not in text.lower()


def test_several_values_are_set_at_once(folder: Path) -> None:
    spec = """\
network n(classes=10, depths=[1, 1], mode="a"): [3, 8, 8] =
    repeat(depths[0], conv(depths[1], 3)) -> flatten -> linear(classes)
    -> (relu if mode == "a,]b" else tanh)
"""
    (folder / "net.arch").write_text(spec)
    settings = 'classes=7, depths=[2, 5],mode="a,]b"'
    output = run("summary", "net.arch", "--set", settings).output
    rows = [line.split()[:3] for line in output.splitlines()]
    assert [row[1:] for row in rows[2:7]] == [
        ["conv", "[5,"],
        ["conv", "[5,"],
        ["flatten", "[320]"],
        ["linear", "[7]"],
        ["relu", "[7]"],
    ]


def test_compiling_twice_gives_the_same_bytes(folder: Path) -> None:
    run("compile", "net.arch")
    before = (folder / "generated" / "net.py").read_bytes()
    assert run("compile", "net.arch").exit_code == 0
    assert (folder / "generated" / "net.py").read_bytes() == before


def test_a_file_edited_by_hand_is_kept_without_force(folder: Path) -> None:
    run("compile", "net.arch")
    path = folder / "generated" / "net.py"
    path.write_text(path.read_text() + "# mine\n")
    result = run("compile", "net.arch")
    assert (result.exit_code, "E0921" in result.output) == (2, True)
    assert path.read_text().endswith("# mine\n")
    assert run("compile", "net.arch", "--force").exit_code == 0
    assert not path.read_text().endswith("# mine\n")


def test_nothing_is_written_after_an_error(folder: Path) -> None:
    assert run("compile", "wrong.arch").exit_code == 1
    assert not (folder / "generated").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["compile", "net.arch:smal"], "did you mean `small`?"),
        (["compile", "net.arch:small", "--set", "clases=7"], "did you mean `classes`?"),
        (["compile", "net.arch", "--set", "classes"], "--set takes NAME=VALUE"),
        (["compile", "net.arch", "--set", "classes=1 let x = 2"], "--set takes NAME=VALUE"),
        (["compile", "net.arch", "--set", "classes=conv"], "--set takes NAME=VALUE"),
        (["compile", "net.arch", "--set", "classes=1,,width=2"], "--set takes NAME=VALUE"),
        (["compile", "net.arch", "--set", "classes=1,classes=2"], "--set has `classes` twice"),
        (["compile", "net.arch", "--set", "classes=[1,2"], "--set takes NAME=VALUE"),
        (["check", "nowhere.arch"], "there is no file `nowhere.arch`"),
        (["check"], "Missing argument"),
        (["compile", "net.arch", "-o", "net.arch"], "`net.arch` is neither"),
        (["summary", "net.arch", "--depth", "0"], "--depth"),
        (["explain", "E9999"], "there is no code `E9999`"),
        (["paint", "net.arch"], "No such command"),
    ],
)
def test_wrong_usage_exits_with_2(folder: Path, arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, message in result.output) == (2, True), result.output
    assert not (folder / "generated").exists()


def test_a_value_of_another_kind_is_an_error_of_the_spec(folder: Path) -> None:
    result = run("compile", "net.arch:small", "--set", 'classes="ten"')
    assert result.exit_code == 1
    assert "error[E" in result.output


def test_a_summary_has_layers_and_totals(folder: Path) -> None:
    result = run("summary", "net.arch:small", "--depth", "1")
    assert result.exit_code == 0
    rows = [line.split() for line in result.output.splitlines()]
    assert ["first", "body", "[8,", "32,", "32]", "824", "811,008"] in rows
    assert ["fc", "linear", "[10]", "170", "160"] in rows
    assert ["total", f"{PARAMS:,}"] in [row[:2] for row in rows]


def test_a_deeper_summary_unfolds_blocks(folder: Path) -> None:
    output = run("summary", "net.arch:small").output
    assert "first.conv1" in output
    assert "second.bn1" in output


def test_a_summary_as_json_adds_up(folder: Path) -> None:
    document = json.loads(run("summary", "net.arch", "--format", "json").output)
    small, tall = document["networks"]
    assert (small["name"], small["inputs"], small["params"]) == (
        "small",
        {"input": [3, 32, 32]},
        PARAMS,
    )
    for network in (small, tall):
        assert sum(layer["params"] for layer in network["layers"]) == network["params"]
    assert small["macs"] == sum(layer["macs"] for layer in small["layers"])
    assert tall["inference_params"] < tall["params"]
    assert [layer["training_only"] for layer in tall["layers"] if layer["op"] == "conv"] == [
        False,
        True,
    ]


def test_explain_knows_every_code_in_small_letters_too() -> None:
    result = run("explain", "e0912")
    assert result.exit_code == 0
    assert result.output.startswith("E0912: parameter that no network has\n\n")


def test_an_unknown_network_has_a_code(folder: Path) -> None:
    result = run("summary", "net.arch:smal", "--format", "json")
    (found,) = json.loads(result.output)["diagnostics"]
    assert (result.exit_code, found["code"]) == (2, "E0911")


def test_a_file_of_blocks_is_checked_and_not_compiled(folder: Path) -> None:
    (folder / "blocks.arch").write_text("block b(out) = conv(out, 3)\n")
    assert run("check", "blocks.arch").exit_code == 0
    result = run("compile", "blocks.arch")
    assert (result.exit_code, (folder / "generated").exists()) == (2, False)
    assert "error[E0911]: there is no network in this file" in result.output
    (folder / "blocks.arch").write_text("block b(out) = conv(oot, 3)\n")
    result = run("compile", "blocks.arch")
    assert "E0201" in result.output
    assert "E0911" not in result.output


def test_a_note_is_shown_and_is_no_error(folder: Path) -> None:
    (folder / "net.arch").write_text("network n: [3, 8, 8] = a: conv(8, 3) -> conv(8, 3)\n")
    result = run("check", "net.arch")
    assert (result.exit_code, "note[N0401]" in result.output) == (0, True)
    assert run("compile", "net.arch").output == "wrote generated/net.py\n"
