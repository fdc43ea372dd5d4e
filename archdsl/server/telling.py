"""What the server says of its own accord, once edits have settled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from lsprotocol import types
from pygls.capabilities import get_capability
from pygls.lsp.server import LanguageServer

from archdsl.server import changing
from archdsl.server.documents import Documents
from archdsl.work import rest

SETTLED = 0.2
"""Seconds without an edit before diagnostics are sent to a client that does not ask for them."""
PAUSE = 1.0
"""Seconds without an edit after which memory is tidied up."""


class Notices:
    """Diagnostics for clients that do not ask for them; else that they should ask again.

    An edit may change what holds of other texts, which import the one that is edited.
    """

    def __init__(self, server: LanguageServer, documents: Documents) -> None:
        self.server, self.documents = server, documents
        self.timers: dict[Callable[[], object], asyncio.TimerHandle] = {}
        self.edited: set[str] = set()
        self.sent: dict[str, list[types.Diagnostic]] = {}
        self.has_others = False
        """Whether something was said of another text that may no longer hold."""

    def changed(self, uri: str) -> None:
        """A text is another one. Edits that follow each other fast are looked at once."""
        self.edited.add(uri)
        self.has_others |= any(each != uri for each in self.documents.outdated())
        self._later(SETTLED, self._tell)
        self._later(PAUSE, rest)

    def closed(self, uri: str) -> None:
        """A text is no longer open, so nothing is wrong with it; its file counts for others."""
        self.changed(uri)
        if self.sent.pop(uri, None):
            self._send(uri, [])

    def files_changed(self) -> None:
        """Files are others that texts may import."""
        self.has_others = True
        self._later(SETTLED, self._tell)

    def _later(self, seconds: float, act: Callable[[], object]) -> None:
        if act in self.timers:
            self.timers[act].cancel()
        self.timers[act] = asyncio.get_event_loop().call_later(seconds, act)

    def _tell(self) -> None:
        if not get_capability(self.server.client_capabilities, "text_document.diagnostic"):
            self._publish()
        elif self.has_others:
            refresh(self.server)
        self.edited, self.has_others = set(), False

    def _publish(self) -> None:
        for document in self.documents:
            found = changing.diagnostics(document)
            if document.uri in self.edited or found != self.sent.get(document.uri, []):
                self._send(document.uri, found)
                self.sent[document.uri] = found

    def _send(self, uri: str, found: list[types.Diagnostic]) -> None:
        self.server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found))


def refresh(server: LanguageServer) -> None:
    """Let the editor ask again for all that it shows of the texts, where it can."""
    requests = {
        "workspace.diagnostics": server.workspace_diagnostic_refresh,
        "workspace.inlay_hint": server.workspace_inlay_hint_refresh,
        "workspace.code_lens": server.workspace_code_lens_refresh,
    }
    for capability, request in requests.items():
        if get_capability(server.client_capabilities, f"{capability}.refresh_support"):
            request(None)
