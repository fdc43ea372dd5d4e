"""Training on a folder of images: what is read, how it is varied, and what is skipped."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image
from training_runs import records, train

from archdsl.training import loop
from archdsl.training.augment import central_box, painted, placed, random_box
from archdsl.training.chance import draws
from archdsl.training.data import Look
from archdsl.training.folder import Folder
from archdsl.training.recipe import Augmentation, chosen
from archdsl.training.step import head_weight

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


@pytest.mark.parametrize("preset", ["short", "best"])
def test_colours_are_learned_from_a_folder(preset: str) -> None:
    result = train(SPEC, *QUICK, "--preset", preset)
    assert result.exit_code == 0, result.output
    assert records("out", "end")[0]["best"] == 1
    assert records("out", "start")[0]["data"] == "colors"


def test_images_that_cannot_be_read_are_counted_and_named(folder: Path) -> None:
    Path("colors/train/red/1.jpg").write_bytes(b"no image at all")
    whole = Path("colors/val/blue/0.jpg").read_bytes()
    Path("colors/val/blue/0.jpg").write_bytes(whole[: len(whole) // 2])
    result = train(SPEC, *QUICK)
    assert result.exit_code == 0, result.output
    assert "note[N0961]: 2 images could not be read and did not count" in result.output
    assert "train/red/1.jpg, val/blue/0.jpg" in result.output
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
    assert "`val/yellow` is a class that is not there" in refused("E0962")
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
    batch = data.fetch("val", torch.tensor([0, 4, 8]), Look((3, 10, 20)))
    assert batch.images.shape == (3, 3, 10, 20)
    assert batch.labels.tolist() == [0, 1, 2]
    for image, color in zip(batch.images, COLORS.values(), strict=True):
        assert (image.float().mean((1, 2)) - torch.tensor(color)).abs().max() < 4
    gray = data.fetch("train", torch.tensor([0]), Look((1, 8, 8), torch.rand(1, 14), 0.2))
    assert gray.images.shape == (1, 1, 8, 8)


def test_boxes_lie_in_the_image_and_are_large_enough() -> None:
    for numbers in draws(0, 0, 0, 200):
        left, top, right, bottom = random_box(300, 100, numbers, 0.25)
        assert 0 <= left < right <= 300.0001
        assert 0 <= top < bottom <= 100.0001
        assert (right - left) / (bottom - top) < 4 / 3 * 3
    assert central_box(400, 200, (50, 50), 1.0) == (100, 0, 300, 200)
    assert central_box(400, 200, (50, 50), 0.5) == (150, 50, 250, 150)


def test_images_are_varied_by_their_numbers_alone() -> None:
    how = Augmentation(flip=True, shift=0.1, zoom=0.1, color=0.4, lighting=0.1)
    numbers, images = draws(3, 1, 4, 8), torch.rand(8, 3, 6, 6)

    def varied(rows: slice) -> torch.Tensor:
        there = placed(images[rows], numbers[rows], how, (12, 12))
        return painted(there, numbers[rows], how)

    assert torch.equal(varied(slice(1, None, 2)), varied(slice(None))[1::2])
    assert not torch.equal(varied(slice(None)), placed(images, numbers, Augmentation(), (12, 12)))


def test_nothing_is_varied_that_is_not_asked_for() -> None:
    numbers, images = draws(0, 0, 0, 4), torch.rand(4, 3, 8, 8)
    assert torch.equal(placed(images, numbers, Augmentation(), (8, 8)), images)
    assert torch.equal(painted(images, numbers, Augmentation()), images)
    flipped = placed(images, numbers, Augmentation(flip=True), (8, 8))
    for image, before, number in zip(flipped, images, numbers[:, 0], strict=True):
        assert torch.equal(image, before.flip(-1) if number < 0.5 else before)


def test_a_shift_moves_by_a_share_of_the_side() -> None:
    image = torch.zeros(1, 1, 8, 8)
    image[0, 0, 4, 4] = 1
    numbers = torch.full((1, 14), 0.5)
    numbers[0, 1] = 1.0
    moved = placed(image, numbers, Augmentation(shift=0.25), (8, 8))
    assert moved[0, 0, 4, 2].item() == pytest.approx(1)


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
