"""The command line. Heavy packages are imported by the commands that need them."""

from __future__ import annotations

import sys
from io import TextIOWrapper

import click

from archdsl.cli.program import CommandGroup
from archdsl.version import __version__


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="archdsl")
def main() -> None:
    """Compile network architectures to readable PyTorch.

    FILE is a spec (.arch), `-` (standard input), or the name of a shipped network, listed by
    `archdsl networks`. FILE:NETWORK is one network of it.

    Exit codes: 0 success; 1 errors in a spec, or files out of date (`compile --check`); 2 wrong
    usage, or a file or package that is missing or cannot be written; 130 Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows only ASCII gets escapes, and no traceback.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


main.sections |= {
    "Specs": (
        "check",
        "compile",
        "draw",
        "summary",
        "compare",
        "fit",
        "fmt",
        "lsp",
        "mcp",
        "playground",
    ),
    "Running networks": (
        "train",
        "evaluate",
        "predict",
        "features",
        "export",
        "bench",
        "import",
        "optimize",
    ),
    "Reference": ("networks", "ops", "explain"),
}
