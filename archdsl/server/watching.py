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
