"""Descriptions of everything a spec can use: syntax, ops, functions, initialisations and blocks.

Everything comes from its own definition: an op's from its class (`ops/`), a function in
`resolve/words.py`, an initialisation in `ops/initializers.py`, a block in `library/`, where the
comment behind a declaration is its example. `entries.py` collects, `examples.py` runs the examples,
`facts.py` says what follows from them, and `text.py` and `page.py` write it, for a terminal and as
`library/REFERENCE.md`. The words and signs of the language are described in `syntax.toml`.
"""

from __future__ import annotations

from archdsl.manual.entries import Entry, ParameterEntry, entries
from archdsl.manual.facts import of_pytorch
from archdsl.manual.page import page
from archdsl.manual.syntax import notation_of, notations
from archdsl.manual.text import described, explained, listed

__all__ = [
    "Entry",
    "ParameterEntry",
    "described",
    "entries",
    "explained",
    "listed",
    "notation_of",
    "notations",
    "of_pytorch",
    "page",
]
