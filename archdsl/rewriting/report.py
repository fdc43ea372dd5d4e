"""What rewrites did, for people and as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from archdsl.rewriting.counts import Counts
from archdsl.rewriting.formulas import Formula
from archdsl.rewriting.optimize import Optimized
from archdsl.rewriting.rewrite import Change, Left
from archdsl.rewriting.table import REWRITES, Outcome

SHOWN = 4
"""The places that a text lists for every rewrite, and for every reason; data has all."""


def lines(made: Optimized | Outcome) -> Iterator[str]:
    """A report as text."""
    if isinstance(made, Outcome):
        yield "no rewrite applies: the network stays as it is"
        yield from _left(made.left)
        return
    yield from _changes(made.outcome.changes)
    yield from _left(made.outcome.left)
    for before, after in made.outcome.renamed.items():
        yield f"shared by another name: `{before}` is `{after}`"
    for name, old in vars(made.before).items():
        yield f"{name:6} {_number(old):>15} -> {_number(getattr(made.after, name))}"
    largest = f"{made.difference:.1g} of the largest number"
    yield f"results differ by {largest} at most, in double precision"


def _changes(changes: Sequence[Change]) -> Iterator[str]:
    for rewrite in REWRITES:
        found = [each for each in changes if each.rewrite == rewrite.name]
        if found:
            yield f"{rewrite.name}: {rewrite.about} ({len(found)})"
        for each in found[:SHOWN]:
            yield f"  {each.where} {each.what}"
        if len(found) > SHOWN:
            yield f"  … and {len(found) - SHOWN} more"


def _left(left: Sequence[Left]) -> Iterator[str]:
    if left:
        yield "left as they are:"
    reasons: dict[tuple[str, str], dict[str, None]] = {}
    for each in left:
        reasons.setdefault((each.rewrite, each.why), {})[each.where] = None
    for (name, why), found in reasons.items():
        places = [*found]
        listed = ", ".join(places[:SHOWN])
        more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
        yield f"  {name}: {listed}{more}: {why}"


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def as_data(made: Optimized | Outcome) -> dict[str, Any]:
    """A report as data."""
    outcome = made if isinstance(made, Outcome) else made.outcome
    found: dict[str, Any] = {
        "changes": [asdict(each) for each in outcome.changes],
        "left": [asdict(each) for each in outcome.left],
    }
    if isinstance(made, Optimized):
        found |= {"network": made.name, "text": made.text}
        found |= {"before": _figures(made.before), "after": _figures(made.after)}
        found |= {"renamed": {**outcome.renamed}, "difference": made.difference}
    return found


def _figures(counts: Counts) -> dict[str, Any]:
    return {k: v if isinstance(v, int) else str(v) for k, v in vars(counts).items()}


def map_data(outcome: Outcome, inverse: Mapping[str, Formula] | None, why: str) -> dict[str, Any]:
    """The weight map, as `--map` writes it: a formula for every key, and those backwards."""
    return {
        "changes": [asdict(each) for each in outcome.changes],
        "weights": {key: str(formula) for key, formula in outcome.plan.weights.items()},
        "inverse": None if inverse is None else {k: str(f) for k, f in inverse.items()},
        "no_inverse": why,
    }
