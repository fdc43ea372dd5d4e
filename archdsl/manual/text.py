"""Entries as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping

from archdsl.manual.entries import Entry, ParameterEntry
from archdsl.manual.examples import is_of_layers, worked
from archdsl.manual.facts import facts, figures
from archdsl.manual.layouts import ops_by_layout
from archdsl.manual.syntax import Notation
from archdsl.syntax.program import PRELUDE

WIDTH = 88
COLUMN = 26
"""Where the summary of a short signature begins."""
TITLES = {
    "op": "Ops: {group}",
    "join": "Joins",
    "function": "Functions: {group}",
    "initialisation": "Initialisations",
    "block": "Blocks: {group}",
}
LEGEND = (
    "Arguments after `*` need a keyword; `…` is a default computed from other arguments. "
    "`archdsl explain NAME` describes one of them."
)


def grouped(entries: Iterable[Entry]) -> Iterator[tuple[str, list[Entry]]]:
    """Entries in their order, those of one kind and group under a title."""
    groups: dict[tuple[str, str], list[Entry]] = {}
    for each in entries:
        groups.setdefault((each.kind, each.group), []).append(each)
    for (kind, group), found in groups.items():
        yield TITLES[kind].format(group=group), found


def where(entry: Entry) -> str:
    """How a block comes into a file."""
    if entry.kind != "block":
        return ""
    return (
        "Every file may use it without an import."
        if entry.group == PRELUDE
        else f"`from {entry.group} import {entry.name}`"
    )


def declared(entry: Entry) -> str:
    """A block's declaration, behind the defaults that apply in it."""
    return "\n\n".join([*entry.defaults, entry.text])


def listed(entries: Mapping[str, Entry]) -> str:
    """All entries, with a line for each."""
    lines = []
    families = sorted(entries.values(), key=lambda each: _order(each, entries))
    for title, found in grouped(families):
        lines += [title, *[line for entry in found for line in _line(entry)], ""]
    return "\n".join([*lines, *textwrap.wrap(LEGEND, WIDTH), ""])


def _order(entry: Entry, entries: Mapping[str, Entry]) -> tuple[int, int]:
    """Kinds in the order of their titles; groups in the order of their first entries."""
    groups = [*dict.fromkeys((each.kind, each.group) for each in entries.values())]
    return [*TITLES].index(entry.kind), groups.index((entry.kind, entry.group))


def _line(entry: Entry) -> list[str]:
    signature = f"  {entry.signature}"
    rest = textwrap.wrap(entry.summary, WIDTH + 12 - COLUMN)
    if len(signature) < COLUMN - 1:
        head = [f"{signature:{COLUMN}}{rest.pop(0)}"]
    else:
        head = textwrap.wrap(entry.signature, WIDTH, initial_indent="  ", subsequent_indent=" " * 6)
    return [*head, *[" " * COLUMN + line for line in rest]]


def described(entry: Entry) -> str:
    """The full description of an entry."""
    parts = [entry.signature, *_paragraphs(entry.about), where(entry)]
    parts += ["\n".join(_parameters(entry.parameters)), "\n".join(_facts(entry))]
    if entry.text:
        parts.append(textwrap.indent(declared(entry), "    "))
    parts += [textwrap.indent("\n".join(_examples(entry)), "    ")]
    return "\n\n".join(filter(None, parts)) + "\n"


def explained(notation: Notation) -> str:
    """All that there is to say about words and signs of the language."""
    example = textwrap.indent(notation.example, "    ")
    table = [_layouts()] if notation.is_of_layouts else []
    return "\n\n".join([notation.form, *_paragraphs(notation.about), *table, example]) + "\n"


def _layouts() -> str:
    """The table of ops by where they want the channels."""
    rows = ops_by_layout()
    width = max(map(len, rows))
    return "\n".join(
        textwrap.fill(
            " ".join(names),
            WIDTH,
            initial_indent=f"  {row:{width}}  ",
            subsequent_indent=" " * (width + 4),
        )
        for row, names in rows.items()
    )


def _paragraphs(text: str) -> list[str]:
    return [textwrap.fill(part, WIDTH, break_on_hyphens=False) for part in text.split("\n\n")]


def _parameters(parameters: tuple[ParameterEntry, ...]) -> Iterator[str]:
    """A line for each parameter that says something of itself."""
    width = max((len(each.name) for each in parameters), default=0)
    for each in parameters:
        if each.about:
            default = f"; default {each.told_default}" if each.told_default else ""
            text = f"{each.about} ({each.takes}{default})"
            head = f"  {each.name:{width}}  "
            yield textwrap.fill(
                head + text, WIDTH, subsequent_indent=" " * len(head), break_on_hyphens=False
            )


def _facts(entry: Entry) -> Iterator[str]:
    for word, text in facts(entry).items():
        yield textwrap.fill(
            f"{word}: {text}", WIDTH, subsequent_indent="  ", break_on_hyphens=False
        )


def _examples(entry: Entry) -> Iterator[str]:
    """The examples, the first one of layers as a network with what it costs."""
    for index, example in enumerate(entry.examples):
        if index == 1 and is_of_layers(example):
            yield "# more of them, as input | layer -> result"
        if index or not is_of_layers(example):
            yield example
        else:
            first = worked(entry, example)
            yield f"{first.text}\n# {figures(first.graph)}"
