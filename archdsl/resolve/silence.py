"""Notes that the author does not want to read: `# silence: N0401` on the line that they blame."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archdsl.diagnostics import Diagnostic, Severity, codes, note, suggestion
from archdsl.source import Span
from archdsl.syntax.program import Program

COMMENT = re.compile(r"#+\s*silence(:|(?=\s+[EN]\d))((?:[\s,;]*[A-Z]\d+\b)*)", re.IGNORECASE)
CODE = re.compile(r"\w+")
ABOUT_OUTPUT = "N09"
"""Prefixes of the codes of notes made by commands other than `check`."""


@dataclass(frozen=True)
class Silence:
    """A code that a comment names, and where it is written; an empty one where it names none."""

    code: str
    span: Span


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
    return [*kept, *[made for silence in rest for made in _without_effect(silence)]]


def _silences(comment: Span) -> Iterator[Silence]:
    """The codes that a comment silences."""
    for match in COMMENT.finditer(comment.text):
        for code in CODE.finditer(match[2]):
            start = comment.start + match.start(2) + code.start()
            yield Silence(code[0].upper(), Span(comment.source, start, start + len(code[0])))
        if not match[2]:
            start, end = comment.start + match.start(), comment.start + match.end()
            yield Silence("", Span(comment.source, start, end))


def _place(diagnostic: Diagnostic) -> tuple[object, int, str]:
    return diagnostic.span.source, diagnostic.span.line, diagnostic.code


def _without_effect(silence: Silence) -> Iterator[Diagnostic]:
    code = silence.code
    if not code:
        help = "write the code of a note behind it: `# silence: N0401`"
        yield note("N0101", "this comment silences nothing", silence.span, help=help)
    elif refusal := not_a_note(code):
        message, help = refusal
        yield note("N0101", message, silence.span, help=help)
    elif not code.startswith(ABOUT_OUTPUT):
        message = f"there is no note {code} on this line"
        yield note("N0101", message, silence.span, help="delete the comment")


def not_a_note(code: str) -> tuple[str, str] | None:
    """Why a code cannot be silenced, and what to write; None for the code of a note."""
    notes = [each for each in codes() if each.startswith("N")]
    if code in notes:
        return None
    if code in codes():
        return f"{code} is an error, and only notes can be silenced", ""
    return f"there is no note {code}", suggestion(code.upper(), notes)
