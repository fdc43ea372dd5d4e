"""A folder of images: `train/CLASS/*.jpg` and `val/CLASS/*.jpg`, decoded with Pillow."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import torch
from torch import Tensor

from archdsl.diagnostics import error
from archdsl.source import whole_of
from archdsl.training.augment import CENTRE, central_box, random_box
from archdsl.training.data import Batch, BatchRequest, Shape3, Split
from archdsl.training.faults import TrainingError, reason

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"})
MODES = {1: "L", 3: "RGB"}
"""Pillow's image modes by number of channels."""
GAP = 2.0
"""How much larger than needed a JPEG is at least decoded.

Decoding at a fraction of the full size takes a fraction of the time.
"""


class Folder:
    """One folder of images per class; classes are numbered in the order of their names.

    Unreadable images have weight 0; `skipped` collects their paths relative to the folder.
    """

    channels: tuple[int, ...] = (1, 3)
    # Statistics of ImageNet, red, green and blue from 0 to 1, as used to train published weights.
    mean: tuple[float, ...] = (0.485, 0.456, 0.406)
    deviation: tuple[float, ...] = (0.229, 0.224, 0.225)

    def __init__(self, path: Path) -> None:
        _check_pillow()
        self.name = path.name
        self.skipped: set[str] = set()
        self._path = path
        self.classes = tuple(_classes(path, "train"))
        self._files = {split: list(self._listed(split)) for split in get_args(Split)}
        self._pool = ThreadPoolExecutor(min(16, os.cpu_count() or 1))

    def count(self, split: Split) -> int:
        return len(self._files[split])

    def fetch(self, split: Split, indices: Tensor, request: BatchRequest) -> Batch:
        chosen = [self._files[split][index] for index in indices.tolist()]
        draws = [None] * len(chosen) if request.draws is None else list(request.draws)
        found = list(self._pool.map(lambda c, d: self._image(c[0], request, d), chosen, draws))
        weights = torch.tensor([float(image is not None) for image in found])
        # Another image replaces an unreadable one, so that running means see no black image.
        instead = next((image for image in found if image is not None), _black(request.shape))
        images = torch.stack([instead if image is None else image for image in found])
        labels = torch.tensor([label for _, label in chosen])
        return Batch(images, labels, weights, request.draws)

    def _listed(self, split: Split) -> list[tuple[str, int]]:
        """The files of a split, with their class numbers."""
        numbers = {name: number for number, name in enumerate(self.classes)}
        files: list[tuple[str, int]] = []
        for name in _classes(self._path, split):
            folder = f"{split}/{name}"
            if name not in numbers:
                message = f"`{folder}` is a class without a folder in `train`"
                raise TrainingError(error("E0962", message, whole_of(self.name)))
            names = sorted(e.name for e in os.scandir(self._path / folder) if _is_image(e))
            if not names:
                message = f"`{folder}` has no images"
                raise TrainingError(error("E0962", message, whole_of(self.name)))
            files += [(f"{folder}/{each}", numbers[name]) for each in names]
        return files

    def _image(self, name: str, request: BatchRequest, draws: Tensor | None) -> Tensor | None:
        """An image as requested, in bytes; None if it cannot be read."""
        from PIL import Image

        try:
            with Image.open(self._path / name) as image:
                return _cut(image, request, draws)
        # Pillow's readers raise these types on broken files.
        except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
            self.skipped.add(name)
            return None


def _cut(image: Image, request: BatchRequest, draws: Tensor | None) -> Tensor:
    """Crop and resize an image: at random in training, from the centre in validation."""
    from PIL.Image import Resampling

    channels, height, width = request.shape
    image.draft(MODES[channels], (round(width * GAP), round(height * GAP)))
    if draws is None or request.crop >= 1:
        share = CENTRE if draws is None else 1.0
        box = central_box(*image.size, (height, width), share)
    else:
        box = random_box(*image.size, draws, request.crop)
    content = image.convert(MODES[channels]).resize((width, height), Resampling.BILINEAR, box)
    pixels = torch.frombuffer(bytearray(content.tobytes()), dtype=torch.uint8)
    return pixels.reshape(height, width, channels).permute(2, 0, 1)


def _black(shape: Shape3) -> Tensor:
    return torch.zeros(shape, dtype=torch.uint8)


def _classes(path: Path, split: str) -> list[str]:
    """The class names of a split: its folders."""
    try:
        with os.scandir(path / split) as entries:
            names = sorted(e.name for e in entries if e.is_dir() and not e.name.startswith("."))
    except OSError as refused:
        shown = split if path.is_dir() else path.name
        message = f"`{shown}` cannot be read: {reason(refused)}"
        help = "the folder must contain train/CLASS/*.jpg and val/CLASS/*.jpg"
        raise TrainingError(error("E0961", message, whole_of(path.name), help=help)) from refused
    if not names:
        message = f"`{split}` has no class folder"
        raise TrainingError(error("E0961", message, whole_of(path.name)))
    return names


def _is_image(entry: os.DirEntry[str]) -> bool:
    return not entry.name.startswith(".") and Path(entry.name).suffix.lower() in SUFFIXES


def _check_pillow() -> None:
    try:
        import PIL.Image  # noqa: F401
    except ModuleNotFoundError as missing:
        message = "Pillow, which reads images, is not installed"
        help = "`pip install 'archdsl[train]'` installs it"
        raise TrainingError(error("E0964", message, whole_of("--data"), help=help)) from missing
