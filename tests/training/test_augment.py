"""How images are varied, each way by itself."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from archdsl.training.augment import (
    EIGENVALUES,
    EIGENVECTORS,
    central_box,
    painted,
    placed,
    random_box,
)
from archdsl.training.chance import DRAWS, draws
from archdsl.training.recipe import Augmentation


def numbers(column: int = 0, value: float = 0.5) -> Tensor:
    """What was drawn for one image: 0.5, which changes nothing, but in one column."""
    drawn = torch.full((1, DRAWS), 0.5)
    drawn[0, column] = value
    return drawn


def test_boxes_lie_in_the_image_and_are_large_enough() -> None:
    for drawn in draws(0, 0, 0, 200):
        left, top, right, bottom = random_box(300, 100, drawn, 0.25)
        assert 0 <= left < right <= 300.0001
        assert 0 <= top < bottom <= 100.0001
        assert (right - left) / (bottom - top) < 4 / 3 * 3
    assert central_box(400, 200, (50, 50), 1.0) == (100, 0, 300, 200)
    assert central_box(400, 200, (50, 50), 0.5) == (150, 50, 250, 150)


def test_images_are_varied_by_their_numbers_alone() -> None:
    how = Augmentation(flip=True, shift=0.1, zoom=0.1, color_jitter=0.4, lighting=0.1)
    drawn, images = draws(3, 1, 4, 8), torch.rand(8, 3, 6, 6)

    def varied(rows: slice) -> torch.Tensor:
        there = placed(images[rows], drawn[rows], how, (12, 12))
        return painted(there, drawn[rows], how)

    assert torch.equal(varied(slice(1, None, 2)), varied(slice(None))[1::2])
    assert not torch.equal(varied(slice(None)), placed(images, drawn, Augmentation(), (12, 12)))


def test_nothing_is_varied_that_is_not_asked_for() -> None:
    drawn, images = draws(0, 0, 0, 4), torch.rand(4, 3, 8, 8)
    assert torch.equal(placed(images, drawn, Augmentation(), (8, 8)), images)
    assert torch.equal(painted(images, drawn, Augmentation()), images)
    flipped = placed(images, drawn, Augmentation(flip=True), (8, 8))
    for image, before, number in zip(flipped, images, drawn[:, 0], strict=True):
        assert torch.equal(image, before.flip(-1) if number < 0.5 else before)


def test_a_shift_moves_by_a_share_of_the_side() -> None:
    image = torch.zeros(1, 1, 8, 8)
    image[0, 0, 4, 4] = 1
    moved = placed(image, numbers(1, 1.0), Augmentation(shift=0.25), (8, 8))
    assert moved[0, 0, 4, 2].item() == pytest.approx(1)


@pytest.mark.parametrize(("number", "factor"), [(1.0, 1.5), (0.5, 1.0), (0.0, 0.5)])
def test_a_zoom_enlarges(number: float, factor: float) -> None:
    ramp = torch.arange(16.0).expand(1, 1, 16, 16)
    zoomed = placed(ramp, numbers(3, number), Augmentation(zoom=0.5), (16, 16))
    across = zoomed[0, 0, 8]
    assert (across[9] - across[7]).item() == pytest.approx(2 / factor)


def test_colours_change_by_factors() -> None:
    how, images = Augmentation(color_jitter=0.4), torch.rand(1, 3, 8, 8) * 0.4 + 0.2
    assert painted(images, numbers(), how).allclose(images, atol=1e-6)
    assert painted(images, numbers(8, 1.0), how).allclose(images * 1.4, atol=1e-6)
    gray = (0.299 * images[:, 0] + 0.587 * images[:, 1] + 0.114 * images[:, 2])[:, None]
    flatter = gray.mean() + (images - gray.mean()) * 0.6
    assert painted(images, numbers(9, 0.0), how).allclose(flatter, atol=1e-6)
    paler = gray + (images - gray) * 0.6
    assert painted(images, numbers(10, 0.0), how).allclose(paler, atol=1e-6)


def test_light_is_noise_along_the_principal_components_of_colours() -> None:
    count = 40_000
    images = torch.rand(1, 3, 2, 2).expand(count, -1, -1, -1)
    added = painted(images, draws(0, 0, 0, count), Augmentation(lighting=0.1)) - images
    assert added.std((2, 3)).max() < 1e-6
    vectors, deviations = torch.tensor(EIGENVECTORS), 0.1 * torch.tensor(EIGENVALUES)
    wanted = vectors @ deviations.square().diag() @ vectors.T
    found = added[:, :, 0, 0].T.cov()
    assert (found - wanted).abs().max() < 0.03 * wanted.abs().max()
