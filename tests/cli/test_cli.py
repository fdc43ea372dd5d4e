"""The command line as a person or a build script uses it."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archdsl.cli import main
from tests.helpers.paths import ROOT

SPEC = """\
## A small network.

block body(width): [c, h, w] -> [width, h, w] =
    conv1: conv(width, 3) -> bn1: bn -> relu -> conv2: conv(width, 3)

network small(classes=10, width=8): [3, 32, 32] -> [classes] =
    first: body(width) -> second: body(2 * width) -> global_avgpool -> flatten
    -> fc: linear(classes)

network tall(classes=5): [1, 8 * h, w] -> [8, _, _] =
    stem: conv(8, 3) -> aux(head: conv(classes, 1))

assert small.params == 4_018
"""
PARAMS = 224 + 16 + 584 + 1168 + 32 + 2320 + 170


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.arch").write_text(SPEC.replace("4_018", str(PARAMS)))
    (tmp_path / "wrong.arch").write_text("network n: [3, 8, 8] = conv(8, 3) -> rellu\n")
    return tmp_path


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


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
net.arch:1:30: error[E0503]: `repeat` wants a whole number of copies
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
    assert (result.exit_code, "E0921" in result.output) == (1, True)
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
        (["check", "nowhere.arch"], "there is no file `nowhere.arch`"),
        (["check"], "Missing argument"),
        (["compile", "net.arch", "-o", "net.arch"], "Directory 'net.arch' is a file"),
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
    assert result.output.startswith("E0912: a parameter that no network has\n\n")


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
    process("compile", "net.arch")
    before = (folder / "generated" / "net.py").read_bytes()
    (folder / "generated" / "net.py").unlink()
    process("compile", "net.arch", PYTHONHASHSEED=seed, LC_ALL="tr_TR.UTF-8", TZ="Asia/Tokyo")
    assert (folder / "generated" / "net.py").read_bytes() == before


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


def test_a_folder_is_called_by_its_name(folder: Path) -> None:
    for name in (".", "..", "/"):
        assert f"`{name}` cannot be read: is a directory" in run("check", name).output


WORDS = st.sampled_from(
    "block network let assert default from import if else in for and or not repeat chain add aux "
    'conv linear relu small body net n x = -> : ( ) [ ] , . @ * / // + - ** == 3 0.5 true " # ## \n'
    " { } _ \t $ é \x00 \x1b[31m".split(" ")
)


@given(st.lists(WORDS, max_size=30).map(" ".join), st.sampled_from(["check", "compile", "summary"]))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_random_words_end_in_a_code_and_never_in_a_traceback(
    folder: Path, text: str, command: str
) -> None:
    (folder / "net.arch").write_text(SPEC + text, encoding="utf-8")
    result = CliRunner().invoke(main, [command, "net.arch"])
    assert result.exit_code in (0, 1), result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert (result.exit_code == 0) == ("error[" not in result.output)


@given(st.binary(max_size=60))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
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
@settings(max_examples=60, deadline=None)
def test_random_arguments_are_refused_in_words(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code in (0, 1, 2)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception


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
