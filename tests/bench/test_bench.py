"""`archdsl bench`: every way of running is a row, with rates or with the reason why not."""

from __future__ import annotations

import functools
import gc
import json
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import pytest
import torch
from click.testing import CliRunner, Result
from torch import Tensor, nn
from torch.nn import functional

from archdsl.bench import Measurement, Subject
from archdsl.bench import run as runs
from archdsl.bench.ways import WAYS, Way
from archdsl.cli import main
from archdsl.ops.tensor_type import TensorType

SPEC = """\
network plain(classes=5): [3, 8, 8] -> [classes] =
    conv(4, 3) -> bn -> relu -> global_avgpool -> flatten -> linear(classes)
network heads: [3, h, w] -> [5] =
    stem: conv(4, 3) -> relu -> aux(side: (global_avgpool -> flatten -> linear(5)))
    -> global_avgpool -> flatten -> head: linear(5)
"""
PARAMS = 3 * 4 * 9 + 4 + 2 * 4 + 4 * 5 + 5


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Rounds of one step, and a compiler that takes no time but captures whole graphs.

    Every way that fails collects garbage: here without the networks of other tests.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.arch").write_text(SPEC)
    monkeypatch.setattr(runs, "ROUND_SECONDS", 0.0)
    monkeypatch.setattr(torch, "compile", functools.partial(torch.compile, backend="eager"))
    gc.freeze()
    yield tmp_path
    gc.unfreeze()


def bench(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["bench", *arguments, "--batch", "2", "--rounds", "3"])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def vision(make: Callable[[], nn.Module]) -> ModuleType:
    """A torchvision with one network."""
    module: Any = ModuleType("torchvision")
    module.models = SimpleNamespace(
        list_models=lambda: ["tiny"], get_model=lambda name, weights: make()
    )
    return module


