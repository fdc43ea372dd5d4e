"""Values drawn for parameters, distinct as far as possible."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from random import Random

from archdsl.arithmetic import Value
from archdsl.generalize.variants import others

MOST_VALUES = 24
"""Maximum number of candidate values, those most likely to be accepted first."""
MULTIPLES = (2, 3, 4, 5, 6, 7)
WIDTH = 4
"""Numbers of channels are often multiples of this."""
LIKELY = 3
"""A multiple is drawn from this many unused ones."""


class Draw:
    """The values of one sample; values in `taken` are not drawn again.

    `in_multiples` draws whole numbers as multiples of the defaults, which specs often require;
    `coincide` permits equal numbers, so that comparisons can be true.
    """

    def __init__(
        self,
        chance: Random,
        taken: Iterable[Value],
        in_multiples: bool = False,
        coincide: bool = False,
    ) -> None:
        self.chance, self.in_multiples, self.coincide = chance, in_multiples, coincide
        self.taken = [number for value in taken for number in _scalars(value)]

    def flag(self) -> bool:
        """A random boolean."""
        return self.chance.random() < 0.5

    def value(self, default: Value, near: list[Value], resized: bool = False) -> Value:
        """Another value of a parameter; a list that is `resized` may get another length."""
        match default:
            case bool():
                return self.flag()
            case tuple():
                items = (
                    self._resized(default) if resized and self.chance.random() < 0.4 else default
                )
                return tuple([self.value(item, near) for item in items])
        equal = [value for value in self.taken if type(value) is type(default)]
        if self.coincide and equal and self.chance.random() < 0.25:
            return self.chance.choice(equal)
        candidates = list(self._candidates(default, near))
        apart = [value for value in candidates if value not in self.taken]
        likely = LIKELY if self.in_multiples and isinstance(default, int) else len(candidates)
        found = self.chance.choice((apart or candidates)[:likely])
        self.taken.append(found)
        return found

    def _candidates(self, default: Value, near: list[Value]) -> Iterator[Value]:
        if self.in_multiples and isinstance(default, int) and default > 0:
            if default % WIDTH == 0:
                yield from (
                    WIDTH * factor for factor in (*MULTIPLES, 1) if WIDTH * factor != default
                )
            yield from (default * factor for factor in MULTIPLES)
        yield from islice(others(default, near), MOST_VALUES)

    def _resized(self, items: tuple[Value, ...]) -> tuple[Value, ...]:
        length = self.chance.choice((len(items) - 1, len(items) + 1, len(items) + 2, 1))
        return (*items, *items[-1:] * 2)[: max(length, 0)]


def _scalars(value: Value) -> Iterator[Value]:
    if isinstance(value, tuple):
        for item in value:
            yield from _scalars(item)
    else:
        yield value
