"""Sizes that are exact: numbers, or functions of one symbol.

Every convolution and pooling takes a size to a single floor, and floors compose:
`((n + a) // m + b) // k == (n + a + b * m) // (m * k)`. So a chain of them keeps one closed form,
and whether two branches fit is proved for every size at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import gcd, prod
from typing import TypeAlias


class Undecided(Exception):
    """What is asked of sizes has no one answer, or an answer that `Symbolic` cannot express."""


@dataclass(frozen=True)
class Symbolic:
    """`scale * ((factor * symbol + offset) // divisor) + shift`, in the one form it has.

    Made by `symbol` and by arithmetic only: then two sizes are equal for every value of the symbol
    exactly where their fields are. `factor` and `divisor` share no factor, `scale` is positive and
    1 without a floor, and `shift` is from 0 up to `scale`.
    """

    symbol: str
    factor: int = 1
    offset: int = 0
    divisor: int = 1
    scale: int = 1
    shift: int = 0

    @property
    def grows(self) -> bool:
        """Whether the size is at least 1 for all large values of the symbol."""
        return self.factor > 0

    def __add__(self, other: Dim) -> Dim:
        if isinstance(other, int):
            return _form(self, shift=self.shift + other)
        if not isinstance(other, Symbolic):
            raise Undecided(f"the sum of {self} and {other}")
        floor, rest = self._parts()
        # A size and its opposite have floors that differ, and yet they add up to a number.
        for sign, (other_floor, other_rest) in ((1, other._parts()), (-1, (-other)._parts())):
            if floor == other_floor:
                scale = self.scale + sign * other.scale
                return _form(floor, scale=scale, shift=rest + sign * other_rest)
        if self.divisor == other.divisor == 1 and self.symbol == other.symbol:
            return _form(self, factor=self.factor + other.factor, offset=self.offset + other.offset)
        raise Undecided(f"the sum of {self} and {other}")

    __radd__ = __add__

    def __neg__(self) -> Symbolic:
        return _form(self, scale=-self.scale, shift=-self.shift)  # type: ignore[return-value]

    def __sub__(self, other: Dim) -> Dim:
        return self + -other

    def __rsub__(self, other: int) -> Dim:
        return -self + other

    def __mul__(self, other: Dim) -> Dim:
        if isinstance(other, int):
            return _form(self, scale=self.scale * other, shift=self.shift * other)
        raise Undecided(f"the product of {self} and {other}")

    __rmul__ = __mul__

    def __floordiv__(self, other: Dim) -> Dim:
        if not isinstance(other, int) or other < 1:
            raise Undecided(f"the quotient of {self} and {other}")
        common = gcd(self.scale, other)
        scale, shift, rest = self.scale // common, self.shift // common, other // common
        if rest == 1:
            return _form(self, scale=scale, shift=shift)
        if scale > 1:
            raise Undecided(f"the quotient of {self} and {other}")
        offset = self.offset + shift * self.divisor
        return _form(self, offset=offset, divisor=self.divisor * rest, scale=1, shift=0)

    def __rfloordiv__(self, other: int) -> Dim:
        raise Undecided(f"the quotient of {other} and {self}")

    def __truediv__(self, other: Dim) -> float:
        raise Undecided(f"the quotient of {self} and {other}")

    def __rtruediv__(self, other: int) -> float:
        raise Undecided(f"the quotient of {other} and {self}")

    def __mod__(self, other: Dim) -> Dim:
        return self - self // other * other

    def __rmod__(self, other: int) -> Dim:
        raise Undecided(f"the remainder of {other} by {self}")

    def __lt__(self, other: Dim) -> bool:
        return _is_less(self, other)

    def __le__(self, other: Dim) -> bool:
        return not _is_less(other, self)

    def __gt__(self, other: Dim) -> bool:
        return _is_less(other, self)

    def __ge__(self, other: Dim) -> bool:
        return not _is_less(self, other)

    def __str__(self) -> str:
        text = self.symbol if self.factor == 1 else f"{self.factor} * {self.symbol}"
        text += _signed(self.offset)
        if self.divisor > 1:
            text = f"({text}) // {self.divisor}" if " " in text else f"{text} // {self.divisor}"
        if self.scale > 1:
            text = f"{self.scale} * ({text})"
        return text + _signed(self.shift)

    def _parts(self) -> tuple[Symbolic, int]:
        """A floor with an offset below the divisor, and the number beside `scale` times it."""
        turns, offset = divmod(self.offset, self.divisor)
        floor = Symbolic(self.symbol, self.factor, offset, self.divisor)
        return floor, self.scale * turns + self.shift


Dim: TypeAlias = int | Symbolic
"""One size of a tensor."""


@dataclass(frozen=True)
class Polynomial:
    """A count that depends on symbolic sizes: a sum of products, each with its coefficient."""

    terms: tuple[tuple[tuple[Symbolic, ...], int], ...]

    def __add__(self, other: Count) -> Count:
        return _total([*self.terms, *_terms(other)])

    __radd__ = __add__

    def __str__(self) -> str:
        return " + ".join(map(_product_text, self.terms))


Count: TypeAlias = int | Polynomial
"""A number of things that there are in tensors, such as multiply-adds."""


def symbol(name: str) -> Symbolic:
    """A size that may be any number."""
    return Symbolic(name)


def same(first: Dim, second: Dim) -> bool:
    """Whether two sizes are equal for all values of their symbols.

    Raises `Undecided` where that depends on the values.
    """
    try:
        least, most = _range(first - second)
    except Undecided:
        least = most = None
    if least == most is not None:
        return least == 0
    if (least is None or least <= 0) and (most is None or most >= 0):
        raise Undecided(f"whether {first} and {second} are equal")
    return False


def product(*sizes: Dim) -> Count:
    """How many elements a tensor of these sizes has."""
    numbers = [size for size in sizes if isinstance(size, int)]
    symbolic = [_apart(size) for size in sizes if isinstance(size, Symbolic)]
    factors = sorted((rest for _, rest in symbolic), key=str)
    return _total([(tuple(factors), prod([*numbers, *[factor for factor, _ in symbolic]]))])


def _apart(size: Symbolic) -> tuple[int, Symbolic]:
    """A size as a number times another: `16 * h` is 16 times `h`."""
    if size.divisor == 1 and size.offset == 0:
        return size.factor, symbol(size.symbol)
    return (size.scale, replace(size, scale=1)) if size.shift == 0 else (1, size)


def evaluate(size: Dim | Polynomial, values: Mapping[str, int]) -> int:
    """The number that a size or count is where its symbols have these values."""
    if isinstance(size, int):
        return size
    if isinstance(size, Polynomial):
        return sum(
            coefficient * prod(evaluate(factor, values) for factor in factors)
            for factors, coefficient in size.terms
        )
    inner = (size.factor * values[size.symbol] + size.offset) // size.divisor
    return size.scale * inner + size.shift


def _is_less(first: Dim, second: Dim) -> bool:
    """Whether a size is less than another for all values of their symbols, which are 1 or more.

    Raises `Undecided` where that depends on the values.
    """
    try:
        least, most = _range(first - second)
    except Undecided:
        least = most = None
    if most is not None and most < 0:
        return True
    if least is not None and least >= 0:
        return False
    raise Undecided(f"whether {first} is less than {second}")


def _range(size: Dim) -> tuple[int | None, int | None]:
    """The least and the greatest value of a size, None where there is none."""
    if isinstance(size, int):
        return size, size
    first = evaluate(size, {size.symbol: 1})
    return (first, None) if size.factor * size.scale > 0 else (None, first)


def _form(of: Symbolic, **changes: int) -> Dim:
    """The canonical form of a size with some fields replaced."""
    fields = {"factor": of.factor, "offset": of.offset, "divisor": of.divisor}
    fields |= {"scale": of.scale, "shift": of.shift} | changes
    factor, offset, divisor = fields["factor"], fields["offset"], fields["divisor"]
    scale, shift = fields["scale"], fields["shift"]
    if scale == 0 or factor == 0:
        return scale * (offset // divisor) + shift
    if scale < 0:
        # -(x // m) is (-x + m - 1) // m.
        factor, offset, scale = -factor, divisor - 1 - offset, -scale
    common = gcd(factor, divisor)
    factor, offset, divisor = factor // common, offset // common, divisor // common
    if divisor == 1:
        factor, offset, scale, shift = scale * factor, scale * offset + shift, 1, 0
    offset += shift // scale * divisor
    return Symbolic(of.symbol, factor, offset, divisor, scale, shift % scale)


def _terms(count: Count) -> Iterable[tuple[tuple[Symbolic, ...], int]]:
    return [((), count)] if isinstance(count, int) else count.terms


def _total(terms: Iterable[tuple[tuple[Symbolic, ...], int]]) -> Count:
    """The sum of products; a number where nothing in it depends on a symbol."""
    sums: dict[tuple[Symbolic, ...], int] = {}
    for factors, coefficient in terms:
        sums[factors] = sums.get(factors, 0) + coefficient
    kept = {factors: coefficient for factors, coefficient in sums.items() if coefficient}
    if not any(kept):
        return sums.get((), 0)
    return Polynomial(tuple(sorted(kept.items(), key=_product_text)))


def _product_text(term: tuple[tuple[Symbolic, ...], int]) -> str:
    factors, coefficient = term
    texts = [f"({factor})" if " " in str(factor) else str(factor) for factor in factors]
    return " * ".join([f"{coefficient:,}", *texts] if coefficient != 1 or not texts else texts)


def _signed(number: int) -> str:
    return f" {'+' if number > 0 else '-'} {abs(number)}" if number else ""
