"""Expressions of the language as trees, whose arguments are values until they are printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

Kind: TypeAlias = Literal[
    "op", "call", "join", "chain", "label", "wire", "bundle", "aux", "if", "skip", "repeat", "loop",
    "branches", "table", "share", "use", "extern",
]  # fmt: skip


LOOPS: tuple[Kind, ...] = ("repeat", "loop", "branches", "table")
"""Terms that stand for several layers of one form."""
PREFIX = "name"
"""What the argument of a label is called that it begins with."""


class Text(str):
    """An expression of the language, as text: an argument whose value the text computes."""

    __slots__ = ()


@dataclass(frozen=True)
class Read:
    """One of several results of a layer with a label, as a wire reads it."""

    label: str
    result: str


class _Absent:
    """The value of an argument in an instance that lacks its place."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()


@dataclass(frozen=True)
class Layer:
    """An argument that is a layer without weights: an activation, or the identity."""

    term: Term


@dataclass(frozen=True)
class Term:
    """A layer as the language writes it.

    `parts` are the layers in it: the links of a chain (none for the identity), the branches of a
    join, what a label names. `arguments` are those of an op or a call, by name. `head` is what
    tells two terms of a kind apart: a label, the name of an op, the definition that is called.
    """

    kind: Kind
    head: Any = ""
    parts: tuple[Term, ...] = ()
    arguments: tuple[tuple[str, Any], ...] = ()

    @property
    def is_identity(self) -> bool:
        """Whether it is the composition of nothing."""
        return self.kind == "chain" and not self.parts

    def with_parts(self, function: Callable[[Term], Term]) -> Term:
        """The term with something done to each of its parts."""
        parts = tuple([function(part) for part in self.parts])
        return replace(self, parts=parts) if parts != self.parts else self

    def walk(self) -> Iterator[Term]:
        """The term and all terms in it, as they are written."""
        yield self
        for part in self.parts:
            yield from part.walk()


IDENTITY = Term("chain")


def chain(links: list[Term]) -> Term:
    """Layers one after another; chains in it are opened, since composition is associative."""
    flat = [each for link in links for each in (link.parts if link.kind == "chain" else (link,))]
    return flat[0] if len(flat) == 1 else Term("chain", "", tuple(flat))


def links(term: Term) -> tuple[Term, ...]:
    """The layers that a term composes."""
    return term.parts if term.kind == "chain" else (term,)


def read_labels(term: Term) -> set[str]:
    """The labels that wires in a term read."""
    heads = [each.head for each in term.walk() if each.kind == "wire"]
    return {head.label if isinstance(head, Read) else str(head) for head in heads}


def label(name: str, term: Term) -> Term:
    """A label on a layer."""
    return Term("label", name, (term,))


def skeleton(term: Term) -> tuple[Any, ...]:
    """The term without its arguments: what all terms of one form have in common."""
    names = tuple([name for name, _ in term.arguments])
    return (term.kind, term.head, names, *map(skeleton, term.parts))


def values(term: Term) -> list[Any]:
    """The arguments in a term, in the order of the skeleton."""
    return [value for each in term.walk() for _, value in each.arguments]


def filled(term: Term, given: Iterator[Any]) -> Term:
    """The term with other arguments, in the order of `values`."""
    arguments = tuple([(name, next(given)) for name, _ in term.arguments])
    parts = tuple([filled(part, given) for part in term.parts])
    return replace(term, arguments=arguments, parts=parts)


IMPORTED = {"zero_padding": "shortcuts"}
"""Blocks that a text has to import, with the files of the library that they are in."""


def imported(bodies: Iterable[Term]) -> list[str]:
    """The blocks that terms give to others as arguments, and that a text has to import."""
    given = [value for body in bodies for each in body.walk() for _, value in each.arguments]
    names = [value.term.head for value in given if isinstance(value, Layer)]
    return [*dict.fromkeys(name for name in names if isinstance(name, str) and name in IMPORTED)]
