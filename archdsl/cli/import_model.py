"""`archdsl import`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archdsl.cli.program import STDIN
from archdsl.cli.report import finish, print_file, say, show
from archdsl.diagnostics import Diagnostic, has_errors
from archdsl.render import path_text

if TYPE_CHECKING:
    from archdsl.importing import Imported


@click.command("import")
@click.argument("target", metavar="MODULE:FACTORY|FILE")
@click.option(
    "--args",
    "given",
    multiple=True,
    metavar="VALUE",
    help="An argument of the factory, VALUE or NAME=VALUE: a literal of Python, or a word.",
)
@click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="SHAPE",
    help="The sizes of an input without the batch, `3,224,224`; of whole numbers `128 < 30522`.",
)
@click.option(
    "--weights",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Prove the text with these weights of the model too.",
)
@click.option(
    "--path",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="FOLDER",
    help="Search this folder for the module first; `.` is the current one.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE.arch",
    help="Write to this file, or to standard output (`-`).  [default: NAME.arch]",
)
@click.option(
    "--partial",
    is_flag=True,
    help="Write an `extern` for each module that the language has no ops for.",
)
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
def import_model(
    target: str,
    given: tuple[str, ...],
    inputs: tuple[str, ...],
    weights: Path | None,
    folder: Path | None,
    output: str | None,
    partial: bool,
    force: bool,
) -> None:
    """Turn a model in Python, or a network in a file, into a spec, proved equal to it.

    This RUNS the Python of MODULE, with all that it does: import only what you trust. FACTORY is a
    function or a class that makes the model, called with --args, or the model itself.

    FILE is an ONNX file (`.onnx`), of which only the operators are run, or an exported program
    (`.pt2`): one from a stranger RUNS CODE that it carries.

        archdsl import torchvision.models:resnet50

        archdsl import timm:create_model --args repvgg_a2

        archdsl import net:make --args depth=3 --input 3,32,32 --path .

        archdsl import net.onnx

    The text is compiled and compared with the model: keys, shapes, results in evaluation and in
    training without dropout, and gradients; a file in evaluation alone. Unless all are equal,
    nothing is written. With --partial, a module that the language has no ops for is left to its
    class, and its package has to be allowed (`--allow-extern`) where the network is run.
    """
    _import_to(output, force, target, given, inputs, weights, folder, partial)


def _import_to(output: str | None, force: bool, target: str, *given: Any) -> None:
    """Import what a command names, and write it."""
    from archdsl.cli.modules import missing

    is_onnx = target.endswith(".onnx")
    packages = ("torch", "onnx", "onnxruntime") if is_onnx else ("torch",)
    diagnostics = missing("import-onnx" if is_onnx else "import", *packages)
    if not diagnostics:
        from archdsl.importing.command import run

        imported, diagnostics = run(target, *given)
        if imported is not None:
            diagnostics += _write(imported, output, force)
    show(diagnostics, sys.stderr)
    finish(diagnostics)


def _write(imported: Imported, output: str | None, force: bool) -> list[Diagnostic]:
    """Write the spec of a model; what went wrong."""
    from archdsl.outputs import save_spec

    if output == STDIN:
        print_file(imported.text.encode())
        return []
    path = Path(output or f"{imported.network}.arch")
    diagnostics = save_spec(path, imported.text, force)
    if not has_errors(diagnostics):
        say(f"wrote {path_text(path)}: {imported.proof}")
        if imported.externs:
            say(f"left to their classes: {', '.join(imported.externs)}")
    return diagnostics
