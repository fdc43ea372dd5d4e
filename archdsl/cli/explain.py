"""`archdsl explain`."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from archdsl.cli.complete import Items, complete_code


def _complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """A code with its title, or a name with what it is."""
    from archdsl.manual import entries, notations

    known = {name: each.about for each in notations() for name in each.names if name.isalpha()}
    known |= {each.name: each.summary for each in entries().values()}
    names = [name for name in known if incomplete and name.startswith(incomplete)]
    items = [CompletionItem(name, help=known[name]) for name in names]
    return [*complete_code(context, parameter, incomplete), *items]


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("name", metavar="[CODE|NAME]", default="", shell_complete=_complete)
def explain(name: str) -> None:
    """Explain a diagnostic code, word, sign, op, function or block.

    Without a name, list all codes.
    """
    from archdsl.diagnostics import codes
    from archdsl.manual.explanation import Unexplained, explanation

    if not name:
        click.echo("\n".join(f"{code}  {meaning.title}" for code, meaning in codes().items()))
        return
    try:
        click.echo(explanation(name), nl=False)
    except Unexplained as unknown:
        raise click.UsageError(str(unknown)) from None
