"""Long lines broken as a formatter would break them, so that the formatter has nothing to do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

LINE_LENGTH = 100
INDENT = "    "
CONTINUED = ("else:", "elif ")
OPENING, CLOSING = "([{", ")]}"

MOST_IN_LINE = 2
"""An operation of more operands is broken at its operators, and not in one of its brackets."""
Block = Sequence["str | Block"]
"""Statements: a string is one logical line, a nested block is indented."""


def layout(block: Block, depth: int = 0) -> list[str]:
    """The physical lines of some statements, each at most 100 columns where that is possible."""
    lines: list[str] = []
    for statement in block:
        if isinstance(statement, str):
            lines += break_line(statement, depth)
        else:
            lines += layout(statement, depth + 1)
    return lines


def break_line(text: str, depth: int, in_brackets: bool = False) -> list[str]:
    """One logical line as physical lines.

    What does not fit is broken at its last bracket; the inside goes on one line, else is broken
    at its weakest delimiters, one piece a line, with a trailing comma between items.
    """
    if len(INDENT * depth + text) <= LINE_LENGTH or not text:
        return [INDENT * depth + text if text else ""]
    if in_brackets and (pieces := _delimited(text)):
        return [line for piece in pieces for line in break_line(piece, depth, in_brackets=True)]
    bracket = _last_bracket(text)
    if bracket is None or (not in_brackets and (_is_choice(text) or _is_chain(text))):
        return _in_parentheses(text, depth, in_brackets)
    start, end = bracket
    body = text[start + 1 : end]
    tail = text[end:]
    # A formatter keeps the items of a display apart, but not the arguments of a call.
    together = text[start] != "[" or not _delimited(body)
    return [
        *break_line(text[: start + 1], depth),
        *_body(body, depth + 1, together),
        *break_line(tail, depth),
    ]


def _body(text: str, depth: int, together: bool = True) -> list[str]:
    if together and len(INDENT * depth + text) <= LINE_LENGTH:
        return [INDENT * depth + text]
    pieces = _delimited(text) or [text]
    return [line for piece in pieces for line in break_line(piece, depth, in_brackets=True)]


def _is_choice(text: str) -> bool:
    """Whether a statement assigns or returns one thing or another."""
    outside = "".join(character for _, character, depth in _scan(text) if depth == 0)
    return " if " in outside and not outside.startswith(("if ", "elif "))


def _is_chain(text: str) -> bool:
    """Whether a statement assigns or returns what several operators compute."""
    return len(_delimited(_sides(text)[2])) > MOST_IN_LINE


def _sides(text: str) -> tuple[str, str, str]:
    """The left side of a statement, its sign, and the value; nothing for other statements."""
    assigned = text.partition(" = ")
    is_call = not assigned[1] or "(" in assigned[0]
    return text.partition("return ") if is_call else assigned


def _in_parentheses(text: str, depth: int, in_brackets: bool) -> list[str]:
    """A statement without brackets to break at: its right side goes into parentheses."""
    head, sign, value = _sides(text)
    if in_brackets or not sign:
        return [INDENT * depth + text]
    return [f"{INDENT * depth}{head}{sign}(", *_body(value, depth + 1), f"{INDENT * depth})"]


def _scan(text: str) -> Iterator[tuple[int, str, int]]:
    """Every character outside strings with its place and its depth in brackets."""
    depth, quote, skip = 0, "", False
    for place, character in enumerate(text):
        if quote:
            if skip:
                skip = False
            elif character == "\\":
                skip = True
            elif character == quote:
                quote = ""
            continue
        if character in "\"'":
            quote = character
            continue
        if character in CLOSING:
            depth -= 1
        yield place, character, depth
        if character in OPENING:
            depth += 1


def _last_bracket(text: str) -> tuple[int, int] | None:
    """The last pair of brackets that stands in no other and is not empty."""
    found, start = None, 0
    for place, character, depth in _scan(text):
        if depth == 0 and character in OPENING:
            start = place
        elif depth == 0 and character in CLOSING and place > start + 1:
            found = start, place
    return found


DELIMITERS = [
    re.compile(p) for p in (r"for ", r"if |else ", r"or ", r"and ", r"[+-] ", r"(//?|[*%]) ")
]


def _delimited(text: str) -> list[str]:
    """The pieces between the weakest delimiters outside brackets; empty where there is none."""
    outside = [(place, character) for place, character, depth in _scan(text) if depth == 0]
    if commas := [p for p, character in outside if character == "," and p < len(text) - 1]:
        ends = [*commas, len(text)]
        pieces = [
            text[a:b].strip() for a, b in zip([0, *(c + 1 for c in commas)], ends, strict=True)
        ]
        return [piece + "," for piece in pieces if piece]
    spaces = [place for place, character in outside if character == " "]
    for delimiter in DELIMITERS:
        starts = [p + 1 for p in spaces if delimiter.match(text, p + 1)]
        if starts:
            bounds = [0, *starts, len(text)]
            return [text[a:b].strip() for a, b in pairwise(bounds)]
    return []


def if_else(test: str, then: Block, otherwise: Block) -> list[str | Block]:
    """An `if` statement without empty sides."""
    if not then and not otherwise:
        return []
    if not then:
        negated = test.removeprefix("not ") if test.startswith("not ") else f"not ({test})"
        return [f"if {negated}:", otherwise]
    return [f"if {test}:", then, *else_(otherwise)]


def else_(otherwise: Block) -> list[str | Block]:
    """The end of an `if` statement; where that is another one, it goes on with `elif`."""
    first = otherwise[0] if otherwise else ""
    if isinstance(first, str) and first.startswith("if ") and _is_one_if(otherwise):
        return [f"el{first}", *otherwise[1:]]
    return ["else:", otherwise] if otherwise else []


def _is_one_if(block: Block) -> bool:
    """Whether a block that begins with an `if` is nothing but that."""
    heads = [part for part in block[1:] if isinstance(part, str)]
    return all(head.startswith(CONTINUED) for head in heads)
