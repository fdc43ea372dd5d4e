"""`archdsl export`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archdsl.cli.arguments import ALLOW_EXTERN, OPEN_SIZES, SET, open_sizes_of
from archdsl.cli.modules import make, missing
from archdsl.cli.program import STDIN
from archdsl.cli.report import finish, print_file, say, show
from archdsl.cli.specs import ONE_NETWORK
from archdsl.cli.weights import checkpoint_of, weights_options
from archdsl.diagnostics import Diagnostic
from archdsl.render import path_text

if TYPE_CHECKING:
    from archdsl.cli.modules import Made

PACKAGES = {"onnx": ("torch", "onnx", "onnxscript", "onnxruntime")}
"""The packages that each format needs."""


@click.command()
@ONE_NETWORK
@click.option(
    "--to",
    "form",
    type=click.Choice(["onnx", "torchscript", "torch-export"]),
    required=True,
    help="Set the export format.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="Write to this file, or to standard output (`-`).  [default: generated/NETWORK.SUFFIX]",
)
@weights_options()
@OPEN_SIZES
@SET
@ALLOW_EXTERN
def export(
    file: str,
    form: str,
    output: str | None,
    sizes: tuple[str, ...],
    values: tuple[str, ...],
    externs: tuple[str, ...],
    **weights: Any,
) -> None:
    """Export a network to ONNX, TorchScript or torch.export.

    The results must agree with the module's. The exported network runs inference on batches of
    any size, and on every size that the network leaves open unless --at sets it.
    """
    from archdsl.outputs import SUFFIXES, check_export

    open_sizes, checkpoint = open_sizes_of(sizes), checkpoint_of(weights)
    is_file = output not in (None, STDIN)
    diagnostics = check_export(Path(output or ""), form) if is_file else []
    diagnostics = diagnostics or missing("export", *PACKAGES.get(form, ("torch",)))
    if not diagnostics:
        made, diagnostics = make(file, values, open_sizes, checkpoint, True, externs)
        if made is not None:
            target = Path(output or Path("generated", f"{made.name}{SUFFIXES[form]}"))
            diagnostics += _write(made, form, None if output == STDIN else target)
    show(diagnostics, sys.stderr)
    finish(diagnostics)


def _write(made: Made, form: str, target: Path | None) -> list[Diagnostic]:
    """Export a network and print its difference from the module; returns errors."""
    from archdsl import outputs
    from archdsl.export import accepted_by, export, inputs_of

    accepted, inputs = accepted_by(made.graph, form), inputs_of(made.graph, form)
    exported, diagnostics = export(made.module, made.name, inputs, form)
    if exported is None:
        return diagnostics
    if target is None:
        print_file(exported.content)
    elif refused := outputs.save_file(target, exported.content):
        return refused
    else:
        say(f"wrote {path_text(target)}")
    if accepted.least:
        say(f"accepts {accepted.text()}", err=target is None)
    say(
        f"differs from the module by at most {exported.absolute:.2g},"
        f" {exported.relative:.2g} of the largest result",
        err=target is None,
    )
    if exported.says_little:
        say(
            "with these weights results hardly depend on the image, so that says little;"
            " trained ones come with --weights",
            err=target is None,
        )
    return []
