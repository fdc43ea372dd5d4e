"""What stands before a syntax error, as a declaration with a hole in the place of the rest.

network a: [3, 8, 8] = conv(8, 3) -> relu -> (bn ->      conv(8, 3) -> relu -> (bn -> HOLE)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archdsl.source import Span
from archdsl.syntax.ast import HOLE
from archdsl.syntax.failure import OPENING, brackets
from archdsl.syntax.recovery import STARTING
from archdsl.syntax.scanner import Lexeme

MOST_TRIED = 20
LONGEST = 20_000
"""Maximum number of tokens before the mistake."""


def shortened(tokens: Sequence[Lexeme]) -> Iterator[list[Lexeme]]:
    """What the tokens before a mistake may be the beginning of, the longest first."""
    if not tokens or len(tokens) > LONGEST or brackets(tokens)[1] is not None:
        return
    marks = [i for i in range(len(tokens), 0, -1) if _opens(tokens[i - 1])]
    yield [*tokens, *_closing(tokens)]
    for end in marks[:MOST_TRIED]:
        before = tokens[:end]
        yield [*before, _at_end("NAME", before, HOLE), *_closing(before)]


def _opens(token: Lexeme) -> bool:
    """Whether a layer or argument may stand behind a token."""
    return token in {*STARTING, ":"}


def _closing(tokens: Sequence[Lexeme]) -> list[Lexeme]:
    """The brackets that are missing at the end."""
    opened, _ = brackets(tokens)
    closing = [OPENING[tokens[index]] for index in reversed(opened)]
    return [_at_end(CLOSED[text], tokens, text) for text in closing]


CLOSED = {")": "RPAR", "]": "RSQB"}
"""The terminals of brackets."""


def _at_end(kind: str, tokens: Sequence[Lexeme], text: str) -> Lexeme:
    """A token of no width behind others."""
    last = tokens[-1].span
    return Lexeme.at(kind, Span(last.source, last.end, last.end), text)
