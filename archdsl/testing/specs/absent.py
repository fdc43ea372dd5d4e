"""Random joins of branches that are there under a condition alone."""

from __future__ import annotations

from dataclasses import replace

from archdsl.testing.specs.body import SpecBody, SpecTensor, wrapped
from archdsl.testing.specs.chains import closed
from archdsl.testing.specs.values import flag, width


def absent(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """A sum, mean or concatenation with an absent branch."""
    body.note("merge", "absent branch")
    if body.one_in(3):
        return _concatenation(body, x)
    outside, first = dict(body.labels), closed(body, x, depth)
    branches = [first, "identity"][: body.number(1, 2)]
    for _ in range(body.number(1, 2)):
        place = body.number(0, len(branches))
        with body.side():
            if place <= branches.index(first):
                body.labels = dict(outside)  # What comes later cannot be read.
            branches.insert(place, _optional(body, x, depth))
    return f"{body.pick(['add', 'add', 'mean', 'mul'])}({', '.join(branches)})", x


def _optional(body: SpecBody, x: SpecTensor, depth: int) -> str:
    """Branches behind an `if`."""
    decided = flag(body)
    with body.side():
        then = _few(body, x, depth)
    with body.side():
        otherwise = f" else {_few(body, x, depth)}" if body.one_in(3) else ""
    return f"{then} if {decided}{otherwise}"


def _few(body: SpecBody, x: SpecTensor, depth: int) -> str:
    layers: list[str] = []
    for _ in range(body.number(1, 2)):
        known = dict(body.labels)
        layers.append(body.pick(["identity", closed(body, x, depth)]))
        if layers[-1] == "identity":
            body.labels = known  # What was not chosen has no labels.
    return f"[{', '.join(layers)}]"


def _concatenation(body: SpecBody, x: SpecTensor) -> tuple[str, SpecTensor]:
    """Channels that are there under a condition alone."""
    decided, out, more = flag(body), width(body, 1), body.pick(["4", "8"])
    text = f"concat(conv({out}, 3), [conv({more}, 1)] if {decided}) -> conv({out}, 1)"
    return text, replace(x, channels=wrapped(out))
