"""What `archdsl explain` says of a code or name."""

from __future__ import annotations

import textwrap

from archdsl.diagnostics import Code, codes, suggestion
from archdsl.manual.entries import entries
from archdsl.manual.facts import of_pytorch
from archdsl.manual.syntax import notation_of
from archdsl.manual.text import described, explained
from archdsl.resolve.foreign import instead_of
from archdsl.source import printable


class Unexplained(LookupError):
    """There is nothing of this name; the message says what there is instead."""


def explanation(name: str) -> str:
    """The description of a code, word, sign, op, function or block.

    Raises `Unexplained`.
    """
    if name.upper() in codes():
        return f"{_of_code(codes()[name.upper()])}\n"
    if name in entries():
        return described(entries()[name])
    if notation := notation_of(name):
        return explained(notation)
    raise Unexplained(_instead(name))


def _of_code(meaning: Code) -> str:
    text = textwrap.fill(meaning.explanation.strip(), 88, break_on_hyphens=False)
    example = textwrap.indent(meaning.example.strip("\n"), "    ")
    return f"{meaning.code}: {meaning.title}\n\n{text}\n\n{example}"


def _instead(name: str) -> str:
    """What a name that is unknown was meant as."""
    what = "code" if name[:1] in "EN" and name[1:].isdecimal() else "code or name"
    if what == "code":
        nearest = suggestion(name.upper(), codes())
    else:
        foreign = of_pytorch(name, entries())
        nearest = f"`{foreign}` is its name here" if foreign else instead_of(name, entries())
    help = nearest or "`archdsl ops` lists the names, `archdsl explain` the codes"
    return f"there is no {what} `{printable(name)}`; {help}"
