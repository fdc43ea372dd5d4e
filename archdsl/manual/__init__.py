"""Descriptions of everything a spec can use: ops, functions, initialisations and blocks.

Everything comes from its own definition: an op's from its class (`ops/`), a function in
`resolve/words.py`, an initialisation in `ops/initializers.py`, a block in `library/`, where the
comment behind a declaration is its example. `entries.py` collects, `examples.py` runs the examples,
`facts.py` says what follows from them, and `text.py` and `page.py` write it, for a terminal and as
`library/REFERENCE.md`.
"""

from __future__ import annotations

from archdsl.manual.entries import Entry, ParameterEntry, entries
from archdsl.manual.facts import of_pytorch
from archdsl.manual.page import page
from archdsl.manual.text import described, listed

__all__ = ["Entry", "ParameterEntry", "described", "entries", "listed", "of_pytorch", "page"]
