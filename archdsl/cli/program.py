"""A program: what all commands have in common, and how they end."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn

import click

READ_ENOUGH = 141
"""The exit code of a program that wrote to a closed pipe."""
INTERRUPTED = 130
"""The exit code of a program stopped with Ctrl-C."""

STDIN = "-"
"""The argument for standard input."""
STDIN_NETWORK = "<stdin>:"
"""What `-:` becomes before the name of a network: click takes all that begins with `-` for an
option."""

NAME_KEY, QUIET_KEY, STDIN_USED = "archdsl.name", "archdsl.quiet", "archdsl.stdin"
"""Keys of a context: the name of standard input, `--quiet`, and whether the input is in use."""


class Commands(MutableMapping[str, click.Command]):
    """The commands of some sections by name, each imported when it is first asked for."""

    def __init__(self, sections: Mapping[str, Sequence[str]]) -> None:
        self._sections = sections
        self._imported: dict[str, click.Command] = {}

    def __iter__(self) -> Iterator[str]:
        return chain(*self._sections.values())

    def __len__(self) -> int:
        return sum(len(names) for names in self._sections.values())

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._imported:
            if not any(name in names for names in self._sections.values()):
                raise KeyError(name)
            attribute = MODULES.get(name, name)
            module = import_module(f"archdsl.cli.{attribute}")
            self[name] = getattr(module, attribute)
        return self._imported[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        """Keep a command, with the options that all have."""
        takes_spec = any(each.name in ("file", "files") for each in command.params)
        command.params += [_quiet(), _color(), *([StdinName()] if takes_spec else [])]
        self._imported[name] = command

    def __delitem__(self, name: str) -> None:
        del self._imported[name]


MODULES = {"import": "import_model"}
"""The modules of commands whose names are keywords of Python."""


class CommandGroup(click.Group):
    """The commands; none ends in a traceback if its output cannot be written."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.sections: dict[str, tuple[str, ...]] = {}
        """The titles in `--help`, each with the names of its commands."""
        self.commands = Commands(self.sections)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands of `--help` by section."""
        width = max(map(len, self.commands), default=0)
        for title, names in self.sections.items():
            rows = [
                (name.ljust(width), self.commands[name].get_short_help_str(70)) for name in names
            ]
            with formatter.section(title):
                formatter.write_dl(rows)

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run the command line, or complete one for a shell."""
        if any(name.endswith("_COMPLETE") for name in os.environ):
            import_module("archdsl.cli.complete")
        return super().main(*arguments, **options)

    def make_context(
        self, info_name: str | None, args: list[str], *more: Any, **extra: Any
    ) -> click.Context:
        """Read the command line; `--help` and `--version` write already."""
        with _written():
            args = [_readable(each) for each in args]
            return super().make_context(info_name, args, *more, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        with _written():
            return super().invoke(ctx)


class StdinName(click.Option):
    """`--name`, which only standard input can have."""

    def __init__(self) -> None:
        help = "Treat standard input, `-`, as this file in messages, imports and outputs."
        super().__init__(["--name"], metavar="NAME.arch", expose_value=False, help=help)

    def handle_parse_result(
        self, ctx: click.Context, opts: Any, args: list[str]
    ) -> tuple[Any, list[str]]:
        """Keep the name for whoever opens standard input."""
        name = opts.get("name")
        if isinstance(name, str) and not ctx.resilient_parsing:
            if not any(each == STDIN or each.startswith(STDIN_NETWORK) for each in _specs(opts)):
                raise click.UsageError("--name is for standard input, which is `-`", ctx)
            if not name.isprintable() or not Path(name).name or name.endswith("/"):
                raise click.UsageError("--name takes the name of a file, such as net.arch", ctx)
            ctx.meta[NAME_KEY] = name
        return super().handle_parse_result(ctx, opts, args)


def _specs(typed: Mapping[str, object]) -> list[str]:
    """The specs among what was typed, where click has marks of its own for what was not."""
    files = typed.get("files")
    several = files if isinstance(files, list | tuple) else ()
    found = [*several, typed.get("file"), typed.get("against")]
    return [each for each in found if isinstance(each, str)]


def _quiet() -> click.Option:
    return click.Option(
        ["-q", "--quiet"],
        is_flag=True,
        expose_value=False,
        callback=_keep_quiet,
        help="Print only errors and results.",
    )


def _keep_quiet(context: click.Context, _: click.Parameter, value: bool) -> None:
    context.meta[QUIET_KEY] = value


def _color() -> click.Option:
    return click.Option(
        ["--color"],
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        expose_value=False,
        callback=_keep_color,
        help="Colour the output.  [default: auto]",
    )


def _keep_color(context: click.Context, _: click.Parameter, value: str) -> None:
    """Decide for the context; None leaves it to the stream whether it is a terminal."""
    context.color = {"always": True, "never": False}.get(value)
    if value == "auto" and os.environ.get("NO_COLOR"):
        context.color = False
    elif value == "auto" and os.environ.get("FORCE_COLOR"):
        context.color = True


def _readable(argument: str) -> str:
    """An argument as click can read it."""
    return STDIN_NETWORK + argument[2:] if argument.startswith("-:") else argument


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
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
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
