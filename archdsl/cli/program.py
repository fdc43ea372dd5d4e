"""A program whose output may have no place to go."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

import click

READ_ENOUGH = 141
"""What a shell reports of a program that wrote to a closed pipe."""


class CommandGroup(click.Group):
    """The commands, of which none ends in a traceback where its output has no place to go."""

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        """Read the command line; `--help` and `--version` write already."""
        with _written():
            return super().make_context(*arguments, **options)

    def invoke(self, context: click.Context) -> Any:
        """Run a command."""
        with _written():
            return super().invoke(context)


@contextmanager
def _written() -> Iterator[None]:
    """End the program where what it writes cannot be written."""
    if sys.stderr is None:
        # Python has no stream at all where the caller closed it.
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115
    if sys.stdout is None:
        _end(2, "there is no standard output to write to")
    try:
        yield
    except BrokenPipeError:
        _end(READ_ENOUGH)
    except OSError as error:
        _end(2, f"the output cannot be written: {(error.strerror or str(error)).lower()}")


def _end(code: int, message: str = "") -> NoReturn:
    if message:
        with suppress(OSError):
            click.echo(f"Error: {message}", err=True)
    for stream in filter(None, (sys.stdout, sys.stderr)):
        # What Python still holds for a stream would fail once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    sys.exit(code)
