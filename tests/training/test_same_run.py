"""Only the same run is resumed; what differs is named, and `--force` begins anew."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import Result
from PIL import Image

from archdsl.training import folder as training_folder
from archdsl.training.identity import RunIdentity, differences
from archdsl.training.image_files import ImageFiles
from archdsl.training.recipe import chosen
from tests.helpers.training_runs import TINY, losses, records, train

SPEC = """
network net(classes=3): [3, 8, 8] -> [classes] =
    conv1: conv(4, 3) -> bn -> relu -> global_avgpool -> flatten -> dropout(0.1) -> linear(classes)
"""
RUN = ("--data", "data", "-o", "out", "--batch", "4", "--every", "1")


@pytest.fixture(autouse=True)
def folder(one_thread: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three classes of plain images, and a run of one epoch on them."""
    monkeypatch.chdir(tmp_path)
    for split in "train", "val":
        for number, name in enumerate(("ant", "bee", "cat")):
            place = Path("data", split, name)
            place.mkdir(parents=True)
            for index in range(3):
                color = tuple(200 if each == number else index for each in range(3))
                Image.new("RGB", (8, 8), color).save(place / f"{index}.png")
    return tmp_path


def begun(*arguments: str) -> None:
    result = train(SPEC, *RUN, "--epochs", "1", *arguments)
    assert result.exit_code == 0, result.output


def go_on(*arguments: str, spec: str = SPEC, epochs: int = 1) -> Result:
    return train(spec, *RUN, "--epochs", str(epochs), "--resume", *arguments)


def repaint(name: str, color: tuple[int, int, int]) -> None:
    Image.new("RGB", (8, 8), color).save(name)


def swap(one: str, other: str) -> None:
    Path(one).rename("between")
    Path(other).rename(one)
    Path("between").rename(other)


def rename(before: str, after: str) -> None:
    for split in "train", "val":
        Path("data", split, before).rename(Path("data", split, after))


OF_DATA: dict[str, tuple[Callable[[], Any], str]] = {
    "a class renamed": (lambda: rename("bee", "wasp"), "class `bee` is gone; class `wasp` is new"),
    "classes swapped": (lambda: swap("data/train/ant", "data/train/bee"), "6 images (`train/ant/0"),
    "a class missing": (
        lambda: [shutil.rmtree(f"data/{split}/cat") for split in ("train", "val")],
        "class `cat` is gone",
    ),
    "a class more": (
        lambda: [shutil.copytree(f"data/{s}/cat", f"data/{s}/dog") for s in ("train", "val")],
        "class `dog` is new",
    ),
    "an image removed": (lambda: Path("data/train/ant/1.png").unlink(), "image `train/ant/1.png` "),
    "an image to validate removed": (lambda: Path("data/val/ant/1.png").unlink(), "is gone"),
    "an image added": (
        lambda: shutil.copy("data/train/ant/1.png", "data/train/ant/7.png"),
        "image `train/ant/7.png` is new",
    ),
    "an image changed": (lambda: repaint("data/train/bee/2.png", (9, 9, 9)), "is changed"),
    "an image renamed": (
        lambda: Path("data/train/ant/1.png").rename("data/train/ant/8.png"),
        "image `train/ant/1.png` is gone; image `train/ant/8.png` is new",
    ),
}


@pytest.mark.parametrize("kind", OF_DATA)
def test_other_data_is_refused_by_name(kind: str) -> None:
    change, part = OF_DATA[kind]
    begun()
    change()
    before = Path("out/last.pt").read_bytes()
    result = go_on(epochs=2)
    assert (result.exit_code, "error[E0967]" in result.output) == (2, True), result.output
    assert part in result.output
    assert Path("out/last.pt").read_bytes() == before


OF_SPEC = {
    "a value": (SPEC.replace("dropout(0.1)", "dropout(0.2)"), "dropout: dropout(p=0.2)"),
    "a width": (SPEC.replace("conv(4, 3)", "conv(5, 3)"), "conv1: conv(5, 3)"),
    "an op": (SPEC.replace("relu", "silu"), "silu"),
    "a layer more": (SPEC.replace("relu", "relu -> identity -> relu"), "relu"),
    "a layer's name": (SPEC.replace("conv1:", "conv2:"), "conv2"),
    "the network's name": (SPEC.replace("net(", "other("), "it trained `net`"),
    "the size": (SPEC.replace("8, 8]", "9, 9]"), "9, 9"),
}


