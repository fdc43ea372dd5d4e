"""`archdsl playground`."""

from __future__ import annotations

from pathlib import Path

import click

BUILD = "python playground/build.py DIR"


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Listen at this port; 0 takes any that is free.",
)
def playground(folder: Path, port: int) -> None:
    """Serve a built playground on this machine.

    DIR is the folder that `python playground/build.py DIR` writes in a clone of archdsl.
    """
    from archdsl.playground.serve import HOST, missing, server

    if lacks := missing(folder):
        help = f"in a clone of archdsl, with Node and npm, `{BUILD}` builds it"
        raise click.UsageError(f"`{folder}` is no built playground: no `{lacks[0]}`; {help}")
    try:
        found = server(folder, port)
    except OSError as refused:
        message = f"port {port} cannot be used: {refused.strerror}; choose another with `--port`"
        raise click.UsageError(message) from None
    with found:
        address = f"http://{HOST}:{found.server_port}/"
        click.echo(f"the playground is at {address} (Ctrl-C ends it)")
        found.serve_forever()
