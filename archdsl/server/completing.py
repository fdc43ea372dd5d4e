"""Completion, as the protocol has it."""

from __future__ import annotations

from lsprotocol import types

from archdsl.editor.completing import Proposal, proposals
from archdsl.server.documents import Document

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


def completion(document: Document, offset: int) -> list[types.CompletionItem]:
    """What may stand at an offset."""
    return [_item(each) for each in proposals(document.analysis, offset)]


def _item(proposal: Proposal) -> types.CompletionItem:
    return types.CompletionItem(
        proposal.word,
        kind=KINDS.get(proposal.kind, Kind.Variable),
        detail=proposal.detail or None,
        documentation=proposal.about or None,
        sort_text=proposal.order or None,
    )
