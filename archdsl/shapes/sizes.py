"""Sizes as values, with the operators of numbers and with readable texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import NamedTuple, TypeAlias

from archdsl.shapes import classes, functions
from archdsl.shapes.exact import Exact, Extent, Undecided, beyond
from archdsl.shapes.floors import IDENTITY, Floor, signed, text_of
from archdsl.shapes.residues import Function, QuasiLinear, Result, TooManyResidues

LONGEST = 60
"""Maximum length of the text of a part of a size; a longer part becomes an ellipsis."""


class Notation(NamedTuple):
    """The notation of a table: `text` stands for `scale * pattern + shift`."""

    text: str
    scale: int
    shift: int


@dataclass(frozen=True)
class Symbolic(Exact["Dim"]):
    """A size that depends on one symbol; made by `symbol` and by arithmetic only.

    Two are equal for every value of the symbol exactly if they are the same value.
    """

    symbol: str
    function: Function = IDENTITY
    notation: Notation | None = field(default=None, compare=False)

    @property
    def grows(self) -> bool:
        """Whether the size is at least 1 for all large values of the symbol."""
        if self.function.rise == 0:
            low, _ = functions.bounds(self.function)
            return low is not None and low >= 1
        return self.function.rise > 0

    def __add__(self, other: Dim) -> Dim:
        if isinstance(other, int):
            return self._moved(1, other)
        if isinstance(other, Symbolic) and other.symbol == self.symbol:
            return self._with(other, functions.plus, "sum", "{} + {}")
        return _several(self, other, "sum", Polynomial.__add__)

    __radd__ = __add__

    def __neg__(self) -> Symbolic:
        return self._moved(-1, 0)  # type: ignore[return-value]

    def __sub__(self, other: Dim) -> Dim:
        if isinstance(other, Symbolic) and other.symbol == self.symbol:
            return self._with(other, functions.minus, "difference", "{} - {}")
        return self + -other

    def __rsub__(self, other: int) -> Dim:
        return -self + other

    def __mul__(self, other: Dim) -> Dim:
        if isinstance(other, int):
            return self._moved(other, 0)
        return _several(self, other, "product", Polynomial.__mul__)

    __rmul__ = __mul__

    def __floordiv__(self, other: Dim) -> Dim:
        if not isinstance(other, int) or other < 1:
            raise Undecided(f"the quotient of {self} and {other}")
        try:
            result = functions.over(self.function, other)
        except TooManyResidues as many:
            raise beyond(f"the quotient of {self} and {other}", many) from None
        return named(self.symbol, result, "{} // {}", self, other)

    def __mod__(self, other: Dim) -> Dim:
        rest = self - self // other * other
        if isinstance(rest, Symbolic) and isinstance(rest.function, QuasiLinear):
            return named(self.symbol, rest.function, "{} % {}", self, other)
        return rest

    def __str__(self) -> str:
        if isinstance(self.function, Floor):
            return text_of(self.symbol, self.function)
        assert self.notation is not None
        text, scale, shift = self.notation
        turns = self.function.scale // scale
        if turns != 1:
            text = f"{turns} * ({text})"
        return text + signed(self.function.shift - turns * shift)

    def extent(self) -> Extent:
        """Minimum and maximum; None if unbounded."""
        return functions.bounds(self.function)

    def has_root(self) -> bool:
        """Whether the size is 0 for some value; raises `Undecided`."""
        try:
            return bool(functions.roots(self.function)[1])
        except TooManyResidues as many:
            raise beyond(f"where {self} is 0", many) from None

    def _moved(self, scale: int, shift: int) -> Dim:
        result = functions.affine(self.function, scale, shift)
        return result if isinstance(result, int) else Symbolic(self.symbol, result, self.notation)

    def _with(
        self,
        other: Symbolic,
        calculate: Callable[[Function, Function], Result],
        what: str,
        form: str,
    ) -> Dim:
        try:
            result = calculate(self.function, other.function)
        except TooManyResidues as many:
            raise beyond(f"the {what} of {self} and {other}", many) from None
        return named(self.symbol, result, form, self, other)


@dataclass(frozen=True)
class Polynomial(Exact["Dim"]):
    """A number computed from sizes: a sum of products of sizes, each with a coefficient."""

    terms: tuple[tuple[tuple[Symbolic, ...], int], ...]

    @property
    def grows(self) -> bool:
        """Whether the value is at least 1 wherever all its factors are, as far as is known."""
        is_sum = all(number > 0 for _, number in self.terms)
        return is_sum and all(size.grows for factors, _ in self.terms for size in factors)

    def __add__(self, other: Dim) -> Count:
        return total([*self.terms, *terms_of(other)])

    __radd__ = __add__

    def __neg__(self) -> Polynomial:
        return Polynomial(tuple([(factors, -number) for factors, number in self.terms]))

    def __sub__(self, other: Dim) -> Count:
        return self + -other

    def __rsub__(self, other: int) -> Count:
        return -self + other

    def __mul__(self, other: Dim) -> Count:
        return total(_multiplied(self.terms, terms_of(other)))

    __rmul__ = __mul__

    def __floordiv__(self, other: Dim) -> Count:
        if isinstance(other, int) and other > 0 and all(n % other == 0 for _, n in self.terms):
            return total([(factors, number // other) for factors, number in self.terms])
        raise Undecided(f"the quotient of {self} and {other}")

    def __mod__(self, other: Dim) -> Count:
        return self - self // other * other

    def extent(self) -> Extent:
        """A lower and an upper bound of all values; raises `Undecided`."""
        try:
            return classes.extent(self.terms)
        except TooManyResidues as many:
            raise beyond(f"how large {self} is", many) from None

    def has_root(self) -> bool:
        """Whether the value may be 0: always undecided."""
        return True

    def __str__(self) -> str:
        return " + ".join(map(_product_text, self.terms))


Dim: TypeAlias = int | Symbolic | Polynomial
"""One size of a tensor, or a number computed from sizes."""
Count: TypeAlias = int | Polynomial
"""A count that depends on sizes, such as multiply-adds."""
Products: TypeAlias = Iterable[tuple[tuple[Symbolic, ...], int]]


def symbol(name: str) -> Symbolic:
    """A size that can be any number."""
    return Symbolic(name)


def product(*sizes: Dim) -> Count:
    """The number of elements of a tensor of these sizes."""
    numbers = [size for size in sizes if isinstance(size, int)]
    if len(numbers) == len(sizes):
        return prod(numbers)
    count = Polynomial((((), prod(numbers)),))
    for size in [size for size in sizes if not isinstance(size, int)]:
        count = Polynomial(tuple(_multiplied(count.terms, terms_of(size))))
    return total(count.terms)


def shortened(formula: str) -> str:
    """A formula as people read it, of a long one the beginning; numbers are never cut."""
    is_number = not any(map(str.isalpha, formula))
    return (
        formula if is_number or len(formula) <= LONGEST else f"{formula[: LONGEST - 2].rstrip()} …"
    )


def evaluate(size: Dim, values: Mapping[str, int]) -> int:
    """The value of a size or count for given values of its symbols."""
    if isinstance(size, int):
        return size
    if isinstance(size, Polynomial):
        return sum(
            coefficient * prod(evaluate(factor, values) for factor in factors)
            for factors, coefficient in size.terms
        )
    return size.function.at(values[size.symbol])


def terms_of(count: Dim) -> Products:
    """A size as a sum of products."""
    if isinstance(count, int):
        return [((), count)]
    if isinstance(count, Polynomial):
        return count.terms
    factor, rest = _apart(count)
    return [((rest,), factor)]


def total(terms: Products) -> Count:
    """The sum of products; a number if no product depends on a symbol."""
    sums: dict[tuple[Symbolic, ...], int] = {}
    for factors, coefficient in terms:
        sums[factors] = sums.get(factors, 0) + coefficient
    kept = {factors: coefficient for factors, coefficient in sums.items() if coefficient}
    if not any(kept):
        return sums.get((), 0)
    return Polynomial(tuple(sorted(kept.items(), key=_product_text)))


def _multiplied(first: Products, second: Products) -> Products:
    return [
        (tuple(sorted([*factors, *more], key=_order)), number * times)
        for factors, number in first
        for more, times in second
    ]


def _several(
    first: Symbolic, second: Dim, what: str, calculate: Callable[[Polynomial, Dim], Count]
) -> Count:
    """The result of a function of sizes, which may have several symbols."""
    if not isinstance(second, int | Symbolic | Polynomial):
        raise Undecided(f"the {what} of {first} and {second}")
    return calculate(Polynomial(tuple(terms_of(first))), second)


def _apart(size: Symbolic) -> tuple[int, Symbolic]:
    """A size as a number times another size: `16 * h` is 16 times `h`."""
    function, notation = size.function, size.notation
    if isinstance(function, QuasiLinear):
        assert notation is not None
        turns = function.scale // notation.scale
        if function.shift != turns * notation.shift:
            return 1, size
        base = QuasiLinear(function.pattern, notation.scale, notation.shift)
        return turns, Symbolic(size.symbol, base, notation)
    if function.divisor == 1 and function.offset == 0:
        return function.factor, symbol(size.symbol)
    if function.shift:
        return 1, size
    return function.scale, Symbolic(size.symbol, function._replace(scale=1))


def named(symbol: str, result: Result, form: str, *parts: Dim) -> Dim:
    """A size, with `form` as its text if it has no other."""
    if isinstance(result, int):
        return result
    if isinstance(result, Floor):
        return Symbolic(symbol, result)
    texts = [_part_text(part, form) for part in parts]
    notation = Notation(form.format(*texts), result.scale, result.shift)
    return Symbolic(symbol, result, notation)


def _part_text(part: Dim, form: str) -> str:
    text = str(part)
    if len(text) > LONGEST:
        return "…"
    return f"({text})" if " " in text and form[0] == "{" and " + " not in form else text


def _order(size: Symbolic) -> tuple[str, int, int, int]:
    return str(size), size.function.period, size.function.rise, size.function.at(0)


def _product_text(term: tuple[tuple[Symbolic, ...], int]) -> str:
    factors, coefficient = term
    texts = [f"({factor})" if " " in str(factor) else str(factor) for factor in factors]
    return " * ".join([f"{coefficient:,}", *texts] if coefficient != 1 or not texts else texts)
