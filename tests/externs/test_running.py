"""Classes of others are imported where the caller names their package, and nowhere else."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
from pathlib import Path
from pickle import UnpicklingError
from types import ModuleType

import pytest
import torch
from torch import Tensor, nn

import archdsl
from archdsl.externs.classes import NoSuchClass
from archdsl.runtime import instantiate, rebuild
from tests.helpers.commands import run
from tests.helpers.own_layers import Gate, Halve
from tests.helpers.paths import ROOT

OWN = Path(__file__).with_name("own.arch")
DEFORM = Path(__file__).with_name("deform.arch")
PACKAGE = "tests.helpers"
PLANTED = """
extern a: [c, h, w] -> [c, h, w] = "planted.Gate"(c)
network n: [1, 8, 8] -> [10] = a: a -> global_avgpool -> flatten -> fc: linear(10)
"""


def said(text: str, externs: list[str]) -> str:
    """What is said of a network that does not load."""
    with pytest.raises(archdsl.SpecError) as error:
        archdsl.load(text=text, externs=externs)
    return str(error.value)


def with_class(path: str) -> str:
    return f'extern a: [c, h, w] -> [c, h, w] = "{path}"(c)\nnetwork n: [3, 8, 8] = a: a\n'


def test_a_network_is_made_of_the_class() -> None:
    model = archdsl.load(OWN, externs=[PACKAGE])
    gate = model.get_submodule("gate2")
    assert isinstance(gate, Gate)
    assert (gate.down.out_channels, gate.up.out_channels) == (8, 16)
    assert isinstance(model.get_submodule("halve"), Halve)
    assert model(torch.zeros(2, 3, 20, 15)).shape == (2, 10)
    assert sum(each.numel() for each in model.parameters()) == archdsl.read(OWN)["own"].params


def test_its_keys_are_what_the_class_says(tmp_path: Path) -> None:
    model = archdsl.load(OWN, externs=[PACKAGE])
    names = [each for each in model.state_dict() if each.startswith("gate1.")]
    assert names == [f"gate1.{each}" for each in Gate(8).state_dict()]
    torch.save(model.state_dict(), tmp_path / "own.pth")
    other = archdsl.load(OWN, externs=PACKAGE, weights=tmp_path / "own.pth")
    assert torch.equal(other.state_dict()["gate2.up.weight"], model.state_dict()["gate2.up.weight"])


@pytest.mark.parametrize("externs", [[], ["torch"], ["tests.helper"], ["helpers"]])
def test_nothing_is_imported_that_the_caller_does_not_name(externs: list[str]) -> None:
    with pytest.raises(archdsl.SpecError) as error:
        archdsl.load(OWN, externs=externs)
    (found,) = error.value.diagnostics
    assert (found.code, found.span.text) == ("E0917", 'gate(act="tanh")')
    assert "`--allow-extern tests`" in found.help
    assert 'externs=["tests"]' in found.help


def test_code_may_need_a_class_that_no_layer_is() -> None:
    text = """
extern gate: [c, h, w] -> [c, h, w] = "tests.helpers.own_layers.Gate"(c)
network n(deep=false): [3, 8, 8] = conv(4, 3) -> (gate if deep)
"""
    assert "error[E0917]: the code runs code of `tests`" in said(text, [])
    assert archdsl.load(text=text, externs=["tests"])


def test_generated_code_alone_imports_no_more() -> None:
    code = archdsl.compile(OWN)
    with pytest.raises(NoSuchClass):
        instantiate(f"{code}\n", "own")
    with pytest.raises(UnpicklingError, match=r"tests\.helpers\.own_layers"):
        rebuild(code + "\n\n", "own", "Own", ())


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("tests.helpers.own_layers.function", "`tests.helpers.own_layers.function` is no class"),
        ("tests.helpers.own_layers.Nothing", "`tests.helpers.own_layers` has no `Nothing`"),
        ("tests.helpers.nowhere.Gate", "No module named 'tests.helpers.nowhere'"),
        ("os.system", "`os.system` is no class of modules"),
        ("pathlib.Path", "`pathlib.Path` is no class of modules"),
        ("nowhere_at_all.Gate", "No module named 'nowhere_at_all'"),
    ],
)
def test_what_is_no_class_of_modules_is_refused(path: str, part: str) -> None:
    message = said(with_class(path), [path.split(".")[0]])
    assert "error[E0918]" in message
    assert part in message


def test_a_module_that_fails_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "failing_layers.py").write_text("raise SystemExit(3)\n")
    monkeypatch.syspath_prepend(tmp_path)
    message = said(with_class("failing_layers.Gate"), ["failing_layers"])
    assert "E0918" in message
    assert "fails when it is imported: SystemExit: 3" in message


def test_a_class_that_refuses_its_arguments_is_blamed() -> None:
    text = """
extern gate(act): [c, h, w] -> [c, h, w] = "tests.helpers.own_layers.Gate"(c, act=act)
network n: [3, 8, 8] = a: gate("relu") -> b: gate("none")
"""
    message = said(text, [PACKAGE])
    assert 'E0919]: `tests.helpers.own_layers.Gate(3, act="none")` cannot be made' in message
    assert ":3:46: error" in message


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A folder with a spec, and a module that leaves a trace where it is imported."""
    (tmp_path / "net.arch").write_text(PLANTED)
    (tmp_path / "planted.py").write_text(
        "from pathlib import Path\nfrom torch import nn\nPath('trace').touch()\n"
        "class Gate(nn.Conv2d):\n"
        "    def __init__(self, c): super().__init__(c, c, 1)\n"
    )
    return tmp_path


