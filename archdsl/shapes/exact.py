"""What all exact sizes share: their operators, and what can be told of two of them."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Generic, TypeAlias, TypeVar

from archdsl.shapes.residues import TooManyResidues

Extent: TypeAlias = tuple[int | None, int | None]
"""The least and the greatest value, None where there is none or it is not known."""
Size = TypeVar("Size", bound="int | Exact[Any]")
"""What a size is calculated with, and what comes of that: numbers and sizes of every kind."""


class Undecided(Exception):
    """What is asked of sizes has no one answer, or one beyond what is compared.

    `reason` says what stands in the way of an answer, where it is more than that sizes vary.
    """

    def __init__(self, question: str, reason: str = "") -> None:
        super().__init__(question)
        self.reason = reason


def beyond(question: str, many: TooManyResidues) -> Undecided:
    """What is raised where the answer would take too long a table."""
    return Undecided(question, str(many))


class Exact(Generic[Size]):
    """A size that is no number. Comparisons are for values of its symbols that are 1 or more.

    They raise `Undecided` where the answer depends on the values.
    """

    @abstractmethod
    def extent(self) -> Extent:
        """The least and the greatest value; raises `Undecided`."""

    @abstractmethod
    def has_root(self) -> bool:
        """Whether the value may be 0 for some values of the symbols; raises `Undecided`."""

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
        """By how much a size is less or greater than another."""
        try:
            return extent_of(self - other)
        except Undecided as undecided:
            raise Undecided(question, undecided.reason) from None


def extent_of(size: int | Exact[Any]) -> Extent:
    """The least and the greatest value of a size; raises `Undecided`."""
    return (size, size) if isinstance(size, int) else size.extent()


def _decided(question: str, is_so: bool, is_not_so: bool) -> bool:
    if is_so == is_not_so:
        raise Undecided(question)
    return is_so
