"""Text to syntax tree. A mistake in one declaration leaves the others readable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import pairwise
from typing import TypeAlias

from lark import Lark, Token, UnexpectedToken

from archdsl.diagnostics import Diagnostic, Diagnostics, error
from archdsl.source import Source, Span
from archdsl.syntax import ast
from archdsl.syntax.builder import Builder
from archdsl.syntax.comments import documented
from archdsl.syntax.earlier import key_of, known
from archdsl.syntax.explain import explain
from archdsl.syntax.failure import OPENING, ParseFailure
from archdsl.syntax.grammar import NoLexer, build_grammar
from archdsl.syntax.partial import LONGEST, shortened
from archdsl.syntax.pieces import MAXIMUM_DEPTH, Piece, TooDeep
from archdsl.syntax.recovery import CLOSING, further, has_body
from archdsl.syntax.repairs import repairs
from archdsl.syntax.scanner import DECLARING, Lexeme, Scanner
from archdsl.syntax.tables import load

Read: TypeAlias = "tuple[ast.Declaration | None, list[Diagnostic]]"
Own: TypeAlias = ast.Named
Part: TypeAlias = "tuple[list[Lexeme], ast.Declaration | None, list[Diagnostic]]"

MAXIMUM_MISTAKES = 100
ENDS_OF_OPERANDS = {"true", "false", "_", "...", ")", "]"}


@dataclass(frozen=True)
class Parsed:
    """A text that was read: its syntax tree and its syntax errors.

    `broken` are the tokens before the first mistake of every declaration that has one.
    """

    file: ast.File
    diagnostics: tuple[Diagnostic, ...]
    broken: tuple[list[Lexeme], ...] = ()

    @cached_property
    def partial(self) -> tuple[Own, ...]:
        """What declarations with a mistake say before it, with a hole instead of the rest."""
        made = [_before(tokens) for tokens in self.broken]
        return tuple([each for each in made if isinstance(each, Own)])


def parse(source: Source) -> tuple[ast.File, list[Diagnostic]]:
    """The syntax tree of a text, and its syntax errors; what could not be read is left out."""
    parsed = read(source)
    return parsed.file, [*parsed.diagnostics]


def read(source: Source, before: Parsed | None = None) -> Parsed:
    """A text read; declarations that an earlier version of it has too are taken from there."""
    scan = scanner().scan(source)
    found = Diagnostics()
    found.extend(scan.diagnostics)
    mistakes = [mistake.span for mistake in found]
    declarations: list[ast.Declaration] = []
    unread: list[str] = []
    broken: list[list[Lexeme]] = []
    pieces = _pieces(scan.tokens)
    known = _known(pieces, mistakes, before)
    parts = [*_parts(pieces, known)]
    ends = [*[tokens[0].span.start for tokens, _, _ in parts[1:]], len(source.text)]
    # An empty text has no parts, and one end.
    for (tokens, declaration, wrong), end in zip(parts, ends, strict=False):
        if declaration is None or _holds(tokens, end, scan.unread):
            unread += _declared(tokens)
            broken.append(_up_to(tokens, scan.unread))
        else:
            declarations.append(declaration)
        # What is no word may well be why the words around it make no sense.
        if not _holds(tokens, end, mistakes):
            found.extend(wrong)
    earlier = tuple([(known[i].span, pieces[i][0].span.start) for i in known])
    file = ast.File(source, tuple(declarations), "", tuple(scan.comments), tuple(unread), earlier)
    ordered = sorted(found, key=lambda each: each.span.start)
    return Parsed(documented(file), tuple(ordered), tuple(broken))


@cache
def _grammar() -> Lark:
    return load(NoLexer, Builder()) or build_grammar()


@cache
def scanner() -> Scanner:
    """What cuts texts into words."""
    return Scanner(_grammar().terminals)


@cache
def _words() -> dict[str, str]:
    """The text of terminals that are one word or sign; empty for the end of the text."""
    return {name: text for text, name in scanner().words.items()} | {"$END": ""}


@cache
def words() -> frozenset[str]:
    """The keywords of the language."""
    return frozenset(text for text in scanner().words if text.isalpha())


def _pieces(tokens: list[Lexeme]) -> list[list[Lexeme]]:
    """The tokens of every declaration."""
    starts: list[int] = []
    depth = 0
    for index, token in enumerate(tokens):
        depth += (token in OPENING) - (token in CLOSING)
        if not index or (
            _starts(tokens, index)
            and (_opens_line(tokens, index) or _follows(tokens, starts[-1], index, depth))
        ):
            starts.append(index)
            depth = 0
    return [tokens[start:end] for start, end in pairwise([*starts, len(tokens)])]


def _follows(tokens: list[Lexeme], start: int, index: int, depth: int) -> bool:
    """Whether a declaration may start on the line of another, which starts at `start`."""
    names = tokens[index] == "assert" or tokens[index].type == "NAME"
    is_named = names or [token.type for token in tokens[index + 1 : index + 2]] == ["NAME"]
    before = tokens[start:index]
    return is_named and not depth and _ends_operand(before[-1]) and has_body(before)


def _opens_line(tokens: list[Lexeme], index: int) -> bool:
    """Whether a token is the first of its line."""
    before, span = tokens[index - 1].span, tokens[index].span
    return "\n" in span.source.text[before.end : span.start]


def _known(
    pieces: list[list[Lexeme]], mistakes: list[Span], before: Parsed | None
) -> dict[int, ast.Declaration]:
    """The pieces that an earlier version has too, by number."""
    if before is None:
        return {}
    keys = [key_of(tokens[0].span.to(tokens[-1].span), mistakes) for tokens in pieces]
    return known(keys, before.file, before.diagnostics)


def _parts(pieces: list[list[Lexeme]], known: Mapping[int, ast.Declaration]) -> Iterator[Part]:
    """The declarations that the pieces make, or fail to make; some are known already."""
    mistakes = 0
    for number, tokens in enumerate(pieces):
        for part in [(tokens, known[number], [])] if number in known else _read(tokens):
            mistakes += len(part[2])
            # After so many the rest is not worth the time; its names count as declared.
            if mistakes > MAXIMUM_MISTAKES:
                yield [token for rest in pieces[number:] for token in rest], None, []
                return
            yield part


def _starts(tokens: list[Lexeme], index: int) -> bool:
    """Whether a declaration starts at a token: a keyword that is no label.

    `let` may also start an expression, but then no value stands before it. A name at the start
    of a line after a value is an error in any case, and most likely a declaration gone wrong.
    """
    word, before = tokens[index], tokens[index - 1]
    if word in DECLARING and word.type != "NAME":
        after = next(iter(tokens[index + 1 : index + 2]), "")
        # Nor does one start with a keyword that somebody took for a name: that is a mistake here.
        is_name = after in (",", ")") or (after == "=" and word.span.column > 1)
        is_label = before == "@" or after == ":"
        is_module = before in ("from", ".") and after in ("import", ".")
        is_taken = is_label or is_name or is_module
        return not is_taken and (word != "let" or _ends_operand(before))
    return word.type == "NAME" and _ends_operand(before) and word.span.column == 1


def _ends_operand(token: Lexeme) -> bool:
    kinds = {"NAME", "NUMBER", "STRING", "TEMPLATE"}
    return token.type in kinds or token in ENDS_OF_OPERANDS


def _read(tokens: list[Lexeme]) -> Iterator[Part]:
    """The declaration that tokens make; several, where a `let` was mistaken for a part of it."""
    declaration, mistakes = _declaration(tokens)
    lets = [i for i, t in enumerate(tokens) if i and t == "let" and t.span.column == 1]
    if not mistakes or not lets:
        yield tokens, declaration, mistakes
        return
    for start, end in pairwise([0, *lets, len(tokens)]):
        yield tokens[start:end], *_declaration(tokens[start:end])


def _declaration(tokens: list[Lexeme]) -> Read:
    """The declaration that the tokens make, or the errors."""
    try:
        result = _fed(tokens)
    except TooDeep as deep:
        help = f"{MAXIMUM_DEPTH} levels are allowed"
        return None, [error("E0701", "this is nested too deeply", deep.span, help=help)]
    if not isinstance(result, ParseFailure):
        return result, []
    mistake = replace(explain(result), fixes=repairs(result, _is_right))
    return None, [mistake, *further(result, _failure)]


def _up_to(tokens: list[Lexeme], spans: Iterable[Span]) -> list[Lexeme]:
    """The tokens before the first of the spans that lies behind their beginning."""
    start = tokens[0].span.start
    first = next((span.start for span in spans if span.start >= start), tokens[-1].span.end)
    return [token for token in tokens if token.span.end <= first]


def _before(tokens: list[Lexeme]) -> ast.Declaration | None:
    """What tokens say up to where they fail; None where that makes no declaration."""
    failure = _failure(tokens) if len(tokens) <= LONGEST else None
    for attempt in shortened(tokens if failure is None else tokens[: failure.index]):
        declaration = _made(attempt)
        if declaration is not None:
            return declaration
    return None


def _made(tokens: list[Lexeme]) -> ast.Declaration | None:
    """The declaration that tokens make, if they do."""
    try:
        result = _fed(tokens)
    except TooDeep:
        return None
    return None if isinstance(result, ParseFailure) else result


def _failure(tokens: list[Lexeme]) -> ParseFailure | None:
    """Where tokens make no declaration; None where they make one."""
    try:
        result = _fed(tokens)
    except TooDeep:
        return None
    return result if isinstance(result, ParseFailure) else None


def _is_right(text: str) -> bool:
    """Whether a text is one declaration without a syntax error."""
    scan = scanner().scan(Source("", text))
    is_one = not [*scan.diagnostics] and len(_pieces(scan.tokens)) == 1
    return is_one and _failure(scan.tokens) is None


def _fed(tokens: list[Lexeme]) -> ast.Declaration | ParseFailure:
    """The declaration that the tokens make, or where they fail; raises `TooDeep`."""
    session = _grammar().parse_interactive()
    result: Piece | None = None
    for index, token in enumerate([*tokens, Token("$END", "")]):
        try:
            result = session.feed_token(token)
        except UnexpectedToken:
            kinds: set[str] = session.accepts()  # type: ignore[no-untyped-call]
            accepted = frozenset(_words().get(kind, kind) for kind in kinds)
            return ParseFailure([*tokens], index, accepted)
    assert result is not None
    declaration: ast.Declaration = result.value
    return declaration


def _holds(tokens: list[Lexeme], end: int, spans: Iterable[Span]) -> bool:
    """Whether one of the spans lies among the tokens, or behind them before `end`."""
    start = tokens[0].span.start
    return any(start <= span.start < end for span in spans)


def _declared(tokens: list[Lexeme]) -> list[str]:
    """The names that the declaration would have declared, as far as that can be told."""
    names = [
        token
        for before, token in pairwise([tokens[0], *tokens])
        if before in ("block", "network", "let", "extern") or tokens[0] == "from"
    ]
    # The keyword itself may be misspelled, or missing.
    names += tokens[:2] if tokens[0] not in DECLARING else []
    return [str(token) for token in names if token.type == "NAME"]
