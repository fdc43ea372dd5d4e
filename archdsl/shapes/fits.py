"""Where two sizes are equal: for which values of their symbols."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from math import lcm
from operator import eq
from typing import TypeAlias

from archdsl.shapes.exact import Undecided
from archdsl.shapes.functions import first_from, last_with, roots
from archdsl.shapes.residues import MOST_RESIDUES, TooManyResidues, primes
from archdsl.shapes.sizes import Dim, Polynomial, Symbolic

MOST_LISTED = 8
"""Maximum number of values listed in a message."""

Pair: TypeAlias = tuple[Dim, Dim]
Assignment: TypeAlias = dict[str, int]
Fits: TypeAlias = Callable[[int, int], bool]


@dataclass(frozen=True)
class SizeCondition:
    """A symbol has one of these residues; `modulus` is as small as possible.

    `also` are further numbers that meet the condition.
    """

    symbol: str
    modulus: int
    residues: tuple[int, ...]
    also: tuple[int, ...] = ()

    def __str__(self) -> str:
        if not self.also:
            return self._remainders
        single = f"{self.symbol} = {listed(self.also)}"
        return f"{self._remainders} or {single}" if self.residues else single

    @property
    def _remainders(self) -> str:
        remainder = f"{self.symbol} % {self.modulus}"
        if len(self.residues) == 1:
            return f"{remainder} == {self.residues[0]}"
        if len(self.residues) == self.modulus - 1:
            (missing,) = {*range(self.modulus)} - {*self.residues}
            return f"{remainder} != {missing}"
        return f"{remainder} is {listed(self.residues)}"

    def others(self, number: int) -> Iterator[int]:
        """The numbers that do not meet the condition, from `number` on."""
        return (each for each in count(number) if not self.holds(each))

    def holds(self, number: int) -> bool:
        """Whether a number meets the condition."""
        return number % self.modulus in self.residues or number in self.also

    def from_number(self, least: int) -> SizeCondition:
        """The condition for numbers that are not smaller than the least."""
        return replace(self, also=tuple([number for number in self.also if number >= least]))

    def __and__(self, other: SizeCondition) -> SizeCondition:
        """Both conditions on one symbol; raises `TooManyResidues`."""
        modulus = lcm(self.modulus, other.modulus)
        if modulus > MOST_RESIDUES:
            raise TooManyResidues(modulus)
        allowed = {*other.residues}
        both = [
            residue + turn
            for turn in range(0, modulus, self.modulus)
            for residue in self.residues
            if (residue + turn) % other.modulus in allowed
        ]
        met = condition_of(self.symbol, modulus, both)
        single = {
            each for each in (*self.also, *other.also) if self.holds(each) and other.holds(each)
        }
        return replace(met, also=tuple(sorted(each for each in single if not met.holds(each))))


@dataclass(frozen=True)
class Numbers:
    """A symbol is one of a few numbers."""

    symbol: str
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Unknown:
    """The values for which sizes are equal have no short description; `reason` may say why."""

    reason: str = ""


Fit: TypeAlias = SizeCondition | Numbers | Unknown


def fit(first: Dim, second: Dim) -> Fit:
    """The values of the symbols for which two sizes, at least one of them symbolic, are equal."""
    try:
        gap = first - second
        if isinstance(gap, int) and gap:
            return Numbers(min(symbols_of(first) | symbols_of(second)), ())
        if not isinstance(gap, Symbolic):
            return Unknown()
        period, numbers = roots(gap.function)
    except Undecided as undecided:
        return Unknown(undecided.reason)
    except TooManyResidues as many:
        return Unknown(str(many))
    if period:
        return condition_of(gap.symbol, period, numbers)
    return Numbers(gap.symbol, numbers)


def fit_or_stretch(first: Dim, second: Dim, fits: Fits) -> Fit:
    """For which values two sizes fit, of which one that is 1 may fit to any other."""
    where = fit(first, second)
    if not fits(1, 2) or isinstance(where, Unknown):
        return where
    single: set[int] = set()
    for size in (first, second):
        ones = fit(size, 1) if isinstance(size, Symbolic) else Unknown()
        if isinstance(size, int) and size != 1:
            continue
        if not isinstance(ones, Numbers):
            return Unknown()
        single |= {*ones.numbers}
    if isinstance(where, Numbers):
        return Numbers(where.symbol, tuple(sorted({*where.numbers, *single})))
    return replace(where, also=tuple(sorted(n for n in single if not where.holds(n))))


def may_be(size: Dim, number: int) -> bool:
    """Whether a size is this number for some values of its symbols, or might be."""
    where = fit(size, number)
    return not isinstance(where, Numbers) or any(each > 0 for each in where.numbers)


def condition_of(symbol: str, modulus: int, residues: Iterable[int]) -> SizeCondition:
    """A condition with its least modulus."""
    allowed = {*residues}
    for prime in primes(modulus):
        while modulus % prime == 0:
            shorter = modulus // prime
            if any((residue + shorter) % modulus not in allowed for residue in allowed):
                break
            modulus, allowed = shorter, {residue % shorter for residue in allowed}
    return SizeCondition(symbol, modulus, tuple(sorted(allowed)))


def symbols_of(size: Dim) -> set[str]:
    """The symbols that a size depends on."""
    if isinstance(size, Polynomial):
        return {factor.symbol for factors, _ in size.terms for factor in factors}
    return {size.symbol} if isinstance(size, Symbolic) else set()


def listed(numbers: Sequence[int], word: str = "or") -> str:
    """Numbers in a sentence; only the first few if there are many."""
    texts = [f"{number:,}" for number in numbers[:MOST_LISTED]]
    if len(numbers) > MOST_LISTED:
        return f"{', '.join(texts)} {word} {len(numbers) - MOST_LISTED:,} more"
    return f" {word} ".join(filter(None, [", ".join(texts[:-1]), texts[-1]]))


def least_values(sizes: Iterable[Dim], least_size: int = 1) -> Assignment:
    """The smallest value of every symbol from which on all sizes are `least_size` or more.

    Of sums of products all factors are.
    """
    least: Assignment = {}
    for factor in dict.fromkeys(factor for size in sizes for factor in _factors(size)):
        first = first_from(factor.function, least_size) or 1
        least[factor.symbol] = max(least.get(factor.symbol, 1), first)
    return least


def most_values(sizes: Iterable[Dim]) -> Assignment:
    """The greatest value of every symbol up to which all sizes are 1 or more.

    A symbol that no size falls with is missing.
    """
    most: Assignment = {}
    for size in dict.fromkeys(size for size in sizes if isinstance(size, Symbolic)):
        last = last_with(size.function, 1)
        if last is not None:
            most[size.symbol] = min(most.get(size.symbol, last), last)
    return most


def _factors(size: Dim) -> Iterable[Symbolic]:
    """The sizes that a size is computed from, each of one symbol."""
    if isinstance(size, Polynomial):
        return [factor for factors, _ in size.terms for factor in factors]
    return [size] if isinstance(size, Symbolic) else []


def where_equal(first: Dim, second: Dim) -> str:
    """For which values of their symbols two sizes are equal, in words."""
    return where_fit([(first, second)], {}, eq)


def agreement(fits: Fits) -> str:
    """The words for two sizes that agree."""
    return "they fit" if fits(1, 2) else "they are equal"


def where_fit(pairs: Sequence[Pair], least: Mapping[str, int], fits: Fits) -> str:
    """For which values pairs of sizes fit, in words."""
    conditions: list[SizeCondition] = []
    numbers: list[str] = []
    for first, second in pairs:
        where = fit_or_stretch(first, second, fits)
        match where:
            case SizeCondition():
                conditions.append(where.from_number(least.get(where.symbol, 1)))
            case Numbers():
                numbers.append(_numbers_text(where, least))
            case Unknown(reason=""):
                return f"{first} and {second} are not equal for all sizes"
            case Unknown(reason=reason):
                return f"cannot decide whether {first} and {second} are equal: {reason}"
    try:
        texts = [conditions_text(conjunction(conditions))] if conditions else []
    except TooManyResidues as many:
        return f"cannot decide for which sizes {agreement(fits)}: {many}"
    texts = [*numbers, *texts]
    never = [text for text in texts if text.startswith("for no ")]
    return f"{agreement(fits)} {(never or [' and '.join(texts)])[0]}"


def conditions_text(conditions: Sequence[SizeCondition]) -> str:
    """Conditions in a sentence: `only when h % 4 == 0 and w % 4 == 0`."""
    for condition in conditions:
        if not condition.residues and not condition.also:
            return f"for no {condition.symbol}"
    texts = [f"({each})" if each.also and len(conditions) > 1 else str(each) for each in conditions]
    return f"only when {' and '.join(texts)}"


def conjunction(conditions: Iterable[SizeCondition]) -> list[SizeCondition]:
    """All conditions on the same symbol merged into one; raises `TooManyResidues`."""
    joined: dict[str, SizeCondition] = {}
    for condition in conditions:
        before = joined.get(condition.symbol)
        joined[condition.symbol] = condition if before is None else before & condition
    return list(joined.values())


def _numbers_text(where: Numbers, least: Mapping[str, int]) -> str:
    numbers = [number for number in where.numbers if number >= least.get(where.symbol, 1)]
    if not numbers:
        return f"for no {where.symbol}"
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"only for {where.symbol} = {numbers[0]:,} to {numbers[-1]:,}"
    return f"only for {where.symbol} = {listed(numbers)}"
