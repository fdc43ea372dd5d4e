"""`archdsl explain`."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from archdsl.cli.complete import Items, complete_code
from archdsl.render import printable

if TYPE_CHECKING:
    from archdsl.diagnostics import Code


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

    known = codes()
    if not name:
        click.echo("\n".join(f"{code}  {meaning.title}" for code, meaning in known.items()))
    elif name.upper() in known:
        click.echo(_of_code(known[name.upper()]))
    else:
        click.echo(_of_name(name), nl=False)


def _of_code(meaning: Code) -> str:
    text = textwrap.fill(meaning.explanation.strip(), 88, break_on_hyphens=False)
    example = textwrap.indent(meaning.example.strip("\n"), "    ")
    return f"{meaning.code}: {meaning.title}\n\n{text}\n\n{example}"


def _of_name(name: str) -> str:
    """The description of a word, op, function or block; raises a usage error for unknown names."""
    from archdsl.diagnostics import codes, suggestion
    from archdsl.manual import described, entries, explained, notation_of, of_pytorch
    from archdsl.resolve.foreign import instead_of

    known = entries()
    if name in known:
        return described(known[name])
    if notation := notation_of(name):
        return explained(notation)
    what = "code" if name[:1] in "EN" and name[1:].isdecimal() else "code or name"
    if what == "code":
        nearest = suggestion(name.upper(), codes())
    else:
        foreign = of_pytorch(name, known)
        nearest = f"`{foreign}` is its name here" if foreign else instead_of(name, known)
    help = nearest or "`archdsl ops` lists the names, `archdsl explain` the codes"
    raise click.UsageError(f"there is no {what} `{printable(name)}`; {help}")
