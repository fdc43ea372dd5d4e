"""Text to tokens. What cannot be read is reported here, and replaced where that is possible.

The words of the language are the terminals of `arch.lark`; `wrong_forms.py` only adds forms that
are wrong but recognisable, so that a message can say what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from lark import Token
from lark.lexer import PatternRE, TerminalDef

from archdsl.diagnostics import Diagnostics, Enough, error
from archdsl.fixes import Help
from archdsl.source import Source, Span
from archdsl.syntax.brackets import Brackets
from archdsl.syntax.wrong_forms import (
    FIRST,
    LAST,
    SEPARATOR,
    SLASHES_AND_COLON,
    Mistake,
)

# Enough for a chain of 100,000 layers that are written out, such as `-> conv(8, 3) -> relu`. To
# report a mistake in so long a text takes 240 MiB.
MAXIMUM_CHARACTERS = 2_000_000
MAXIMUM_TOKENS = 500_000
MAXIMUM_NUMBER = 2**63
MAXIMUM_WORD = 200
# After so many a text is no spec, and the rest of it is not read.
MAXIMUM_MISTAKES = 50

# Characters that an editor does not show, or that turn the direction of what follows.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]|\r(?!\n)"
)

LATE = ("extern", "share")
"""Keywords that came late: older texts may have them as names."""

DECLARING = ("block", "network", "let", "default", "extern", "from", "assert")
"""The words that declarations start with."""
# What `//` is where a slice may go on: a division.
DIVISION = re.compile("//")


class Lexeme(Token):
    """A token that knows its span, as every node made from it must.

    It equals its text, whatever its type, which is compared by the ten thousand. It is made without
    Lark's constructor, which fills in places that nobody reads.
    """

    __slots__ = ("span",)
    __eq__, __hash__ = str.__eq__, str.__hash__

    span: Span

    @classmethod
    def at(cls, kind: str, span: Span, text: str) -> Lexeme:
        """The token of a kind that stands at `span`, or stands for what does."""
        lexeme = str.__new__(cls, text)
        lexeme.type, lexeme.value, lexeme.span = kind, text, span
        return lexeme


@dataclass
class Scan:
    """A scanned text. `comments` includes documentation; `unread` are spans without a token."""

    tokens: list[Lexeme] = field(default_factory=list)
    comments: list[Span] = field(default_factory=list)
    unread: list[Span] = field(default_factory=list)
    diagnostics: Diagnostics = field(default_factory=partial(Diagnostics, MAXIMUM_MISTAKES))


class Scanner:
    """One regular expression over the terminals of a grammar and the wrong forms."""

    def __init__(self, terminals: Iterable[TerminalDef]) -> None:
        terminals = sorted(terminals, key=lambda t: (-t.priority, -len(t.pattern.value)))
        forms = [t for t in terminals if isinstance(t.pattern, PatternRE)]
        self.words = {t.pattern.value: t.name for t in terminals if t not in forms}
        marks = "|".join(re.escape(word) for word in self.words if not word.isidentifier())
        self.mistakes = {f"WRONG{i}": mistake for i, mistake in enumerate(FIRST + LAST)}
        self.slashes = next(n for n, each in self.mistakes.items() if each is SLASHES_AND_COLON)
        wrong = [f"(?P<{name}>{mistake.pattern})" for name, mistake in self.mistakes.items()]
        right = [f"(?P<{t.name}>{t.pattern.value})" for t in forms] + [f"(?P<MARK>{marks})"]
        self.pattern = re.compile("|".join(wrong[: len(FIRST)] + right + wrong[len(FIRST) :]))

    def scan(self, source: Source) -> Scan:
        """The tokens of a text; none, if the text is too long or its mistakes are too many."""
        scan = Scan()
        if len(source.text) > MAXIMUM_CHARACTERS:
            message = f"this text has {len(source.text):,} characters"
            help = f"{MAXIMUM_CHARACTERS:,} are allowed"
            scan.diagnostics.add(error("E0702", message, Span(source, 0, 0), help=help))
            return scan
        try:
            text = _show(scan, source)
            self._limit(scan, source, text)
            brackets = Brackets()
            for match in self._matches(text, lambda: brackets.may_slice(scan.tokens)):
                if (kind := match.lastgroup or "") != "SPACE":
                    self._take(scan, kind, Span(source, *match.span()), match[0])
            if ";" in scan.tokens:
                _drop_separators(scan)
            self._leave_names(scan.tokens)
        except Enough:
            scan.tokens.clear()
        return scan

    def _matches(self, text: str, may_slice: Callable[[], bool]) -> Iterator[re.Match[str]]:
        """The words of a text; `may_slice` says whether the next colon may be that of a slice."""
        matches = self.pattern.finditer(text)
        while (match := next(matches, None)) is not None:
            if match.lastgroup == self.slashes and may_slice():
                match = DIVISION.match(text, match.start()) or match
                matches = self.pattern.finditer(text, match.end())
            yield match

    def _leave_names(self, tokens: list[Lexeme]) -> None:
        """Let late keywords be names, except in front of one: two never stand side by side."""
        keywords = {self.words.get(word) for word in LATE}
        for index, token in enumerate(tokens):
            if token.type in keywords:
                following = tokens[index + 1 : index + 2]
                if not following or following[0].type not in ("NAME", *keywords):
                    tokens[index] = Lexeme.at("NAME", token.span, str(token))

    def _limit(self, scan: Scan, source: Source, text: str) -> None:
        """Refuse a text of too many words before any of them becomes a token, which costs more.

        Raises `Enough`.
        """
        if len(text) <= MAXIMUM_TOKENS:
            return
        matches = self._matches(text, lambda: True)
        words = (match for match in matches if match.lastgroup not in ("SPACE", "COMMENT"))
        if (match := next(islice(words, MAXIMUM_TOKENS, None), None)) is not None:
            message = "this text has too many tokens"
            help = f"{MAXIMUM_TOKENS:,} are allowed"
            where = Span(source, *match.span())
            scan.diagnostics.add(error("E0703", message, where, help=help))
            raise Enough

    def _take(self, scan: Scan, kind: str, span: Span, text: str) -> None:
        if kind == "COMMENT":
            scan.comments.append(span)
        elif kind in self.mistakes:
            _mistake(scan, self.mistakes[kind], span, text)
        elif kind == "NUMBER":
            scan.tokens.append(Lexeme.at(kind, span, _bounded(scan, span, text)))
        else:
            if len(text) > MAXIMUM_WORD:
                help = f"{MAXIMUM_WORD} characters are allowed"
                long = error("E0705", "this name or string is too long", span, help=help)
                scan.diagnostics.add(long)
                text = text[:MAXIMUM_WORD] + text[-1]
            scan.tokens.append(Lexeme.at(self.words.get(text, kind), span, text))


def _show(scan: Scan, source: Source) -> str:
    """The text with invisible characters reported and blanked; a byte order mark is no mistake."""
    for match in INVISIBLE.finditer(source.text):
        if match[0] == "\ufeff" and match.start() == 0:
            continue
        message = f"the invisible character U+{ord(match[0]):04X}"
        help = "delete it; lines end in a line feed, with or without a carriage return before it"
        instead = "\n" if match[0] == "\r" else ""
        span = Span(source, *match.span())
        scan.diagnostics.add(error("E0103", message, span, help=Help(help, instead)))
    return INVISIBLE.sub(" ", source.text)


def _drop_separators(scan: Scan) -> None:
    """Report semicolons that stand in no shape, whose innermost bracket is `[`."""
    kept: list[Lexeme] = []
    opened: list[str] = []
    for lexeme in scan.tokens:
        if lexeme in DECLARING and lexeme.span.column == 1:
            opened.clear()
        if lexeme == ";" and opened[-1:] != ["["]:
            _mistake(scan, SEPARATOR, lexeme.span, str(lexeme))
            continue
        if lexeme in ("(", "["):
            opened.append(str(lexeme))
        elif lexeme in (")", "]") and opened:
            opened.pop()
        kept.append(lexeme)
    scan.tokens[:] = kept


def _mistake(scan: Scan, mistake: Mistake, span: Span, text: str) -> None:
    message, help = (part.format(text=text) for part in (mistake.message, mistake.help))
    instead = mistake.instead(text) if mistake.instead is not None else None
    if instead is not None and '"' not in text:
        help = Help(help, instead)
    scan.diagnostics.add(error(mistake.code, message, span, help=help))
    match mistake.stands_for:
        case "COMMENT":
            pass
        case "NUMBER":
            scan.tokens.append(Lexeme.at("NUMBER", span, "1"))
        case "STRING":
            text = re.sub(r"\s*\n\s*", "", text.strip("\"'"))
            scan.tokens.append(Lexeme.at("STRING", span, f'"{text}"'))
        case _:
            scan.unread.append(span)


def _bounded(scan: Scan, span: Span, text: str) -> str:
    """The number, or 1 instead of one that is too large."""
    digits = text.replace("_", "")
    if not digits.isdigit():
        too_large = float(digits) == float("inf")
    else:
        # Python refuses to convert thousands of digits.
        too_large = len(digits.lstrip("0")) > 19 or int(digits) >= MAXIMUM_NUMBER
    if too_large:
        help = "whole numbers are below 2**63, others below 1.8e308"
        scan.diagnostics.add(error("E0106", "this number is too large", span, help=help))
    return "1" if too_large else text
