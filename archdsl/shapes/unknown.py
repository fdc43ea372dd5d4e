"""A figure that nobody knows, such as the multiply-adds of somebody else's class."""

from __future__ import annotations

from typing import Any


class Unknown:
    """A figure that is not known; whatever is computed with it is not known either.

    It is written `unknown`, whatever the form that is asked for.
    """

    __slots__ = ()

    def _unknown(self, *others: Any) -> Unknown:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __neg__ = _unknown

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unknown)

    def __hash__(self) -> int:
        return hash(Unknown)

    def __str__(self) -> str:
        return "unknown"

    __repr__ = __str__

    def __format__(self, form: str) -> str:
        return "unknown"


UNKNOWN = Unknown()
