"""Labels that begin with a word of their instance: `enc1conv1`, `enc1norm1` and `enc2conv1`, …

Blocks whose labels differ in that alone are one, and the word a parameter: `"{name}conv1"`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from archdsl.importing.terms import PREFIX, Term, Text, read_labels, skeleton


def with_prefixes(bodies: Sequence[Term]) -> list[Term]:
    """Bodies of one class with such words as arguments of their labels."""
    made = [_split(body) for body in bodies]
    prefixes = defaultdict(set)
    for body in made:
        if body is not None:
            prefixes[skeleton(body)].add(_prefix(body))
    return [
        other if other is not None and len(prefixes[skeleton(other)]) > 1 else body
        for body, other in zip(bodies, made, strict=True)
    ]


def _split(body: Term) -> Term | None:
    """A body whose labels are split; None where they have no word in common."""
    heads = [each.head for each in _labels(body)]
    if len(heads) < 2 or read_labels(body) or any(isinstance(head, Text) for head in heads):
        return None
    alike = takewhile(lambda letters: len({*letters}) == 1, zip(*heads, strict=False))
    prefix = "".join(letters[0] for letters in alike)
    if not prefix or not all(head[len(prefix) :][:1].isalpha() for head in heads):
        return None
    return _with(body, prefix)


def _labels(term: Term) -> Iterator[Term]:
    """The labels of a scope, without those in them."""
    if term.kind == "label":
        yield term
    else:
        for part in term.parts:
            yield from _labels(part)


def _with(term: Term, prefix: str) -> Term:
    if term.kind == "label":
        return replace(term, head=term.head[len(prefix) :], arguments=((PREFIX, prefix),))
    return term.with_parts(lambda part: _with(part, prefix))


def _prefix(body: Term) -> str:
    return str(next(_labels(body)).arguments[0][1])
