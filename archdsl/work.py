"""Settings for long computations, which recurse deeply and create many small objects."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

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
            _OLD.settle()
            gc.enable()


@dataclass
class _Old:
    """What long works have left behind, and the collector has not looked at since.

    Once enabled, the collector would look at all of it, in every command and after every edit. So
    what is left counts as old at once. It is collected when memory has twice as many blocks as
    what was left by the last collection, or `FIRST` more: a constant cost for every object. What is
    freed without the collector, as nearly all that an edit replaces, does not count.
    """

    left: int = 0

    def settle(self) -> None:
        """Make what is there old, before the collector is enabled."""
        if gc.get_freeze_count():
            # Somebody else has frozen objects, and thawing would be of all.
            return
        if sys.getallocatedblocks() - self.left > max(self.left, FIRST):
            self.collect()
        else:
            gc.freeze()
            gc.unfreeze()

    def collect(self) -> None:
        """Look at everything."""
        gc.collect()
        self.left = sys.getallocatedblocks()


FIRST = 4_000_000
"""As many blocks may be left before the first collection: about 300 MiB."""
_OLD = _Old()
IDLE = 200_000
"""As many blocks are collected while nobody waits: about 15 MiB."""


def rest() -> None:
    """Collect what long works have left, if it is worth it: for programs that wait for somebody."""
    if sys.getallocatedblocks() - _OLD.left > IDLE:
        _OLD.collect()
