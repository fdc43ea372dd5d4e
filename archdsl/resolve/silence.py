"""Notes that the author does not want to read: `# silence: N0401` on the line that they blame."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass

from archdsl.diagnostics import Diagnostic, Severity, codes, note, suggestion
from archdsl.fixes import Edit, Fix, Help, fixes_of
from archdsl.source import Span
from archdsl.syntax.comments import SILENCE
from archdsl.syntax.program import Program

CODE = re.compile(r"\w+")
ABOUT_OUTPUT = "N09"
"""Prefixes of the codes of notes made by commands other than `check`."""


@dataclass(frozen=True)
class Silence:
    """A code that a comment names, and where it is written; an empty one where it names none.

    `rest` is what to delete so that it is not named; None where more is meant by the words.
    """

    code: str
    span: Span
    rest: Span | None = None


def without_silenced(
    program: Program, diagnostics: Iterable[Diagnostic], is_check: bool = False
) -> list[Diagnostic]:
    """The diagnostics without notes that a comment on their line silences.

    A comment of the main file that silences nothing is noted where the notes are those of `check`.
    """
    found = [*diagnostics]
    written = {
        (span.source, span.line, silence.code): silence
        for module in program.modules.values()
        for span in module.file.comments
        for silence in _silences(span)
    }
    hidden = {_place(each) for each in found if each.severity is Severity.NOTE} & written.keys()
    kept = [each for each in found if _place(each) not in hidden or each.severity is Severity.ERROR]
    if not is_check:
        return kept
    main = program.modules[program.main].file.source
    rest = [each for place, each in written.items() if place not in hidden and place[0] is main]
    noted = {place for place in map(_place, found) if place[2].startswith("N")}
    return [*kept, *[made for silence in rest for made in _without_effect(silence, noted)]]


def _silences(comment: Span) -> Iterator[Silence]:
    """The codes that a comment silences."""

    def at(start: int, end: int) -> Span:
        return Span(comment.source, comment.start + start, comment.start + end)

    for match in SILENCE.finditer(comment.text):
        first = match.start(2)
        places = [(first + each.start(), first + each.end()) for each in CODE.finditer(match[2])]
        whole = _whole(at(*match.span()), comment)
        for number, place in enumerate(places):
            rest = whole
            if number:
                rest = at(places[number - 1][1], place[1])
            elif places[1:]:
                rest = at(place[0], places[1][0])
            yield Silence(at(*place).text.upper(), at(*place), rest)
        if not match[2]:
            yield Silence("", at(*match.span()), whole)


def _whole(silence: Span, comment: Span) -> Span | None:
    """A silence with the blanks before it, if nothing but another comment stands behind it."""
    text = silence.source.text
    behind = text[silence.end : comment.end]
    if behind.strip() and not behind.lstrip().startswith("#"):
        return None
    if behind.strip():
        return Span(silence.source, silence.start, comment.end - len(behind.lstrip()))
    line = text.rfind("\n", 0, silence.start) + 1
    start = len(text[line : silence.start].rstrip()) + line
    return Span(silence.source, start, comment.end)


def _place(diagnostic: Diagnostic) -> tuple[object, int, str]:
    return diagnostic.span.source, diagnostic.span.line, diagnostic.code


def _without_effect(silence: Silence, noted: Set[tuple[object, int, str]]) -> Iterator[Diagnostic]:
    """The note on a comment that silences none of what is `noted`."""
    code, span, fixes = silence.code, silence.span, _without(silence)
    if not code:
        help = "write the code of a note behind it: `# silence: N0401`"
        yield note("N0101", "this comment silences nothing", span, help=help, fixes=fixes)
    elif refusal := not_a_note(code):
        message, help = refusal
        meant = help.instead if isinstance(help, Help) else None
        is_meant = (span.source, span.line, meant) in noted
        fixes = fixes_of(help, span) if is_meant else fixes
        yield note("N0101", message, span, help=help, fixes=fixes)
    elif not code.startswith(ABOUT_OUTPUT):
        message = f"there is no note {code} on this line"
        yield note("N0101", message, span, help="delete the comment", fixes=fixes)


def _without(silence: Silence) -> tuple[Fix, ...]:
    """How to delete what silences nothing."""
    if silence.rest is None:
        return ()
    return (Fix(f"delete `{silence.rest.text.strip()}`", (Edit(silence.rest, ""),)),)


def not_a_note(code: str) -> tuple[str, str] | None:
    """Why a code cannot be silenced, and what to write; None for the code of a note."""
    notes = [each for each in codes() if each.startswith("N")]
    if code in notes:
        return None
    if code in codes():
        return f"{code} is an error, and only notes can be silenced", ""
    return f"there is no note {code}", suggestion(code.upper(), notes)
