"""The command line. Heavy packages are imported by the commands that need them."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import click

from archdsl.render import printable
from archdsl.version import __version__

if TYPE_CHECKING:
    from archdsl.arithmetic import Value
    from archdsl.contracts import Contract
    from archdsl.diagnostics import Diagnostic
    from archdsl.graph import Graph

FORMAT_VERSION = 1
"""The version of what `--format json` prints; ARCHITECTURE.md describes it."""

USAGE_CODES = frozenset({"E0911", "E0912"})
"""Mistakes in the command, not in the spec: they exit with 2."""

READ_ENOUGH = 141
"""What a shell reports of a program that wrote to a closed pipe."""

FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
SET = click.option(
    "--set", "values", multiple=True, metavar="NAME=VALUE", help="Another default for a parameter."
)


class Program(click.Group):
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


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="archdsl")
def main() -> None:
    """Compile network architectures to readable PyTorch.

    Exit codes: 0 fine, 1 errors in the spec, 2 wrong usage, or output that cannot be written.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows only ASCII gets escapes, and no traceback.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@main.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@FORMAT
def check(files: tuple[str, ...], form: str) -> None:
    """Report all that is wrong with specs, and what sizes their networks take.

    Asserts are verified too.
    """
    from archdsl import driver
    from archdsl.contracts import contract
    from archdsl.files import open_main

    diagnostics: list[Diagnostic] = []
    networks: list[dict[str, object]] = []
    for path in [_existing(file) for file in files]:
        source, find, found = open_main(path)
        graphs: dict[str, Graph] = {}
        if not found:
            graphs, found = driver.check(source, find)
        diagnostics += found
        contracts = {name: contract(graph) for name, graph in graphs.items()}
        file = {"file": printable(source.name)}
        networks += [{"name": n, **file, **each.as_data()} for n, each in contracts.items()]
        if form == "text":
            _show(found, sys.stdout)
            if not driver.has_errors(found):
                click.echo(f"{printable(source.name)}: no errors{_listed([*graphs])}")
                _show_contracts(contracts)
    if form == "json":
        _print_json(diagnostics, networks=networks)
    _exit(diagnostics)


def _show_contracts(contracts: Mapping[str, Contract]) -> None:
    """What the networks ask of the sizes that they do not fix."""
    for name, contract in contracts.items():
        if contract.least:
            click.echo(f"  {printable(name)}: {printable(contract.text())}")


@main.command()
@click.argument("file", metavar="FILE[:NETWORK]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default="generated",
    show_default=True,
    metavar="DIR",
    help="The folder to write to.",
)
@SET
@click.option("--force", is_flag=True, help="Overwrite a file even if it was edited by hand.")
def compile(file: str, output: Path, values: tuple[str, ...], force: bool) -> None:
    """Write a spec, or one of its networks, as a Python file."""
    from archdsl import driver, outputs
    from archdsl.files import open_main

    path, network = _split(file)
    settings = _settings(values)
    name = network or path.stem
    source, find, diagnostics = open_main(path)
    text = ""
    if not diagnostics:
        text, diagnostics = driver.compile(source, find, network, settings)
    if not driver.has_errors(diagnostics):
        diagnostics += outputs.save(output, name, text, path.name, force)
    _show(diagnostics, sys.stderr)
    if not driver.has_errors(diagnostics):
        click.echo(f"wrote {printable(str(output / name))}.py")
    _exit(diagnostics)


@main.command()
@click.argument("file", metavar="FILE[:NETWORK]")
@click.option(
    "--depth",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Fold what lies more names deep into one row.",
)
@SET
@FORMAT
def summary(file: str, depth: int, values: tuple[str, ...], form: str) -> None:
    """Print the layers of networks with their shapes, parameters and multiply-adds."""
    from archdsl import driver
    from archdsl.backends import table
    from archdsl.files import open_main

    path, network = _split(file)
    settings = _settings(values)
    source, find, diagnostics = open_main(path)
    graphs: dict[str, Graph] = {}
    if not diagnostics:
        graphs, diagnostics = driver.read(source, find, network, settings)
    summaries = [table.summarize(graph, depth) for graph in graphs.values()]
    if form == "json":
        _print_json(diagnostics, networks=[table.as_data(one) for one in summaries])
    else:
        _show(driver.errors(diagnostics), sys.stderr)
        color = _color(sys.stdout)
        click.echo("\n".join(table.as_text(one, color) for one in summaries), nl=False)
    _exit(diagnostics)


@main.command()
@click.argument("code")
def explain(code: str) -> None:
    """Tell what the code of an error means, with an example."""
    from archdsl.diagnostics import codes, suggestion

    known = codes()
    meaning = known.get(code.upper())
    if meaning is None:
        help = suggestion(code.upper(), known)
        message = f"there is no code `{printable(code)}`" + (f"; {help}" if help else "")
        raise click.UsageError(message)
    click.echo(f"{meaning.code}: {meaning.title}\n")
    click.echo(textwrap.fill(meaning.explanation.strip(), 88, break_on_hyphens=False))
    click.echo("\n" + textwrap.indent(meaning.example.strip("\n"), "    "))


def _existing(file: str) -> Path:
    path = Path(file)
    if not os.path.lexists(file):
        raise click.UsageError(f"there is no file `{printable(file)}`")
    return path


def _split(file: str) -> tuple[Path, str | None]:
    """`FILE:NETWORK` in its parts; a file whose name has a colon is found as well."""
    name, colon, network = file.rpartition(":")
    if not colon or os.path.lexists(file):
        return _existing(file), None
    return _existing(name), network


def _settings(values: tuple[str, ...]) -> dict[str, Value]:
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


def _show(diagnostics: list[Diagnostic], stream: TextIO) -> None:
    from archdsl.render import as_text

    click.echo(as_text(diagnostics, _color(stream)), file=stream, nl=False)


def _print_json(diagnostics: list[Diagnostic], **content: object) -> None:
    from archdsl.render import as_data

    found = [as_data(diagnostic) for diagnostic in diagnostics]
    document = {"version": FORMAT_VERSION, "diagnostics": found, **content}
    click.echo(json.dumps(document, indent=2))


def _color(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _listed(names: list[str]) -> str:
    if not names:
        return ""
    return f" ({len(names)} network{'s' if len(names) > 1 else ''})"


def _exit(diagnostics: list[Diagnostic]) -> NoReturn:
    codes = {diagnostic.code for diagnostic in diagnostics if diagnostic.severity == "error"}
    sys.exit(0 if not codes else 2 if codes <= USAGE_CODES else 1)
