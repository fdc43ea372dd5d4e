"""What commands are given: files, networks in them, and values for parameters."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archdsl.render import printable

if TYPE_CHECKING:
    from archdsl.arithmetic import Value

FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
SET = click.option(
    "--set", "values", multiple=True, metavar="NAME=VALUE", help="Another default for a parameter."
)


def existing(file: str) -> Path:
    """The path of a file that there is."""
    path = Path(file)
    if not os.path.lexists(file):
        raise click.UsageError(f"there is no file `{printable(file)}`")
    return path


def split(file: str) -> tuple[Path, str | None]:
    """`FILE:NETWORK` in its parts; a file whose name has a colon is found as well."""
    name, colon, network = file.rpartition(":")
    if not colon or os.path.lexists(file):
        return existing(file), None
    return existing(name), network


def settings_of(values: tuple[str, ...]) -> dict[str, Value]:
    """The values of `--set`, which are written as in the language."""
    from archdsl.driver import read_literal

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
