"""A folder of images: `train/CLASS/*.jpg` and `val/CLASS/*.jpg`, decoded with Pillow."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from torch import Tensor

from archdsl.diagnostics import error, suggestion
from archdsl.source import whole_of
from archdsl.training.augment import CENTRE
from archdsl.training.data import Batch, BatchRequest, Contents, Split
from archdsl.training.decode import check_pillow
from archdsl.training.faults import TrainingError, reason
from archdsl.training.image_files import HASHED, ImageFiles
from archdsl.training.listing import listed

IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Mean and deviation of red, green and blue from 0 to 1, as used to train published weights."""
OUTSIDE = "outside of the folders of classes"


class Folder:
    """One folder of images per class; classes are numbered in the order of their names.

    Images in sub-folders belong to the class too. Unreadable images have weight 0; `skipped`
    collects their paths relative to the folder.
    """

    channels: tuple[int, ...] = (1, 3)
    mean: tuple[float, ...] = IMAGENET[0]
    deviation: tuple[float, ...] = IMAGENET[1]
    centre: float = CENTRE

    def __init__(self, path: Path) -> None:
        check_pillow()
        self.name = path.name
        self.skipped: set[str] = set()
        self._path = path
        self.classes = tuple(class_folders(path, "train"))
        self._contents: dict[Split, Contents] = {}
        self._files = {split: self._found(split) for split in get_args(Split)}

    def count(self, split: Split) -> int:
        return len(self._files[split].files)

    def contents(self, split: Split) -> Contents:
        return self._contents[split]

    def listing(self) -> dict[str, str]:
        is_whole = sum(part.size() for part in self._files.values()) <= HASHED
        return {
            name: mark
            for part in self._files.values()
            for (name, _), mark in zip(part.files, part.marks(is_whole), strict=True)
        }

    def fetch(self, split: Split, indices: Tensor, request: BatchRequest) -> Batch:
        return self._files[split].fetch(indices, request)

    def _found(self, split: Split) -> ImageFiles:
        """The images of a split, with the numbers of their classes."""
        numbers = {name: number for number, name in enumerate(self.classes)}
        for name in class_folders(self._path, split):
            if name not in numbers:
                message = f"`{split}/{name}` is a class without a folder in `train`"
                raise TrainingError(error("E0962", message, whole_of(self.name)))
        files, self._contents[split] = labelled(self._path, split, numbers)
        return ImageFiles(self._path, files, self.skipped)


def labelled(
    path: Path, below: str, numbers: Mapping[str, int]
) -> tuple[list[tuple[str, int]], Contents]:
    """The images in the folders of classes below a folder, and what was found there.

    Raises `TrainingError` for a class without images.
    """
    files: list[tuple[str, int]] = []
    counts = dict.fromkeys(numbers, 0)
    nested, ignored = 0, Counter(_outside(path / below))
    for name in class_folders(path, below):
        folder = f"{below}/{name}" if below else name
        found = listed(path / folder)
        ignored += found.ignored
        if not found.images:
            message = f"`{folder}` has no images"
            kinds = ", ".join(f"{count} {kind}" for kind, count in found.ignored.items())
            span = whole_of(path.name)
            raise TrainingError(error("E0962", message, span, found=kinds))
        files += [(f"{folder}/{each}", numbers[name]) for each in found.images]
        counts[name], nested = len(found.images), nested + found.nested
    return files, Contents(counts, nested, dict(ignored))


def class_folders(path: Path, below: str) -> list[str]:
    """The class names of a split: its folders."""
    try:
        with os.scandir(path / below) as entries:
            names = sorted(e.name for e in entries if e.is_dir() and not e.name.startswith("."))
    except OSError as refused:
        shown = below if below and path.is_dir() else path.name
        message = f"`{shown}` cannot be read: {reason(refused)}"
        help = (
            _likely(path, below) or "the folder must contain train/CLASS/*.jpg and val/CLASS/*.jpg"
        )
        raise TrainingError(error("E0961", message, whole_of(path.name), help=help)) from refused
    if not names:
        message = f"`{below or path.name}` has no class folder"
        raise TrainingError(error("E0961", message, whole_of(path.name)))
    return names


def _likely(path: Path, below: str) -> str:
    """A folder whose name is like the one that is missing."""
    try:
        with os.scandir(path) as entries:
            return suggestion(below, [e.name for e in entries if e.is_dir()])
    except OSError:
        return ""


def _outside(folder: Path) -> dict[str, int]:
    with os.scandir(folder) as entries:
        count = sum(not e.is_dir() and not e.name.startswith(".") for e in entries)
    return {OUTSIDE: count} if count else {}
