"""Image files as labelled images, decoded by several threads."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from torch import Tensor

from archdsl.training.data import Batch, BatchRequest, Shape3
from archdsl.training.decode import decoded

HASHED = 2**28
"""Up to this many bytes in all, images are compared by content when a run goes on, else by size."""


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

    def marks(self, by_content: bool) -> list[str]:
        """For every file what tells whether it changed: its size and, if asked for, its content."""
        return list(self._pool.map(lambda each: self._mark(each[0], by_content), self.files))

    def _mark(self, name: str, by_content: bool) -> str:
        try:
            size = (self._folder / name).stat().st_size
            content = (self._folder / name).read_bytes() if by_content else b""
        except OSError:
            return "unreadable"
        digest = hashlib.blake2b(content, digest_size=8).hexdigest() if by_content else ""
        return f"{size} {digest}".strip()

    def size(self) -> int:
        """The bytes of all files."""
        return sum(self._pool.map(lambda each: _size(self._folder / each[0]), self.files))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _black(shape: Shape3) -> Tensor:
    return torch.zeros(shape, dtype=torch.uint8)
