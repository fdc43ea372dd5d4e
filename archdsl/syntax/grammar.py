"""The grammar of a declaration, and the parser that Lark makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from lark import Lark, Token
from lark.common import LexerConf
from lark.lexer import Lexer, LexerState

from archdsl.syntax.builder import Builder


def grammar_text() -> str:
    """The grammar as text."""
    return files("archdsl.syntax").joinpath("arch.lark").read_text(encoding="utf-8")


class NoLexer(Lexer):
    """Takes tokens from our scanner, which can report invalid text."""

    def __init__(self, lexer_conf: LexerConf) -> None:
        pass

    def lex(self, lexer_state: LexerState, parser_state: object) -> Iterator[Token]:
        return iter(())


def build_grammar(strict: bool = False, transformer: Any = None) -> Lark:
    """The parser of one declaration, from its grammar; `strict` refuses one with conflicts.

    `transformer` makes something else than a syntax tree.
    """
    return Lark(
        grammar_text(),
        parser="lalr",
        lexer=NoLexer,
        start="declaration",
        keep_all_tokens=True,
        maybe_placeholders=False,
        transformer=Builder() if transformer is None else transformer,
        strict=strict,
    )
