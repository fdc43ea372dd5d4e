"""Random chains of pieces; each file has one family of pieces."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from archdsl.testing.specs.body import DEEPEST, SpecBody, SpecTensor, wrapped
from archdsl.testing.specs.values import width

Piece: TypeAlias = Callable[[SpecBody, SpecTensor, int], tuple[str, SpecTensor]]
"""Appends one or more layers to a tensor; the number is the depth of nesting."""

PLAIN: list[Piece] = []
"""Pieces allowed everywhere."""
NESTED: list[Piece] = []
"""Pieces that contain chains."""
OUTERMOST: list[Piece] = []
"""Pieces allowed only at the top of a body, because they change the positions or are long."""


def chain(body: SpecBody, x: SpecTensor, depth: int, most: int = 3) -> tuple[str, SpecTensor]:
    """Some layers one after another; the positions change only at depth 0."""
    links = []
    for _ in range(body.number(1, most)):
        text, x = link(body, x, depth)
        links.append(text)
    return " -> ".join(links), x


def link(body: SpecBody, x: SpecTensor, depth: int) -> tuple[str, SpecTensor]:
    """One piece."""
    rows = [PLAIN, NESTED if depth < DEEPEST else PLAIN, OUTERMOST if depth == 0 else PLAIN]
    return body.pick(body.pick(rows))(body, x, depth)


def closed(body: SpecBody, x: SpecTensor, depth: int) -> str:
    """A chain that ends with its initial shape."""
    text, result = chain(body, x, depth + 1, 2)
    return text if result == x else f"{text} -> conv({x.channels}, 1)"


def narrow(body: SpecBody, text: str, x: SpecTensor) -> tuple[str, SpecTensor]:
    """A text whose channels have no name, followed by a convolution that gives them one."""
    out = width(body, 1)
    between = body.pick(["", " -> bn", " -> relu"])
    return f"{text}{between} -> conv({out}, 1)", SpecTensor(wrapped(out), x.trail)


def grouped(text: str) -> str:
    """A chain as a single link."""
    return f"({text})" if _is_long(text) else text


def _is_long(text: str) -> bool:
    """Whether an arrow, a label or a condition is outside all brackets."""
    depth = 0
    for index, sign in enumerate(text):
        depth += (sign in "([") - (sign in ")]")
        if depth == 0 and (text[index:].startswith((" -> ", ": ", " if ", "let "))):
            return True
    return False
