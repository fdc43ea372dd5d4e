"""A block made of layers, and layers in the place of a block; and who calls whom.

Either is offered only if every network has the same layers afterwards, in the same order: that is
tried before. Keys of state dicts change, since blocks are submodules.
"""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from archdsl.diagnostics import has_errors
from archdsl.editor.definitions import Definition
from archdsl.server.changing import MARK
from archdsl.server.documents import Document, Documents
from archdsl.server.names import KINDS
from archdsl.source import Span
from archdsl.syntax import ast
from archdsl.syntax.walk import descendants

LOCAL = {"parameter", "size", "variable", "value"}
"""What a block must be given if it lies outside of it."""
WIRED = {"label", "input"}
CALLING = {"block", "network", "function", "value"}
NEW = "extracted"

Change = tuple[Span, str]


def rearrangements(
    documents: Documents, document: Document, place: types.Range
) -> Iterator[types.CodeAction]:
    """What can be done with the layers at a place."""
    start, end = document.offset(place.start), document.offset(place.end)
    if not _is_in_use(document, start, end):
        return
    if start < end:
        changes, title = _extracted(document, start, end), "Extract block (keys change)"
        kind = types.CodeActionKind.RefactorExtract
    else:
        changes, title = _inlined(document, start), "Inline block (keys change)"
        kind = types.CodeActionKind.RefactorInline
    if changes and _is_same(document, documents.changed(document, _applied(document, changes))):
        edits = [types.TextEdit(document.range(span), text) for span, text in changes]
        yield types.CodeAction(title, kind, edit=types.WorkspaceEdit({document.uri: edits}))


def _is_in_use(document: Document, start: int, end: int) -> bool:
    """Whether a network has the layers at a place: else nothing shows that they stay the same."""
    spans = [hint.span for hint in document.analysis.hints]
    return any(span.start <= end and start <= span.end for span in spans)


def _applied(document: Document, changes: list[Change]) -> str:
    text = document.source.text
    for span, new in sorted(changes, key=lambda change: -change[0].start):
        text = text[: span.start] + new + text[span.end :]
    return text


def _is_same(before: Document, after: Document) -> bool:
    """Whether two texts have the same layers, and the second no mistake."""
    if has_errors([*after.analysis.diagnostics]):
        return False
    graphs = [
        {name: [(node.op, node.inputs, node.shape) for node in graph] for name, graph in it.items()}
        for it in (before.analysis.graphs, after.analysis.graphs)
    ]
    return graphs[0] == graphs[1]


def _extracted(document: Document, start: int, end: int) -> list[Change]:
    """The changes that make a block of a part of the text."""
    text = document.source.text[start:end]
    start, text = start + len(text) - len(text.lstrip()), text.strip()
    chosen = Span(document.source, start, start + len(text))
    own = [document.placed(each.span) for each in document.declarations]
    whole = next((each for each in own if each.holds(chosen)), None)
    if not text or whole is None:
        return []
    given: dict[str, None] = {}
    for reference in document.analysis.references:
        found = reference.definition
        is_outside = whole.holds(found.span) and not chosen.holds(found.span)
        if chosen.holds(reference.span) and is_outside:
            if found.kind in WIRED:
                return []
            if found.kind in LOCAL:
                given[found.name] = None
    known = {each.name for each in document.analysis.definitions}
    name = next(n for i in range(len(known) + 2) if (n := f"{NEW}{i or ''}") not in known)
    call = f"{name}({', '.join(given)})" if given else name
    top = Span(document.source, *[above(document.source.text, whole.start)] * 2)
    return [(top, f"block {call} =\n    {text}\n\n"), (chosen, call)]


def above(text: str, start: int) -> int:
    """Where the comments begin that stand directly above a declaration."""
    start = text.rfind("\n", 0, start) + 1
    while start and text[text.rfind("\n", 0, start - 1) + 1 : start].startswith("#"):
        start = text.rfind("\n", 0, start - 1) + 1
    return max(start, int(text.startswith(MARK)))


def _inlined(document: Document, offset: int) -> list[Change]:
    """The changes that put the body of a block in the place of its call at an offset."""
    found = document.named(offset)
    blocks = [each for each in document.declarations if isinstance(each, ast.BlockDeclaration)]
    for block in blocks:
        own = document.placed(block.name.span)
        if found is not None and (own.start, own.source) == (found.span.start, found.span.source):
            use = _use(document, offset)
            bound = _bound(document, block, use) if use is not None else None
            if use is not None and bound is not None:
                text = _body(document, block, bound)
                return [(document.placed(use.span), f"({text})")] if text else []
    return []


