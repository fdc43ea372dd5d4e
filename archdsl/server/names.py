"""Definition, references, rename and symbols."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsprotocol import types

from archdsl.diagnostics import errors
from archdsl.editor.definitions import LANGUAGE, Definition
from archdsl.server.documents import Document, Documents
from archdsl.source import Span
from archdsl.syntax import ast
from archdsl.syntax.parser import words

KINDS = {
    "block": types.SymbolKind.Class,
    "network": types.SymbolKind.Module,
    "extern": types.SymbolKind.Interface,
    "function": types.SymbolKind.Function,
    "value": types.SymbolKind.Constant,
    "label": types.SymbolKind.Field,
}
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
LABEL = re.compile(r"[^\s\"{}\\]+")
"""What a label may be in quotes, as far as its text tells."""
KEYS = "keys"
"""The annotation of a rename that changes keys of state dicts."""
SHOWN_KEYS = 20


class Refused(Exception):
    """Why a name cannot be changed."""


def definition(document: Document, offset: int) -> types.Location | None:
    """Where the name at an offset is declared."""
    found = document.named(offset)
    is_ours = found is None or found.span.source is LANGUAGE.source
    return None if is_ours or found is None else document.location(found.span)


def references(documents: Documents, document: Document, offset: int) -> list[types.Location]:
    """All uses of the name at an offset, in all texts that are open, and in specs beside it.

    Uses of a name of the language are those in open texts.
    """
    found = document.named(offset)
    if found is None:
        return []
    if found.span.source is LANGUAGE.source:
        uses = [(each, each.uses_of_language(found.name)) for each in documents]
    else:
        home, start = document.uri_of(found.span.source.name), found.span.start
        known = {each.uri: each for each in [*documents, *documents.beside(document)]}
        uses = [(each, each.spans_of(home, start)) for each in known.values()]
    return [each.location(span) for each, spans in uses for span in spans]


def highlights(document: Document, offset: int) -> list[types.DocumentHighlight]:
    """The name at an offset elsewhere in the text."""
    found = document.named(offset)
    if found is None:
        return []
    if found.span.source is LANGUAGE.source:
        spans = document.uses_of_language(found.name)
    else:
        spans = document.spans_of(document.uri_of(found.span.source.name), found.span.start)
    return [types.DocumentHighlight(document.range(span)) for span in spans]


# --- rename ---


def renamable(document: Document, offset: int) -> Span:
    """The name at an offset. Raises `Refused` if it cannot be changed."""
    found = document.named(offset)
    if found is None or found.span.source is LANGUAGE.source or found.kind == "module":
        raise Refused("there is no name here that a spec declares")
    if found.span.source.is_library:
        raise Refused(f"`{found.name}` is declared by archdsl")
    if "{" in found.span.text:
        raise Refused(f"`{found.name}` is filled in by a loop")
    home = document.uri_of(found.span.source.name)
    spans = document.spans_of(home, found.span.start)
    span = next(span for span in spans if span.start <= offset <= span.end)
    quotes = int(span.text.startswith('"'))
    return Span(span.source, span.start + quotes, span.end - quotes)


def renamed(
    documents: Documents, document: Document, offset: int, name: str
) -> types.WorkspaceEdit:
    """The edits that give the thing at an offset another name, in all specs that know it.

    Raises `Refused`, also where the names would stand for something else then.
    """
    renamable(document, offset)
    found = document.named(offset)
    assert found is not None
    name = _name(found, name)
    home, start = document.uri_of(found.span.source.name), found.span.start
    known = {each.uri: each for each in [*documents, *documents.beside(document)]}
    spans = {uri: found for uri, each in known.items() if (found := each.spans_of(home, start))}
    # A text that does not name it may have the networks that show what the change does.
    read = [uri for uri, each in known.items() if any(map(each.reads, spans))]
    texts = {uri: _text(known[uri], spans.get(uri, []), name) for uri in (*spans, *read)}
    keys: dict[str, str] = {}
    for uri, after in documents.with_texts(texts).items():
        keys |= _checked(known[uri], after, name)
    edits = {
        uri: [types.TextEdit(known[uri].range(each), _written(each, name)) for each in several]
        for uri, several in spans.items()
    }
    return _workspace_edit(edits, keys)


def _name(found: Definition, name: str) -> str:
    """A new name, without quotes. Raises `Refused` if it is none."""
    if found.kind == "label":
        name = name.removeprefix('"').removesuffix('"')
        is_name = LABEL.fullmatch(name) is not None
    else:
        is_name = NAME.fullmatch(name) is not None and name not in words()
    if not is_name:
        raise Refused(f"`{name}` is no name")
    return name


def _written(span: Span, name: str) -> str:
    """The new name, in quotes where the old one has some, or if it needs them."""
    is_quoted = span.text.startswith('"') or not NAME.fullmatch(name)
    return f'"{name}"' if is_quoted else name


def _text(document: Document, spans: Sequence[Span], name: str) -> str:
    """The text with another name at some places."""
    text = document.source.text
    for span in reversed(spans):
        text = text[: span.start] + _written(span, name) + text[span.end :]
    return text


def _checked(before: Document, after: Document, name: str) -> dict[str, str]:
    """The keys that change in a text; raises `Refused` if anything else does."""
    if _targets(before) != _targets(after):
        raise Refused(f"`{name}` stands for something else already")
    worse = errors([*after.analysis.diagnostics])
    if len(worse) > len(errors([*before.analysis.diagnostics])):
        raise Refused(f"`{name}` cannot be used here: {worse[-1].message}")
    graphs = before.analysis.graphs, after.analysis.graphs
    return {
        one.path: two.path
        for network in graphs[0].keys() & graphs[1].keys()
        for one, two in zip(graphs[0][network], graphs[1][network], strict=False)
        if one.path != two.path
    }


def _targets(document: Document) -> list[int]:
    """Which definition every name of the text stands for, by number; those elsewhere are -1."""
    numbers = {each.span.start: n for n, each in enumerate(document.analysis.definitions)}
    return [
        numbers.get(each.definition.span.start, -1)
        if each.definition.span.source.name == document.source.name
        else -1
        for each in document.analysis.references
    ]


def _workspace_edit(
    edits: dict[str, list[types.TextEdit]], keys: dict[str, str]
) -> types.WorkspaceEdit:
    """The edits; if keys of state dicts change, with the map of old keys to new ones."""
    if not keys:
        return types.WorkspaceEdit(changes=edits)
    rows = [f"{old} becomes {new}" for old, new in keys.items()]
    more = [f"and {len(rows) - SHOWN_KEYS} more"] if len(rows) > SHOWN_KEYS else []
    note = types.ChangeAnnotation(
        "keys of the state dict change",
        needs_confirmation=True,
        description="\n".join([*rows[:SHOWN_KEYS], *more]),
    )
    changes = [
        types.TextDocumentEdit(
            types.OptionalVersionedTextDocumentIdentifier(uri),
            [types.AnnotatedTextEdit(KEYS, each.range, each.new_text) for each in several],
        )
        for uri, several in edits.items()
    ]
    return types.WorkspaceEdit(document_changes=changes, change_annotations={KEYS: note})


def without_notes(edit: types.WorkspaceEdit) -> types.WorkspaceEdit:
    """The edits alone, for an editor that shows no notes on them."""
    changes = {**(edit.changes or {})}
    for each in edit.document_changes or ():
        if isinstance(each, types.TextDocumentEdit):
            edits = [types.TextEdit(one.range, one.new_text) for one in each.edits]  # type: ignore[union-attr]
            changes[each.text_document.uri] = edits
    return types.WorkspaceEdit(changes)


# --- symbols ---


def symbols(document: Document) -> list[types.DocumentSymbol]:
    """What the text declares, with the labels in it."""
    shown = [each for each in document.analysis.definitions if each.kind in KINDS]
    result: list[types.DocumentSymbol] = []
    inside: list[tuple[Definition, types.DocumentSymbol]] = []
    for each in sorted(shown, key=lambda each: (each.whole.start, -each.whole.end)):
        symbol = types.DocumentSymbol(
            each.name or "label",
            KINDS[each.kind],
            document.range(each.whole),
            document.range(each.span),
            detail=each.kind,
            children=[],
        )
        while inside and not inside[-1][0].whole.holds(each.whole):
            inside.pop()
        siblings = inside[-1][1].children if inside else result
        assert isinstance(siblings, list)
        siblings.append(symbol)
        inside.append((each, symbol))
    return result


def workspace_symbols(documents: Documents, query: str) -> list[types.WorkspaceSymbol]:
    """The declarations with a text in their name, in all open specs and those beside them."""
    return [
        types.WorkspaceSymbol(document.location(each.span), each.name, KINDS[each.kind])
        for document in documents.around()
        for each in document.analysis.definitions
        if each.kind in KINDS and each.kind != "label" and query.lower() in each.name.lower()
    ]


def links(document: Document) -> list[types.DocumentLink]:
    """The files of imports."""
    found = []
    for each in document.declarations:
        if isinstance(each, ast.Import):
            uri = document.module(tuple(name.name for name in each.module))
            span = document.placed(each.module[0].span.to(each.module[-1].span))
            if uri:
                found.append(types.DocumentLink(document.range(span), uri))
    return found
