"""`archdsl import`, on a module of a folder."""

from __future__ import annotations

import sys

import pytest
import torch

from archdsl import import_module, load
from archdsl.errors import SpecError
from tests.helpers.commands import run
from tests.helpers.onnx_files import onnx_model, save
from tests.helpers.small_models import Listed, Sorting

NET = """
import torch
from torch import nn

def make(depth, width=4):
    layers = []
    for _ in range(depth):
        layers += [nn.Conv2d(3, 3, 3, padding=1), nn.ReLU()]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(3 * 8 * 8, width))

def broken():
    raise ValueError("no such thing")

class Sorting(nn.Module):
    def forward(self, x):
        return torch.sort(x, 1)[0]

number = 3
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "importable_net.py").write_text(NET)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    sys.modules.pop("importable_net", None)


def test_a_factory_of_a_folder_becomes_a_spec(folder):
    target = "importable_net:make"
    given = ["--args", "2", "--args", "width=5", "--input", "3,8,8", "--path", "."]
    result = run("import", target, *given)
    assert (result.exit_code, result.output) == (
        0,
        "wrote make.arch: 1,133 weights under 6 keys are equal, results to 0\n",
    )
    text = (folder / "make.arch").read_text()
    body = "repeat(2, conv(3, 3) -> relu) -> flatten -> linear(5)"
    assert text.endswith(f"\nnetwork make: [3, 8, 8] = {body}\n")
    assert "`importable_net:make 2 width=5`" in text
    assert run("fmt", "--check", "make.arch").exit_code == 0
    assert load("make.arch")(torch.rand(2, 3, 8, 8)).shape == (2, 5)


def test_a_file_becomes_a_spec(folder):
    save(onnx_model("net (float[N,3,8,8] x) => (float[N,3,8,8] y) { y = Relu(x) }"), folder)
    result = run("import", "net.onnx")
    assert result.output == "wrote net.arch: 0 weights under 0 keys are equal, results to 0\n"
    assert (folder / "net.arch").read_text().endswith("\nnetwork net: [3, 8, 8] = relu\n")
    refused = run("import", "net.onnx", "--args", "2")
    assert (refused.exit_code, "--args is for models in Python" in refused.output) == (2, True)
    assert "RUNS CODE" in run("import", "--help").output


def test_a_spec_is_overwritten_on_request_only(folder):
    (folder / "net.arch").write_text("mine")
    command = ("import", "importable_net:make", "--args", "1", "--input", "3,8,8", "--path", ".")
    result = run(*command, "-o", "net.arch")
    assert "net.arch: error[E0990]: `net.arch` already exists" in result.output
    assert result.exit_code == 2
    assert (folder / "net.arch").read_text() == "mine"
    assert run(*command, "-o", "net.arch", "--force").exit_code == 0


def test_weights_are_proved_too(folder):
    sys.path.insert(0, str(folder))
    try:
        import importable_net

        torch.save(importable_net.make(1).state_dict(), "net.pth")
    finally:
        sys.path.remove(str(folder))
    command = ("import", "importable_net:make", "--args", "1", "--input", "3,8,8", "-o", "-")
    result = run(*command, "--weights", "net.pth")
    assert result.exit_code == 0, result.output
    result = run(
        "import", "importable_net:make", "--args", "2", *command[4:], "--weights", "net.pth"
    )
    assert result.exit_code == 2
    assert "E093" in result.output


@pytest.mark.parametrize(
    ("target", "given", "message"),
    [
        ("importable_net", [], "`importable_net` is no MODULE:FACTORY"),
        ("importable_net:makes", [], "`importable_net` has no `makes`"),
        ("importable_net:number", [], "neither a model nor a function that makes one"),
        ("importable_net:broken", [], "cannot be made: no such thing"),
        ("importable_net:make", ["--args", "2"], "nothing says what goes into"),
        ("importable_net:make", ["--args", "2", "--input", "x"], "`x` is no shape"),
        ("importable_net:Sorting", ["--input", "3,8,8"], "calls `sort`, for which"),
    ],
)
def test_what_cannot_be_imported_is_said(folder, target, given, message):
    result = run("import", target, *given, "--path", ".")
    assert result.exit_code == 2
    assert message in result.output
    assert "error[E0987]" in result.output or "error[E0985]" in result.output
    assert not [*folder.glob("*.arch")]


def test_the_current_folder_is_searched_on_request_only(folder, monkeypatch):
    monkeypatch.syspath_prepend(str(folder))
    result = run("import", "importable_net:make", "--args", "1", "--input", "3,8,8")
    assert "there is no module `importable_net`" in result.output
    assert "`--path .` searches the current folder too" in result.output


def test_in_python_a_module_at_hand_becomes_a_text():
    text = import_module(Listed(), torch.rand(2, 4, 8, 8), name="mine")
    assert "network mine: [4, 8, 8] =" in text
    with pytest.raises(SpecError, match="calls `sort`"):
        import_module(Sorting(), torch.rand(2, 4, 8, 8))
