"""Rates that grow from layer to layer: `0.2 * i / 16`, as stochastic depth has them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

AMOUNTS = tuple([hundredths / 100 for hundredths in range(1, 101)])
MOST_PARTS = 400
LEAST_RATES = 3
"""So few rates are no law."""


@dataclass(frozen=True)
class Rate:
    """The rates `amount * i / parts`, in the arithmetic of the language, which is Python's.

    That rounds `amount / parts * i` in another way, where the step was divided first.
    """

    amount: float
    parts: int
    is_divided_first: bool = False

    def step(self, value: object) -> int | None:
        """The i of a rate; None for any other value."""
        if type(value) is not float:
            return None
        step = round(value * self.parts / self.amount)
        return step if self._value(step) == value else None

    def _value(self, step: int) -> float:
        if self.is_divided_first:
            return self.amount / self.parts * step
        return self.amount * step / self.parts

    def text(self, step: int | str) -> str:
        """A rate as the language writes it."""
        if self.is_divided_first:
            return f"{self.amount:g} / {self.parts} * {step}"
        return f"{self.amount:g} * {step} / {self.parts}"


def rate_of(values: Iterable[float]) -> Rate | None:
    """The law that all of some rates follow exactly; None where there is none."""
    known = sorted({*values} - {0.0})
    if len(known) < LEAST_RATES:
        return None
    gap = min(after - before for before, after in pairwise(known))
    for amount in AMOUNTS:
        parts = round(amount / gap)
        if not 2 <= parts <= MOST_PARTS or amount < known[-1]:
            continue
        for rate in (Rate(amount, parts), Rate(amount, parts, is_divided_first=True)):
            if all(rate.step(value) is not None for value in known):
                return rate
    return None
