"""The smallest values of symbols for which two sizes do not fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, count, islice
from operator import eq

from archdsl.shapes.fits import Assignment, Fits, Pair, SizeCondition, fit, symbols_of, where_fit
from archdsl.shapes.floors import Floor
from archdsl.shapes.residues import MOST_RESIDUES, Function
from archdsl.shapes.sizes import Dim, Polynomial, Symbolic, evaluate


def counterexample(
    first: Dim, second: Dim, least: Mapping[str, int], fits: Fits = eq
) -> Assignment | None:
    """The smallest values of the symbols, from `least` on, for which two sizes do not fit.

    Of several symbols the sum is the smallest, if that is near the least. None if the search finds
    none soon.
    """
    symbols = sorted(symbols_of(first) | symbols_of(second))
    if first == second:
        return None
    if len(symbols) == 1:
        (symbol,) = symbols
        where, start = fit(first, second), least.get(symbol, 1)
        numbers = where.others(start) if isinstance(where, SizeCondition) else None
        tried: Iterable[Assignment] = (
            {symbol: number} for number in numbers or _changes([first, second], start)
        )
    else:
        near = islice(_nearest(symbols, least), MOST_RESIDUES // 2)
        tried = chain(near, _moved(symbols, least))
    for values in islice(tried, MOST_RESIDUES):
        if not fits(evaluate(first, values), evaluate(second, values)):
            return values
    return None


def _changes(sizes: Sequence[Dim], number: int) -> Iterator[int]:
    """A number, then every larger one at which a size of one symbol may change."""
    functions = [size.function for size in sizes if isinstance(size, Symbolic)]
    is_polynomial = any(isinstance(size, Polynomial) for size in sizes)
    while True:
        yield number
        number = number + 1 if is_polynomial else min(_next(each, number) for each in functions)


def _next(function: Function, number: int) -> int:
    """The next larger number with another value, or simply the next number."""
    if not isinstance(function, Floor) or function.factor < 0:
        return number + 1
    floor = (function.factor * number + function.offset) // function.divisor
    return -((function.offset - (floor + 1) * function.divisor) // function.factor)


def distance(values: Assignment, least: Mapping[str, int]) -> int:
    """How much larger values are than the least, all added up; what has no value is the least."""
    return sum(number - least.get(symbol, 1) for symbol, number in values.items())


def _nearest(symbols: Sequence[str], least: Mapping[str, int]) -> Iterator[Assignment]:
    """All values of several symbols, nearest to the least first."""
    for total in count():
        for parts in _divided(total, len(symbols)):
            yield {s: least.get(s, 1) + part for s, part in zip(symbols, parts, strict=True)}


def _divided(total: int, count: int) -> Iterator[tuple[int, ...]]:
    """All ways to write a number as a sum of a given number of terms."""
    if count == 1:
        yield (total,)
        return
    for first in range(total, -1, -1):
        for rest in _divided(total - first, count - 1):
            yield first, *rest


def _moved(symbols: Sequence[str], least: Mapping[str, int]) -> Iterator[Assignment]:
    """Values of several symbols, far ones too: moved all together, or one alone."""
    start = {symbol: least.get(symbol, 1) for symbol in symbols}
    for step in range(MOST_RESIDUES):
        yield {symbol: number + step for symbol, number in start.items()}
        for symbol in symbols:
            yield {**start, symbol: start[symbol] + step + 1}


def shown(values: Assignment, first: Dim, second: Dim) -> str:
    """A counterexample for a message: `h = 5: 4 against 5`."""
    names = ", ".join(f"{symbol} = {number:,}" for symbol, number in values.items())
    return f"{names}: {evaluate(first, values):,} against {evaluate(second, values):,}"


def explained(pairs: Sequence[Pair], least: Mapping[str, int], fits: Fits = eq) -> str:
    """For which values pairs of sizes are equal, and a counterexample, in words."""
    text = where_fit(pairs, least, fits)
    examples = [(counterexample(*pair, least, fits), pair) for pair in pairs]
    found = [(distance(values, least), values, pair) for values, pair in examples if values]
    if not found:
        return text
    _, values, pair = min(found, key=lambda each: each[0])
    return f"{text}; smallest counterexample {shown(values, *pair)}"
