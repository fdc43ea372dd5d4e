"""Conditions on the sizes of the inputs, which wait until the network is built."""

from __future__ import annotations

from dataclasses import dataclass
from operator import eq

from archdsl.elaborate.report import Trace
from archdsl.shapes.fits import Fits, Pair
from archdsl.source import Span


@dataclass(frozen=True, eq=False)
class PendingCondition:
    """A place at which sizes are equal for some remainders of their symbols only.

    `demand` says what is wanted there, `expected` and `found` are shapes as text, and `fits` tells
    of two numbers whether they fit.
    """

    code: str
    demand: str
    span: Span
    trace: Trace | None
    pairs: tuple[Pair, ...]
    expected: str
    found: str
    fits: Fits = eq
