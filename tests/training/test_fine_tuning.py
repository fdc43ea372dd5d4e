"""Weights that were trained: fine-tuned with other classes, evaluated, and asked for answers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner, Result
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from archdsl.cli import main
from archdsl.integrity import METADATA, checksum
from archdsl.training.digits import Digits
from tests.helpers.training_runs import records, train

SPEC = """
network net(classes=10): [1, 8, 8] -> [classes] =
    conv(16, 3, bias=false) -> bn -> relu -> conv(32, 3, stride=2, bias=false) -> bn -> relu
    -> global_avgpool -> flatten -> fc: linear(classes)
"""
WEIGHTS = "out/weights.safetensors"


@pytest.fixture(autouse=True)
def folder(one_thread: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.arch").write_text(SPEC)


def write_digits(folder: str, digits: Iterable[int], train: int = 40, val: int = 10) -> None:
    """Digits as images, whose classes are called `d0` to `d9`."""
    data = Digits()
    for split, count in ("train", train), ("val", val):
        for digit in digits:
            place = Path(folder, split, f"d{digit}")
            place.mkdir(parents=True)
            rows = (data._labels[split] == digit).nonzero()[:count, 0]
            for row in rows.tolist():
                pixels = (data._images[split][row, 0] * 255).round().byte()
                image = Image.frombytes("L", (8, 8), bytes(pixels.flatten().tolist()))
                image.save(place / f"{row}.png")


def run(command: str, *arguments: str) -> Result:
    result = CliRunner().invoke(main, [command, "net.arch", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def data_of(command: str, *arguments: str) -> dict[str, Any]:
    result = run(command, *arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.output)
    return found


def trained(data: str = "some", *arguments: str) -> None:
    options = ["--data", data, "--preset", "digits", "--batch", "16", "--epochs", "3", "-o", "out"]
    result = train(SPEC, *options, *arguments)
    assert result.exit_code == 0, result.output


def test_other_classes_are_learned_faster_from_weights_than_from_scratch() -> None:
    write_digits("first", range(5), 100)
    write_digits("other", range(5, 10))
    options = ["--preset", "digits", "--batch", "16", "--lr", "0.01"]
    first = ["--data", "first", "--epochs", "6", "-o", "out"]
    assert train(SPEC, *first, *options).exit_code == 0
    other = ["--data", "other", "--epochs", "1", *options]
    assert train(SPEC, *other, "-o", "scratch").exit_code == 0
    tuned = train(SPEC, *other, "-o", "tuned", "--weights", WEIGHTS, "--skip", "fc.*")
    assert tuned.exit_code == 0, tuned.output
    assert "starts from weights.safetensors without fc.*" in tuned.output
    assert "note[N0932]: skipped, with initial values: `fc.weight`, `fc.bias`" in tuned.output
    accuracies = [records(name, "epoch")[0]["val_accuracy"] for name in ("tuned", "scratch")]
    assert accuracies[0] > accuracies[1] + 0.1


def test_another_number_of_classes_needs_a_layer_to_be_skipped() -> None:
    write_digits("some", range(3), 8, 4)
    trained()
    write_digits("more", range(7), 8, 4)
    options = ["--data", "more", "--epochs", "1", "-o", "more_out", "--weights", WEIGHTS]
    result = train(SPEC, *options)
    assert (result.exit_code, "error[E0932]" in result.output) == (2, True), result.output
    assert "`--skip 'fc.*'` leaves it out" in result.output
    assert not Path("more_out").exists()
    assert train(SPEC, *options, "--skip", "fc.*").exit_code == 0


def test_evaluation_equals_the_log_and_prediction_equals_evaluation() -> None:
    write_digits("some", range(4))
    trained()
    found = data_of("evaluate", "--data", "some", "--weights", WEIGHTS)
    last = records("out", "epoch")[-1]
    assert found["accuracy"] == last["val_accuracy"] > 0.3
    assert found["loss"] == pytest.approx(last["val_loss"], rel=1e-5)
    assert found == data_of("evaluate", "--data", "some/val", "--weights", WEIGHTS)
    assert [each["name"] for each in found["classes"]] == ["d0", "d1", "d2", "d3"]
    right = 0
    for each in found["classes"]:
        images = sorted(Path("some/val", each["name"]).glob("*.png"))
        singly = data_of("predict", *map(str, images), "--weights", WEIGHTS, "--top", "1")
        at_once = data_of("predict", f"some/val/{each['name']}", "--weights", WEIGHTS, "--top", "1")
        for one, other in zip(singly["predictions"], at_once["predictions"], strict=True):
            assert one["image"] == other["image"]
            assert one["classes"][0]["name"] == other["classes"][0]["name"]
        answers = [one["classes"][0]["name"] for one in singly["predictions"]]
        assert answers.count(each["name"]) / len(images) == each["accuracy"]
        right += answers.count(each["name"])
    assert right / found["images"] == found["accuracy"]


def test_digits_are_evaluated_as_they_were_validated() -> None:
    options = ["--epochs", "2", "--batch", "128", "-o", "out"]
    assert train(SPEC, *options).exit_code == 0
    found = run("evaluate", "--data", "digits", "--weights", "out/best.safetensors")
    best = records("out", "end")[0]["best"]
    assert found.output.splitlines()[0].startswith(f"accuracy {best:.2%} of 360 images, loss ")


def test_distances_are_answered_by_the_smallest() -> None:
    spec = "network net: [1, 8, 8] = flatten -> linear(16) -> tanh -> rbf(10)"
    options = ["--epochs", "2", "--batch", "128", "-o", "out"]
    assert train(spec, *options).exit_code == 0
    found = data_of("evaluate", "--data", "digits", "--weights", WEIGHTS)
    assert found["accuracy"] == records("out", "epoch")[-1]["val_accuracy"]


def test_weights_say_what_was_done_to_images() -> None:
    write_digits("some", range(2), 8, 4)
    trained()
    with safe_open(WEIGHTS, "pt") as file:
        told = json.loads(file.metadata()[METADATA])
    assert told.pop("crc32") == checksum(Path(WEIGHTS))
    assert told == {
        "classes": ["d0", "d1"],
        "shape": [1, 8, 8],
        "crop": 0.875,
        "mean": [0.456],
        "deviation": [0.224],
        "answer": "largest",
        "resize": "bilinear, antialiased",
    }
    assert told == records("out", "start")[0]["images"]


def test_weights_that_say_nothing_are_noted() -> None:
    write_digits("some", range(2), 8, 4)
    trained()
    torch.save(load_file(WEIGHTS), "w.pth")
    arguments = ["--weights", "w.pth", "--set", "classes=2"]
    found = run("evaluate", "--data", "some", *arguments)
    assert (found.exit_code, "note[N0962]" in found.output) == (0, True), found.output
    # They were trained on a folder, so that what is assumed is right.
    known = run("evaluate", "--data", "some", "--weights", WEIGHTS)
    assert known.output.splitlines()[0] in found.output
    numbers = data_of("predict", "some/val/d1", *arguments)["predictions"][0]["classes"]
    assert {each["name"] for each in numbers} == {"0", "1"}


BROKEN = ["no json", "{}", '{"classes": [1]}', "[]", "null"]


@pytest.mark.parametrize("text", BROKEN)
def test_broken_metadata_are_an_error(text: str) -> None:
    save_file({"a": torch.ones(1)}, "w.safetensors", {METADATA: text})
    result = run("predict", "net.arch", "--weights", "w.safetensors")
    assert (result.exit_code, "error[E0970]" in result.output) == (2, True), result.output


def test_what_cannot_be_answered_is_said() -> None:
    write_digits("some", range(3), 8, 4)
    trained()
    Path("notes.txt").write_text("no image")
    Path("empty").mkdir()
    (image, *_) = Path("some/val/d2").glob("*.png")
    weights = ["--weights", WEIGHTS]
    some = run("predict", str(image), "notes.txt", *weights)
    assert (some.exit_code, "note[N0961]" in some.output) == (0, True)
    assert "notes.txt: cannot be read" in some.output
    for arguments, part in (
        (["predict", "notes.txt", *weights], "error[E0961]: none of the images can be read"),
        (["predict", "empty", *weights], "error[E0961]: there are no images in it"),
        (["predict", "nowhere.png", *weights], "does not exist"),
        (["predict", str(image), "--weights", "nowhere.pth"], "error[E0931]"),
        (["evaluate", "--data", "nowhere", *weights], "error[E0961]: `nowhere` cannot be read"),
        (["evaluate", "--data", "digits", *weights], "error[E0962]: the weights know `d0`, `d1`"),
    ):
        result = run(*arguments)
        assert (result.exit_code in (1, 2), part in result.output) == (True, True), result.output
    Path("some/val/d1").rename("some/val/e1")
    result = run("evaluate", "--data", "some", *weights)
    assert "the weights know no class `e1`" in result.output
    assert "they know `d0`, `d1`, `d2`" in result.output
