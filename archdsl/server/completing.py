"""Completion, as the protocol has it."""

from __future__ import annotations

from lsprotocol import types

from archdsl.editor.completing import Proposal, is_expected, proposals
from archdsl.server.documents import Document
from archdsl.server.refactoring import above
from archdsl.source import Span
from archdsl.syntax import ast
from archdsl.syntax.parser import scanner

Kind = types.CompletionItemKind
KINDS = {
    "block": Kind.Class,
    "network": Kind.Module,
    "extern": Kind.Interface,
    "function": Kind.Function,
    "value": Kind.Constant,
    "import": Kind.Reference,
    "op": Kind.Function,
    "join": Kind.Function,
    "initialisation": Kind.EnumMember,
    "label": Kind.Field,
    "module": Kind.Module,
    "parameter": Kind.Property,
    "keyword": Kind.Keyword,
}


def completion(
    document: Document, offset: int, context: types.CompletionContext | None = None
) -> list[types.CompletionItem]:
    """What may stand at an offset; where nothing begins, only if somebody asks or types letters."""
    is_typed = types.CompletionTriggerKind.TriggerCharacter
    is_asked = context is None or context.trigger_kind != is_typed
    if not is_asked and not is_expected(document.analysis, offset):
        return []
    return [_item(document, each) for each in proposals(document.analysis, offset)]


def _item(document: Document, proposal: Proposal) -> types.CompletionItem:
    module = proposal.module
    return types.CompletionItem(
        proposal.word,
        kind=KINDS.get(proposal.kind, Kind.Variable),
        detail=proposal.detail or None,
        documentation=proposal.about or None,
        sort_text=proposal.order or None,
        additional_text_edits=[_import(document, module, proposal.word)] if module else None,
    )


def _import(document: Document, module: str, name: str) -> types.TextEdit:
    """The edit that imports a name: below the imports, or above all that is declared."""
    imports = [each for each in document.declarations if isinstance(each, ast.Import)]
    source, line = document.source, f"from {module} import {name}\n"
    if imports:
        end = max(document.placed(each.span).end for each in imports)
        start = source.text.find("\n", end) + 1
        place, text = (start, line) if start else (len(source.text), f"\n{line}")
    else:
        first = [each.span.start for each in scanner().scan(source).tokens[:1]]
        place, text = above(source.text, *(first or [0])), f"{line}\n"
    return types.TextEdit(document.range(Span(source, place, place)), text)
