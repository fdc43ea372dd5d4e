"""What is asked for: targets, and what may be varied to meet them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeVar

from archdsl.analysis.training_memory import Step
from archdsl.fitting.quantities import bytes_of, count_of, number_of

Number = TypeVar("Number", int, Fraction)

FIGURES = {"params": count_of, "macs": count_of, "peak": bytes_of, "train_memory": bytes_of}
"""What a target can be about, in the order of importance, and how its limit is read."""
MOST_POINTS, MOST_STEPS = 100_000, 1_000
NAME = r"[A-Za-z_]\w*"


@dataclass(frozen=True)
class Range:
    """A parameter to vary, from `low` to `high` in steps; what is None is found."""

    name: str
    low: Fraction | None = None
    high: Fraction | None = None
    step: Fraction | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing that was said of it has a fraction."""
        said = [each for each in (self.low, self.high, self.step) if each is not None]
        return all(each.denominator == 1 for each in said)


@dataclass(frozen=True)
class Scaling:
    """Parameters that grow together: each is its default times an expression of `variable`."""

    factors: Mapping[str, str]
    variable: str
    points: tuple[Fraction, ...]


@dataclass(frozen=True)
class Question:
    """Limits by figure, what may be varied, and the sizes and the step that bytes are for."""

    limits: Mapping[str, int]
    ranges: Sequence[Range] = ()
    scalings: Sequence[Scaling] = ()
    sizes: Mapping[str, int] = field(default_factory=dict)
    step: Step = field(default_factory=Step)

    @property
    def names(self) -> list[str]:
        """All parameters that are varied."""
        scaled = [name for each in self.scalings for name in each.factors]
        return [*[each.name for each in self.ranges], *scaled]


def limits_of(asked: Mapping[str, object]) -> dict[str, int]:
    """The limits of figures, as numbers or as text; None is no limit. Raises `ValueError`."""
    return {
        figure: _named(option(figure), str(asked[figure]), read)
        for figure, read in FIGURES.items()
        if asked.get(figure) is not None
    }


def option(figure: str) -> str:
    """The option of a figure: `--train-memory`."""
    return f"--{figure.replace('_', '-')}"


def varied(texts: Sequence[str], steps: str | None = None) -> tuple[list[Range], list[Scaling]]:
    """What `--vary` and `--steps` say. Raises `ValueError` for what they do not mean."""
    ranges = [_range(text) for text in texts if ":" not in text]
    scaled = [text for text in texts if ":" in text]
    if bool(scaled) != (steps is not None):
        example = '--vary "depth:1.2**k,width:1.1**k" --steps k=0..4/0.5'
        raise ValueError(f"a scaling needs both, as in {example}")
    scalings = [_scaling(text, steps or "") for text in scaled]
    names = Question({}, ranges, scalings).names
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"`{name}` is varied twice")
    return ranges, scalings


def _range(text: str) -> Range:
    """`NAME`, `NAME=LOW..HIGH` or `NAME=LOW..HIGH/STEP`, where a bound may be left out."""
    found = re.fullmatch(rf"\s*({NAME})\s*(?:=(.*?)\.\.(.*?)(?:/(.*))?)?", text, re.ASCII)
    if found is None:
        raise ValueError(f"--vary takes NAME or NAME=LOW..HIGH[/STEP], not `{text}`")
    low, high, step = (
        None if part in (None, "") else _named("--vary", part, number_of)
        for part in [part and part.strip() for part in found.groups()[1:]]
    )
    _check(text, low, high, step)
    return Range(found[1], low, high, step)


def _scaling(text: str, steps: str) -> Scaling:
    """`depth:1.2**k,width:1.1**k`, where k takes the values of `k=0..4/0.5`."""
    over = _range(steps)
    if over.low is None or over.high is None:
        raise ValueError(f"--steps takes NAME=LOW..HIGH[/STEP], not `{steps}`")
    if (over.high - over.low) / (over.step or 1) > MOST_STEPS:
        raise ValueError(f"--steps has more than {MOST_STEPS:,} values")
    factors: dict[str, str] = {}
    for part in re.split(rf",(?=\s*{NAME}\s*:)", text):
        name, _, expression = (each.strip() for each in part.partition(":"))
        if not re.fullmatch(NAME, name, re.ASCII) or not expression or name in factors:
            raise ValueError(f"--vary takes NAME:FACTOR,..., not `{text}`")
        factors[name] = expression
    return Scaling(factors, over.name, points(over.low, over.high, over.step or Fraction(1)))


def points(low: Fraction, high: Fraction, step: Fraction) -> tuple[Fraction, ...]:
    """The numbers from `low` to `high`."""
    return tuple(low + step * each for each in range((high - low) // step + 1))


def _check(text: str, low: Fraction | None, high: Fraction | None, step: Fraction | None) -> None:
    ends = None if low is None or high is None else high - low
    if (step is not None and step <= 0) or (ends is not None and ends < 0):
        raise ValueError(f"there is no number in the range `{text}`")
    if ends is not None and ends / (step or 1) > MOST_POINTS:
        raise ValueError(f"the range `{text}` has more than {MOST_POINTS:,} numbers")


def _named(option: str, text: str, read: Callable[[str], Number]) -> Number:
    try:
        return read(text)
    except ValueError as wrong:
        raise ValueError(f"{option}: {wrong}") from None
