"""What the README shows is what archdsl does."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.fx
from click.testing import CliRunner

import archdsl
from archdsl.cli import main
from archdsl.ops import OPS
from tests.helpers.paths import ROOT, SPECS

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)


def block(language: str, start: str) -> str:
    """The block that begins with a text."""
    (found,) = [text for kind, text in BLOCKS if kind == language and text.startswith(start)]
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.arch").write_text(block("arch", "## A small"), encoding="utf-8")
    return tmp_path


def output(*arguments: str) -> str:
    return CliRunner().invoke(main, arguments).output


def test_the_generated_code(folder: Path) -> None:
    output("compile", "tiny.arch")
    text = (folder / "generated" / "tiny.py").read_text(encoding="utf-8")
    assert text.split("\n", 2)[2] == block("python", '"""A small')


def test_the_summary(folder: Path) -> None:
    assert output("summary", "tiny.arch") == block("text", "tiny_resnet (input")


def test_the_fit(folder: Path) -> None:
    table = block("text", "tiny_resnet\nn ")
    assert output("fit", "tiny.arch", "--params", "100k", "--vary", "n") == table


def test_the_error(folder: Path) -> None:
    spec = folder / "tiny.arch"
    spec.write_text(spec.read_text().replace("conv(width, 1, stride)", "conv(width, 1)"))
    assert output("check", "tiny.arch") == block("text", "tiny.arch:9:")


def test_the_op() -> None:
    assert inspect.getsource(OPS["pad_channels"]) == block("python", "@dataclass")


def test_every_command_is_named() -> None:
    for command in main.commands:
        assert re.search(rf"`archdsl {command}[ `]", README)


def test_a_spec_that_is_a_text() -> None:
    *lines, last = block("python", "gate = ").splitlines()
    expression, _, result = last.partition("  # ")
    names: dict[str, Any] = {}
    exec("\n".join(["import archdsl", *lines, f"found = {expression}"]), names)
    assert names["found"] == int(result)


def test_what_editors_ask() -> None:
    *lines, _ = block("python", "gate = ").splitlines()
    *analysed, last = block("python", "analysis = ").splitlines()
    names: dict[str, Any] = {}
    exec("\n".join(["import archdsl", *lines, *analysed]), names)
    analysis = names["analysis"]
    assert not analysis.diagnostics
    assert analysis.hints[0].text == "[8, h, w]"
    assert "class N(nn.Module)" in eval(last, names)


def test_the_exchanged_layers(tmp_path: Path) -> None:
    spec = tmp_path / "swapped.arch"
    spec.write_text(block("arch", "from networks.resnet"), encoding="utf-8")
    assert "no errors" in output("check", str(spec))
    code = output("compile", str(spec), "-o", "-")
    assert "nn.GroupNorm(32" in code
    assert not re.search("BatchNorm|ReLU", code)


def test_the_tour_of_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = block("python", "import archdsl\n").splitlines()
    # Weights of somebody else are no part of the repository.
    code = [line for line in lines if "weights=" not in line]
    names: dict[str, Any] = {}
    exec("\n".join(code).replace("specs/", f"{ROOT}/specs/"), names)
    assert names["resnet50"].params == 25_557_032
    assert type(names["model"]).__name__ == "ResNet"
    assert (tmp_path / "resnet50.svg").exists()


def test_what_is_said_of_features() -> None:
    model = archdsl.load(SPECS / "resnet.arch", "resnet50").eval()
    runs: list[torch.Tensor] = []
    relu = model.get_submodule("layer1.0.relu")
    relu.register_forward_hook(lambda module, inputs, output: runs.append(output))
    model(torch.zeros(1, 3, 32, 32))
    nodes = [node.name for node in torch.fx.symbolic_trace(model).graph.nodes]
    uses = [name for name in nodes if name.startswith("layer1_0_relu")]
    assert (len(runs), uses) == (3, ["layer1_0_relu", "layer1_0_relu_1", "layer1_0_relu_2"])
    assert all(name in README for name in uses[:2])
