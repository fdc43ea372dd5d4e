"""Memory as storages that somebody holds: what is there now, and the most that was at once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field


@dataclass
class Storages:
    """Storages with their bytes; each is there as long as somebody holds it.

    `peak` is the most that was there at any moment, and `at` what ran then.
    """

    now: int = 0
    peak: int = 0
    at: object = None
    _held: dict[Hashable, tuple[int, int]] = field(default_factory=dict)
    """The holders of every storage, and its bytes."""

    def hold(self, storage: Hashable, size: int = 0) -> None:
        """Hold a storage once more; the first allocates it."""
        holders, known = self._held.get(storage, (0, size))
        self.now += 0 if holders else known
        self._held[storage] = holders + 1, known

    def hold_all(self, storages: Iterable[tuple[Hashable, int]]) -> None:
        """Hold several, each with its bytes."""
        for storage, size in storages:
            self.hold(storage, size)

    def drop(self, storage: Hashable) -> None:
        """Hold it no more; the last holder frees it."""
        holders, size = self._held.pop(storage)
        if holders > 1:
            self._held[storage] = holders - 1, size
        else:
            self.now -= size

    def is_shared(self, storage: Hashable) -> bool:
        """Whether it has several holders."""
        return self._held[storage][0] > 1

    def moment(self, at: object) -> None:
        """Compare what is there with the most so far; `at` is what runs."""
        if self.now > self.peak:
            self.peak, self.at = self.now, at
