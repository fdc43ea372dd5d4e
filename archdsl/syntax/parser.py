"""Text to syntax tree. A mistake in one declaration leaves the others readable."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from lark import Lark, UnexpectedToken

from archdsl.diagnostics import Diagnostic
from archdsl.source import Source
from archdsl.syntax import ast
from archdsl.syntax.builder import MAXIMUM_DEPTH, Builder, Piece, TooDeep
from archdsl.syntax.comments import documented
from archdsl.syntax.explain import explain
from archdsl.syntax.scanner import Lexeme, Scan, Scanner

# `let` is not among them: it may stand in an expression.
DECLARING = {"from", "default", "block", "network", "assert"}
WORDS_OF_OPERANDS = {"true", "false", "_", ")", "]"}


def parse(source: Source) -> tuple[ast.File, list[Diagnostic]]:
    """The syntax tree of a text, and its syntax errors; what could not be read is left out."""
    scan = _scanner().scan(source)
    diagnostics = list(scan.diagnostics)
    declarations: list[ast.Declaration] = []
    unread: list[str] = []
    for tokens in _split(scan.tokens):
        result = _declaration(tokens)
        torn = _is_torn(tokens, scan)
        if isinstance(result, ast.Node) and not torn:
            declarations.append(result)
            continue
        unread += _declared(tokens)
        if isinstance(result, Diagnostic) and not torn:
            diagnostics.append(result)
    diagnostics.sort(key=lambda diagnostic: diagnostic.span.start)
    file = ast.File(
        source, tuple(declarations), comments=tuple(scan.comments), unread=tuple(unread)
    )
    return documented(file), diagnostics


@cache
def grammar() -> Lark:
    """The parser of one declaration."""
    text = files("archdsl.syntax").joinpath("arch.lark").read_text(encoding="utf-8")
    return Lark(
        text,
        parser="lalr",
        lexer="basic",
        start="declaration",
        keep_all_tokens=True,
        maybe_placeholders=False,
        transformer=Builder(),
    )


@cache
def _scanner() -> Scanner:
    return Scanner(grammar().terminals)


def _split(tokens: list[Lexeme]) -> list[list[Lexeme]]:
    """The tokens of every declaration; the first part may lack its keyword."""
    parts: list[list[Lexeme]] = []
    for index, token in enumerate(tokens):
        if not parts or _starts(tokens, index):
            parts.append([])
        parts[-1].append(token)
    return parts


def _starts(tokens: list[Lexeme], index: int) -> bool:
    """Whether a declaration starts at a token; a keyword may also be a label."""
    token = tokens[index]
    if str(token) not in DECLARING and token != "let":
        return False
    before = tokens[index - 1] if index else None
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    if before == "@" or after == ":":
        return False
    return token != "let" or before is None or ends_operand(before)


def ends_operand(token: Lexeme) -> bool:
    """Whether a value may end with this token."""
    return token.type in {"NAME", "NUMBER", "STRING", "TEMPLATE"} or token in WORDS_OF_OPERANDS


def _declaration(tokens: list[Lexeme]) -> ast.Declaration | Diagnostic:
    session = grammar().parse_interactive()
    try:
        for token in tokens:
            session.feed_token(token)
        piece: Piece = session.feed_eof(tokens[-1])  # type: ignore[no-untyped-call]
    except UnexpectedToken as error:
        return explain(tokens, error)
    except TooDeep as error:
        help = f"{MAXIMUM_DEPTH} levels are allowed"
        return Diagnostic("E0701", "this is nested too deeply", error.span, help=help)
    result: ast.Declaration = piece.value
    return result


def _is_torn(tokens: list[Lexeme], scan: Scan) -> bool:
    """Whether a place without a token lies among these, and explains what they lack."""
    start, end = tokens[0].span.start, tokens[-1].span.end
    return any(start < span.start < end for span in scan.unread)


def _declared(tokens: list[Lexeme]) -> list[str]:
    """The names that a declaration would have declared."""
    if tokens[0] == "from":
        return [str(token) for token in tokens if token.type == "NAME"]
    names = [str(token) for token in tokens[1:2] if token.type == "NAME"]
    return names if tokens[0] in {"let", "block", "network"} else []
