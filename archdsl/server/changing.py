"""Changes of a text: fixes of mistakes, and its form."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from lsprotocol import types

from archdsl.diagnostics import Diagnostic, Severity
from archdsl.formatting import formatted
from archdsl.server.documents import Document
from archdsl.source import Source, Span

MARK = "\ufeff"
"""The mark of the byte order, which some clients send and count."""
SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}


def diagnostics(document: Document) -> list[types.Diagnostic]:
    """All that is wrong with a text; what is wrong with an import is shown there."""
    own = [each for each in document.analysis.diagnostics if _is_own(document, each)]
    return [_diagnostic(document, each) for each in own]


def _is_own(document: Document, diagnostic: Diagnostic) -> bool:
    return diagnostic.span.source.name == document.source.name


def _diagnostic(document: Document, found: Diagnostic) -> types.Diagnostic:
    details = [
        f"expected {found.expected}" if found.expected else "",
        f"found {found.found}" if found.found else "",
        f"help: {found.help}" if found.help else "",
    ]
    steps = [
        types.DiagnosticRelatedInformation(document.location(step.called_at), f"in `{step.name}`")
        for step in found.expansion
    ]
    return types.Diagnostic(
        document.range(found.span),
        "\n".join([found.message, *filter(None, details)]),
        SEVERITIES[found.severity],
        found.code,
        source="archdsl",
        related_information=steps or None,
    )


def actions(document: Document, place: types.Range) -> list[types.CodeAction]:
    """The ways out of the mistakes at a place."""
    start, end = document.offset(place.start), document.offset(place.end)
    return [
        types.CodeAction(
            fix.title,
            types.CodeActionKind.QuickFix,
            diagnostics=[_diagnostic(document, each)],
            edit=types.WorkspaceEdit(
                {
                    document.uri: [
                        types.TextEdit(document.range(edit.span), edit.text) for edit in fix.edits
                    ]
                }
            ),
        )
        for each in document.analysis.diagnostics
        if _is_own(document, each) and each.span.start <= end and start <= each.span.end
        for fix in each.fixes
    ]


def formatting(document: Document, place: types.Range | None = None) -> list[types.TextEdit]:
    """The lines that formatting changes, in all of the text or at a place."""
    source = document.source
    text, _ = formatted(Source(source.name, source.text))
    if text is None:
        return []
    if source.text.startswith(MARK):
        text = MARK + text
    edits = _line_edits(document, text)
    if place is None:
        return [*edits]
    first, last = place.start.line, place.end.line
    return [
        each for each in edits if each.range.start.line <= last and first <= each.range.end.line
    ]


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
