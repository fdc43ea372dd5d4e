"""`archdsl mcp`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
def mcp() -> None:
    """Start the server of tools for agents, over standard input and output.

    They read specs below the working folder, and write nothing.
    """
    try:
        from archdsl.agents.service import made
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        help = "pip install -c constraints.txt '.[mcp]'"
        raise click.UsageError(f"the server of tools needs the extra `mcp`: {help}") from None
    made(Path.cwd()).run()
