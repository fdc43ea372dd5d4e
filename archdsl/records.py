"""Classes whose objects are made by the ten thousand.

They are dataclasses that the type checker holds to be frozen. At run time they are not: the
constructor of a frozen dataclass takes twice as long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, eq_default=False)
def record(cls: type[T]) -> type[T]:
    """A class of records, which are compared by identity."""
    return dataclass(eq=False, slots=True)(cls)


@dataclass_transform(frozen_default=True)
def value(cls: type[T]) -> type[T]:
    """A class of values, which are equal if their fields are."""
    return dataclass(unsafe_hash=True, slots=True)(cls)
