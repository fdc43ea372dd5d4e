"""Files that change outside of the editor, which watches them for the server."""

from __future__ import annotations

from lsprotocol import types
from pygls.capabilities import get_capability
from pygls.lsp.server import LanguageServer

from archdsl.shipped import SUFFIX

WATCHES = "workspace.did_change_watched_files.dynamic_registration"


def watch(server: LanguageServer) -> None:
    """Ask the editor to tell when a spec changes on disk, if it can be asked."""
    if get_capability(server.client_capabilities, WATCHES):
        options = types.DidChangeWatchedFilesRegistrationOptions(
            [types.FileSystemWatcher(f"**/*{SUFFIX}")]
        )
        method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        registration = types.Registration("specs", method, options)
        server.client_register_capability(types.RegistrationParams([registration]))


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
