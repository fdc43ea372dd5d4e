"""The built-in data: 1,797 handwritten digits of 8x8 pixels, from scikit-learn.

E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998.
"""

from __future__ import annotations

import torch
from torch import Tensor

from archdsl.diagnostics import error
from archdsl.source import whole_of
from archdsl.training.augment import cropped
from archdsl.training.chance import order
from archdsl.training.data import Batch, BatchRequest, Contents, Split
from archdsl.training.faults import TrainingError

HELD_OUT = 360
"""The number of digits held out for validation."""
BRIGHTEST = 16


class Digits:
    """Digits in a shuffled order; the first 360 are for validation."""

    name = "digits"
    classes = tuple("0123456789")
    # The grey image is repeated for every channel.
    channels: tuple[int, ...] = ()
    mean: tuple[float, ...] = (0.305,)
    deviation: tuple[float, ...] = (0.376,)
    centre: float = 1.0

    def __init__(self) -> None:
        self.skipped: set[str] = set()
        images, labels = _load()
        mixed = order(0, 0, len(labels))
        parts = {"train": mixed[HELD_OUT:], "val": mixed[:HELD_OUT]}
        self._images = {split: images[rows] for split, rows in parts.items()}
        self._labels = {split: labels[rows] for split, rows in parts.items()}

    def count(self, split: Split) -> int:
        return len(self._labels[split])

    def contents(self, split: Split) -> Contents:
        counts = self._labels[split].bincount(minlength=len(self.classes)).tolist()
        return Contents(dict(zip(self.classes, counts, strict=True)))

    def listing(self) -> dict[str, str]:
        # They are the same in every release of scikit-learn.
        return {split: str(len(labels)) for split, labels in self._labels.items()}

    def fetch(self, split: Split, indices: Tensor, request: BatchRequest) -> Batch:
        labels, images = self._labels[split][indices], self._images[split][indices]
        if request.draws is not None and request.crop < 1:
            images = cropped(images, request.draws, request.crop)
        return Batch(images, labels, torch.ones(len(indices)), request.draws)


def _load() -> tuple[Tensor, Tensor]:
    """All images, with values from 0 to 1, and their labels."""
    try:
        from sklearn.datasets import load_digits
    except ModuleNotFoundError as missing:
        message = "scikit-learn, which contains the digits, is not installed"
        help = "`pip install 'archdsl[train]'` installs it"
        span = whole_of("--data digits")
        raise TrainingError(error("E0964", message, span, help=help)) from missing
    found = load_digits()
    images = torch.tensor(found.images, dtype=torch.float32).unsqueeze(1) / BRIGHTEST
    return images, torch.tensor(found.target)
