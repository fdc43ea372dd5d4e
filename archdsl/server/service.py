"""Which function answers which request. The client's messages come over standard input."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from archdsl.server import changing, completing, names, reading, refactoring, structure
from archdsl.server.documents import Document, Documents
from archdsl.server.positions import Positions
from archdsl.version import __version__

SETTLED = 0.2
"""Seconds without an edit before diagnostics are sent to a client that does not ask for them."""
REQUEST_FAILED = -32803
TRIGGERS = ["@", "(", ",", " ", ".", ">"]

Answer = TypeVar("Answer")


class Place(Protocol):
    """A place in a text, as many requests have it."""

    @property
    def text_document(self) -> types.TextDocumentIdentifier:
        """The text."""

    @property
    def position(self) -> types.Position:
        """The place in it."""


class Server(LanguageServer):
    """The server, with the texts that are open."""

    def __init__(self) -> None:
        # A client that counts lines as pygls does not would place its changes wrongly.
        sync = types.TextDocumentSyncKind.Full
        super().__init__("archdsl", __version__, text_document_sync_kind=sync)
        self.documents = Documents()
        self.waiting: dict[str, asyncio.TimerHandle] = {}

    def at(
        self,
        where: Place,
        answer: Callable[[Document, int], Answer],
    ) -> Answer | None:
        """What a function says of a place in an open text."""
        document = self.documents.get(where.text_document.uri)
        return None if document is None else answer(document, document.offset(where.position))

    def of(self, uri: str, answer: Callable[[Document], Answer]) -> Answer | None:
        """What a function says of an open text."""
        document = self.documents.get(uri)
        return None if document is None else answer(document)

    def changed(self, uri: str, text: str) -> None:
        """Take a new version. Edits that follow each other fast are looked at once."""
        self.documents.put(uri, text)
        capabilities = self.client_capabilities.text_document
        if capabilities is not None and capabilities.diagnostic is not None:
            return
        if uri in self.waiting:
            self.waiting[uri].cancel()
        loop = asyncio.get_event_loop()
        self.waiting[uri] = loop.call_later(SETTLED, self.publish, uri)

    def publish(self, uri: str) -> None:
        """Send the diagnostics of a text."""
        found = self.of(uri, changing.diagnostics)
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found or []))


def made() -> Server:
    """A server that answers all requests it knows."""
    server = Server()
    _add_texts(server)
    _add_reading(server)
    _add_names(server)
    _add_changes(server)
    _add_structure(server)
    return server


def _add_texts(server: Server) -> None:
    documents = server.documents

    @server.feature(types.INITIALIZED)
    def initialized(_: types.InitializedParams) -> None:
        encoding = server.workspace.position_encoding
        documents.positions = Positions(encoding or types.PositionEncodingKind.Utf16)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        server.changed(params.text_document.uri, params.text_document.text)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        for change in params.content_changes:
            if isinstance(change, types.TextDocumentContentChangeWholeDocument):
                server.changed(params.text_document.uri, change.text)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        documents.close(params.text_document.uri)
        if (timer := server.waiting.pop(params.text_document.uri, None)) is not None:
            timer.cancel()

    @server.feature(
        types.TEXT_DOCUMENT_DIAGNOSTIC,
        types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=False),
    )
    def diagnostic(
        params: types.DocumentDiagnosticParams,
    ) -> types.RelatedFullDocumentDiagnosticReport:
        found = server.of(params.text_document.uri, changing.diagnostics)
        return types.RelatedFullDocumentDiagnosticReport(found or [])


def _add_reading(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    def hints(params: types.InlayHintParams) -> list[types.InlayHint] | None:
        return server.of(params.text_document.uri, lambda it: reading.hints(it, params.range))

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS)
    def lenses(params: types.CodeLensParams) -> list[types.CodeLens] | None:
        return server.of(params.text_document.uri, reading.lenses)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        return server.at(params, reading.hover)

    @server.feature(
        types.TEXT_DOCUMENT_SIGNATURE_HELP,
        types.SignatureHelpOptions(trigger_characters=["(", ","]),
    )
    def signature(params: types.SignatureHelpParams) -> types.SignatureHelp | None:
        return server.at(params, reading.signature)

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=TRIGGERS)
    )
    def completion(params: types.CompletionParams) -> list[types.CompletionItem] | None:
        return server.at(params, completing.completion)


def _add_names(server: Server) -> None:
    documents = server.documents

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def definition(params: types.DefinitionParams) -> types.Location | None:
        return server.at(params, names.definition)

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    def references(params: types.ReferenceParams) -> list[types.Location] | None:
        return server.at(params, lambda it, offset: names.references(documents, it, offset))

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    def highlights(
        params: types.DocumentHighlightParams,
    ) -> list[types.DocumentHighlight] | None:
        return server.at(params, names.highlights)

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    def prepare(params: types.PrepareRenameParams) -> types.Range | None:
        def answer(document: Document, offset: int) -> types.Range:
            return document.range(names.renamable(document, offset))

        return _refusing(lambda: server.at(params, answer))

    @server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    def rename(params: types.RenameParams) -> types.WorkspaceEdit | None:
        def answer(document: Document, offset: int) -> types.WorkspaceEdit:
            return names.renamed(documents, document, offset, params.new_name)

        return _refusing(lambda: server.at(params, answer))

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def symbols(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol] | None:
        return server.of(params.text_document.uri, names.symbols)

    @server.feature(types.WORKSPACE_SYMBOL)
    def everywhere(params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
        return names.workspace_symbols(documents, params.query)

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_LINK)
    def links(params: types.DocumentLinkParams) -> list[types.DocumentLink] | None:
        return server.of(params.text_document.uri, names.links)

    @server.feature(types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY)
    def callables(
        params: types.CallHierarchyPrepareParams,
    ) -> list[types.CallHierarchyItem] | None:
        return server.at(params, refactoring.callable_at)

    @server.feature(types.CALL_HIERARCHY_INCOMING_CALLS)
    def incoming(
        params: types.CallHierarchyIncomingCallsParams,
    ) -> list[types.CallHierarchyIncomingCall]:
        return refactoring.incoming(documents, params.item)

    @server.feature(types.CALL_HIERARCHY_OUTGOING_CALLS)
    def outgoing(
        params: types.CallHierarchyOutgoingCallsParams,
    ) -> list[types.CallHierarchyOutgoingCall]:
        return refactoring.outgoing(documents, params.item)


def _refusing(answer: Callable[[], Answer]) -> Answer:
    """An answer, or an error that the editor shows."""
    try:
        return answer()
    except names.Refused as refused:
        raise JsonRpcException(str(refused), REQUEST_FAILED) from None


def _add_changes(server: Server) -> None:
    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(
            [
                types.CodeActionKind.QuickFix,
                types.CodeActionKind.RefactorExtract,
                types.CodeActionKind.RefactorInline,
            ]
        ),
    )
    def actions(params: types.CodeActionParams) -> list[types.CodeAction] | None:
        def answer(document: Document) -> list[types.CodeAction]:
            rest = refactoring.rearrangements(server.documents, document, params.range)
            return [*changing.actions(document, params.range), *rest]

        return server.of(params.text_document.uri, answer)

    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    def formatting(params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
        return server.of(params.text_document.uri, changing.formatting)

    @server.feature(types.TEXT_DOCUMENT_RANGE_FORMATTING)
    def of_range(params: types.DocumentRangeFormattingParams) -> list[types.TextEdit] | None:
        return server.of(params.text_document.uri, lambda it: changing.formatting(it, params.range))


def _add_structure(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_FOLDING_RANGE)
    def folding(params: types.FoldingRangeParams) -> list[types.FoldingRange] | None:
        return server.of(params.text_document.uri, structure.folding)

    @server.feature(types.TEXT_DOCUMENT_SELECTION_RANGE)
    def selections(params: types.SelectionRangeParams) -> list[types.SelectionRange] | None:
        return server.of(
            params.text_document.uri,
            lambda it: structure.selections(it, map(it.offset, params.positions)),
        )

    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, structure.LEGEND)
    def tokens(params: types.SemanticTokensParams) -> types.SemanticTokens | None:
        return server.of(params.text_document.uri, structure.tokens)
