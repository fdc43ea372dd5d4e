"""The reference as a page of Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.diagnostics import codes
from archdsl.manual.entries import Entry, entries
from archdsl.manual.examples import is_of_layers, worked
from archdsl.manual.facts import facts, figures
from archdsl.manual.layouts import ops_by_layout
from archdsl.manual.syntax import Notation, notations
from archdsl.manual.text import declared, grouped, where

HEAD = """\
# Reference

The syntax, every name that a spec can use without declaring it, and every diagnostic code. In a
terminal, `archdsl ops` lists the names, and `archdsl explain conv` shows an entry of this page.
`python -m tools.reference_page` writes this page.

- A signature is a call with all defaults. Arguments before `*` can be positional, as in
  `conv(64, 3, 2)`; those after it need a keyword, as in `pad=1`. Without `*`, every argument
  can be either. `…` is a default computed from the other arguments.
- Shapes omit the batch: an image is `[channels, height, width]`, features are `[features]`.
  The number of input channels is never an argument: it is inferred.
- `[3, 32, 32] | conv(8, 3) -> [8, 32, 32]` means that the layer turns a tensor of the first shape
  into one of the second; only this page writes it so. Every example was run, and its figures were
  counted.
"""


def page() -> str:
    """The whole page."""
    groups = [*grouped(entries().values())]
    contents = ["- [Syntax](#syntax)"]
    contents += [f"- [{title}](#{_anchor(title)}): {_names(found)}" for title, found in groups]
    contents.append("- [Codes](#codes)")
    sections = [_section(title, found) for title, found in groups]
    return "\n".join([HEAD, *contents, "", _syntax(), *sections, _codes()])


def _anchor(title: str) -> str:
    return title.lower().replace(":", "").replace(" ", "-")


def _names(found: list[Entry]) -> str:
    return ", ".join(f"[`{entry.name}`](#{entry.name})" for entry in found)


def _syntax() -> str:
    head = "## Syntax\n\nAlso in a terminal: `archdsl explain network`, `archdsl explain '->'`.\n"
    return "\n".join([head, *map(_notation, notations())])


def _notation(notation: Notation) -> str:
    title = ", ".join(f"`{name}`" for name in notation.names)
    form, example = f"```\n{notation.form}\n```\n", f"```arch\n{notation.example}\n```\n"
    table = [*_layouts()] if notation.is_of_layouts else []
    return "\n".join([f"### {title}\n", form, *_text(notation.about), *table, example])


def _layouts() -> Iterator[str]:
    """The table of ops by where they want the channels."""
    yield "| channels | ops |\n|---|---|"
    for row, names in ops_by_layout().items():
        yield f"| {row} | {', '.join(f'[`{name}`](#{name})' for name in names)} |"
    yield ""


def _section(title: str, found: list[Entry]) -> str:
    return "\n".join([f"## {title}\n", *[_entry(entry) for entry in found]])


def _entry(entry: Entry) -> str:
    lines = [f"### {entry.name}", "", f"`{entry.signature}`", "", *_text(entry.about)]
    lines += [*_where(entry), *_parameters(entry), *_facts(entry), *_examples(entry)]
    return "\n".join([*lines, ""])


def _where(entry: Entry) -> list[str]:
    return [where(entry), ""] if where(entry) else []


def _text(text: str) -> list[str]:
    """Prose, in which `*` and `<` stand for themselves, as they do in code."""
    parts = text.split("`")
    prose = [each.replace("*", "\\*").replace("<", "&lt;") for each in parts[::2]]
    parts[::2] = prose
    return ["`".join(parts), ""] if text else []


def _parameters(entry: Entry) -> Iterator[str]:
    if any(each.about for each in entry.parameters):
        yield "| parameter | default | what it is | takes |\n|---|---|---|---|"
        for each in entry.parameters:
            shown = f"`{each.told_default}`" if each.told_default else ""
            yield f"| `{each.name}` | {shown} | {each.about} | {each.takes} |"
        yield ""


def _facts(entry: Entry) -> Iterator[str]:
    for word, text in facts(entry, code="`").items():
        yield f"- {word}: {text}"
    if facts(entry):
        yield ""


def _examples(entry: Entry) -> Iterator[str]:
    if entry.text:
        yield f"```arch\n{declared(entry)}\n```\n"
    of_numbers = [example for example in entry.examples if not is_of_layers(example)]
    if of_numbers:
        yield "```arch\n" + "\n".join(f"assert {example}" for example in of_numbers) + "\n```"
    for index, example in enumerate(each for each in entry.examples if is_of_layers(each)):
        if index == 0:
            first = worked(entry, example)
            yield f"```arch\n{first.text}\n# {figures(first.graph)}\n```"
        else:
            yield ("\n" if index == 1 else "") + f"- `{example}`"


def _codes() -> str:
    head = "## Codes\n\n`archdsl explain E0301` shows an example of each, wrong and right.\n"
    rows = [f"| {code} | {meaning.title} |" for code, meaning in codes().items()]
    return "\n".join([head, "| code | what it is |\n|---|---|", *rows, ""])
