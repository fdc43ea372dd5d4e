"""The common base of exact sizes: operators and comparisons."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Generic, TypeAlias, TypeVar

from archdsl.shapes.residues import TooManyResidues

Extent: TypeAlias = tuple[int | None, int | None]
"""Minimum and maximum; None if unbounded or unknown."""
Size = TypeVar("Size", bound="int | Exact[Any]")
"""Operands and results of size arithmetic: numbers and sizes of every kind."""


class Undecided(Exception):
    """A question about sizes has no single answer, or deciding it exceeds the limits.

    `reason` gives the obstacle, unless it is only that the sizes vary.
    """

    def __init__(self, question: str, reason: str = "") -> None:
        super().__init__(question)
        self.reason = reason


def beyond(question: str, many: TooManyResidues) -> Undecided:
    """The exception for an answer that needs too long a table."""
    return Undecided(question, str(many))


class Exact(Generic[Size]):
    """A size that is not a number. Comparisons are for values of its symbols of 1 or more.

    They raise `Undecided` if the answer depends on the values.
    """

    @abstractmethod
    def extent(self) -> Extent:
        """Minimum and maximum; raises `Undecided`."""

    @abstractmethod
    def has_root(self) -> bool:
        """Whether the size is 0 for some values of the symbols; raises `Undecided`."""

    @abstractmethod
    def __sub__(self, other: Size) -> Size: ...

    @abstractmethod
    def __rsub__(self, other: int) -> Size: ...

    def __rfloordiv__(self, other: int) -> Size:
        raise Undecided(f"the quotient of {other} and {self}")

    def __truediv__(self, other: Size) -> float:
        raise Undecided(f"the quotient of {self} and {other}")

    def __rtruediv__(self, other: int) -> float:
        raise Undecided(f"the quotient of {other} and {self}")

    def __rmod__(self, other: int) -> Size:
        raise Undecided(f"the remainder of {other} by {self}")

    def __lt__(self, other: Size) -> bool:
        question = f"whether {self} is less than {other}"
        low, high = self._gap(other, question)
        return _decided(question, high is not None and high < 0, low is not None and low >= 0)

    def __gt__(self, other: Size) -> bool:
        question = f"whether {other} is less than {self}"
        low, high = self._gap(other, question)
        return _decided(question, low is not None and low > 0, high is not None and high <= 0)

    def __le__(self, other: Size) -> bool:
        return not self > other

    def __ge__(self, other: Size) -> bool:
        return not self < other

    def _gap(self, other: Size, question: str) -> Extent:
        """Minimum and maximum of the difference to another size."""
        try:
            return extent_of(self - other)
        except Undecided as undecided:
            raise Undecided(question, undecided.reason) from None


def extent_of(size: int | Exact[Any]) -> Extent:
    """Minimum and maximum of a size; raises `Undecided`."""
    return (size, size) if isinstance(size, int) else size.extent()


def _decided(question: str, is_so: bool, is_not_so: bool) -> bool:
    if is_so == is_not_so:
        raise Undecided(question)
    return is_so
