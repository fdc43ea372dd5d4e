"""The page for agents, `archdsl/AGENTS.md`: how to write specs, in 60 lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from archdsl.manual.entries import Entry, entries
from archdsl.manual.syntax import Notation, notation_of, notations
from archdsl.manual.text import grouped
from archdsl.syntax.program import PRELUDE

HEAD = """\
# Writing specs for archdsl

A `.arch` file describes neural networks; archdsl infers all shapes and writes PyTorch code.

1. Write the spec. `ops` lists all names, and `explain NAME` says what one takes.
2. `check` it. A mistake has a place, what was `expected` and `found`, and mostly `fixes`. Apply all
   edits of the first fix, then check again. Without a fix, follow `help` and `explain CODE`.
3. Compare `summary` with the paper or model that the network should be, and assert its figures:
   `assert small.params == 10_346`. `compare` shows in which layers two networks differ.
4. `compile` it. Change the spec and never the code: labels are the keys of its weights.

Input channels are never written: they are inferred. Shapes leave out the batch: `[3, 224, 224]` is
an image, `[64]` features, `[196; 768]` tokens. A convolution keeps the size of its input.
Arithmetic, lists, conditions and comments are those of Python.
"""
PYTHONS = {"true", "and", "list", "#", "+", "slice"}
"""What is as in Python, and needs no line."""
ALTERNATIVES = re.compile(r"\s{2,}or\s{2,}")


def guide() -> str:
    """The whole page."""
    example = notation_of("network")
    assert example is not None
    return "\n".join(
        [
            HEAD,
            f"```arch\n{example.example}\n```\n",
            "## Syntax\n",
            *[_notation(each) for each in notations() if PYTHONS.isdisjoint(each.names)],
            "\n## Names: arguments behind `*` need a keyword, `…` is computed from the others\n",
            *_names(entries().values()),
            "",
        ]
    )


def _notation(notation: Notation) -> str:
    """How something is written, and the first sentence on it."""
    forms = " or ".join(f"`{each}`" for each in ALTERNATIVES.split(notation.form))
    about = notation.about.partition("\n")[0]
    sentence = re.match(r".*?\.(?=\s|$)", about)
    return f"- {forms}: {sentence[0] if sentence else about}"


def _names(found: Iterable[Entry]) -> Iterator[str]:
    """A line for the entries of a title; all functions are in one, and all blocks to import."""
    lines: dict[str, list[str]] = {}
    for title, several in grouped(found):
        head, kind, group = title, several[0].kind, several[0].group
        signatures = [f"`{each.signature}`" for each in several]
        if kind == "block" and group != PRELUDE:
            head = "Blocks to import"
            signatures[0] = f"`from {group} import` {signatures[0]}"
        elif kind == "function":
            head = "Functions"
        lines.setdefault(head, []).extend(signatures)
    for head, signatures in lines.items():
        yield f"- {head}: {', '.join(signatures)}"
