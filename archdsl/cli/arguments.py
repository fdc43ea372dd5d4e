"""Options that commands share: values for parameters and sizes, columns, formats."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from archdsl import network
from archdsl.cli.complete import complete_setting, complete_size
from archdsl.render import printable

if TYPE_CHECKING:
    from archdsl.arithmetic import Value

FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Set the output format.",
)
CHECK_FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
    help="Set the output format; `github` annotates lines in a workflow.",
)
TABLE_FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv", "md", "tex"]),
    default="text",
    show_default=True,
    help="Set the output format.",
)
AT = click.option(
    "--at",
    "sizes",
    multiple=True,
    metavar="NAME=SIZE,...",
    shell_complete=complete_size,
    help="Set open sizes, such as h=224, and `batch`, the batch size for byte counts.",
)
OPEN_SIZES = click.option(
    "--at",
    "sizes",
    multiple=True,
    metavar="NAME=SIZE,...",
    shell_complete=complete_size,
    help="Set open sizes by name, such as h=224,w=224; with h=14 an input of 16 * h is 224 high.",
)
SET = click.option(
    "--set",
    "values",
    multiple=True,
    metavar="NAME=VALUE,...",
    shell_complete=complete_setting,
    help="Set parameters, such as width=0.5,depths=[2,2].",
)
ALLOW_EXTERN = click.option(
    "--allow-extern",
    "externs",
    multiple=True,
    metavar="PACKAGE",
    help="Import classes that the spec declares as `extern` from this package, and run its code.",
)
DEPTH = click.option(
    "--depth",
    type=click.IntRange(1),
    default=network.DEPTH,
    show_default=True,
    help="Show layers up to this depth; fold deeper ones.",
)
COLUMNS = click.option(
    "--columns",
    default=",".join(network.COLUMNS),
    show_default=True,
    metavar="NAME,...",
    help="Show these columns: output, params, macs, weights, activations, saved, live, field, "
    "stride, centres, arguments.",
)
UNITS = click.option(
    "--units",
    is_flag=True,
    help="Abbreviate numbers: 25.6 M, 4.1 G, 97.7 MiB. JSON keeps exact numbers.",
)


def _notes(context: click.Context, option: click.Parameter, texts: tuple[str, ...]) -> set[str]:
    """The codes of `--silence N0401,N0601`, which must be those of notes."""
    from archdsl.resolve.silence import not_a_note

    names = {name.strip().upper() for name in ",".join(texts).split(",")} if texts else set()
    for name in sorted(names):
        if refusal := not_a_note(name):
            raise click.UsageError("; ".join(printable(part) for part in refusal if part))
    return names


SILENCE = click.option(
    "--silence",
    "silenced",
    multiple=True,
    callback=_notes,
    metavar="CODE,...",
    help="Do not report these notes, such as N0401.",
)

BATCH = "batch"
"""The name of the batch size in `--at`."""
LARGEST = 2**31
"""No size of an input, and no batch, may be larger."""


def settings_of(values: Collection[str]) -> dict[str, Value]:
    """The values of `--set width=0.5,depths=[2,2]`, which are written as in the language."""
    from archdsl.cli.literals import read_literal

    settings: dict[str, Value] = {}
    for text in [piece for each in values for piece in pieces(each)]:
        name, equals, literal = (part.strip() for part in text.partition("="))
        value = read_literal(literal) if equals else None
        if value is None:
            shown = printable(text.strip())
            raise click.UsageError(
                f"--set takes NAME=VALUE,..., where VALUE is a number, true, false, "
                f'a "string" or a [list], not `{shown}`'
            )
        if name in settings:
            raise click.UsageError(f"--set has `{printable(name)}` twice")
        settings[name] = value
    return settings


def pieces(text: str) -> Iterator[str]:
    """The parts of a text between commas, except commas in lists and strings."""
    depth = start = 0
    for part in re.finditer(r'"[^"]*"|[][,]', text):
        depth += {"[": 1, "]": -1}.get(part[0], 0)
        if part[0] == "," and depth <= 0:
            yield text[start : part.start()]
            start = part.end()
    yield text[start:]


def sizes_of(texts: Collection[str]) -> tuple[dict[str, int], int]:
    """The sizes of `--at h=224,w=224,batch=8` by name, and the batch, which is 1 unless said."""
    sizes = open_sizes_of(texts)
    return sizes, sizes.pop(BATCH, 1)


def open_sizes_of(texts: Collection[str]) -> dict[str, int]:
    """The sizes of `--at h=224,w=224` by name."""
    sizes: dict[str, int] = {}
    for text in ",".join(texts).split(",") if texts else ():
        name, equals, number = (part.strip() for part in text.partition("="))
        if not (name.isidentifier() and equals and number.isascii() and number.isdecimal()):
            shown = printable(text.strip())
            raise click.UsageError(
                f"--at takes NAME=SIZE,..., such as h=224,batch=8, not `{shown}`"
            )
        if not 1 <= len(number) <= 10 or not 1 <= int(number) <= LARGEST:
            raise click.UsageError(f"--at takes sizes from 1 to {LARGEST:,} for `{name}`")
        if name in sizes:
            raise click.UsageError(f"--at has `{name}` twice")
        sizes[name] = int(number)
    return sizes


def columns_of(text: str, known: Collection[str], always: Sequence[str]) -> list[str]:
    """The columns of `--columns layer,params`; those that tell the rows apart are always there."""
    from archdsl.backends.table import chosen

    try:
        return chosen([name.strip() for name in text.split(",")], known, always)
    except ValueError as unknown:
        raise click.UsageError(printable(str(unknown))) from None
