"""Which function answers which request. The client's messages come over standard input."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any, BinaryIO, Protocol, TypeVar, cast

from lsprotocol import types
from pygls.capabilities import get_capability
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from archdsl.server import changing, completing, names, reading, refactoring, structure, watching
from archdsl.server.documents import Document, Documents
from archdsl.server.input import Input
from archdsl.server.messages import Messages, hush, last
from archdsl.server.positions import Positions
from archdsl.server.telling import Notices
from archdsl.version import __version__

REQUEST_FAILED = types.LSPErrorCodes.RequestFailed
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


class Part(Protocol):
    """A part of a text, as some requests have it."""

    @property
    def text_document(self) -> types.TextDocumentIdentifier:
        """The text."""

    @property
    def range(self) -> types.Range:
        """The part of it."""


class Server(LanguageServer):
    """The server, with the texts that are open."""

    protocol: Messages

    def __init__(self) -> None:
        # A client that counts lines as pygls does not would place its changes wrongly.
        sync = types.TextDocumentSyncKind.Full
        super().__init__(
            "archdsl", __version__, text_document_sync_kind=sync, protocol_cls=Messages
        )
        self.documents = Documents()
        self.notices = Notices(self, self.documents)

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
        """Take a new version."""
        self.documents.put(uri, text)
        self.notices.changed(uri)


def made() -> Server:
    """A server that answers all requests it knows."""
    server = Server()
    _add_texts(server)
    for method, at_a_place in OF_A_PLACE.items():
        _add(server, method, partial(_of_a_place, server, at_a_place))
    for method, of_a_text in OF_A_TEXT.items():
        _add(server, method, partial(_of_a_text, server, of_a_text))
    for method, of_a_part in OF_A_PART.items():
        _add(server, method, partial(_of_a_part, server, of_a_part))
    for method, request in REQUESTS.items():
        _add(server, method, partial(request, server))
    hush()
    return server


def run() -> None:
    """Answer what comes over standard input, until it ends or the client says so."""
    server = made()
    server.protocol.input = Input(sys.stdin.fileno())
    server.start_io(cast(BinaryIO, server.protocol.input))


def _add(server: Server, method: str, answer: Callable[[Any], Any]) -> None:
    waiting = last(server.protocol, server.documents.texts, method, answer)
    server.feature(method, OPTIONS.get(method))(waiting)


def _add_texts(server: Server) -> None:
    documents = server.documents

    @server.feature(types.INITIALIZED)
    def initialized(_: types.InitializedParams) -> None:
        encoding = server.workspace.position_encoding
        documents.positions = Positions(encoding or types.PositionEncodingKind.Utf16)
        watching.watch(server)

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
        server.notices.closed(params.text_document.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def files_changed(params: types.DidChangeWatchedFilesParams) -> None:
        # Of a text that is open, what is in the editor counts.
        if any(each.uri not in documents.texts for each in params.changes):
            documents.files_changed()
            server.notices.files_changed()


# --- what is asked of a place, of a text, and of a part of one ---


def _of_a_place(server: Server, answer: Callable[[Document, int], Any], params: Place) -> Any:
    return server.at(params, answer)


def _of_a_text(
    server: Server, answer: Callable[[Document], Any], params: types.DocumentSymbolParams
) -> Any:
    return server.of(params.text_document.uri, answer)


def _of_a_part(server: Server, answer: Callable[[Document, types.Range], Any], params: Part) -> Any:
    return server.of(params.text_document.uri, lambda it: answer(it, params.range))


# --- what is asked of several texts, or needs more than a place ---


def _diagnostic(
    server: Server, params: types.DocumentDiagnosticParams
) -> types.RelatedFullDocumentDiagnosticReport:
    found = server.of(params.text_document.uri, changing.diagnostics)
    return types.RelatedFullDocumentDiagnosticReport(found or [])


def _references(server: Server, params: types.ReferenceParams) -> list[types.Location] | None:
    documents = server.documents
    return server.at(params, lambda it, offset: names.references(documents, it, offset))


def _prepare_rename(server: Server, params: types.PrepareRenameParams) -> types.Range | None:
    def answer(document: Document, offset: int) -> types.Range:
        return document.range(names.renamable(document, offset))

    return _refusing(lambda: server.at(params, answer))


def _rename(server: Server, params: types.RenameParams) -> types.WorkspaceEdit | None:
    def answer(document: Document, offset: int) -> types.WorkspaceEdit:
        return names.renamed(server.documents, document, offset, params.new_name)

    edit = _refusing(lambda: server.at(params, answer))
    noted = "workspace.workspace_edit.change_annotation_support"
    if edit is None or get_capability(server.client_capabilities, noted):
        return edit
    for note in (edit.change_annotations or {}).values():
        text = f"{note.label}: {note.description}"
        server.window_show_message(types.ShowMessageParams(types.MessageType.Warning, text))
    return names.without_notes(edit)


def _refusing(answer: Callable[[], Answer]) -> Answer:
    """An answer, or an error that the editor shows."""
    try:
        return answer()
    except names.Refused as refused:
        raise JsonRpcException(str(refused), REQUEST_FAILED) from None


def _actions(server: Server, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    def answer(document: Document) -> list[types.CodeAction]:
        rest = refactoring.rearrangements(server.documents, document, params.range)
        return [*changing.actions(document, params.range), *rest]

    return server.of(params.text_document.uri, answer)


def _completion(
    server: Server, params: types.CompletionParams
) -> list[types.CompletionItem] | None:
    return server.at(params, lambda it, at: completing.completion(it, at, params.context))


def _selections(
    server: Server, params: types.SelectionRangeParams
) -> list[types.SelectionRange] | None:
    return server.of(
        params.text_document.uri,
        lambda it: structure.selections(it, map(it.offset, params.positions)),
    )


def _workspace_symbols(
    server: Server, params: types.WorkspaceSymbolParams
) -> list[types.WorkspaceSymbol]:
    return names.workspace_symbols(server.documents, params.query)


def _incoming(
    server: Server, params: types.CallHierarchyIncomingCallsParams
) -> list[types.CallHierarchyIncomingCall]:
    return refactoring.incoming(server.documents, params.item)


def _outgoing(
    server: Server, params: types.CallHierarchyOutgoingCallsParams
) -> list[types.CallHierarchyOutgoingCall]:
    return refactoring.outgoing(server.documents, params.item)


OF_A_PLACE: dict[str, Callable[[Document, int], Any]] = {
    types.TEXT_DOCUMENT_DEFINITION: names.definition,
    types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: names.highlights,
    types.TEXT_DOCUMENT_HOVER: reading.hover,
    types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY: refactoring.callable_at,
    types.TEXT_DOCUMENT_SIGNATURE_HELP: reading.signature,
}
OF_A_TEXT: dict[str, Callable[[Document], Any]] = {
    types.TEXT_DOCUMENT_CODE_LENS: reading.lenses,
    types.TEXT_DOCUMENT_DOCUMENT_LINK: names.links,
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: names.symbols,
    types.TEXT_DOCUMENT_FOLDING_RANGE: structure.folding,
    types.TEXT_DOCUMENT_FORMATTING: changing.formatting,
    types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL: structure.tokens,
}
OF_A_PART: dict[str, Callable[[Document, types.Range], Any]] = {
    types.TEXT_DOCUMENT_INLAY_HINT: reading.hints,
    types.TEXT_DOCUMENT_RANGE_FORMATTING: changing.formatting,
}
REQUESTS: dict[str, Callable[[Server, Any], Any]] = {
    types.CALL_HIERARCHY_INCOMING_CALLS: _incoming,
    types.CALL_HIERARCHY_OUTGOING_CALLS: _outgoing,
    types.TEXT_DOCUMENT_CODE_ACTION: _actions,
    types.TEXT_DOCUMENT_COMPLETION: _completion,
    types.TEXT_DOCUMENT_DIAGNOSTIC: _diagnostic,
    types.TEXT_DOCUMENT_PREPARE_RENAME: _prepare_rename,
    types.TEXT_DOCUMENT_REFERENCES: _references,
    types.TEXT_DOCUMENT_RENAME: _rename,
    types.TEXT_DOCUMENT_SELECTION_RANGE: _selections,
    types.WORKSPACE_SYMBOL: _workspace_symbols,
}
OPTIONS: dict[str, Any] = {
    types.TEXT_DOCUMENT_CODE_ACTION: types.CodeActionOptions(
        [
            types.CodeActionKind.QuickFix,
            types.CodeActionKind.RefactorExtract,
            types.CodeActionKind.RefactorInline,
        ]
    ),
    types.TEXT_DOCUMENT_COMPLETION: types.CompletionOptions(trigger_characters=TRIGGERS),
    types.TEXT_DOCUMENT_DIAGNOSTIC: types.DiagnosticOptions(
        inter_file_dependencies=True, workspace_diagnostics=False
    ),
    types.TEXT_DOCUMENT_RENAME: types.RenameOptions(prepare_provider=True),
    types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL: structure.LEGEND,
    types.TEXT_DOCUMENT_SIGNATURE_HELP: types.SignatureHelpOptions(trigger_characters=["(", ","]),
}
"""What a server promises of a request, beside that it answers it."""