def _use(document: Document, offset: int) -> ast.Call | ast.Name | None:
    """The call, or the bare name, at an offset."""
    name: ast.Name | None = None
    for declaration in document.declarations:
        for node in descendants(declaration):
            callee = node.callee if isinstance(node, ast.Call) else node
            if isinstance(callee, ast.Name) and isinstance(node, ast.Call | ast.Name):
                span = document.placed(callee.span)
                if span.start <= offset <= span.end:
                    if isinstance(node, ast.Call):
                        return node
                    name = node
    return name


def _bound(
    document: Document, block: ast.BlockDeclaration, use: ast.Call | ast.Name
) -> dict[str, str] | None:
    """The text of every parameter's value; None where one has none."""
    values = {
        each.name.name: document.placed(each.default.span).text
        for each in block.parameters
        if each.default is not None
    }
    names = [each.name.name for each in block.parameters]
    arguments = use.arguments if isinstance(use, ast.Call) else ()
    for index, argument in enumerate(arguments):
        if argument.name is None and index >= len(names):
            return None
        name = names[index] if argument.name is None else argument.name.name
        values[name] = document.placed(argument.value.span).text
    return values if values.keys() >= set(names) else None


def _body(document: Document, block: ast.BlockDeclaration, bound: dict[str, str]) -> str:
    """The text of a body with its parameters replaced; empty if it names sizes of its own."""
    body = document.placed(block.body.span)
    changes: list[Change] = []
    for reference in document.analysis.references:
        found = reference.definition
        if body.holds(reference.span) and not body.holds(found.span):
            if found.kind in ("size", "input"):
                return ""
            if found.kind == "parameter" and document.placed(block.span).holds(found.span):
                value = bound[found.name]
                changes.append((reference.span, value if value.isalnum() else f"({value})"))
    text = body.text
    for span, new in sorted(changes, key=lambda change: -change[0].start):
        text = text[: span.start - body.start] + new + text[span.end - body.start :]
    return text


# --- calls ---


def callable_at(document: Document, offset: int) -> list[types.CallHierarchyItem]:
    """The block, network or function at an offset."""
    found = document.named(offset)
    if found is None or found.kind not in CALLING or found.span.source.name == "<language>":
        return []
    return [_item(document, found)]


def _item(document: Document, found: Definition) -> types.CallHierarchyItem:
    uri = document.uri_of(found.span.source.name)
    ranges = document.range(found.whole), document.range(found.span)
    return types.CallHierarchyItem(found.name, KINDS[found.kind], uri, *ranges, detail=found.kind)


def _owners(document: Document) -> list[Definition]:
    return [each for each in document.analysis.definitions if each.kind in CALLING]


def _owner(document: Document, span: Span) -> Definition | None:
    """The declaration that a place is in."""
    around = [each for each in _owners(document) if each.whole.holds(span)]
    return max(around, key=lambda each: each.whole.end - each.whole.start, default=None)


def incoming(
    documents: Documents, item: types.CallHierarchyItem
) -> list[types.CallHierarchyIncomingCall]:
    """Who uses a block, in all texts that are open, and in specs beside them."""
    home = documents.found(item.uri)
    if home is None:
        return []
    start = home.offset(item.selection_range.start)
    found: list[types.CallHierarchyIncomingCall] = []
    for document in documents.around():
        uses: dict[int, tuple[Definition, list[types.Range]]] = {}
        for span in document.spans_of(item.uri, start):
            owner = _owner(document, span)
            if owner is not None and not (document.uri == item.uri and span.start == start):
                uses.setdefault(owner.span.start, (owner, []))[1].append(document.range(span))
        found += [
            types.CallHierarchyIncomingCall(_item(document, owner), ranges)
            for owner, ranges in uses.values()
        ]
    return found


def outgoing(
    documents: Documents, item: types.CallHierarchyItem
) -> list[types.CallHierarchyOutgoingCall]:
    """What a block uses."""
    document = documents.found(item.uri)
    if document is None:
        return []
    own = document.named(document.offset(item.selection_range.start))
    if own is None:
        return []
    uses: dict[tuple[str, int], tuple[Definition, list[types.Range]]] = {}
    for reference in document.analysis.references:
        found = reference.definition
        is_call = found.kind in CALLING and found.span.source.name != "<language>"
        if is_call and own.whole.holds(reference.span) and not own.whole.holds(found.span):
            key = found.span.source.name, found.span.start
            uses.setdefault(key, (found, []))[1].append(document.range(reference.span))
    return [
        types.CallHierarchyOutgoingCall(_item(document, found), ranges)
        for found, ranges in uses.values()
    ]
