"""Settings for long computations, which recurse deeply and create many small objects."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

DEEPEST = 100_000
"""Maximum nesting of Python calls: the maximum nesting of a spec times the calls per level.

Calls of Python functions by Python functions need no memory of the C stack since Python 3.11.
"""


@contextmanager
def long_work() -> Iterator[None]:
    """Allow deep recursion and disable the garbage collector.

    There is hardly any cyclic garbage, and collection takes as long as the work.
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
