"""Text to syntax tree. A mistake in one declaration leaves the others readable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import TypeAlias

from lark import Lark, Token, UnexpectedToken

from archdsl.diagnostics import Diagnostic
from archdsl.source import Source, Span
from archdsl.syntax import ast
from archdsl.syntax.builder import MAXIMUM_DEPTH, Builder, Piece, TooDeep
from archdsl.syntax.comments import documented
from archdsl.syntax.explain import DECLARING, Failure, explain
from archdsl.syntax.scanner import Lexeme, Scanner

Part: TypeAlias = "tuple[list[Lexeme], ast.Declaration | None, Diagnostic | None]"

ENDS_OF_OPERANDS = {"true", "false", "_", ")", "]"}


def parse(source: Source) -> tuple[ast.File, list[Diagnostic]]:
    """The syntax tree of a text, and its syntax errors; what could not be read is left out."""
    scan = _scanner().scan(source)
    diagnostics = list(scan.diagnostics)
    declarations: list[ast.Declaration] = []
    unread: list[str] = []
    for tokens in _split(scan.tokens):
        for part, declaration, mistake in _read(tokens):
            if declaration is None or _holds(part, scan.unread):
                unread += _declared(part)
            else:
                declarations.append(declaration)
            # What is no word may well be why the words around it make no sense.
            if mistake is not None and not _holds(part, [d.span for d in scan.diagnostics]):
                diagnostics.append(mistake)
    diagnostics.sort(key=lambda diagnostic: diagnostic.span.start)
    file = ast.File(source, tuple(declarations), "", tuple(scan.comments), tuple(unread))
    return documented(file), diagnostics


def build_grammar(strict: bool = False) -> Lark:
    """The parser of one declaration; `strict` refuses a grammar with conflicts."""
    text = files("archdsl.syntax").joinpath("arch.lark").read_text(encoding="utf-8")
    return Lark(
        text,
        parser="lalr",
        lexer="basic",
        start="declaration",
        keep_all_tokens=True,
        maybe_placeholders=False,
        transformer=Builder(),
        strict=strict,
    )


_grammar = cache(build_grammar)


@cache
def _scanner() -> Scanner:
    return Scanner(_grammar().terminals)


@cache
def _words() -> dict[str, str]:
    """What the terminals that are one word or sign look like; the end of the text looks empty."""
    return {name: text for text, name in _scanner().words.items()} | {"$END": ""}


def _split(tokens: list[Lexeme]) -> list[list[Lexeme]]:
    """The tokens of every declaration; what starts one may lack its keyword."""
    parts: list[list[Lexeme]] = []
    for index, token in enumerate(tokens):
        if not parts or _starts(tokens, index):
            parts.append([])
        parts[-1].append(token)
    return parts


def _starts(tokens: list[Lexeme], index: int) -> bool:
    """Whether a declaration starts at a token: a keyword that is no label.

    `let` may also start an expression, but then no value stands before it. A name at the start
    of a line after a value is an error in any case, and most likely a declaration gone wrong.
    """
    token, before = tokens[index], tokens[index - 1]
    if token in DECLARING:
        is_label = before == "@" or tokens[index + 1 : index + 2] == [":"]
        return not is_label and (token != "let" or _ends_operand(before))
    return token.type == "NAME" and _ends_operand(before) and token.span.column == 1


def _ends_operand(token: Lexeme) -> bool:
    kinds = {"NAME", "NUMBER", "STRING", "TEMPLATE"}
    return token.type in kinds or token in ENDS_OF_OPERANDS


def _read(tokens: list[Lexeme]) -> Iterator[Part]:
    """The declaration that tokens make; two, where a `let` was mistaken for a part of the first."""
    declaration, mistake = _declaration(tokens)
    if mistake is not None:
        for index, token in enumerate(tokens[1:], 1):
            if token == "let" and token.span.column == 1:
                yield tokens[:index], *_declaration(tokens[:index])
                yield from _read(tokens[index:])
                return
    yield tokens, declaration, mistake


def _declaration(tokens: list[Lexeme]) -> tuple[ast.Declaration | None, Diagnostic | None]:
    """What the tokens declare, or what keeps them from it."""
    session = _grammar().parse_interactive()
    index = 0
    try:
        for index, token in enumerate([*tokens, Token("$END", "")]):
            result = session.feed_token(token)
    except UnexpectedToken:
        kinds: set[str] = session.accepts()  # type: ignore[no-untyped-call]
        accepted = frozenset(_words().get(kind, kind) for kind in kinds)
        return None, explain(Failure(tokens, index, accepted))
    except TooDeep as error:
        help = f"{MAXIMUM_DEPTH} levels are allowed"
        return None, Diagnostic("E0701", "this is nested too deeply", error.span, help=help)
    assert isinstance(result, Piece)
    return result.value, None


def _holds(tokens: list[Lexeme], places: Iterable[Span]) -> bool:
    """Whether one of the places lies among the tokens."""
    start, end = tokens[0].span.start, tokens[-1].span.end
    return any(start <= place.start < end for place in places)


def _declared(tokens: list[Lexeme]) -> list[str]:
    """The names that the declaration would have declared, as far as that can be told."""
    names = tokens[1:2] if tokens[0] != "from" else tokens
    return [str(token) for token in names if token.type == "NAME"]
