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
from archdsl.cli.features import features
from archdsl.cli.fit import fit
from archdsl.cli.fmt import fmt
from archdsl.cli.import_model import import_model
from archdsl.cli.lsp import lsp
from archdsl.cli.mcp import mcp
from archdsl.cli.networks import networks
from archdsl.cli.ops import ops
from archdsl.cli.optimize import optimize
from archdsl.cli.playground import playground
from archdsl.cli.predict import predict
from archdsl.cli.program import CommandGroup
from archdsl.cli.summary import summary
from archdsl.cli.train import train
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


SECTIONS = {
    "Specs": (check, compile, draw, summary, compare, fit, fmt, lsp, mcp, playground),
    "Running networks": (train, evaluate, predict, features, export, bench, import_model, optimize),
    "Reference": (networks, ops, explain),
}
for title, commands in SECTIONS.items():
    for command in commands:
        main.add_command(command)
    main.sections[title] = [str(command.name) for command in commands]