@pytest.mark.parametrize("kind", OF_SPEC)
def test_another_network_is_refused_by_name(kind: str) -> None:
    spec, part = OF_SPEC[kind]
    begun()
    result = go_on(spec=spec)
    assert (result.exit_code, "error[E0967]" in result.output) == (2, True), result.output
    assert part in result.output


def test_what_changes_nothing_is_gone_on_with() -> None:
    begun()
    shutil.move("data", "elsewhere")
    Path("elsewhere/train/ant/notes.txt").write_text("not an image")
    written = SPEC.replace("conv1: ", "conv1: # of no importance\n    ")
    assert go_on("--data", "elsewhere", spec=written).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--preset", "best"], "the preset short, not best"),
        (["--lr", "0.1"], "it had lr = "),
        (["--seed", "1"], "it had seed = 0, not 1"),
        (["--no-flip"], "it had augmentation.flip = True, not False"),
        (["--batch", "3"], "it had batch = 4, not 3"),
    ],
)
def test_another_recipe_is_refused_by_name(arguments: list[str], part: str) -> None:
    begun()
    result = go_on(*arguments)
    assert (result.exit_code, part in result.output) == (2, True), result.output


def test_fewer_epochs_are_refused_and_more_follow_the_new_schedule() -> None:
    begun()
    assert go_on(epochs=3).exit_code == 0
    assert "it had epochs = 3, not 2" in go_on(epochs=2).output
    assert [record["epoch"] for record in records("out", "epoch")] == [1, 2, 3]
    assert records("out", "resume") == [
        {"kind": "resume", "step": 2, "epochs": 3, "epochs_before": 1}
    ]
    assert train(SPEC, *RUN, "--epochs", "3", "-o", "whole").exit_code == 0
    rates = [[record["lr"] for record in records(name)] for name in ("out", "whole")]
    assert rates[0][2:] == rates[1][2:]


def test_the_end_is_recorded_once() -> None:
    begun()
    for _ in range(2):
        assert go_on().exit_code == 0
    assert go_on(epochs=2).exit_code == 0
    (end,) = records("out", "end")
    assert end["step"] == 4
    assert json.loads(Path("out/log.jsonl").read_text().splitlines()[-1]) == end


def test_force_begins_anew_where_a_run_cannot_be_gone_on_with() -> None:
    begun()
    first = losses("out")
    assert go_on("--force", epochs=2).exit_code == 0
    assert losses("out")[:2] == first
    rename("bee", "wasp")
    result = go_on("--force", epochs=2)
    assert (result.exit_code, "begins anew: " in result.output) == (0, True), result.output
    assert len(losses("out")) == 4
    assert records("out", "start")[0]["classes"] == ["ant", "cat", "wasp"]


def saved(**entries: Any) -> dict[str, Any]:
    return torch.load("out/last.pt", weights_only=True) | entries


def of(part: str, **entries: Any) -> dict[str, Any]:
    content = saved()
    return content | {part: content[part] | entries}


SCHEMAS: dict[str, Callable[[], Any]] = {
    "nothing": dict,
    "a list": lambda: [1, 2],
    "another version": lambda: saved(version=1),
    "a version that is text": lambda: saved(version="2"),
    "no position": lambda: {k: v for k, v in saved().items() if k != "at"},
    "a position that is text": lambda: saved(at="here"),
    "an epoch that is text": lambda: of("at", epoch="1"),
    "a negative epoch": lambda: of("at", epoch=-1),
    "an epoch and a half": lambda: of("at", epoch=1.5),
    "a step beyond the epoch": lambda: of("at", epoch=0, step=7),
    "an epoch beyond the end": lambda: of("at", epoch=9),
    "no number": lambda: of("at", loss=float("nan")),
    "more in the position": lambda: of("at", more=1),
    "classes that are numbers": lambda: of("identity", classes=[1, 2, 3]),
    "no images": lambda: of("identity", images=torch.zeros(3, dtype=torch.uint8)),
    "no recipe": lambda: of("identity", recipe=None),
    "weights that are text": lambda: saved(weights="many"),
    "weights of another shape": lambda: of("weights", **{"conv1.weight": torch.ones(2)}),
    "a weight less": lambda: saved(weights={"conv1.weight": torch.ones(4, 3, 3, 3)}),
    "no optimizer": lambda: saved(optimizer={}),
    "an optimizer of another shape": lambda: of(
        "optimizer", state={"conv1.weight": {"momentum_buffer": torch.ones(7)}}
    ),
    "an optimizer of another network": lambda: of(
        "optimizer", state={"conv9.weight": {"momentum_buffer": torch.ones(7)}}
    ),
}


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_checkpoint_of_another_schema_is_refused(kind: str) -> None:
    begun()
    torch.save(SCHEMAS[kind](), "out/last.pt")
    weights = Path("out/weights.safetensors").read_bytes()
    result = go_on(epochs=2)
    assert (result.exit_code, "error[E0967]" in result.output) == (2, True), result.output
    assert len(result.output) < 400
    assert Path("out/weights.safetensors").read_bytes() == weights


