"""The number of samples in a batch, as a number that says when something depends on it.

A run shows what a model does with a batch of two. Whether it does something else with more is known
where it compares: so sizes that change with the batch are `Samples`, which know what they would be
in any other batch, and comparisons of them that would turn out otherwise are found.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import torch
from torch import Tensor

from archdsl.importing.building import BATCH

OTHER_BATCH = BATCH + 1
"""The samples of the run that sizes are compared with."""
BATCHES = (*range(1, 65), 96, 100, 127, 128, 200, 256, 500, 512, 1000, 1024, 4096, 10**6)
"""The batches for which comparisons are tried."""
QUERIES = frozenset("shape size numel nelement __len__".split())
"""Functions that tell sizes of a tensor."""
LIBRARIES = ("torch", "einops")
"""Packages whose own comparisons decide nothing but how, or refuse a batch."""

Law = Callable[[int], Any]
"""What a number is, for a batch of so many samples."""


class Samples(int):
    """A size that changes with the batch."""

    law: Law
    asked: Callable[[], None]

    def __reduce__(self) -> tuple[Any, ...]:
        return int, (int.__int__(self),)

    def __hash__(self) -> int:
        return int.__hash__(self)


class Share(float):
    """A number that is computed of such a size."""

    law: Law
    asked: Callable[[], None]

    def __reduce__(self) -> tuple[Any, ...]:
        return float, (float.__float__(self),)

    def __hash__(self) -> int:
        return float.__hash__(self)


def _made(value: Any, law: Law, asked: Callable[[], None]) -> Any:
    """A number that changes with the batch, with the law of that."""
    kind = Samples if isinstance(value, int) else Share if isinstance(value, float) else None
    if kind is None or isinstance(value, bool):
        return value
    found = kind(value)
    found.law, found.asked = law, asked
    return found


def _at(value: Any, count: int) -> Any:
    """A number in a batch of so many samples; what cannot be computed there is no number."""
    try:
        return value.law(count) if isinstance(value, Samples | Share) else value
    except ArithmeticError:
        return float("nan")


def _computing(name: str, kind: type) -> Callable[..., Any]:
    """A method that computes with a number, and says what it would give in other batches."""
    plain = getattr(kind, name)
    compute = getattr(operator, name.replace("__r", "__"))
    is_turned = name.startswith("__r")

    def method(self: Any, *others: Any) -> Any:
        result = plain(self, *map(plain_number, others))
        if result is NotImplemented:
            return result

        def law(count: int) -> Any:
            values = [_at(each, count) for each in (self, *others)]
            return compute(*(values[::-1] if is_turned else values))

        return _made(result, law, self.asked)

    return method


def _comparing(name: str, kind: type) -> Callable[..., Any]:
    """A method that compares a number, and says so where another batch is compared otherwise."""
    plain, compare = getattr(kind, name), getattr(operator, name)

    def method(self: Any, other: Any) -> Any:
        result = plain(self, plain_number(other))
        if result is NotImplemented or _is_of_library(sys._getframe(1)):
            return result
        if any(compare(_at(self, each), _at(other, each)) is not result for each in BATCHES):
            self.asked()
        return result

    return method


def _is_of_library(frame: Any) -> bool:
    package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    return package in LIBRARIES


for _kind in (Samples, Share):
    for _name in "add sub mul floordiv truediv mod pow".split():
        for _word in (f"__{_name}__", f"__r{_name}__"):
            setattr(_kind, _word, _computing(_word, _kind))
    for _name in "eq ne lt le gt ge".split():
        setattr(_kind, f"__{_name}__", _comparing(f"__{_name}__", _kind))


def plain_number(value: Any) -> Any:
    """A number that changes with the batch as the number that it is in this one."""
    if isinstance(value, Samples):
        return int.__int__(value)
    return float.__float__(value) if isinstance(value, Share) else value


@dataclass
class Sizes:
    """The sizes that a run asks for, one after another, and those of a run with other samples."""

    asked: Callable[[], None]
    others: Sequence[tuple[int, ...]] | None = None
    seen: list[tuple[int, ...]] = field(default_factory=list)

    def told(self, result: Any) -> Any:
        """What a function tells of sizes, with those that change with the batch as such."""
        several = tuple(result) if isinstance(result, tuple) else (result,)
        place = len(self.seen)
        self.seen.append(several)
        if self.others is None or place >= len(self.others):
            return result
        other = self.others[place]
        if other == several or len(other) != len(several):
            return result
        found = [self._size(*pair) for pair in zip(several, other, strict=True)]
        return torch.Size(found) if isinstance(result, tuple) else found[0]

    def _size(self, here: int, there: int) -> int:
        if here == there:
            return here
        made: int = _made(here, lambda n: here + (there - here) * (n - BATCH), self.asked)
        return made


@contextmanager
def observed_lengths(scopes: Sequence[dict[str, Any]]) -> Iterator[None]:
    """Let `len` of a tensor tell the number of samples as its shape does.

    PyTorch is asked for it too, but what it says becomes a plain number.
    """

    def length(value: Any) -> int:
        return value.shape[0] if isinstance(value, Tensor) and value.dim() else len(value)

    with ExitStack() as stack:
        for scope in scopes:
            if "len" not in scope:
                stack.enter_context(mock.patch.dict(scope, {"len": length}))
        yield
