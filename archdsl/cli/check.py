"""`archdsl check`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from archdsl.cli.arguments import FORMAT, SILENCE, existing
from archdsl.cli.report import finish, print_json, show
from archdsl.diagnostics import Diagnostic, has_errors
from archdsl.render import printable

if TYPE_CHECKING:
    from archdsl.contracts import Contract
    from archdsl.graph import Graph


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@SILENCE
@FORMAT
def check(files: tuple[str, ...], form: str, silenced: set[str]) -> None:
    """Report all that is wrong with specs, and what sizes their networks take.

    Asserts are verified too.
    """
    from archdsl import driver
    from archdsl.contracts import contract
    from archdsl.files import open_main

    diagnostics: list[Diagnostic] = []
    networks: list[dict[str, object]] = []
    for path in [existing(file) for file in files]:
        source, find, found = open_main(path)
        graphs: dict[str, Graph] = {}
        if not found:
            graphs, found = driver.check(source, find)
            found = [each for each in found if each.code not in silenced]
        diagnostics += found
        contracts = {name: contract(graph) for name, graph in graphs.items()}
        file = {"file": printable(source.name)}
        networks += [{"name": n, **file, **each.as_data()} for n, each in contracts.items()]
        if form == "text":
            show(found, sys.stdout)
            if not has_errors(found):
                click.echo(f"{printable(source.name)}: no errors{_listed([*graphs])}")
                _show_contracts(contracts)
    if form == "json":
        print_json(diagnostics, networks=networks)
    finish(diagnostics)


def _show_contracts(contracts: Mapping[str, Contract]) -> None:
    """What the networks ask of the sizes that they do not fix."""
    for name, contract in contracts.items():
        if contract.least:
            click.echo(f"  {printable(name)}: {printable(contract.text())}")


def _listed(names: list[str]) -> str:
    if not names:
        return ""
    return f" ({len(names)} network{'s' if len(names) > 1 else ''})"
