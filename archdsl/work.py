"""Room for long work: stages recurse as deep as a spec nests, and make very many small objects."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

DEEPEST = 100_000
"""So many Python calls may lie in one another: what a spec may nest, times what a level takes.

Calls of Python functions by Python functions need no memory of the C stack since Python 3.11.
"""


@contextmanager
def long_work() -> Iterator[None]:
    """Allow deep recursion, and do not search for garbage: hardly any comes about, and the search
    takes as long as the work.
    """
    limit, collects = sys.getrecursionlimit(), gc.isenabled()
    sys.setrecursionlimit(max(limit, DEEPEST))
    gc.disable()
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
        if collects:
            gc.enable()
