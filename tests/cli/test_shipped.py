"""Networks that ship, by their names alone."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from archdsl import shipped
from tests.helpers.commands import run

RESNET = (
    "from networks.resnet import resnet50\nnetwork n(k=7): [3, 224, 224] -> [k] = resnet50(k)\n"
)


def params(*arguments: str, text: str = "") -> list[int]:
    result = run("summary", *arguments, "--format", "json", text=text)
    return [network["params"] for network in json.loads(result.output)["networks"]]


def test_a_name_stands_for_a_network_in_every_command(folder: Path) -> None:
    assert run("check", "resnet18").output == "<networks>/resnet.arch: no errors (1 network)\n"
    assert params("resnet18", "vgg:vgg11") == [11_689_512, 132_863_336]
    assert params("resnet18", "--set", "classes=10") == [11_181_642]
    result = run("compile", "lenet5_modern")
    assert result.output == "wrote generated/lenet5_modern.py\n"
    text = Path("generated/lenet5_modern.py").read_text()
    assert text.startswith("# Generated from lenet.arch by")
    assert run("draw", "lenet5_modern", "-o", "x.dot").output == "wrote x.dot\n"
    assert "lenet5" in run("compare", "lenet5", "net.arch:small").output


def test_a_file_comes_first(folder: Path) -> None:
    (folder / "resnet18").write_text("network own: [3, 8, 8] = conv(8, 3)\n")
    assert params("resnet18") == [224]
    (folder / "vgg").write_text("network vgg11: [3, 8, 8] = conv(8, 3)\n")
    assert params("vgg:vgg11") == [224]


@pytest.mark.parametrize("command", ["check", "summary", "compare"])
def test_a_folder_hides_no_network(folder: Path, command: str) -> None:
    (folder / "resnet18").mkdir()
    (folder / "resnet18" / "last.pt").touch()
    (folder / "resnet").mkdir()
    assert run(command, "resnet18", "resnet:resnet34").exit_code == 0
    assert params("resnet18(classes=10)") == [11_181_642]
    assert run("export", "resnet18", "--to", "onnx", "-o", "x.pt").output.startswith("x.pt: error")
    (folder / "resnet18" / "own.arch").write_text("network own: [3, 8, 8] = conv(8, 3)\n")
    assert params("resnet18") == [224]


def test_a_spec_imports_what_ships_wherever_it_is(folder: Path) -> None:
    expected = [25_557_032 - 2_049_000 + 2048 * 7 + 7]
    assert params("-", text=RESNET) == expected
    (folder / "deep").mkdir()
    (folder / "deep" / "mine.arch").write_text(RESNET)
    assert params("deep/mine.arch") == expected
    # What it imports itself lies beside it.
    text = "from networks.senet import seresnet50\nnetwork n: [3, 224, 224] = seresnet50\n"
    assert params("-", text=text) == [28_088_024]


def test_a_folder_of_ones_own_comes_first(folder: Path) -> None:
    (folder / "networks").mkdir()
    (folder / "networks" / "resnet.arch").write_text("block resnet50(k) = flatten -> linear(k)\n")
    assert params("-", text=RESNET) == [3 * 224 * 224 * 7 + 7]


def test_what_is_wrong_with_the_use_of_a_network_is_blamed_on_the_user(folder: Path) -> None:
    text = "from networks.resnet import resnet\nnetwork n: [3, 224, 224] = resnet(basic, [2], 7)\n"
    output = run("check", "-", text=text).output
    assert output.startswith("<stdin>:2:")
    assert "<networks>/resnet.arch:" in output


@pytest.mark.parametrize(
    ("name", "help"),
    [
        ("resnet500", "did you mean `resnet50`?"),
        ("ResNet50", "did you mean `resnet50`?"),
        ("resnet:resnet51", "did you mean `resnet:resnet50`?"),
        ("resnet", "such as `resnet:resnet18`"),
        ("net.arc", "did you mean `net.arch`?"),
        ("./nt.arch", "did you mean `net.arch`?"),
        ("qqqqqqqq", "`archdsl networks` lists"),
        ("../resnet50", "there is no file `../resnet50`"),
        ("/resnet50", "there is no file `resnet50`"),
        ("resnet\0", "there is no file `resnet\\x00`"),
        ("../specs/resnet:resnet50", "there is no file"),
        ("", "there is no file"),
        (":", "there is no file"),
        (":resnet50", "there is no file"),
    ],
)
def test_what_is_no_name_is_refused_with_a_suggestion(folder: Path, name: str, help: str) -> None:
    result = run("check", name)
    assert (result.exit_code, help in result.output) == (2, True), result.output


def test_an_import_without_the_folder_is_told_it(folder: Path) -> None:
    text = "from resnet import resnet50\nnetwork n: [3, 224, 224] = resnet50\n"
    assert "did you mean `networks.resnet`?" in run("check", "-", text=text).output
    text = "from networks.resnt import resnet50\nnetwork n: [3, 224, 224] = resnet50\n"
    assert "did you mean `networks.resnet`?" in run("check", "-", text=text).output


def test_a_name_that_two_files_have_is_asked_for_by_both(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "networks", lambda: {"resnet18": ("resnet", "vgg")})
    result = run("check", "resnet18")
    assert (result.exit_code, "say `resnet:resnet18` or `vgg:resnet18`" in result.output) == (
        2,
        True,
    )
    assert run("check", "resnet:resnet18").exit_code == 0


def test_all_that_ship_are_listed(folder: Path) -> None:
    rows = [*csv.DictReader(run("networks", "--format", "csv").output.splitlines())]
    assert [row["network"] for row in rows] == [*shipped.networks()]
    assert all(row["about"] for row in rows)
    (row,) = [row for row in rows if row["network"] == "resnet50"]
    assert row == {
        "network": "resnet50",
        "file": "resnet.arch",
        "input": "[3, 224, 224]",
        "params": "25557032",
        "macs": "4089184256",
        "about": "Deep Residual Learning for Image Recognition (He et al., CVPR 2016).",
    }


@pytest.mark.parametrize("form", ["text", "md", "csv", "json"])
def test_a_part_of_a_name_chooses(folder: Path, form: str) -> None:
    output = run("networks", "LENET", "--format", form).output
    assert ("lenet5" in output, "googlenet" in output, "vgg" in output) == (True, True, False)
    if form == "json":
        params = {each["name"]: each["params"] for each in json.loads(output)["networks"]}
        assert params["googlenet"] == 13_004_888
