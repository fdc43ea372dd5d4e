"""Which parameter is to blame where code cannot follow a variant."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from archdsl.arithmetic import Value
from archdsl.generalize.decisions import decisions
from archdsl.generalize.variants import Fixed, Values, Variant

Build = Callable[[str, Values], Variant | None]


def blame_last(variant: Variant) -> Fixed:
    """The parameter that was moved last, in a way that must not come again."""
    return _fixed(variant, [*variant.values][-1])


def blame(variant: Variant, build: Build, is_bad: Callable[[Variant], bool]) -> Fixed:
    """What must not move, of the least that makes a variant a bad one.

    Of several parameters it is the last that decides something.
    """
    least = shrunk(variant, build, is_bad)
    if least.other_lengths:
        return Fixed(lengths=least.other_lengths)
    deciding = {name for decision in decisions(least.graph) for name in decision.reads}
    names = [name for name in least.values if name in deciding] or [*least.values]
    return _fixed(least, names[-1])


def shrunk(variant: Variant, build: Build, is_bad: Callable[[Variant], bool]) -> Variant:
    """A variant that moves no more than it must to be a bad one."""
    found = True
    while found:
        found = False
        for values in _smaller(variant):
            smaller = build(variant.network, values)
            if smaller is not None and smaller.values and is_bad(smaller):
                variant, found = smaller, True
                break
    return variant


def _smaller(variant: Variant) -> Iterator[Values]:
    """The values without one of them, and with a list of the default's length."""
    values = variant.values
    for name in values:
        if len(values) > 1:
            yield {other: value for other, value in values.items() if other != name}
    for name in sorted(variant.other_lengths):
        yield {**values, name: _as_long(values[name], variant.defaults[name])}


def _as_long(value: Value, default: Value) -> Value:
    """A list with as many items as another has."""
    assert isinstance(value, tuple)
    assert isinstance(default, tuple)
    return (*value, *default[len(value) :])[: len(default)]


def _fixed(variant: Variant, name: str) -> Fixed:
    names = frozenset({name})
    return Fixed(lengths=names) if names <= variant.other_lengths else Fixed(names)
