"""A syntax error in the words of the language: what was found, what was expected, a way out."""

from __future__ import annotations

from collections.abc import Sequence

from lark import UnexpectedToken

from archdsl.diagnostics import Diagnostic
from archdsl.syntax.scanner import Lexeme


def explain(tokens: Sequence[Lexeme], error: UnexpectedToken) -> Diagnostic:
    """The diagnostic for a declaration that the parser gave up on."""
    index = len(tokens) - 1
    for i, token in enumerate(tokens):
        if token is error.token:
            index = i
    return Diagnostic("E0101", f"unexpected `{tokens[index]}`", tokens[index].span)
