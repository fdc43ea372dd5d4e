"""The command line. Heavy packages are imported by the commands that need them."""

from __future__ import annotations

import sys
from io import TextIOWrapper

import click

from archdsl.cli.bench import bench
from archdsl.cli.check import check
from archdsl.cli.compare import compare
from archdsl.cli.compile import compile
from archdsl.cli.draw import draw
from archdsl.cli.evaluate import evaluate
from archdsl.cli.explain import explain
from archdsl.cli.export import export
from archdsl.cli.networks import networks
from archdsl.cli.ops import ops
from archdsl.cli.predict import predict
from archdsl.cli.program import CommandGroup
from archdsl.cli.summary import summary
from archdsl.cli.train import train
from archdsl.version import __version__


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="archdsl")
def main() -> None:
    """Compile network architectures to readable PyTorch.

    FILE is a spec, `-` standard input, and NETWORK alone one that ships: `archdsl networks` lists
    them.

    Exit codes: 0 fine; 1 errors in a spec, or what `compile --check` finds; 2 wrong usage, or
    something other than a spec that is missing or in the way; 130 after Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows only ASCII gets escapes, and no traceback.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


for command in (
    check,
    compile,
    draw,
    summary,
    compare,
    train,
    evaluate,
    predict,
    export,
    bench,
    networks,
    ops,
    explain,
):
    main.add_command(command)
