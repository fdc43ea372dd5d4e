"""A server for this machine alone, of the files of one folder: a built playground."""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
KNOWN_BY = ("index.html", "page.js", "packages.bin", "worker.js")
"""Files by which a built folder is known, even one that has lost others."""
NEEDED = (*KNOWN_BY, "look.css", "viewer.html", "examples.json", "pyodide/pyodide.mjs")
POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
"""What workers may do. They have the policy of their own file, which only a server can give them;
pages bring theirs along."""
TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm"}


def is_built(folder: Path) -> bool:
    """Whether a folder is a playground that `playground/build.py` has built."""
    return all((folder / name).is_file() for name in KNOWN_BY)


def missing(folder: Path) -> list[str]:
    """The files that a folder lacks without which it is no whole playground."""
    return [name for name in NEEDED if not (folder / name).is_file()]


class Files(SimpleHTTPRequestHandler):
    """Files with the types that browsers ask for, whatever this machine calls them."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | TYPES

    def end_headers(self) -> None:
        """Add what keeps a page from others, and a worker from the network."""
        if self.path.endswith((".js", ".mjs")):
            self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def copyfile(self, source: Any, outputfile: Any) -> None:
        """Send a file, unless the page has gone away meanwhile."""
        try:
            super().copyfile(source, outputfile)
        except ConnectionError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of single requests."""


def server(folder: Path, port: int) -> ThreadingHTTPServer:
    """A server of a folder, which waits for `serve_forever`; raises `OSError` for a port in use."""
    return ThreadingHTTPServer((HOST, port), partial(Files, directory=str(folder)))
