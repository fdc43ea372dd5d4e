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
from archdsl.render import printable

if TYPE_CHECKING:
    from archdsl.cli.modules import Made

PACKAGES = {"onnx": ("torch", "onnx", "onnxscript", "onnxruntime")}
"""What a form takes beside PyTorch."""


@click.command()
@ONE_NETWORK
@click.option(
    "--to",
    "form",
    type=click.Choice(["onnx", "torchscript", "torch-export"]),
    required=True,
    help="The form.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="A file, or `-` for standard output.  [default: generated/NETWORK with the form's suffix]",
)
@click.option(
    "--weights",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A state dict, .pth or .safetensors, in place of fresh weights.",
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
    """Write a network for other programs, after its results were compared with the module's.

    The file takes batches of any size; it is what the network computes in inference.
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
            diagnostics = _write(made, form, None if output == STDIN else target)
    show(diagnostics, sys.stderr)
    finish(diagnostics)


def _write(made: Made, form: str, target: Path | None) -> list[Diagnostic]:
    """Export a network to a file or to standard output, and say how exact that is.

    What went wrong.
    """
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
        say(f"wrote {printable(str(target))}")
    say(
        f"differs from the module by {exported.absolute:.2g} at most,"
        f" {exported.relative:.2g} of the largest result",
        err=target is None,
    )
    return []
