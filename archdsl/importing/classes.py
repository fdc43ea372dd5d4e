"""The number of classes as a parameter of the network, as its constructor has one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from archdsl.importing.terms import Term, Text

NAMES = ("num_classes", "n_classes", "nclasses", "classes", "num_labels")
"""What constructors call it."""
PARAMETER = "classes"


def classes_of(settings: Mapping[str, object], channels: object) -> int | None:
    """How many classes a constructor was given, if as many channels come out at the end."""
    for name in NAMES:
        value = settings.get(name)
        if type(value) is int and value == channels:
            return value
    return None


def with_classes(body: Term, count: int) -> Term:
    """A body whose last layer, and that of each head, gives as many channels as a parameter says.

    A body whose last layer is in a block stays as it is.
    """
    if body.kind == "chain" and body.parts:
        *before, last = body.parts
        heads = [_head(each, count) for each in before]
        return replace(body, parts=(*heads, with_classes(last, count)))
    if body.kind == "label":
        return body.with_parts(lambda part: with_classes(part, count))
    given = dict(body.arguments)
    if body.kind == "op" and type(given.get("out")) is int and given["out"] == count:
        pairs = [(name, Text(PARAMETER) if name == "out" else v) for name, v in body.arguments]
        return replace(body, arguments=tuple(pairs))
    return body


def _head(term: Term, count: int) -> Term:
    if term.kind != "aux":
        return term
    return term.with_parts(lambda part: with_classes(part, count))
