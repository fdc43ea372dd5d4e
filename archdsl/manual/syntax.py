"""The words and signs of the language, as `syntax.toml` describes them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Notation:
    """What there is to say about some words or signs; `example` is a whole spec."""

    names: tuple[str, ...]
    form: str
    about: str
    example: str

    @property
    def is_of_layouts(self) -> bool:
        """Whether it stands beside the table of the layouts that ops take."""
        return ";" in self.names


@cache
def notations() -> tuple[Notation, ...]:
    """All of them, in the order in which the reference describes them."""
    text = files("archdsl.manual").joinpath("syntax.toml").read_text(encoding="utf-8")
    return tuple(
        Notation(tuple(row["names"]), row["form"], row["about"], row["example"].strip())
        for row in tomllib.loads(text)["notation"]
    )


def notation_of(name: str) -> Notation | None:
    """What explains a word or sign; None where the language has none of this name."""
    return next((each for each in notations() if name in each.names), None)
