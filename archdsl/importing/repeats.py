"""Several links of a chain that come again as a whole: `repeat(5, a -> b)`."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.importing.terms import Term, chain

MOST_PERIOD = 8
LEAST_SAVED = 4
"""How many words a `repeat` must save."""


def with_periods(parts: Sequence[Term]) -> list[Term]:
    """Links of which several come again as a whole, as `repeat(n, a -> b)`."""
    found: list[Term] = []
    place = 0
    while place < len(parts):
        period, turns = _period(parts[place:])
        if turns > 1:
            inner = chain(with_periods(parts[place : place + period]))
            found.append(Term("repeat", "", (inner,), (("n", turns),)))
        else:
            found.append(parts[place])
        place += max(1, period * turns)
    return found


def _period(parts: Sequence[Term]) -> tuple[int, int]:
    """How many links come again first, and how often; of all ways the one that covers most."""
    best = (1, 1)
    for period in range(2, min(MOST_PERIOD, len(parts) // 2) + 1):
        turn = [*parts[:period]]
        if all(link == turn[0] for link in turn) or any(_has_label(link) for link in turn):
            continue
        turns = 1
        while [*parts[turns * period : (turns + 1) * period]] == turn:
            turns += 1
        saved = (turns - 1) * sum(map(_words, turn))
        if saved > LEAST_SAVED and period * turns > best[0] * best[1]:
            best = period, turns
    return best


def _has_label(link: Term) -> bool:
    return any(each.kind in ("label", "aux") for each in link.walk())


def _words(link: Term) -> int:
    return sum(1 + len(each.arguments) for each in link.walk() if each.kind != "chain")
