"""`archdsl export`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archdsl.cli.arguments import OPEN_SIZES, SET, open_sizes_of
from archdsl.cli.modules import make, missing
from archdsl.cli.program import STDIN
from archdsl.cli.report import finish, print_file, say, show
from archdsl.cli.specs import ONE_NETWORK
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
    help="Export format.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="File, or `-` for standard output.  [default: generated/NETWORK with the format's suffix]",
)
@click.option(
    "--weights",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="State dict to export, .pth or .safetensors.  [default: random weights]",
)
@OPEN_SIZES
@SET
def export(
    file: str,
    form: str,
    output: str | None,
    weights: Path | None,
    sizes: tuple[str, ...],
    values: tuple[str, ...],
) -> None:
    """Export a network for other programs, after comparing its results with the module's.

    The file accepts batches of any size and computes inference.
    """
    from archdsl.outputs import SUFFIXES, check_export

    open_sizes = open_sizes_of(sizes)
    is_file = output not in (None, STDIN)
    diagnostics = check_export(Path(output or ""), form) if is_file else []
    diagnostics = diagnostics or missing("export", *PACKAGES.get(form, ("torch",)))
    if not diagnostics:
        made, diagnostics = make(file, values, open_sizes, weights)
        if made is not None:
            target = Path(output or Path("generated", f"{made.name}{SUFFIXES[form]}"))
            diagnostics += _write(made, form, None if output == STDIN else target)
    show(diagnostics, sys.stderr)
    finish(diagnostics)


def _write(made: Made, form: str, target: Path | None) -> list[Diagnostic]:
    """Export a network and print its difference from the module; returns errors."""
    from archdsl import outputs
    from archdsl.export import export

    exported, diagnostics = export(made.module, made.name, made.inputs, form)
    if exported is None:
        return diagnostics
    if target is None:
        print_file(exported.content)
    elif refused := outputs.save_file(target, exported.content):
        return refused
    else:
        say(f"wrote {path_text(target)}")
    say(
        f"differs from the module by at most {exported.absolute:.2g},"
        f" {exported.relative:.2g} of the largest result",
        err=target is None,
    )
    return []
