"""Messages as they come in: which cannot be read, and which nobody waits for any more."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Generator
from typing import Any
from urllib.parse import unquote

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol, lsp_method

from archdsl.server.input import Input

STALE = types.LSPErrorCodes.ContentModified
ASK_AGAIN = types.LSPErrorCodes.ServerCancelled
TICK = 0.001
"""Seconds until it is looked again whether more messages have come."""
LONGEST = 1.0
"""Seconds for which a request waits at most, if more and more come."""


class Messages(LanguageServerProtocol):
    """The protocol, in which a request that cannot be read is answered too: somebody waits."""

    input: Input | None = None
    """What messages are read from."""

    def structure_message(self, data: dict[str, Any]) -> Any:
        """A message as an object; raises `JsonRpcException`."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._send_response(data["id"], error=error.to_response_error())
            raise

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(
        self, params: types.DidChangeTextDocumentParams
    ) -> Generator[Any, Any, None]:
        """Take a new version of a text, also of one that was never opened: it comes whole."""
        about = params.text_document
        if unquote(about.uri) not in self.workspace.text_documents:
            self.workspace.put_text_document(types.TextDocumentItem(about.uri, "arch", 0, ""))
        yield from super().lsp_text_document__did_change(params)

    async def read_all(self) -> None:
        """Wait until the messages are handled that have come in already."""
        until = asyncio.get_running_loop().time() + LONGEST
        await asyncio.sleep(0)
        while self.input is not None and not self.input.is_exhausted:
            if asyncio.get_running_loop().time() > until:
                break
            await asyncio.sleep(TICK)


Request = Callable[[Any], Any]


def last(
    protocol: Messages, texts: dict[str, str], method: str, answer: Request
) -> Callable[[Any], Awaitable[Any]]:
    """The answer to a request, unless an edit or a cancellation came in behind it.

    Editors ask after each edit, and in a storm of these they have no use for all but the last
    answers, each of which may take longer than the next edit.
    """

    async def answered(params: Any) -> Any:
        uri = params.text_document.uri if hasattr(params, "text_document") else ""
        asked_of = texts.get(uri)
        await protocol.read_all()
        if texts.get(uri) is not asked_of:
            raise _outdated(method)
        return answer(params)

    return answered


def _outdated(method: str) -> JsonRpcException:
    message = "the text was edited"
    if method == types.TEXT_DOCUMENT_DIAGNOSTIC:
        # A client that is told no more would show no mistakes until the next edit.
        again = types.DiagnosticServerCancellationData(retrigger_request=True)
        return JsonRpcException(message, ASK_AGAIN, again)
    return JsonRpcException(message, STALE)


def hush() -> None:
    """Write no traceback of a request that is refused: the client has the reason."""
    logging.getLogger("pygls.protocol.json_rpc").addFilter(_is_fault)


def _is_fault(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    expected = (*map(int, types.LSPErrorCodes),)
    return not (isinstance(error, JsonRpcException) and error.code in expected)