def test_a_checkpoint_that_is_no_file_of_pytorch_is_refused() -> None:
    begun()
    Path("out/last.pt").write_bytes(b"not a checkpoint")
    assert "is damaged, or another program wrote it" in go_on().output


@pytest.mark.parametrize("place", ["conv1.weight", "momentum_buffer"])
def test_a_bit_that_flipped_is_noticed(place: str) -> None:
    begun()
    content = saved()
    tensor = content["weights"].get(place)
    if tensor is None:
        tensor = content["optimizer"]["state"]["conv1.weight"][place]
    found = bytearray(Path("out/last.pt").read_bytes())
    found[found.index(tensor.numpy().tobytes()) + 1] ^= 1
    Path("out/last.pt").write_bytes(found)
    result = go_on(epochs=2)
    assert (result.exit_code, "error[E0967]" in result.output) == (2, True), result.output
    assert "is damaged: its checksums differ" in result.output


MARKS = {
    "equal": ("30 ff", "30 ff", False),
    "another content": ("30 fe", "30 ff", True),
    "another size": ("31 fe", "30 ff", True),
    "other samples": ("30 ~fe", "30 ~ff", True),
    "once a whole file": ("30 fe", "30 ~ff", False),
    "once a size": ("30", "30 ~ff", False),
    "once another size": ("31", "30 ~ff", True),
    "unreadable since": ("30 ff", "unreadable", True),
}


@pytest.mark.parametrize("kind", MARKS)
def test_images_are_compared_by_what_is_known_of_them(kind: str) -> None:
    old, new, has_changed = MARKS[kind]
    recipe = chosen("digits", {})
    before, now = (RunIdentity("n", (), (), {"a": m}, "digits", recipe) for m in (old, new))
    found = differences(before.as_data(), now)
    assert found == (["image `a` is changed"] if has_changed else [])


def test_a_change_in_large_data_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_folder, "HASHED", 10)
    begun()
    assert go_on().exit_code == 0
    path, times = Path("data/train/bee/2.png"), Path("data/train/bee/2.png").stat()
    size = times.st_size
    for shade in range(9, 250):
        repaint(str(path), (shade, 7, 7))
        if path.stat().st_size == size:
            break
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    result = go_on(epochs=2)
    assert "image `train/bee/2.png` is changed" in result.output, result.output


def test_samples_are_of_the_whole_length(tmp_path: Path) -> None:
    files = ImageFiles(Path(), [("large", 0)], set())
    content = bytes(100_000)
    marks = set()
    for place in (None, 0, 4095, 50_001, 99_999, 30_000):
        changed = bytearray(content)
        if place is not None:
            changed[place] = 1
        Path("large").write_bytes(changed)
        marks.add(files.marks(is_whole=False)[0])
    # The last change lies between the samples.
    assert len(marks) == 5
    assert all(mark.startswith("100000 ~") for mark in marks)


def test_digits_are_compared_too() -> None:
    assert train(TINY, "-o", "digits", "--epochs", "1").exit_code == 0
    assert train(TINY, "-o", "digits", "--epochs", "1", "--resume").exit_code == 0
    result = train(TINY, "-o", "digits", "--epochs", "1", "--resume", "--no-shift")
    assert "it had augmentation.shift = 0.06, not 0.0" in result.output
