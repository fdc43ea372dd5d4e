"""Where the parser gave up on a declaration, and the brackets that are open there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archdsl.source import Span
from archdsl.syntax.scanner import Lexeme

OPENING = {"(": ")", "[": "]"}


@dataclass(frozen=True)
class ParseFailure:
    """Where the parser gave up: the tokens, the first that does not fit, what would have fitted.

    `index` is the number of tokens where only the end does not fit; `accepted` are the texts of
    terminals, and the names of those that have many (`NAME`), with `""` for the end.
    """

    tokens: Sequence[Lexeme]
    index: int
    accepted: frozenset[str]

    @property
    def token(self) -> Lexeme | None:
        """The token that does not fit; None for the end."""
        return self.tokens[self.index] if self.index < len(self.tokens) else None

    @property
    def found(self) -> str:
        """The text of the token that does not fit, empty for the end."""
        return str(self.token or "")

    @property
    def before(self) -> Lexeme | None:
        """The token before the one that does not fit."""
        return self.tokens[self.index - 1] if self.index else None

    @property
    def span(self) -> Span:
        """The span of the token that does not fit; the end is where the last token ends."""
        if self.token is not None:
            return self.token.span
        last = self.tokens[-1].span
        return Span(last.source, last.end, last.end)

    def level(self) -> Iterator[Lexeme]:
        """The tokens before, backwards, that share the innermost open bracket or list item."""
        depth = 0
        for word in reversed(self.tokens[: self.index]):
            depth += (word in OPENING.values()) - (word in OPENING)
            if depth < 0 or (depth == 0 and word == ","):
                return
            if depth == 0:
                yield word


def brackets(tokens: Sequence[str]) -> tuple[list[int], int | None]:
    """The brackets that are still open at the end, or at the first that closes none of them.

    Both by their place among the tokens; without such a one the second is None.
    """
    opened: list[int] = []
    for index, token in enumerate(tokens):
        if token in OPENING:
            opened.append(index)
        elif token in OPENING.values():
            if not opened or OPENING[tokens[opened[-1]]] != token:
                return opened, index
            opened.pop()
    return opened, None


def unclosed(tokens: Sequence[Lexeme]) -> int | None:
    """The bracket that is never closed; None if all are, or one that closes does not fit.

    It may not be the outermost one: where brackets are broken into lines, one that is closed on
    another line ends its own, or the line ends in a comma.
    """
    opened, unmatched = brackets(tokens)
    if not opened or unmatched is not None:
        return None
    waiting: list[int] = []
    for index, token in enumerate(tokens):
        if token in OPENING:
            waiting.append(index)
        elif token in OPENING.values():
            waiting.pop()
        is_last = index + 1 == len(tokens) or tokens[index + 1].span.line > token.span.line
        if is_last and token not in {*OPENING, ","}:
            for bracket in reversed(waiting):
                if tokens[bracket].span.line == token.span.line:
                    return bracket
    return opened[-1]
