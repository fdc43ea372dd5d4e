"""Image files as labelled images, decoded by several threads."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

import torch
from torch import Tensor

from archdsl.training.data import Batch, BatchRequest, Shape3
from archdsl.training.decode import decoded, open_regular

HASHED = 2**28
"""Up to this many bytes in all, images are compared as a whole when a run goes on."""
SAMPLE = 4096
"""The bytes of each of three samples, at the beginning, middle and end, of larger data.

What changes in a compressed image moves or changes all that follows, its end too. A change of an
uncompressed one, such as BMP, that keeps its size is noticed only where it meets a sample.
"""
SAMPLED = "~"
"""The first sign of a digest of samples."""


class ImageFiles:
    """Image files below a folder, each with the number of its class.

    Unreadable images have weight 0; `skipped` collects their paths.
    """

    def __init__(self, folder: Path, files: Sequence[tuple[str, int]], skipped: set[str]) -> None:
        self.files = files
        self._folder, self._skipped = folder, skipped
        self._pool = ThreadPoolExecutor(min(16, os.cpu_count() or 1))

    def fetch(self, indices: Tensor, request: BatchRequest) -> Batch:
        """Some of the images, as they are requested."""
        chosen = [self.files[index] for index in indices.tolist()]
        draws = [None] * len(chosen) if request.draws is None else list(request.draws)
        found = list(self._pool.map(lambda c, d: self._image(c[0], request, d), chosen, draws))
        weights = torch.tensor([float(image is not None) for image in found])
        # Another image replaces an unreadable one, so that running means see no black image.
        instead = next((image for image in found if image is not None), _black(request.shape))
        images = torch.stack([instead if image is None else image for image in found])
        labels = torch.tensor([label for _, label in chosen])
        return Batch(images, labels, weights, request.draws)

    def _image(self, name: str, request: BatchRequest, draws: Tensor | None) -> Tensor | None:
        try:
            return decoded(self._folder / name, request, draws)
        except Exception:
            # Pillow's readers raise many types of errors on broken files.
            self._skipped.add(name)
            return None

    def marks(self, is_whole: bool) -> list[str]:
        """For every file what tells whether it changed: its size, and a digest of its content.

        Unless `is_whole`, that of samples.
        """
        return list(self._pool.map(lambda each: self._mark(each[0], is_whole), self.files))

    def _mark(self, name: str, is_whole: bool) -> str:
        try:
            with open_regular(self._folder / name) as file:
                size = os.fstat(file.fileno()).st_size
                content = file.read(size) if is_whole else b"".join(_samples(file, size))
        except (OSError, ValueError):
            return "unreadable"
        digest = hashlib.blake2b(content, digest_size=8).hexdigest()
        return f"{size} {'' if is_whole else SAMPLED}{digest}"

    def size(self) -> int:
        """The bytes of all files."""
        return sum(self._pool.map(lambda each: _size(self._folder / each[0]), self.files))


def _samples(file: BinaryIO, size: int) -> Iterator[bytes]:
    for place in (0, size // 2, size - SAMPLE):
        file.seek(max(0, place))
        yield file.read(SAMPLE)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _black(shape: Shape3) -> Tensor:
    return torch.zeros(shape, dtype=torch.uint8)