def process(folder: Path, *arguments: str, path: str = "") -> subprocess.CompletedProcess[str]:
    """A command line in a folder, as `python -m archdsl`."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{path}"}
    command = [sys.executable, "-m", "archdsl", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("path", ["", os.pathsep])
def test_nothing_is_imported_from_the_current_folder(planted: Path, path: str) -> None:
    arguments = ("export", "net.arch", "--to", "torchscript", "--allow-extern", "planted")
    result = process(planted, *arguments, path=path)
    assert result.returncode == 2
    assert "error[E0918]" in result.stderr
    assert "No module named 'planted'" in result.stderr
    assert "the one in the current folder is not imported" in result.stderr
    assert not (planted / "trace").exists()


def test_who_puts_the_folder_into_the_path_may_import_from_it(planted: Path) -> None:
    arguments = ("export", "net.arch", "--to", "torchscript", "--allow-extern", "planted")
    result = process(planted, *arguments, path=f"{os.pathsep}{planted}")
    assert (result.returncode, result.stderr) == (0, "")
    assert (planted / "trace").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "net.arch"),
        ("summary", "net.arch"),
        ("compare", "net.arch:n", "net.arch:n"),
        ("draw", "net.arch", "-o", "net.dot"),
        ("compile", "net.arch"),
        ("fmt", "--diff", "net.arch"),
    ],
)
def test_reading_and_drawing_import_nothing(
    planted: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(planted)
    monkeypatch.syspath_prepend(planted)
    assert run(*arguments).exit_code in (0, 1)
    assert "planted" not in sys.modules
    assert not (planted / "trace").exists()


def test_every_command_that_runs_a_network_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.arch").write_text(PLANTED.replace("planted", "tests.helpers.own_layers"))
    for command in (
        ("train", "--epochs", "1"),
        ("export", "--to", "torchscript"),
        ("bench", "--rounds", "1"),
    ):
        result = run(command[0], "net.arch", *command[1:])
        assert (result.exit_code, "error[E0917]" in result.output) == (2, True), command
    assert (
        run("export", "net.arch", "--to", "torchscript", "--allow-extern", PACKAGE).exit_code == 0
    )
    trained = run("train", "net.arch", "--epochs", "1", "-q", "--allow-extern", PACKAGE)
    assert trained.exit_code == 0, trained.output
    weights = ("--data", "digits", "--weights", "runs/n/weights.safetensors")
    assert "E0917" in run("evaluate", "net.arch", *weights).output
    assert "accuracy" in run("evaluate", "net.arch", *weights, "--allow-extern", PACKAGE).output


def test_copies_and_pickles_take_what_was_allowed_along(tmp_path: Path) -> None:
    model = archdsl.load(OWN, externs=[PACKAGE]).eval()
    image = torch.randn(1, 3, 16, 16)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert torch.equal(twin(image), model(image))
    torch.save(model, tmp_path / "whole.pt")
    code = "import sys, torch; print(torch.load(sys.argv[1], weights_only=False).training)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, str(tmp_path / "whole.pt")]
    result = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.stdout == "False\n", result.stderr


class DeformConv2d(nn.Conv2d):
    """A stand-in for torchvision's layer, with its arguments, its weights and its inputs."""

    def forward(self, x: Tensor, offset: Tensor) -> Tensor:  # type: ignore[override]
        """What it gives where nothing is moved."""
        result = super().forward(x)
        assert offset.shape[1] == 2 * self.weight.shape[2] * self.weight.shape[3]
        assert offset.shape[2:] == result.shape[2:]
        return result + offset.mean(1, keepdim=True)


@pytest.fixture
def torchvision(monkeypatch: pytest.MonkeyPatch) -> None:
    """torchvision with this layer alone; the tests do not need the package."""
    module = ModuleType("torchvision.ops")
    vars(module)["DeformConv2d"] = DeformConv2d
    monkeypatch.setitem(sys.modules, "torchvision", ModuleType("torchvision"))
    monkeypatch.setitem(sys.modules, "torchvision.ops", module)


@pytest.mark.usefixtures("torchvision")
def test_a_layer_of_torchvision() -> None:
    assert run("check", DEFORM, "--with-torch", "--allow-extern", "torchvision").exit_code == 0
    model = archdsl.load(DEFORM, externs=["torchvision"], width=8)
    layer = model.get_submodule("layer2.conv")
    assert isinstance(layer, DeformConv2d)
    assert (layer.in_channels, layer.out_channels, layer.stride, layer.padding) == (
        8,
        16,
        (2, 2),
        (1, 1),
    )
    assert not model.get_submodule("layer2.offset").weight.any()
    assert model(torch.randn(2, 3, 32, 32)).shape == (2, 10)


def test_starts_do_not_reach_into_the_class() -> None:
    """`apply` would start the convolutions in it as the spec starts its own."""
    text = """
default conv(init=constant(3))
extern gate: [c, h, w] -> [c, h, w] = "tests.helpers.own_layers.Gate"(c)
network n: [4, 8, 8] = first: conv(4, 3) -> gate: gate
"""
    model = archdsl.load(text=text, externs=[PACKAGE])
    assert model.get_submodule("first").weight.eq(3).all()
    assert not model.get_submodule("gate").down.weight.eq(3).any()
