"""What commands are given: files, networks in them, values for parameters and sizes, columns."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archdsl.render import path_text, printable

if TYPE_CHECKING:
    from archdsl.arithmetic import Value

FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
TABLE_FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv", "md"]),
    default="text",
    show_default=True,
)
AT = click.option(
    "--at",
    "sizes",
    multiple=True,
    metavar="NAME=SIZE,...",
    help="Values for open sizes, and for `batch`, the number of images that bytes are for.",
)
OPEN_SIZES = click.option(
    "--at", "sizes", multiple=True, metavar="NAME=SIZE,...", help="Values for open sizes."
)
SET = click.option(
    "--set", "values", multiple=True, metavar="NAME=VALUE", help="Another default for a parameter."
)
DEPTH = click.option(
    "--depth",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Fold what lies more names deep into one row.",
)
COLUMNS = click.option(
    "--columns",
    default="output,params,macs",
    show_default=True,
    metavar="NAME,...",
    help="What to say of a layer: output, params, macs, weights, activations, saved, live, field, "
    "stride, centres.",
)


def _notes(context: click.Context, option: click.Parameter, texts: tuple[str, ...]) -> set[str]:
    """The codes of `--silence N0401,N0601`, which must be those of notes."""
    from archdsl.resolve.silence import not_a_note

    names = {name.strip() for name in ",".join(texts).split(",")} if texts else set()
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
    help="Notes not to report, such as N0401; errors are always reported.",
)

BATCH = "batch"
"""What `--at` calls the number of images."""
LARGEST = 2**31
"""No size of an input, and no batch, may be larger."""


def existing(file: str) -> Path:
    """The path of a file that there is."""
    path = Path(file)
    if not os.path.lexists(file):
        raise click.UsageError(f"there is no file `{path_text(file)}`")
    return path


def split(file: str) -> tuple[Path, str | None]:
    """`FILE:NETWORK` in its parts; a file whose name has a colon is found as well."""
    name, colon, network = file.rpartition(":")
    if not colon or os.path.lexists(file):
        return existing(file), None
    return existing(name), network


def ambiguous(path: Path, names: list[str], otherwise: str = "") -> str:
    """What is wrong where one network is wanted of a file with several."""
    shown = path_text(path)
    return (
        f"`{shown}` has {len(names)} networks, and one is wanted: name it,"
        f" as in `{shown}:{names[0]}`{otherwise}"
    )


def settings_of(values: tuple[str, ...]) -> dict[str, Value]:
    """The values of `--set`, which are written as in the language."""
    from archdsl.cli.literals import read_literal

    settings: dict[str, Value] = {}
    for text in values:
        name, equals, literal = text.partition("=")
        value = read_literal(literal) if equals else None
        if value is None:
            shown = printable(text)
            raise click.UsageError(
                f"--set takes NAME=VALUE, where VALUE is a number, true, false, "
                f'a "string" or a [list], not `{shown}`'
            )
        settings[name.strip()] = value
    return settings


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


def columns_of(text: str, known: Collection[str], always: Collection[str]) -> list[str]:
    """The columns of `--columns layer,params`; those that tell the rows apart are always there."""
    from archdsl.diagnostics import suggestion

    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in known:
            help = suggestion(name, known) or f"the columns are {', '.join(known)}"
            raise click.UsageError(f"there is no column `{printable(name)}`; {help}")
    return list(dict.fromkeys([*always, *names]))
