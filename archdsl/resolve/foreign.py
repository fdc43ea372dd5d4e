"""Names of other libraries, and what to write instead: `foreign.toml`, and names that are near."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

from archdsl.diagnostics import suggestion
from archdsl.fixes import Help, write

ONE_WORD = re.compile(r"write `(\w+)`(;.*)?")
"""An answer that can stand wherever the name does."""
ONE_CALL = re.compile(r"write `(\w+)\([\d, ]+\)`([:;].*)?")
"""An answer whose name can stand wherever the name is called with as few arguments."""
FEWER = {"conv": 2, "conv_transpose": 2}
"""So many arguments are too few in PyTorch, whose first are the channels that come in; else one."""


def instead_of(name: str, known: Iterable[str], count: int | None = None) -> str:
    """The help for an unknown name: first by meaning, then by spelling.

    `count` is the number of positional arguments that it is called with, if it is called.
    """
    candidates = [*known]
    same = next((each for each in candidates if plain(each) == plain(name)), "")
    if same:
        return write(same)
    foreign = table()["names"].get(plain(name), "")
    if foreign:
        word, call = ONE_WORD.fullmatch(foreign), ONE_CALL.fullmatch(foreign)
        if call is not None and count is not None and count <= FEWER.get(call[1], 1):
            word = call
        return Help(foreign, word[1]) if word else foreign.format(name=name)
    # A name that means something elsewhere is no misspelled other one.
    return "" if plain(name) in table()["parameters"] else suggestion(name, candidates)


def parameter_instead(keyword: str, parameters: Sequence[str]) -> str:
    """The help for an unknown keyword; may be empty."""
    if own := parameter_of(keyword, parameters):
        return write(f"{own}=", own)
    return table()["needless"].get(plain(keyword), "") or suggestion(keyword, parameters)


def parameter_of(keyword: str, parameters: Sequence[str]) -> str:
    """Which of these parameters a keyword means by its name here or elsewhere; may be empty."""
    if keyword in parameters:
        return keyword
    names = [keyword, *table()["parameters"].get(plain(keyword), "").split()]
    own = {plain(name): name for name in parameters}
    return next((own[plain(name)] for name in names if plain(name) in own), "")


def word_instead(word: str) -> str:
    """The help for a string that a parameter does not accept; may be empty."""
    return table()["words"].get(plain(word), "")


def plain(name: str) -> str:
    """A name without case and underscores."""
    return name.lower().replace("_", "")


@cache
def table() -> dict[str, dict[str, str]]:
    """The tables of `foreign.toml`, by plain names."""
    text = files("archdsl.resolve").joinpath("foreign.toml").read_text(encoding="utf-8")
    return {title: _rows(rows) for title, rows in tomllib.loads(text).items()}


def _rows(rows: dict[str, str]) -> dict[str, str]:
    return {plain(name): answer for names, answer in rows.items() for name in names.split()}