def test_two_networks_run_in_every_way() -> None:
    arguments = ["net.arch:plain", "--against", "net.arch:heads", "--at", "h=8,w=8"]
    result = bench(*arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    assert (found["diagnostics"], found["batch"]) == ([], 2)
    assert [each["name"] for each in found["networks"]] == ["plain", "net.arch:heads"]
    assert found["networks"][0]["params"] == PARAMS
    keys = ("task", "mode", "layout", "precision", "network")
    assert len({tuple(row[key] for key in keys) for row in found["rows"]}) == 32
    for row in found["rows"]:
        assert row["reason"] is None
        assert (len(row["images_per_second"]), row["median"] > 0) == (3, True)
        assert row["median"] == sorted(row["images_per_second"])[1]
        is_kept = row["task"] == "training" and row["mode"] == "eager"
        assert (row["saved_bytes"] is not None) == (row["estimated_bytes"] is not None) == is_kept
        if is_kept and row["precision"] == "fp32":
            assert row["saved_bytes"] == row["estimated_bytes"]


class Watched(nn.Module):
    """A network that remembers in which ways it ran."""

    seen: ClassVar[set[tuple[bool, ...]]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, images: Tensor) -> Tensor:
        layouts = (images.stride(1) == 1, self.conv.weight.stride(1) == 1)
        is_bf16 = torch.is_autocast_enabled("cpu")
        self.seen.add((self.training, torch.is_grad_enabled(), is_bf16, *layouts))
        return self.conv(images).mean((2, 3))


@pytest.mark.parametrize("way", WAYS, ids=lambda way: "-".join(vars(way).values()))
def test_a_way_of_running_is_what_it_is_called(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[nn.Module] = []
    monkeypatch.setattr(
        torch, "compile", lambda module, fullgraph: compiled.append(module) or module
    )
    Watched.seen.clear()
    placed = runs.Placed(
        Subject("net", Watched(), {"x": TensorType((3, 8, 8))}), way.layout, batch=2
    )
    before = placed.module.conv.weight.clone()
    run = runs.TimedRun(placed, way, batch=2)
    run.prepare()
    is_training, is_last = way.task == "training", way.layout == "channels_last"
    is_bf16 = way.precision == "bf16"
    assert Watched.seen == {(is_training, is_training, is_bf16, is_last, is_last)}
    assert len(compiled) == (way.mode == "compile")
    assert torch.equal(placed.module.conv.weight, before) is not is_training
    monkeypatch.setattr(run, "timed", lambda steps: steps * 0.25)
    assert run.rate() == 2 / 0.25


def test_the_classes_of_a_sequence_are_behind_its_positions() -> None:
    subject = Subject("net", Watched(), {"x": TensorType((3, 8, 8))}, [True, False])
    placed = runs.Placed(subject, "contiguous", batch=2)
    run = runs.TimedRun(placed, WAYS[0], batch=2)
    words, scores = torch.randn(2, 7, 5), torch.randn(2, 4)
    expected = functional.cross_entropy(words.flatten(0, 1), torch.zeros(14, dtype=torch.long))
    expected += functional.cross_entropy(scores, torch.zeros(2, dtype=torch.long))
    assert torch.allclose(run.loss((words, scores)), expected)


def test_a_ratio_says_how_much_faster() -> None:
    rates = ([4.0, 9.0, 6.0], [2.0, 3.0, 2.0])
    ours, theirs = (Measurement("", WAYS[0], each) for each in rates)
    assert ours.ratio(theirs) == 3


def test_what_fails_is_a_row_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any, **options: Any) -> None:
        raise RuntimeError("no compiler here\nand much more")

    monkeypatch.setattr(torch, "compile", refuse)
    result = bench("net.arch:plain")
    lines = [line for line in result.output.splitlines() if " plain " in f"{line} "]
    failed = [line for line in lines if line.endswith("RuntimeError: no compiler here")]
    assert (result.exit_code, len(failed)) == (0, 8)
    assert all("compile" in line for line in failed)
    assert f"batches of 2; parameters: plain {PARAMS}" in result.output


def test_advice_of_the_compiler_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def compiled(module: nn.Module, fullgraph: bool) -> nn.Module:
        warnings.warn("TensorFloat32 tensor cores are available", UserWarning, stacklevel=1)
        return module

    monkeypatch.setattr(torch, "compile", compiled)
    assert "TensorFloat32" not in bench("net.arch:plain").output


def test_a_network_of_torchvision_is_timed_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    make = functools.partial(nn.Sequential, nn.Flatten(), nn.Linear(3 * 8 * 8, 5))
    monkeypatch.setitem(sys.modules, "torchvision", vision(make))
    monkeypatch.setattr(torch, "compile", lambda module, fullgraph: module)
    result = bench("net.arch:plain", "--against", "torchvision:tiny")
    assert result.exit_code == 0, result.output
    rows = [line.split() for line in result.output.splitlines() if line.startswith("forward")]
    assert [row[4] for row in rows] == ["plain", "torchvision:tiny"] * 8
    assert [len(row) for row in rows] == [9, 8] * 8


def test_without_torchvision_a_note_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", None)  # type: ignore[arg-type]
    monkeypatch.setattr(torch, "compile", lambda module, fullgraph: module)
    result = bench("net.arch:plain", "--against", "torchvision:resnet50", "--format", "json")
    found = json.loads(result.output)
    assert [each["code"] for each in found["diagnostics"]] == ["N0971"]
    assert (result.exit_code, len(found["rows"])) == (0, 16)


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (["net.arch:plain", "--against", "torchvision:tinny"], 2, "E0975]: torchvision has no"),
        (["net.arch:plain", "--against", "torchvision:tinny"], 2, "did you mean `tiny`?"),
        (["net.arch:plain", "--against", "net.arch:plan"], 2, "did you mean `plain`?"),
        (["net.arch:heads"], 2, "error[E0972]: `heads` cannot run with open sizes: `h`, `w`"),
        (["net.arch"], 2, "`net.arch` has 2 networks"),
    ],
)
def test_what_cannot_be_done_is_one_error(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, part: str
) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", vision(nn.Identity))
    result = bench(*arguments)
    assert (result.exit_code, part in result.output) == (code, True), result.output
    assert (result.output.count("error[") <= 1, "images/s" in result.output) == (True, False)


def test_without_pytorch_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)  # type: ignore[arg-type]
    result = bench("net.arch:plain")
    assert (result.exit_code, "E0971]: not installed: torch\n" in result.output) == (2, True)
    assert "pip install 'archdsl[torch]'" in result.output
