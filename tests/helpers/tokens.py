"""The tokens of a text without mistakes."""

from __future__ import annotations

from archdsl.source import Source
from archdsl.syntax.grammar import build_grammar
from archdsl.syntax.scanner import Lexeme, Scanner

SCANNER = Scanner(build_grammar().terminals)


def tokens_of(text: str) -> list[Lexeme]:
    """The tokens, in order."""
    return SCANNER.scan(Source("text.arch", text)).tokens
