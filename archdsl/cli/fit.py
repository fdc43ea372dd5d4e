"""`archdsl fit`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal

import click

from archdsl.cli.arguments import (
    OPEN_SIZES,
    SET,
    TABLE_FORMAT,
    UNITS,
    open_sizes_of,
    settings_of,
)
from archdsl.cli.complete import complete_setting
from archdsl.cli.report import finish, print_json, show
from archdsl.cli.specs import ONE_NETWORK, ambiguous, split
from archdsl.cli.tables import print_tables
from archdsl.render import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archdsl.backends.table import TableForm
    from archdsl.fitting import Fit, LargestBatch, Question

MOST_ROWS = 24
"""As many rows a table has that people read."""


@click.command()
@ONE_NETWORK
@click.option("--params", metavar="NUMBER", help="Limit the parameters, such as 5M.")
@click.option("--macs", metavar="NUMBER", help="Limit the multiply-adds of an image, such as 600M.")
@click.option(
    "--peak",
    metavar="BYTES",
    help="Limit the memory of inference, such as 8GiB: weights and results.",
)
@click.option(
    "--train-memory", metavar="BYTES", help="Limit the memory of a training step, such as 24GiB."
)
@click.option(
    "--vary",
    multiple=True,
    metavar="NAME[=LOW..HIGH[/STEP]]",
    shell_complete=complete_setting,
    help="Vary a parameter, whole ones in steps of 1, others of 0.05; or several together:"
    ' "depth:1.2**k,width:1.1**k".',
)
@click.option(
    "--steps", metavar="NAME=LOW..HIGH[/STEP]", help="The values of k in factors, as in k=0..4/0.5."
)
@click.option(
    "--batch",
    metavar="N|max",
    help="Set the batch of --peak and --train-memory, or find the largest.",
)
@click.option(
    "--optimizer",
    metavar="NAME",
    help="Set the optimizer: sgd, sgd-without-momentum, adam, adamw, rmsprop, adagrad, lion."
    "  [default: sgd]",
)
@click.option(
    "--precision",
    metavar="fp32|bf16",
    help="Train in float32, or with autocast to bfloat16.  [default: fp32]",
)
@click.option(
    "--checkpoint",
    multiple=True,
    metavar="BLOCK",
    help="Compute this block again in backward instead of keeping its results.",
)
@OPEN_SIZES
@SET
@TABLE_FORMAT
@UNITS
def fit(
    file: str,
    vary: tuple[str, ...],
    steps: str | None,
    sizes: tuple[str, ...],
    values: tuple[str, ...],
    form: TableForm | Literal["json"],
    units: bool,
    **asked: object,
) -> None:
    """Find the largest values of parameters that meet targets.

    With --batch max, find the largest batch. Prints what was tried, and the --set option that gives
    the network the values found.
    """
    from archdsl import driver

    spec = split(file)
    settings = spec.given(settings_of(values))
    question = _question(asked, vary, steps, open_sizes_of(sizes))
    source, find, diagnostics = spec.open()
    found: Fit | LargestBatch | None = None
    if not diagnostics and spec.network is None:
        graphs, _ = driver.read(source, find, None, settings)
        if len(graphs) > 1:
            raise click.UsageError(ambiguous(spec, list(graphs)))
    if not diagnostics:
        found, diagnostics = driver.fit(source, find, spec.network, settings, question)
    if form == "json":
        print_json(diagnostics, **({} if found is None else found.data()))
    else:
        show(diagnostics, sys.stderr)
        if found is not None:
            _print(found, form, units)
    finish(diagnostics)


def _question(
    asked: Mapping[str, object], vary: tuple[str, ...], steps: str | None, sizes: Mapping[str, int]
) -> Question:
    from archdsl.fitting import ask

    try:
        return ask(asked, vary, steps, sizes)
    except ValueError as wrong:
        raise click.UsageError(printable(str(wrong))) from None


def _print(found: Fit | LargestBatch, form: TableForm, units: bool) -> None:
    """The table, and in text the option that gives a network these values."""
    most = None if form == "csv" else MOST_ROWS
    print_tables(form, {found.network: found.grid(most)}, found.notes(most, units), units)
    if form == "text" and found.set_option:
        click.echo(f"\n{found.set_option}")
