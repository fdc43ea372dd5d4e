"""TrivialAugment: its operations are those of Pillow, and torchvision's by their strengths."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from PIL import Image, ImageEnhance, ImageOps
from torch import Tensor

from archdsl.training.trivial import OPERATIONS, STRENGTHS, trivially_augmented

NAMES = [operation.name for operation in OPERATIONS]
LEVELS = (0, 7, 15, 30)
"""Of the strengths 0 to 30."""
Pillow = Callable[[Image.Image, float], Image.Image]


def picture(mode: str = "RGB", size: tuple[int, int] = (56, 48)) -> Image.Image:
    """A smooth image whose quarters differ, without black or white at its ends."""
    width, height = size
    x, y = torch.meshgrid(torch.arange(width), torch.arange(height), indexing="xy")
    waves = [110 + 70 * torch.sin(x / (5 + k) + k) * torch.cos(y / (7 - k)) for k in range(3)]
    content = torch.stack(waves, 2).byte()
    return Image.frombytes("RGB", size, bytes(content.flatten().tolist())).convert(mode)


def tensor(image: Image.Image) -> Tensor:
    channels = len(image.getbands())
    values = torch.tensor(list(image.tobytes()), dtype=torch.float32) / 255
    return values.reshape(1, image.height, image.width, channels).permute(0, 3, 1, 2)


def augmented(images: Tensor, name: str, level: int, direction: int = 1) -> Tensor:
    """Images, all with one operation; the numbers are those that choose it."""
    place = (NAMES.index(name) + 0.5) / len(NAMES)
    draws = torch.tensor([[place, (level + 0.5) / STRENGTHS, 0.75 if direction > 0 else 0.25]])
    return trivially_augmented(images, draws.expand(len(images), 3))


def affine(*matrix: float) -> Pillow:
    return lambda image, _: image.transform(
        image.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR
    )


GEOMETRY: dict[str, Callable[[float], Pillow]] = {
    "shear horizontally": lambda s: affine(1, 0.99 * s, 0, 0, 1, 0),
    "shear vertically": lambda s: affine(1, 0, 0, 0.99 * s, 1, 0),
    "move horizontally": lambda s: affine(1, 0, -int(32 * s), 0, 1, 0),
    "move vertically": lambda s: affine(1, 0, 0, 0, 1, -int(32 * s)),
    "rotate": lambda s: lambda image, _: image.rotate(135 * s, Image.Resampling.BILINEAR),
}
ENHANCED = {
    "brightness": ImageEnhance.Brightness,
    "saturation": ImageEnhance.Color,
    "contrast": ImageEnhance.Contrast,
    "sharpness": ImageEnhance.Sharpness,
}
VALUES: dict[str, Pillow] = {
    "posterize": lambda image, s: ImageOps.posterize(image, 8 - round(6 * s)),
    "solarize": lambda image, s: ImageOps.solarize(image, 8.5 * round(30 * (1 - s))),
    "stretch contrast": lambda image, _: ImageOps.autocontrast(image),
    "equalize": lambda image, _: ImageOps.equalize(image),
}


@pytest.mark.parametrize("name", GEOMETRY)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("direction", [1, -1])
def test_images_are_moved_as_pillow_moves_them(name: str, level: int, direction: int) -> None:
    image = picture()
    strength = direction * level / 30
    wanted = tensor(GEOMETRY[name](strength)(image, strength))
    found = augmented(tensor(image), name, level, direction)
    # Where the image ends, Pillow has a hard edge, and here it fades into black.
    inside = tensor(GEOMETRY[name](strength)(Image.new("L", image.size, 255), strength))
    kernel = torch.nn.functional.max_pool2d
    is_inside = kernel(1 - inside, 5, 1, 2) < 0.01
    is_outside = kernel(inside, 5, 1, 2) < 0.01
    difference = (found - wanted).abs()
    assert (difference * is_inside).max() < 2.5 / 255
    assert (found * is_outside).max() == 0
    assert is_inside.float().mean() > 0.02


@pytest.mark.parametrize("name", ENHANCED)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("direction", [1, -1])
def test_colours_change_as_in_pillow(name: str, level: int, direction: int) -> None:
    image = picture()
    wanted = tensor(ENHANCED[name](image).enhance(1 + direction * 0.99 * level / 30))
    found = augmented(tensor(image), name, level, direction)
    assert (found - wanted).abs().max() < 2.5 / 255
    assert found.allclose(tensor(image), atol=1e-5) is (level == 0)


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("level", range(STRENGTHS))
def test_values_change_as_in_pillow(name: str, level: int) -> None:
    for mode in "RGB", "L":
        image = picture(mode)
        wanted = tensor(VALUES[name](image, level / 30))
        found = augmented(tensor(image), name, level)
        assert (found - wanted).abs().max() < (1.01 / 255 if name.startswith("stretch") else 1e-6)


@pytest.mark.parametrize("name", ["equalize", "stretch contrast"])
def test_one_value_stays_as_it_is(name: str) -> None:
    plain = torch.full((2, 3, 5, 5), 0.4)
    assert augmented(plain, name, 30).allclose(plain, atol=1e-6 if "s" in name[0] else 0.002)


@pytest.mark.parametrize("name", [each for each in NAMES if each not in VALUES])
def test_without_strength_nothing_changes(name: str) -> None:
    images = torch.rand(3, 3, 9, 13)
    assert augmented(images, name, 0).allclose(images, atol=1e-5)


def test_every_image_has_its_own_operation() -> None:
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(200, 3, 12, 12, generator=generator)
    draws = torch.rand(200, 3, generator=generator)
    whole = trivially_augmented(images, draws)
    assert torch.equal(trivially_augmented(images[1::2], draws[1::2]), whole[1::2])
    assert (whole >= 0).all()
    assert (whole <= 1).all()
    kept = (whole == images).flatten(1).all(1).double().mean().item()
    # One of the fourteen is the identity, as are others with little strength.
    assert 1 / 14 < kept < 0.25
