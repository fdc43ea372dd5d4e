"""Networks with settings of their own, as in `FILE:NETWORK(width=0.75, depths=[1, 2])`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from archdsl.source import printable

if TYPE_CHECKING:
    from archdsl.arithmetic import Value


def parted(asked: str) -> tuple[str, dict[str, Value]]:
    """`FILE:NETWORK` and the settings in parentheses behind it, which are written as in a spec.

    A file whose name has parentheses is found as well.
    """
    if os.path.lexists(asked) or not asked.endswith(")"):
        return asked, {}
    places = [index for index, character in enumerate(asked) if index and character == "("]
    heads = [index for index in places if _is_there(asked[:index])] or places
    if not heads:
        return asked, {}
    return asked[: heads[0]], _settings(asked[heads[0] + 1 : -1], asked)


def written(settings: dict[str, Value]) -> str:
    """Settings as they stand behind the name of a network; nothing without any."""
    from archdsl.ops.parameters import shown

    listed = ", ".join(f"{name}={shown(value)}" for name, value in settings.items())
    return f"({listed})" if listed else ""


def _is_there(file: str) -> bool:
    """Whether `FILE` or `FILE:NETWORK` names a file that there is."""
    return os.path.lexists(file) or os.path.lexists(file.rpartition(":")[0])


def _settings(text: str, asked: str) -> dict[str, Value]:
    from archdsl.cli.literals import read_settings

    settings = read_settings(text)
    if settings is None:
        raise click.UsageError(
            f"settings are written as in `FILE:NETWORK(width=0.75, depths=[1, 2])`,"
            f" not as in `{printable(asked)}`"
        )
    return settings
