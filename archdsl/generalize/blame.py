"""Which parameter to fix when code cannot follow a variant."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from archdsl.arithmetic import Value
from archdsl.generalize.decisions import decisions
from archdsl.generalize.variants import Fixed, Values, Variant

Build = Callable[[str, Values], Variant | None]


def blame_last(variant: Variant) -> Fixed:
    """The parameter changed last, together with the kind of change to forbid."""
    return _fixed(variant, [*variant.values][-1])


def blame(variant: Variant, build: Build, is_bad: Callable[[Variant], bool]) -> Fixed:
    """What to fix, found by shrinking a variant while it remains bad.

    Of several parameters it is the last one that decides something.
    """
    least = shrunk(variant, build, is_bad)
    if least.other_lengths:
        return Fixed(lengths=least.other_lengths)
    deciding = {name for decision in decisions(least.graph) for name in decision.reads}
    names = [name for name in least.values if name in deciding] or [*least.values]
    return _fixed(least, names[-1])


def shrunk(variant: Variant, build: Build, is_bad: Callable[[Variant], bool]) -> Variant:
    """A smallest change of parameters that is still bad."""
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
    """The values with one removed, or with a list cut or extended to the default's length."""
    values = variant.values
    for name in values:
        if len(values) > 1:
            yield {other: value for other, value in values.items() if other != name}
    for name in sorted(variant.other_lengths):
        yield {**values, name: _as_long(values[name], variant.defaults[name])}


def _as_long(value: Value, default: Value) -> Value:
    """A list with as many items as the default."""
    assert isinstance(value, tuple)
    assert isinstance(default, tuple)
    return (*value, *default[len(value) :])[: len(default)]


def _fixed(variant: Variant, name: str) -> Fixed:
    names = frozenset({name})
    return Fixed(lengths=names) if names <= variant.other_lengths else Fixed(names)
