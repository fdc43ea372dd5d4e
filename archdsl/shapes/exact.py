"""What all exact sizes share: their operators, and what can be told of two of them."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from archdsl.shapes.residues import TooManyResidues

if TYPE_CHECKING:
    from archdsl.shapes.sizes import Dim


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


class Exact:
    """A size that is no number. Comparisons are for values of its symbols that are 1 or more."""

    @abstractmethod
    def extent(self) -> tuple[int | None, int | None]:
        """The least and the greatest value, None where there is none or it is not known.

        Raises `Undecided`.
        """

    @abstractmethod
    def has_root(self) -> bool:
        """Whether the value may be 0 for some values of the symbols; raises `Undecided`."""

    @abstractmethod
    def __neg__(self) -> Dim: ...

    def __rsub__(self, other: int) -> Dim:
        return -self + other

    def __rfloordiv__(self, other: int) -> Dim:
        raise Undecided(f"the quotient of {other} and {self}")

    def __truediv__(self, other: Dim) -> float:
        raise Undecided(f"the quotient of {self} and {other}")

    def __rtruediv__(self, other: int) -> float:
        raise Undecided(f"the quotient of {other} and {self}")

    def __rmod__(self, other: int) -> Dim:
        raise Undecided(f"the remainder of {other} by {self}")

    def __lt__(self, other: Dim) -> bool:
        return _is_less(self, other)  # type: ignore[arg-type]

    def __le__(self, other: Dim) -> bool:
        return not _is_less(other, self)  # type: ignore[arg-type]

    def __gt__(self, other: Dim) -> bool:
        return _is_less(other, self)  # type: ignore[arg-type]

    def __ge__(self, other: Dim) -> bool:
        return not _is_less(self, other)  # type: ignore[arg-type]


def same(first: Dim, second: Dim) -> bool:
    """Whether two sizes are equal for all values of their symbols.

    Raises `Undecided` where that depends on the values.
    """
    if first == second:
        return True
    question = f"whether {first} and {second} are equal"
    try:
        gap = first - second
        low, high = _extent(gap)
        if low == high is not None:
            return low == 0
        if (low is not None and low > 0) or (high is not None and high < 0):
            return False
        may_be = isinstance(gap, int) or gap.has_root()
    except Undecided as undecided:
        raise Undecided(question, undecided.reason) from None
    if may_be:
        raise Undecided(question)
    return False


def _is_less(first: Dim, second: Dim) -> bool:
    """Whether a size is less than another; raises `Undecided` where that depends on the values."""
    question = f"whether {first} is less than {second}"
    try:
        low, high = _extent(first - second)
    except Undecided as undecided:
        raise Undecided(question, undecided.reason) from None
    if high is not None and high < 0:
        return True
    if low is not None and low >= 0:
        return False
    raise Undecided(question)


def _extent(size: Dim) -> tuple[int | None, int | None]:
    """The least and the greatest value of a size, None where there is none."""
    return (size, size) if isinstance(size, int) else size.extent()
