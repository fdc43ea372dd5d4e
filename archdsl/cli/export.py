"""`archdsl export`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archdsl.cli.arguments import OPEN_SIZES, SET, open_sizes_of
from archdsl.cli.modules import make, missing
from archdsl.cli.report import finish, show
from archdsl.cli.weights import checkpoint_of, weights_options
from archdsl.diagnostics import Diagnostic
from archdsl.render import printable

if TYPE_CHECKING:
    from archdsl.cli.modules import Made

PACKAGES = {"onnx": ("torch", "onnx", "onnxscript", "onnxruntime")}
"""The packages that each format needs."""


@click.command()
@click.argument("file", metavar="FILE:NETWORK")
@click.option(
    "--to",
    "form",
    type=click.Choice(["onnx", "torchscript", "torch-export"]),
    required=True,
    help="Export format.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Output file.  [default: generated/NETWORK with the format's suffix]",
)
@weights_options()
@OPEN_SIZES
@SET
def export(
    file: str,
    form: str,
    output: Path | None,
    sizes: tuple[str, ...],
    values: tuple[str, ...],
    **weights: Any,
) -> None:
    """Export a network for other programs, after comparing its results with the module's.

    The file accepts batches of any size, and every size that the network leaves open unless --at
    gives it a value. It computes inference.
    """
    from archdsl.outputs import SUFFIXES, check_export

    open_sizes, checkpoint = open_sizes_of(sizes), checkpoint_of(weights)
    diagnostics = check_export(output, form) if output else []
    diagnostics = diagnostics or missing("export", *PACKAGES.get(form, ("torch",)))
    if not diagnostics:
        made, diagnostics = make(file, values, open_sizes, checkpoint, is_open=True)
        if made is not None:
            target = output or Path("generated", f"{made.name}{SUFFIXES[form]}")
            diagnostics += _write(made, form, target)
    show(diagnostics, sys.stderr)
    finish(diagnostics)


def _write(made: Made, form: str, target: Path) -> list[Diagnostic]:
    """Export a network to a file and print its difference from the module; returns errors."""
    from archdsl import outputs
    from archdsl.contracts import contract
    from archdsl.export import Inputs, export

    # Programs that PyTorch traces treat a size of 1 as a constant.
    least_size = 1 if form == "torchscript" else 2
    accepted = contract(made.graph, least_size)
    inputs = Inputs(accepted.inputs, accepted.least)
    exported, diagnostics = export(made.module, made.name, inputs, form)
    if exported is None:
        return diagnostics
    diagnostics = outputs.save_file(target, exported.content)
    if not diagnostics:
        click.echo(f"wrote {printable(str(target))}")
        if accepted.least:
            click.echo(f"accepts {accepted.text()}")
        click.echo(
            f"differs from the module by at most {exported.absolute:.2g},"
            f" {exported.relative:.2g} of the largest result"
        )
    return diagnostics
