"""Finds the image files in a folder, and counts what else is there."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SUFFIXES = frozenset(
    ".bmp .gif .jfif .jpe .jpeg .jpg .pbm .pgm .png .pnm .ppm .tif .tiff .webp".split()
)
IRREGULAR = "pipes, devices or broken links"
"""What `ignored` calls entries that are neither files nor folders."""
UNREADABLE = "unreadable folders"


@dataclass
class Listing:
    """The image files below a folder, by their paths from it, and what was ignored, by kind.

    `nested` counts the images in sub-folders. Hidden entries do not count.
    """

    images: list[str] = field(default_factory=list)
    nested: int = 0
    ignored: Counter[str] = field(default_factory=Counter)


def listed(folder: Path) -> Listing:
    """All image files below a folder, sub-folders and links included, in order of their paths."""
    found, seen = Listing(), {_identity(folder)}
    waiting = [""]
    while waiting:
        below = waiting.pop()
        for entry in _entries(folder / below, found):
            name = f"{below}{entry.name}"
            if _is_folder(entry):
                identity = _identity(Path(entry.path))
                # A link may lead back to where it came from.
                waiting += [f"{name}/"] if identity not in seen else []
                seen.add(identity)
            elif _is_file(entry):
                _take(name, found)
            else:
                found.ignored[IRREGULAR] += 1
    found.images.sort()
    found.nested = sum("/" in name for name in found.images)
    return found


def _take(name: str, found: Listing) -> None:
    suffix = Path(name).suffix.lower()
    if suffix in SUFFIXES:
        found.images.append(name)
    else:
        found.ignored[suffix or "without a suffix"] += 1


def _entries(folder: Path, found: Listing) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from (entry for entry in entries if not entry.name.startswith("."))
    except OSError:
        found.ignored[UNREADABLE] += 1


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False


def _identity(path: Path) -> tuple[int, int]:
    """What a folder is, by whichever path it is found."""
    status = path.stat()
    return status.st_dev, status.st_ino
