"""`archdsl check`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from archdsl.annotations import as_github, as_sarif
from archdsl.cli.arguments import ALLOW_EXTERN, CHECK_FORMAT, SILENCE
from archdsl.cli.modules import missing
from archdsl.cli.report import print_json, say, show
from archdsl.cli.specs import FILES, several
from archdsl.cli.watch import WATCH, Watch, repeat
from archdsl.diagnostics import Diagnostic, has_errors
from archdsl.render import printable

if TYPE_CHECKING:
    from archdsl.contracts import Contract
    from archdsl.graph import Graph
    from archdsl.specs import RequestedSpec


@click.command()
@FILES
@SILENCE
@CHECK_FORMAT
@WATCH
@click.option(
    "--with-torch",
    is_flag=True,
    help="Compare every `extern` with its class; --allow-extern names the packages to import.",
)
@ALLOW_EXTERN
def check(
    files: tuple[str, ...],
    form: str,
    silenced: set[str],
    with_torch: bool,
    externs: tuple[str, ...],
    is_watching: bool,
) -> None:
    """Check specs, and print the input sizes that networks accept.

    Reports errors and failed asserts. For a folder, checks all specs in it.
    """
    if is_watching and form != "text":
        raise click.UsageError("--watch shows a screen, which has the format text")
    if externs and not with_torch:
        raise click.UsageError("--allow-extern is for --with-torch: `check` alone imports nothing")
    allowed = externs if with_torch else None
    repeat(is_watching, files, lambda watch: _check(files, form, silenced, allowed, watch))


def _check(
    files: tuple[str, ...],
    form: str,
    silenced: set[str],
    allowed: tuple[str, ...] | None,
    watch: Watch,
) -> list[list[Diagnostic]]:
    """Check all specs, and print what there is to say; the diagnostics of each.

    Classes of others are compared with their declarations if there are `allowed` packages.
    """
    from archdsl.contracts import contract

    diagnostics: list[list[Diagnostic]] = []
    everything: dict[object, Diagnostic] = {}
    networks: list[dict[str, object]] = []
    specs = several(files)
    if any(spec.settings for spec in specs):
        raise click.UsageError("check takes no settings: asserts are about the defaults")
    for spec in specs:
        name, graphs, found = _checked(spec, watch)
        found = [each for each in found if each.code not in silenced]
        found += [] if allowed is None else _differences(graphs, allowed)
        diagnostics.append(found)
        # A mistake in an import is one of every file that imports it.
        new = {key: each for each in found if (key := _key(each)) not in everything}
        everything |= new
        contracts = {network: contract(graph) for network, graph in graphs.items()}
        networks += [{"name": n, "file": name, **c.as_data()} for n, c in contracts.items()]
        if form == "text":
            _show(name, found, [*new.values()], contracts)
    if form == "json":
        print_json([*everything.values()], networks=networks)
    elif form != "text":
        written = as_sarif if form == "sarif" else as_github
        click.echo(written(everything.values()), nl=False)
    return diagnostics


def _key(found: Diagnostic) -> object:
    """What is the same for a mistake that is met again."""
    steps = [(step.name, str(step.called_at)) for step in found.expansion]
    return str(found), found.span.end, found.expected, found.found, tuple(steps)


def _checked(spec: RequestedSpec, watch: Watch) -> tuple[str, dict[str, Graph], list[Diagnostic]]:
    """The name of a file, its networks, and what there is to say of it."""
    from archdsl import driver

    source, find, found = watch.open(spec)
    graphs: dict[str, Graph] = {}
    if not found:
        graphs, found = driver.check(source, find, spec.network, watch.history)
    return printable(source.name), graphs, found


def _show(
    name: str, found: list[Diagnostic], new: list[Diagnostic], contracts: Mapping[str, Contract]
) -> None:
    """Print what is wrong with a file, or else its networks and the sizes that they accept.

    What is not `new` was printed before.
    """
    show(new, sys.stdout)
    if not has_errors(found):
        say(f"{name}: no errors{_listed([*contracts])}")
        _show_contracts(contracts)
    elif not has_errors(new):
        say(f"{name}: stopped by errors that are shown above")


def _differences(graphs: Mapping[str, Graph], externs: tuple[str, ...]) -> list[Diagnostic]:
    """Errors for classes of others that are not what their declarations say."""
    if not any(node.op and node.op.is_foreign for graph in graphs.values() for node in graph):
        return []
    if absent := missing("torch", "torch"):
        return absent
    from archdsl.externs.signatures import differences

    return differences([*graphs.values()], externs, is_asked=True)


def _show_contracts(contracts: Mapping[str, Contract]) -> None:
    """The constraints of networks on their open sizes."""
    for name, contract in contracts.items():
        if contract.least:
            say(f"  {printable(name)}: {printable(contract.text())}")


def _listed(names: list[str]) -> str:
    if not names:
        return ""
    return f" ({len(names)} network{'s' if len(names) > 1 else ''})"
