"""`archdsl lsp`."""

from __future__ import annotations

import os
import sys

import click


@click.command()
def lsp() -> None:
    """Start the language server, which editors talk to over standard input and output."""
    try:
        from archdsl.server.service import run
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        help = "pip install -c constraints.txt '.[lsp]'"
        raise click.UsageError(f"the language server needs the extra `lsp`: {help}") from None
    run()
    sys.stderr.flush()
    # To take all graphs and modules apart one by one costs half a second, and the editor waits.
    os._exit(0)
