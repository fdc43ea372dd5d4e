"""Training on a folder of images: what is read, how it is varied, and what is skipped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
from PIL import Image

from archdsl.training import loop
from archdsl.training.chance import DRAWS
from archdsl.training.data import BatchRequest
from archdsl.training.folder import Folder
from archdsl.training.recipe import chosen
from archdsl.training.step import head_weight
from tests.helpers.training_runs import records, train

SPEC = """
block side(classes) = global_avgpool -> flatten -> linear(classes)

network net(classes=10): [3, 32, 32] -> [classes] =
    conv(8, 3, stride=2) -> bn -> relu -> aux(head: side(classes))
    -> conv(8, 3) -> relu -> global_avgpool -> flatten -> linear(classes)
"""
COLORS = {"blue": (0, 0, 200), "green": (0, 200, 0), "red": (200, 0, 0)}


@pytest.fixture(autouse=True)
def folder(one_thread: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Plain images in three colours, 12 to train with and 4 to validate of each."""
    monkeypatch.chdir(tmp_path)
    for split, count in ("train", 12), ("val", 4):
        for name, color in COLORS.items():
            place = tmp_path / "colors" / split / name
            place.mkdir(parents=True)
            for number in range(count):
                image = Image.new("RGB", (40 + number, 50), tuple(c + 4 * number for c in color))
                image.save(place / f"{number}.jpg")
    return tmp_path


QUICK = ("--data", "colors", "--epochs", "6", "--batch", "12", "--lr", "0.05", "-o", "out")


@pytest.mark.parametrize(
    ("preset", "options"), [("short", []), ("best", ["--epochs", "12", "--repeats", "1"])]
)
def test_colours_are_learned_from_a_folder(preset: str, options: list[str]) -> None:
    result = train(SPEC, *QUICK, "--preset", preset, *options)
    assert result.exit_code == 0, result.output
    assert records("out", "end")[0]["best"] == 1
    assert records("out", "start")[0]["data"] == "colors"


