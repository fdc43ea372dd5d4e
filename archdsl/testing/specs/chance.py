"""The source of a random spec's choices: hypothesis, or a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Chance(Protocol):
    """Makes choices."""

    def number(self, least: int, most: int) -> int:
        """A whole number from `least` to `most`."""

    def pick(self, values: Sequence[T]) -> T:
        """A random item."""


class Seeded:
    """The same choices for the same seed, with every version of hypothesis."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 (nothing is kept secret by it)

    def number(self, least: int, most: int) -> int:
        return self.random.randint(least, most)

    def pick(self, values: Sequence[T]) -> T:
        return self.random.choice(values)


@dataclass(frozen=True)
class Drawn:
    """Choices made and shrunk by hypothesis."""

    draw: st.DrawFn

    def number(self, least: int, most: int) -> int:
        return self.draw(st.integers(least, most))

    def pick(self, values: Sequence[T]) -> T:
        return self.draw(st.sampled_from(values))
