"""Changes of a text: fixes of mistakes, and its form."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import pairwise

from lsprotocol import types

from archdsl.diagnostics import Diagnostic, Severity
from archdsl.fixes import Fix
from archdsl.formatting import formatted
from archdsl.server.documents import Document
from archdsl.source import Source, Span
from archdsl.syntax.parser import parse

MARK = "\ufeff"
"""The mark of the byte order, which some clients send and count."""
SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}


def diagnostics(document: Document) -> list[types.Diagnostic]:
    """All that is wrong with a text, and with what it imports."""
    return [_shown(document, place, found) for place, found in _by_place(document)]


def _by_place(document: Document) -> Iterator[tuple[Span, list[Diagnostic]]]:
    """The mistakes by where they are shown: the text's own each, those of imports as one.

    A mistake in an import is shown where the text leads there, since the other text may be right
    by itself, or closed: at the call of a block, else at the import.
    """
    others: dict[Span, list[Diagnostic]] = {}
    for each in document.analysis.diagnostics:
        if each.span.source.name == document.source.name:
            yield each.span, [each]
        elif each.severity is Severity.ERROR and (place := _leading_to(document, each)):
            others.setdefault(place, []).append(each)
    yield from others.items()


def _leading_to(document: Document, found: Diagnostic) -> Span | None:
    calls = [step.called_at for step in found.expansion]
    own = [each for each in calls if each.source.name == document.source.name]
    return own[0] if own else document.analysis.import_of(found.span.source.name)


def _shown(document: Document, place: Span, several: list[Diagnostic]) -> types.Diagnostic:
    found = several[0]
    details = [
        f"expected {found.expected}" if found.expected else "",
        f"found {found.found}" if found.found else "",
        f"help: {found.help}" if found.help else "",
        f"and {len(several) - 1} more" if len(several) > 1 else "",
    ]
    is_own = found.span.source.name == document.source.name
    message = found.message if is_own else f"in {found.span}: {found.message}"
    related = [(each.span, each.message) for each in several if not is_own]
    related += [(step.called_at, f"in `{step.name}`") for step in found.expansion]
    return types.Diagnostic(
        document.range(place),
        "\n".join([message, *filter(None, details)]),
        SEVERITIES[found.severity],
        found.code,
        source="archdsl",
        related_information=[
            types.DiagnosticRelatedInformation(document.location(span), text)
            for span, text in related
        ]
        or None,
    )


def actions(document: Document, place: types.Range) -> list[types.CodeAction]:
    """The ways out of the mistakes at a place."""
    start, end = document.offset(place.start), document.offset(place.end)
    return [
        types.CodeAction(
            fix.title,
            types.CodeActionKind.QuickFix,
            diagnostics=[_shown(document, span, several)],
            edit=types.WorkspaceEdit(_changes(document, fix)),
        )
        for span, several in _by_place(document)
        if span.start <= end and start <= span.end
        for each in several
        for fix in each.fixes
    ]


def _changes(document: Document, fix: Fix) -> dict[str, list[types.TextEdit]]:
    """The edits of a fix, by the texts that they are of."""
    changes: dict[str, list[types.TextEdit]] = {}
    for edit in fix.edits:
        made = types.TextEdit(document.range(edit.span), edit.text)
        changes.setdefault(document.uri_of(edit.span.source.name), []).append(made)
    return changes


def formatting(document: Document, place: types.Range | None = None) -> list[types.TextEdit]:
    """The lines that formatting changes, in all of the text or at a place."""
    source = document.source
    text, _ = formatted(Source(source.name, source.text))
    if text is None:
        return []
    if source.text.startswith(MARK):
        text = MARK + text
    if place is None:
        return [*_line_edits(document, text)]
    return [*_edits_within(document, text, place)]


def _edits_within(document: Document, text: str, place: types.Range) -> Iterator[types.TextEdit]:
    """The edits of the declarations at a place, each as a whole.

    Single lines could be taken from one declaration and missed in another.
    """
    after = Source(document.source.name, text)
    spans = [document.placed(each.span) for each in document.declarations]
    starts = [0, *(each.start for each in spans), len(document.source.text)]
    starts_after = [0, *(each.span.start for each in parse(after)[0].declarations), len(text)]
    if len(starts) != len(starts_after):
        return
    pieces = zip(pairwise(starts), pairwise(starts_after), strict=True)
    for (start, end), (start_after, end_after) in pieces:
        span, new = Span(document.source, start, end), text[start_after:end_after]
        first, last = document.source.editor_line(start), document.source.editor_line(end - 1)
        if first <= place.end.line and place.start.line <= last and span.text != new:
            yield types.TextEdit(document.range(span), new)


def _line_edits(document: Document, text: str) -> Iterator[types.TextEdit]:
    before = document.source.text.splitlines(keepends=True)
    after = text.splitlines(keepends=True)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    # What is alike in many lines is alike for difflib too, but not in time.
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind != "equal":
            span = Span(document.source, starts[i1], starts[i2])
            yield types.TextEdit(document.range(span), "".join(after[j1:j2]))