def test_images_that_cannot_be_read_are_counted_and_named(folder: Path) -> None:
    Path("colors/train/red/1.jpg").write_bytes(b"no image at all")
    whole = Path("colors/val/blue/0.jpg").read_bytes()
    Path("colors/val/blue/0.jpg").write_bytes(whole[: len(whole) // 2])
    result = train(SPEC, *QUICK)
    assert result.exit_code == 0, result.output
    assert "note[N0961]: 2 images could not be read and were skipped" in result.output
    assert "`train/red/1.jpg`, `val/blue/0.jpg`" in result.output
    assert records("out", "epoch")[-1]["skipped"] == 2
    assert str(folder) not in result.output


def test_where_nothing_can_be_read_that_is_an_error() -> None:
    for path in Path("colors/train").glob("*/*.jpg"):
        path.write_bytes(b"")
    result = train(SPEC, *QUICK)
    assert (result.exit_code, "error[E0961]" in result.output) == (2, True)


def test_folders_that_are_missing_or_wrong(folder: Path) -> None:
    def refused(code: str, data: str = "colors", spec: str = SPEC) -> str:
        result = train(spec, "--data", data, "-o", "out")
        assert (result.exit_code, f"error[{code}]" in result.output) == (2, True), result.output
        assert str(folder) not in result.output
        return result.output

    assert "`nowhere` cannot be read: no such file" in refused("E0961", str(folder / "nowhere"))
    assert "takes 2 channels" in refused("E0963", spec=SPEC.replace("[3, 32", "[2, 32"))
    fixed = "network net: [3, 32, 32] = global_avgpool -> flatten -> linear(10)"
    assert "3 classes" in refused("E0963", spec=fixed)
    Path("colors/val/yellow").mkdir()
    assert "`val/yellow` is a class without a folder" in refused("E0962")
    Path("colors/train/yellow").mkdir()
    assert "`train/yellow` has no images" in refused("E0962")
    Path("colors/train/yellow").rmdir()
    Path("colors/val").rename("colors/validation")
    assert "`val` cannot be read" in refused("E0961")


def test_without_pillow_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "PIL.Image", None)
    result = train(SPEC, *QUICK)
    assert (result.exit_code, "error[E0964]" in result.output) == (2, True)


def test_images_have_the_colours_of_their_classes() -> None:
    data = Folder(Path("colors"))
    assert data.classes == ("blue", "green", "red")
    batch = data.fetch("val", torch.tensor([0, 4, 8]), BatchRequest((3, 10, 20)))
    assert batch.images.shape == (3, 3, 10, 20)
    assert batch.labels.tolist() == [0, 1, 2]
    for image, color in zip(batch.images, COLORS.values(), strict=True):
        assert (image.float().mean((1, 2)) - torch.tensor(color)).abs().max() < 4
    gray = data.fetch("train", torch.tensor([0]), BatchRequest((1, 8, 8), torch.rand(1, 14), 0.2))
    assert gray.images.shape == (1, 1, 8, 8)


def test_a_crop_shows_a_part_of_an_image(folder: Path) -> None:
    halves = Image.new("RGB", (64, 64))
    halves.paste((250, 250, 250), (32, 0, 64, 64))
    halves.save(folder / "colors" / "train" / "blue" / "0.png")
    data, numbers = Folder(Path("colors")), torch.full((1, DRAWS), 0.5)
    # A small part, at the left edge and at the right one.
    for place, brightness in (0.0, 0), (1.0, 250):
        numbers[0, 4:6], numbers[0, 6] = torch.tensor([0.0, 0.5]), place
        (image,) = data.fetch(
            "train", torch.tensor([1]), BatchRequest((3, 8, 8), numbers, 0.2)
        ).images
        assert (image.min().item(), image.max().item()) == (brightness, brightness)


@pytest.mark.parametrize("end", ["global_avgpool -> flatten", "flatten"])
def test_images_grow_where_the_network_takes_it(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    learn = loop.learn
    monkeypatch.setattr(loop, "learn", lambda *given: sizes.append(given[-1]) or learn(*given))
    spec = f"network net(classes=3): [3, 64, 64] = conv(4, 3, stride=4) -> {end} -> linear(classes)"
    result = train(spec, *QUICK, "--preset", "short")
    assert result.exit_code == 0, result.output
    assert sizes[0] == ((3, 64, 64) if end == "flatten" else (3, 32, 32))
    assert sizes[-1] == (3, 64, 64)


def test_auxiliary_heads_are_weighed_as_in_the_papers() -> None:
    assert [head_weight(chosen("best", {}), heads) for heads in (1, 2)] == [0.4, 0.3]
    assert head_weight(chosen("best", {"aux_weight": 0.1}), 2) == 0.1
    for name, weight in ("a", "0"), ("b", "0.4"), ("c", "1"):
        train(SPEC, *QUICK[:-1], name, "--every", "1", "--aux-weight", weight)
    a, b, c = (records(name)[0]["loss"] for name in "abc")
    assert a < b < c
    assert (c - a) * 0.4 == pytest.approx(b - a, rel=1e-4)


def test_what_is_found_is_told_and_logged() -> None:
    nested = Path("colors/train/red/more/and more")
    nested.mkdir(parents=True)
    for number in range(6):
        Path(f"colors/train/red/{number}.jpg").rename(nested / f"{number}.jpg")
    Path("colors/train/red/notes.txt").write_text("red")
    Path("colors/train/red/old.heic").write_bytes(b"")
    Path("colors/train/red/.hidden.jpg").write_bytes(b"")
    os.mkfifo("colors/val/red/pipe.jpg")
    Path("colors/val/red/endless.jpg").symlink_to("/dev/zero")
    Path("colors/val/red/nowhere.jpg").symlink_to("nowhere")
    Path("colors/val/red/again").symlink_to("..")
    Path("colors/train/list.csv").write_text("")
    result = train(SPEC, *QUICK, "--no-flip")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert (
        "data colors: 36 images to train with, 20 to validate, 14 of them in sub-folders" in lines
    )
    assert "3 classes (images): blue (12 + 4), green (12 + 4), red (12 + 12)" in lines
    (said,) = (line for line in lines if line.startswith("not read: "))
    assert "1 .heic, 1 .txt, 1 outside of the folders of classes" in said
    assert "3 pipes, devices or broken links" in said
    (start,) = records("out", "start")
    assert start["classes"] == ["blue", "green", "red"]
    assert start["splits"]["train"]["counts"] == {"blue": 12, "green": 12, "red": 12}
    assert start["images"]["mean"] == [0.485, 0.456, 0.406]
    assert (start["preset"], start["recipe"]["epochs"]) == ("short", 6)


SWITCHES = {
    "--no-flip": "mirrored",
    "--no-crop": "cropped",
    "--no-trivial-augment": "TrivialAugment",
    "--no-erase": "a box erased",
    "--mixup 0": "mixed",
    "--cutmix 0": "pasted",
    "--repeats 1": "repeated",
    "--side 1": "reduced",
}


@pytest.mark.parametrize("switch", SWITCHES)
def test_everything_that_varies_images_can_be_switched_off(switch: str) -> None:
    name, *value = switch.split()
    key = name.removeprefix("--no-").removeprefix("--").replace("-", "_")
    off = {"crop": 1.0, "flip": False, "trivial_augment": False, "repeats": 1, "side": 1.0}.get(
        key, 0.0
    )
    plain, changed = chosen("best", {}), chosen("best", {key: off})
    lost = {text.split()[0] for text in plain.varied()} - {
        text.split()[0] for text in changed.varied()
    }
    assert {word.rstrip(",") for word in lost} == {SWITCHES[switch].split()[0]}
    result = train(SPEC, *QUICK, "--epochs", "1", "--preset", "best", name, *value)
    assert result.exit_code == 0, result.output
    (said,) = (line for line in result.output.splitlines() if line.startswith("images are varied"))
    assert SWITCHES[switch] not in said
    assert records("out", "start")[0]["augmentation"] == changed.varied()


def test_what_no_folder_needs_can_be_switched_off_and_on() -> None:
    recipe = chosen("digits", {"shift": 0.0, "zoom": 0.0, "flip": True})
    assert recipe.varied() == ["mirrored"]
    assert chosen("digits", {"shift": 0.0, "zoom": 0.0}).varied() == []
    coloured = chosen("short", {"color_jitter": 0.4, "lighting": 0.1, "crop": 1.0})
    words = ["mirrored", "colours changed by up to 0.4", "lighting with a deviation of 0.1"]
    assert coloured.varied(is_sized=False) == words


def test_a_size_that_the_network_does_not_take_is_not_promised() -> None:
    spec = "network net(classes=3): [3, 32, 32] = flatten -> linear(classes)"
    result = train(spec, *QUICK, "--epochs", "1", "--preset", "best")
    assert result.exit_code == 0, result.output
    assert "TrivialAugment" in result.output
    assert "of their side" not in result.output


def test_arrows_are_learned_once_nothing_mirrors_them() -> None:
    for split, count in ("train", 16), ("val", 8):
        for name, left in ("left", 0), ("right", 10):
            place = Path("arrows", split, name)
            place.mkdir(parents=True)
            for number in range(count):
                image = Image.new("RGB", (16, 16), (number, number, number))
                image.paste((200, 200, 200), (left, 0, left + 6, 16))
                image.save(place / f"{number}.png")
    spec = (
        "network net(classes=2): [3, 16, 16] =\n"
        "    conv(8, 3, stride=2) -> bn -> relu -> flatten -> linear(classes)"
    )
    accuracies = []
    for name, switches in ("a", ["--no-flip", "--no-crop"]), ("b", []):
        options = ["--data", "arrows", "--batch", "8", "--epochs", "5", "--lr", "0.01"]
        options += ["--rising", "1", "--smoothing", "0"]
        assert train(spec, *options, *switches, "-o", name).exit_code == 0
        accuracies.append(records(name, "epoch")[-1]["accuracy"])
    assert accuracies[0] == 1 > accuracies[1]
