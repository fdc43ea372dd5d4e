"""Limits on running code, which may be wrong in any way."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

MAXIMUM_DEPTH = 5_000
"""Maximum nesting of Python calls, which need C stack here: PyTorch itself takes fewer levels."""

MODULES_PER_LAYER = 100
MORE_MODULES = 10_000


def most_modules(layers: int) -> int:
    """Maximum number of modules that the code of a network with so many layers may create."""
    return MODULES_PER_LAYER * layers + MORE_MODULES


@contextmanager
def bounded_depth() -> Iterator[None]:
    """Raise `RecursionError` if calls nest too deep."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(_depth() + MAXIMUM_DEPTH)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def _depth() -> int:
    """The current nesting depth of Python calls."""
    frame: FrameType | None = sys._getframe()
    depth = 0
    while frame is not None:
        frame, depth = frame.f_back, depth + 1
    return depth
