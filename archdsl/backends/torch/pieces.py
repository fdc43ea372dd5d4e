"""Text with soft breaks, laid out in lines as a formatter would.

*Pieces* are texts, brackets with pieces inside, and breaks, each of which is a space or the end of
a line. A statement too long for a line is broken at its last brackets, and inside them at the
breaks of the weakest delimiter.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

LINE_LENGTH = 100
INDENT = "    "
MOST_IN_LINE = 2
"""A statement with more operands is broken at its operators, not inside one of its brackets."""

COMMA, LOOP, CONDITION = 0, 1, 2
"""The weakest delimiters; operators follow (`source`)."""


@dataclass(frozen=True)
class Break:
    """A space at which a line may be broken, or no space: before a dot."""

    strength: int
    text: str = " "


@dataclass(frozen=True)
class Brackets:
    """An opening bracket, its content, and the closing bracket."""

    opening: str
    inside: Pieces
    closing: str


@dataclass(frozen=True)
class Sign:
    """The text before the value of a statement: ` = ` or `return `."""

    text: str


Pieces: TypeAlias = "tuple[str | Break | Brackets | Sign, ...]"


def flat(pieces: Pieces) -> str:
    """Pieces on one line."""
    texts = []
    for piece in pieces:
        match piece:
            case Break(text=space):
                texts.append(space)
            case Brackets(opening=opening, inside=inside, closing=closing):
                texts.append(f"{opening}{flat(inside)}{closing}")
            case Sign(text=sign):
                texts.append(sign)
            case _:
                texts.append(piece)
    return "".join(texts)


def _fits(pieces: Pieces, depth: int) -> bool:
    return len(INDENT) * depth + len(flat(pieces)) <= LINE_LENGTH


def broken(pieces: Pieces, depth: int, in_brackets: bool = False) -> list[str]:
    """The lines of a statement, or of a part of one in brackets."""
    if _fits(pieces, depth):
        return [INDENT * depth + flat(pieces)]
    if in_brackets and (delimited := _delimited(pieces)):
        return [line for part in delimited for line in broken(part, depth, in_brackets=True)]
    index = _last_brackets(pieces)
    if index is None or (not in_brackets and (_is_choice(pieces) or _is_chain(pieces))):
        return [INDENT * depth + flat(pieces)] if in_brackets else _parenthesised(pieces, depth)
    brackets = pieces[index]
    assert isinstance(brackets, Brackets)
    # A formatter keeps one item of a display per line, but not the arguments of a call.
    together = brackets.opening != "[" or not _delimited(brackets.inside)
    return [
        *broken((*pieces[:index], brackets.opening), depth),
        *_inside(brackets.inside, depth + 1, together),
        INDENT * depth + flat((brackets.closing, *pieces[index + 1 :])),
    ]


def _inside(pieces: Pieces, depth: int, together: bool = True) -> list[str]:
    if together and _fits(pieces, depth):
        return [INDENT * depth + flat(pieces)]
    delimited = _delimited(pieces) or [pieces]
    return [line for part in delimited for line in broken(part, depth, in_brackets=True)]


def _is_choice(pieces: Pieces) -> bool:
    """Whether a statement assigns or returns a conditional expression."""
    return Break(CONDITION) in pieces


def _is_chain(pieces: Pieces) -> bool:
    """Whether a statement assigns or returns an expression of several operators."""
    sides = _sides(pieces)
    return sides is not None and len(_delimited(sides[1])) > MOST_IN_LINE


def _sides(pieces: Pieces) -> tuple[Pieces, Pieces] | None:
    """A statement split into the part up to its sign, and its value."""
    for index, piece in enumerate(pieces):
        if isinstance(piece, Sign):
            return pieces[: index + 1], pieces[index + 1 :]
    return None


def _parenthesised(pieces: Pieces, depth: int) -> list[str]:
    """A statement without brackets to break at: its value is put in parentheses."""
    sides = _sides(pieces)
    if sides is None:
        return [INDENT * depth + flat(pieces)]
    before, value = sides
    return [
        f"{INDENT * depth}{flat(before)}(",
        *_inside(value, depth + 1),
        f"{INDENT * depth})",
    ]


def _last_brackets(pieces: Pieces) -> int | None:
    """The index of the last brackets that are not empty."""
    for index in reversed(range(len(pieces))):
        piece = pieces[index]
        if isinstance(piece, Brackets) and piece.inside:
            return index
    return None


def _delimited(pieces: Pieces) -> list[Pieces]:
    """The parts between the weakest breaks, each on a separate line; empty without breaks."""
    strengths = [piece.strength for piece in pieces if isinstance(piece, Break)]
    if not strengths:
        return []
    weakest = min(strengths)
    places = [i for i, p in enumerate(pieces) if isinstance(p, Break) and p.strength == weakest]
    breaks = [-1, *places, len(pieces)]
    parts = [pieces[a + 1 : b] for a, b in pairwise(breaks)]
    if weakest == COMMA:
        # A comma follows every item, including the last.
        parts[-1] = (*parts[-1], ",")
    return parts
