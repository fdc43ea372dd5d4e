"""`archdsl bench`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from archdsl.cli.arguments import ALLOW_EXTERN, FORMAT, OPEN_SIZES, SET, open_sizes_of
from archdsl.cli.modules import make_all, missing
from archdsl.cli.report import finish, print_json, show, use_color
from archdsl.cli.specs import ONE_NETWORK
from archdsl.diagnostics import Diagnostic, has_errors
from archdsl.render import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archdsl.bench import Measurement, Subject


MEASURED = (
    "MiB: on a GPU the peak memory of a step, including weights and inputs; on a CPU the bytes kept"
    " for backward in training, as hooks see them"
)


@click.command()
@ONE_NETWORK
@click.option(
    "--against",
    metavar="torchvision:NAME|FILE:NETWORK",
    help="Time a second network in the same rounds.",
)
@click.option(
    "--batch", type=click.IntRange(1), default=8, show_default=True, help="Set the batch size."
)
@click.option(
    "--rounds",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    help="Set the number of measurement rounds.",
)
@OPEN_SIZES
@SET
@ALLOW_EXTERN
@FORMAT
def bench(
    file: str,
    against: str | None,
    batch: int,
    rounds: int,
    sizes: tuple[str, ...],
    values: tuple[str, ...],
    externs: tuple[str, ...],
    form: str,
) -> None:
    """Time inference and training of a network.

    Measures eager and compiled code, in all memory layouts and precisions, on the GPU
    if there is one.
    """
    open_sizes = open_sizes_of(sizes)
    diagnostics = missing("torch", "torch")
    subjects: list[Subject] = []
    if not diagnostics:
        subjects, diagnostics = _subjects(file, against, values, open_sizes, externs)
    rows = _measured(subjects, batch, rounds)
    if form == "json":
        print_json(diagnostics, **_data(subjects, rows, batch))
    else:
        show(diagnostics, sys.stderr)
        if rows:
            click.echo(_text(subjects, rows, batch), nl=False)
    finish(diagnostics)


def _subjects(
    file: str,
    against: str | None,
    values: tuple[str, ...],
    sizes: Mapping[str, int],
    externs: tuple[str, ...],
) -> tuple[list[Subject], list[Diagnostic]]:
    """The networks to time; empty after an error, one if there is no reference."""
    from archdsl.bench import PREFIX, Subject, from_torchvision

    is_torchvision = against is not None and against.startswith(PREFIX)
    wanted = [(file, values)]
    if against is not None and not is_torchvision:
        wanted.append((against, ()))
    made, diagnostics = make_all(wanted, sizes, externs=externs)
    # The name of the second includes its file, since both networks may have the same name.
    names = [printable(each.name) for each in made[:1]] + [printable(against or "")]
    subjects = [
        Subject(name, each.module, each.inputs, each.are_last, each.graph)
        for name, each in zip(names, made, strict=False)
    ]
    if against is not None and is_torchvision and subjects:
        other, diagnostics = from_torchvision(against.removeprefix(PREFIX), made[0].inputs)
        subjects += [other] if other else []
    return ([] if has_errors(diagnostics) else subjects), diagnostics


def _measured(subjects: Sequence[Subject], batch: int, rounds: int) -> list[Measurement]:
    if not subjects:
        return []
    from archdsl.bench import measure

    def say(text: str) -> None:
        # Compiling takes minutes, and somebody may be waiting.
        if sys.stderr.isatty():
            click.echo(text, err=True)

    return measure(subjects, batch, rounds, say)


def _data(
    subjects: Sequence[Subject], rows: Sequence[Measurement], batch: int
) -> dict[str, object]:
    """The JSON output besides diagnostics."""
    if not subjects:
        return {"networks": [], "rows": []}
    from archdsl.bench import described

    networks = [{"name": each.name, "params": each.params} for each in subjects]
    return {
        "device": described(),
        "batch": batch,
        "networks": networks,
        "rows": [
            {
                "network": row.network,
                **vars(row.way),
                "images_per_second": row.rates,
                "median": row.median,
                "peak_bytes": row.peak,
                "saved_bytes": row.saved,
                "estimated_bytes": row.estimate,
                "reason": row.reason or None,
            }
            for row in rows
        ],
    }


def _text(subjects: Sequence[Subject], rows: Sequence[Measurement], batch: int) -> str:
    """A table: one row per configuration, the networks side by side."""
    from archdsl.backends.table.grid import Grid, Heading
    from archdsl.backends.table.written import written
    from archdsl.bench import described

    left = ("task", "mode", "layout", "precision", "network")
    right = ("images/s", "lowest", "highest", "ratio", "MiB", "estimated")
    headings = [Heading(name, name) for name in left]
    headings += [Heading(name, name, is_number=True) for name in right]
    headings.append(Heading("", "reason"))
    references = {row.way: row for row in rows if row.network == subjects[-1].name}
    cells = [_cells(row, references[row.way]) for row in rows]
    params = ", ".join(f"{each.name} {each.params:,}" for each in subjects)
    notes = [
        f"{described()}; batches of {batch}; parameters: {params}",
        "images/s: median of the rounds; ratio: to the last network, within a round",
        "fp32: with PyTorch's defaults, which allow TF32 in convolutions on a GPU; bf16: autocast",
        "training: forward, backward and a step of SGD, including auxiliary heads",
        MEASURED,
        "estimated: the same, counted without running it; not for compiled code",
    ]
    grid = Grid("", headings, cells)
    return written("text", {"": grid}, notes, use_color(sys.stdout))


def _cells(row: Measurement, reference: Measurement) -> list[str]:
    """A row of the table; it has a ratio only with a reference."""
    way = row.way
    ratio = None if row is reference else row.ratio(reference)
    three = [row.median, min(row.rates), max(row.rates)] if row.rates else []
    return [
        *(way.task, way.mode, way.layout, way.precision, row.network),
        *([f"{rate:,.1f}" for rate in three] or ["", "", ""]),
        "" if ratio is None else f"{ratio:.2f}",
        *[_mebibytes(row.saved if row.peak is None else row.peak), _mebibytes(row.estimate)],
        row.reason,
    ]


def _mebibytes(size: int | None) -> str:
    return "" if size is None else f"{size / 2**20:,.1f}"
