"""Training data: labelled images, and their distribution over steps and processes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Literal, Protocol

import torch
from torch import Tensor

from archdsl.training.augment import CENTRE
from archdsl.training.chance import draws, order
from archdsl.training.recipe import Recipe

Split = Literal["train", "val"]
Shape3 = tuple[int, int, int]
"""Channels, height and width."""


@dataclass(frozen=True)
class BatchRequest:
    """The requested shape of images, and the random numbers that augment each, if any."""

    shape: Shape3
    draws: Tensor | None = None
    crop: float = 1.0
    """The smallest share of an image's area that a training crop keeps."""
    centre: float = CENTRE
    """The share of the shorter side that validation sees."""


@dataclass(frozen=True)
class Batch:
    """Images (values from 0 to 1, or bytes from 0 to 255), labels and weights.

    A weight is 0 for an image that could not be read, or that only fills up the batch. `draws` are
    the random numbers for augmentation, if it is wanted.
    """

    images: Tensor
    labels: Tensor
    weights: Tensor
    draws: Tensor | None = None


@dataclass(frozen=True)
class Contents:
    """What was found in a split: images by class, images in sub-folders, other things by kind."""

    counts: Mapping[str, int]
    nested: int = 0
    ignored: Mapping[str, int] = field(default_factory=dict)


class Data(Protocol):
    """Labelled images; `mean` and `deviation` refer to values from 0 to 1."""

    name: str
    classes: tuple[str, ...]
    channels: tuple[int, ...]
    """The numbers of channels that images can have; empty for any number."""
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    centre: float
    """The share of the shorter side that validation sees; 1 for the whole image."""
    skipped: set[str]
    """Images that could not be read so far."""

    def count(self, split: Split) -> int:
        """The number of images."""

    def contents(self, split: Split) -> Contents:
        """What was found where the images are."""

    def listing(self) -> dict[str, str]:
        """Every image by name, with a mark that changes when the image does."""

    def fetch(self, split: Split, indices: Tensor, request: BatchRequest) -> Batch:
        """Load images in the requested form."""


@dataclass(frozen=True)
class Share:
    """The share of one process: it takes every `size`-th image, starting at `rank`."""

    rank: int = 0
    size: int = 1


def steps(count: int, batch: int) -> int:
    """Steps per epoch; the images of an incomplete batch are left out of this epoch."""
    return max(1, count // batch)


def chosen(indices: Tensor, step: int, recipe: Recipe) -> Tensor:
    """The images of a step, given their order in the epoch; equal ones are not neighbours."""
    size = min(recipe.batch, len(indices))
    different = math.ceil(size / recipe.repeats)
    return indices[step * different : (step + 1) * different].repeat(recipe.repeats)[:size]


def training(
    data: Data, recipe: Recipe, share: Share, epoch: int, first: int, shape: Shape3
) -> Iterator[Batch]:
    """The share of this process in every batch of an epoch, from step `first` on."""
    count = data.count("train")
    indices = order(recipe.seed, epoch, count)

    def fetch(step: int) -> Batch:
        rows = chosen(indices, step, recipe)
        numbers = draws(recipe.seed, epoch, step, len(rows))
        request = BatchRequest(shape, numbers[share.rank :: share.size], recipe.augmentation.crop)
        return data.fetch("train", rows[share.rank :: share.size], request)

    last = steps(count, recipe.batch)
    with ThreadPoolExecutor(1) as ahead:
        # The next batch is loaded while the network trains on this one.
        waiting = ahead.submit(fetch, first) if first < last else None
        for step in range(first, last):
            assert waiting is not None
            batch = waiting.result()
            waiting = ahead.submit(fetch, step + 1) if step + 1 < last else None
            yield batch


def validation(data: Data, batch: int, share: Share, shape: Shape3) -> Iterator[Batch]:
    """The share of this process in all validation images, in as many batches as all others have."""
    count = data.count("val")
    padded = -(-count // share.size) * share.size
    most = max(1, batch // share.size) * share.size
    for first in range(0, padded, most):
        rows = torch.arange(first, min(first + most, padded))
        mine = rows[share.rank :: share.size]
        found = data.fetch("val", mine % count, BatchRequest(shape, centre=data.centre))
        yield Batch(found.images, found.labels, found.weights * (mine < count))
