"""What a recipe says is what happens: losses, weights, their averages, and what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from archdsl.training import loop, step
from archdsl.training.data import Batch, BatchRequest, Share, validation
from archdsl.training.digits import Digits
from archdsl.training.engine import Engine, World
from archdsl.training.learner import Average, learner
from archdsl.training.recipe import chosen
from archdsl.training.step import Setting
from tests.helpers.training_runs import SAME, TINY, losses, records, train

PLACE = ((0, 0), (1, 8, 8))
"""Epoch and step, and the shape of an image."""
COLORED = SAME.replace("[1, 8, 8]", "[3, 8, 8]")


@pytest.fixture(autouse=True)
def folder(one_thread: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def first_loss(name: str, *arguments: str) -> float:
    """The loss of the first step, whose weights are those that a network starts with."""
    assert train(SAME, "--epochs", "1", "--every", "1", "-o", name, *arguments).exit_code == 0
    return losses(name)[0]


def test_smoothing_moves_the_loss_towards_that_of_all_classes() -> None:
    none, some, more = (first_loss(f"s{s}", "--smoothing", s) for s in ("0", "0.2", "0.4"))
    assert some != pytest.approx(none, abs=1e-5)
    assert more - none == pytest.approx(2 * (some - none), abs=1e-6)


def test_weights_decay_and_gains_and_biases_do_not() -> None:
    recipe = chosen("best", {"weight_decay": 0.125})
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
    optimizer = learner(module, recipe, Engine(), World(), 10).optimizer
    decays = {id(p): g["weight_decay"] for g in optimizer.param_groups for p in g["params"]}
    found = {name: decays[id(value)] for name, value in module.named_parameters()}
    assert found == {"0.weight": 0.125, "0.bias": 0, "1.weight": 0, "1.bias": 0}


def test_an_average_forgets_what_is_older() -> None:
    module = torch.nn.Linear(1, 1, bias=False)
    average, wanted = Average(module, steps=4), module.weight.item()
    for number in range(30):
        torch.nn.init.constant_(module.weight, number)
        average.update(module, number)
        decay = min(0.75, (1 + number) / (10 + number))
        wanted = decay * wanted + (1 - decay) * number
    with average.shown(module):
        assert module.weight.item() == pytest.approx(wanted)
    assert module.weight.item() == 29


def test_averaged_weights_are_what_is_finished() -> None:
    arguments = ["--preset", "best", "--epochs", "2", "--batch", "64", "-o", "out"]
    assert train(SAME, *arguments).exit_code == 0
    saved: dict[str, Any] = torch.load("out/last.pt", weights_only=True)
    finished = load_file("out/weights.safetensors")
    assert finished.keys() == saved["average"].keys() == saved["weights"].keys()
    for key, value in finished.items():
        assert torch.equal(value, saved["average"][key])
        assert not torch.equal(value, saved["weights"][key])


@pytest.mark.parametrize(("mixup", "count"), [(0.0, 3), (0.2, 2)])
def test_an_image_that_is_missing_changes_nothing(mixup: float, count: int) -> None:
    recipe = chosen("digits", {"batch": 4, "mixup": mixup})
    setting = Setting(Digits(), recipe, Engine(), World(), per_epoch=1, is_distance=False)

    def learned(instead: float) -> tuple[Tensor, Tensor]:
        torch.manual_seed(0)
        module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 10))
        images = torch.rand(4, 1, 8, 8)
        images[1] = instead
        batch = Batch(images, torch.tensor([1, 2, 3, 4]), torch.tensor([1.0, 0.0, 1.0, 1.0]))
        found = step.learn(learner(module, recipe, Engine(), World(), 1), batch, setting, *PLACE)
        return found, module[1].weight

    (found, weight), (other, other_weight) = learned(0.0), learned(1.0)
    assert found[2] == count
    assert torch.equal(found, other)
    assert torch.equal(weight, other_weight)


@pytest.mark.parametrize("size", [1, 7])
def test_every_image_is_validated_once(size: int) -> None:
    found = [list(validation(Digits(), 100, Share(rank, size), (1, 8, 8))) for rank in range(size)]
    assert len({len(batches) for batches in found}) == 1
    batches = [batch for own in found for batch in own]
    assert sum(batch.weights.sum().item() for batch in batches) == 360
    counted = torch.cat([batch.labels[batch.weights > 0] for batch in batches])
    everything = Digits().fetch("val", torch.arange(360), BatchRequest((1, 8, 8))).labels
    assert torch.equal(counted.bincount(), everything.bincount())


def test_dropout_draws_anew_for_every_part_of_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    places: list[tuple[int, ...]] = []
    monkeypatch.setattr(step, "settle", lambda *parts: places.append(parts))
    assert train(TINY, "--epochs", "2", "--accumulate", "2", "--seed", "5").exit_code == 0
    assert len(places) == len(set(places)) == 2 * 22 * 2
    assert {place[0] for place in places} == {5}


def test_images_have_the_layout_of_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    strides: set[tuple[int, int]] = set()
    forward = torch.nn.Conv2d.forward

    def seen(self: torch.nn.Conv2d, images: Tensor) -> Tensor:
        strides.add((images.stride(1), self.weight.stride(1)))
        return forward(self, images)

    monkeypatch.setattr(torch.nn.Conv2d, "forward", seen)
    assert train(COLORED, "--epochs", "1", "--channels-last", "-o", "out").exit_code == 0
    assert strides == {(1, 1)}


def test_the_best_weights_are_not_those_of_a_worse_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    judged: Iterator[tuple[float, float]] = iter([(1.0, 0.4), (0.8, 0.6), (0.9, 0.5)])
    written: list[str] = []
    monkeypatch.setattr(loop, "evaluate", lambda *_: next(judged))
    monkeypatch.setattr(loop, "save_weights", lambda path, *_: written.append(path.stem))
    assert train(SAME, "--epochs", "3", "-o", "out").exit_code == 0
    assert written == ["best", "best", "weights"]
    assert records("out", "end")[0]["best"] == 0.6
