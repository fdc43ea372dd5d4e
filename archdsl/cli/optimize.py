"""`archdsl optimize`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archdsl.cli.arguments import ALLOW_EXTERN, FORMAT, SET
from archdsl.cli.modules import make, missing
from archdsl.cli.program import STDIN
from archdsl.cli.report import finish, print_file, print_json, say, show
from archdsl.cli.specs import ONE_NETWORK
from archdsl.cli.weights import Checkpoint, checkpoint_of, weights_options
from archdsl.diagnostics import Diagnostic, has_errors
from archdsl.render import path_text, printable

if TYPE_CHECKING:
    from archdsl.rewriting.command import Request
    from archdsl.rewriting.optimize import Optimized
    from archdsl.rewriting.table import Outcome


@click.command()
@ONE_NETWORK
@weights_options()
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Write a spec (.arch) or code (.py), and beside it the weights (.safetensors) if there "
    "are any; `-` prints the spec.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="NAME,...",
    help="Apply these rewrites alone: heads, paths, norms, fold, branches, pointwise, siblings.",
)
@click.option(
    "--for",
    "purpose",
    type=click.Choice(["inference", "training"]),
    default="inference",
    show_default=True,
    help="Apply all rewrites, or those alone that keep training as it is.",
)
@click.option(
    "--map",
    "weight_map",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.json",
    help="Write what every new weight is, as a formula of the old ones.",
)
@click.option(
    "--invert",
    is_flag=True,
    help="Take --weights of the rewritten network, and write those of FILE:NETWORK to -o.",
)
@click.option("--force", is_flag=True, help="Overwrite files that exist.")
@ALLOW_EXTERN
@FORMAT
@SET
def optimize(
    file: str, output: str | None, form: str, values: tuple[str, ...], **options: Any
) -> None:
    """Rewrite a network so that it computes the same with less, with its weights.

        archdsl optimize repvgg:repvgg_a2

        archdsl optimize net.arch --weights best.safetensors -o fast.arch --map map.json

    Rewrites are exact. The rewritten network is compiled and compared with the old one in double
    precision, on these weights and on random ones; unless they are equal, nothing is written. Where
    no rewrite applies, nothing is written either. Without -o, it says what would be done.
    """
    checkpoint = checkpoint_of(options)
    names = _names(options["only"])
    _require_sense(output, checkpoint, options)
    if absent := missing("torch", "torch", "safetensors"):
        show(absent, sys.stderr)
        finish(absent)
    from archdsl.rewriting.command import Request

    request = Request(
        _origin(file, values),
        names,
        options["purpose"] == "training",
        checkpoint.path,
        None if output in (None, STDIN) else Path(output or ""),
        *[options[name] for name in ("weight_map", "invert", "force", "externs")],
    )
    made: Optimized | Outcome | None = None
    diagnostics = request.refused()
    if not diagnostics:
        made, diagnostics = _run(request, file, values, checkpoint)
    _print(made, diagnostics, request, form, output == STDIN)
    finish(diagnostics)


def _require_sense(output: str | None, checkpoint: Checkpoint, options: dict[str, Any]) -> None:
    """Raise a usage error for options of which one would be left out without a word."""
    if not options["invert"]:
        return
    if checkpoint.path is None or output in (None, STDIN):
        raise click.UsageError("--invert takes --weights FILE and -o FILE.safetensors")
    if options["weight_map"] is not None:
        raise click.UsageError("--invert writes weights alone, and no --map")
    if checkpoint.skip or checkpoint.prefix is not None or checkpoint.key is not None:
        raise click.UsageError("--invert takes no --skip, --prefix or --key")


def _origin(file: str, values: tuple[str, ...]) -> str:
    """What the new text says that it was made of, without folders of the machine it was made on."""
    called = file.rpartition("/")[2]
    return printable(f"{called} --set {' '.join(values)}" if values else called)


def _names(only: tuple[str, ...]) -> tuple[str, ...]:
    """The rewrites of `--only`, which must exist."""
    from archdsl.rewriting.table import NAMES

    names = tuple([name.strip() for name in ",".join(only).split(",") if name.strip()])
    for name in names:
        if name not in NAMES:
            raise click.UsageError(f"--only takes {', '.join(NAMES)}, not `{name}`")
    return names


def _run(
    request: Request, file: str, values: tuple[str, ...], checkpoint: Checkpoint
) -> tuple[Optimized | Outcome | None, list[Diagnostic]]:
    from archdsl.rewriting.command import run, run_inverted

    loaded = Checkpoint() if request.invert else checkpoint
    made, diagnostics = make(file, values, {}, loaded, True, request.externs)
    if made is None:
        return None, diagnostics
    if request.invert:
        return None, [*diagnostics, *run_inverted(request, made.graph, made.module)]
    found, more = run(request, made.graph, made.module)
    return found, [*diagnostics, *more]


def _print(
    made: Optimized | Outcome | None,
    diagnostics: list[Diagnostic],
    request: Request,
    form: str,
    is_printed: bool,
) -> None:
    from archdsl.rewriting.report import as_data, lines

    if form == "json":
        print_json(diagnostics, **({} if made is None else as_data(made)))
        return
    show(diagnostics, sys.stderr)
    if made is not None:
        for line in lines(made):
            say(line, err=is_printed)
    if not has_errors(diagnostics):
        _say_files(made, request, is_printed)


def _say_files(made: Any, request: Request, is_printed: bool) -> None:
    from archdsl.rewriting.optimize import Optimized

    is_rewritten = isinstance(made, Optimized)
    if is_printed and is_rewritten:
        print_file(made.text.encode())
        if request.weights:
            say("the weights are not written: `-o FILE` names a place for them", err=True)
    written = request.files if is_rewritten or request.invert else []
    if written:
        say(f"wrote {', '.join(map(path_text, written))}", err=is_printed)
