"""How images are varied, each way by itself."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from archdsl.training.augment import (
    EIGENVALUES,
    EIGENVECTORS,
    central_box,
    cropped,
    erased,
    painted,
    placed,
    random_box,
    varied,
)
from archdsl.training.chance import DRAWS, draws
from archdsl.training.data import chosen as chosen_rows
from archdsl.training.mixing import Mix, mix_of
from archdsl.training.recipe import Augmentation, chosen


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
    how = Augmentation(True, 0.1, 0.1, 0.5, 0.4, 0.1, trivial_augment=True, erase=0.5)
    drawn, images = draws(3, 1, 4, 40), torch.rand(40, 3, 6, 6)

    def all_ways(rows: slice) -> torch.Tensor:
        there = cropped(images[rows], drawn[rows], how.crop)
        return erased(varied(there, drawn[rows], how, (12, 12)), drawn[rows], how)

    assert torch.equal(all_ways(slice(1, None, 2)), all_ways(slice(None))[1::2])
    assert not torch.equal(all_ways(slice(None)), placed(images, drawn, Augmentation(), (12, 12)))


def test_nothing_is_varied_that_is_not_asked_for() -> None:
    drawn, images = draws(0, 0, 0, 4), torch.rand(4, 3, 8, 8)
    assert torch.equal(placed(images, drawn, Augmentation(), (8, 8)), images)
    assert torch.equal(varied(images, drawn, Augmentation(), (8, 8)), images)
    assert torch.equal(erased(images, drawn, Augmentation()), images)
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


def test_a_part_of_an_image_is_enlarged() -> None:
    ramp = torch.arange(16.0).expand(2, 1, 16, 16)
    drawn = torch.full((2, DRAWS), 0.5)
    # A quarter of the area without any change of proportions, at the left edge and at the right.
    drawn[:, 4], drawn[:, 6] = 0.0, torch.tensor([0.0, 1.0])
    left, right = cropped(ramp, drawn, 0.25)[:, 0, 8]
    assert left.tolist() == pytest.approx([max(0.0, -0.25 + 0.5 * n) for n in range(16)], abs=1e-4)
    assert right.tolist() == pytest.approx([min(15, 7.75 + 0.5 * n) for n in range(16)], abs=1e-4)
    assert cropped(ramp, drawn, 1.0)[:, 0, 8].flatten().tolist() == pytest.approx(
        ramp[:, 0, 8].flatten().tolist(), abs=1e-4
    )


def box_of(erased_: Tensor) -> tuple[int, int, int]:
    """Height, width and area of what is zero in an image [channels, height, width]."""
    gone = (erased_ == 0).all(0)
    down, across = gone.any(1).sum().item(), gone.any(0).sum().item()
    return int(down), int(across), int(gone.sum())


def test_boxes_are_erased_in_a_share_of_the_images() -> None:
    count, how = 4000, Augmentation(erase=0.1)
    images = torch.ones(count, 2, 40, 60)
    found = erased(images, draws(0, 0, 0, count), how)
    boxes = [box_of(image) for image in found if (image == 0).any()]
    assert len(boxes) / count == pytest.approx(0.1, abs=0.02)
    shares = []
    for down, across, area in boxes:
        assert area == down * across
        assert 0.25 < down / across < 3.9
        shares.append(area / 2400)
    assert 0.015 < min(shares) < 0.04
    assert 0.29 < max(shares) < 0.35
    assert sum(shares) / len(shares) == pytest.approx((0.02 + 0.33) / 2, abs=0.02)
    # Every place can be hit, and all channels lose the same box.
    assert ((found == 0).all(1) == (found == 0).any(1)).all()
    assert (found == 0).any(0).double().mean() > 0.95


def test_the_place_and_shape_of_an_erased_box_are_its_numbers() -> None:
    image, how = torch.ones(1, 1, 40, 40), Augmentation(erase=0.1)
    drawn = torch.zeros(1, DRAWS)
    drawn[0, 18], drawn[0, 20], drawn[0, 21] = 1.0, 0.0, 0.999
    (gone,) = erased(image, drawn, how)[0] == 0
    # A third of the area, and three times as wide as it is high.
    assert (gone.any(1).nonzero()[:, 0].tolist(), gone.any(0).sum()) == ([*range(13)], 39)
    drawn[0, 17] = 0.1
    assert torch.equal(erased(image, drawn, how), image)


def test_the_area_that_is_pasted_is_the_share_of_its_label() -> None:
    recipe = chosen("best", {"mixup": 0.0})
    images = torch.tensor([0.0, 1.0, 2.0])[:, None, None, None].expand(3, 2, 40, 56)
    shares = []
    for step in range(300):
        mix = mix_of(recipe, 3, step, (40, 56))
        mixed = mix.of(images)
        for number, image in enumerate(mixed):
            assert (image == number).double().mean().item() == pytest.approx(mix.share)
            assert ((image == number) | (image == (number - 1) % 3)).all()
        shares.append(mix.share)
    # The area is uniformly distributed, but for what lies beyond the edges.
    assert min(shares) < 0.15
    assert sum(share == 1 for share in shares) < 30
    assert 0.55 < sum(shares) / 300 < 0.75


def test_two_ways_of_mixing_take_turns() -> None:
    recipe = chosen("best", {})
    mixes = [mix_of(recipe, 0, step, (32, 32)) for step in range(400)]
    cut = sum(mix.box is not None for mix in mixes)
    assert 150 < cut < 250
    assert mixes == [mix_of(recipe, 0, step, (32, 32)) for step in range(400)]
    for switched, box in ({"mixup": 0.0}, True), ({"cutmix": 0.0}, False):
        one = chosen("best", switched)
        found = [mix_of(one, 0, step, (32, 32)) for step in range(50)]
        assert {mix.box is not None for mix in found} == {box}
    assert mix_of(chosen("best", {"mixup": 0.0, "cutmix": 0.0}), 0, 0, (8, 8)) == Mix()


def test_images_are_blended_as_their_labels_are() -> None:
    images = torch.rand(4, 3, 5, 5)
    assert torch.equal(Mix().of(images), images)
    mixed = Mix(0.25).of(images)
    assert mixed.allclose(0.25 * images + 0.75 * images.roll(1, 0))


def test_every_image_is_repeated_in_its_batch_and_is_not_its_own_neighbour() -> None:
    recipe = chosen("best", {"batch": 12, "repeats": 4})
    order = torch.randperm(100)
    batches = [chosen_rows(order, step, recipe) for step in range(8)]
    for batch in batches:
        assert batch.bincount().unique().tolist() == [0, 4]
        assert (batch != batch.roll(1)).all()
        # Each of two processes has its share of them, without equal neighbours.
        for rank in range(2):
            assert (batch[rank::2] != batch[rank::2].roll(1)).all()
    assert torch.cat(batches).unique().numel() == 24
    once = chosen("best", {"batch": 12, "repeats": 1})
    assert torch.equal(torch.cat([chosen_rows(order, step, once) for step in range(8)]), order[:96])
    odd = chosen("best", {"batch": 10, "repeats": 4})
    assert len(chosen_rows(order, 2, odd)) == 10
    assert len(chosen_rows(order[:3], 0, recipe)) == 3
