"""With a history, a text is looked at as without one, whatever was asked of it before."""

from __future__ import annotations

import random
from itertools import islice

import pytest

from archdsl import driver
from archdsl.files import LIBRARY_NAME, finder
from archdsl.findings import History
from archdsl.render import as_data
from archdsl.shipped import LIBRARY
from archdsl.source import Source
from archdsl.syntax.program import Find
from archdsl.texts import open_any_text
from tools.edits import Texts, edits, opened, specs

BEYOND = finder(LIBRARY, LIBRARY_NAME)
VALUES = ({}, {"classes": 7}, {"n": 2, "width": 3})


@pytest.mark.parametrize("seed", range(3))
def test_an_edited_text_is_read_and_checked_as_from_scratch(seed: int) -> None:
    compared(seed, 4)


def compared(seed: int, count: int) -> None:
    """Compare what is said after each of a seed's edits."""
    chance, history = random.Random(seed), History()
    path = chance.choice(specs())
    texts = opened(path, chance)
    graphs, _ = driver.read(*_opened(texts))
    asked = [None, *list(graphs)[:2]]
    for edited in islice(edits(texts, chance), count):
        for only in asked:
            source, find = _opened(edited)
            _same(driver.check(source, find, only, history), driver.check(source, find, only))
            for values in VALUES:
                again = driver.read(source, find, only, values, history)
                _same(again, driver.read(source, find, only, values))


def _opened(texts: Texts) -> tuple[Source, Find]:
    modules = {name: text for name, text in texts.items() if name}
    source, find, _ = open_any_text(texts[""], modules, "main.arch", BEYOND)
    return source, find


def _same(one: tuple[object, list[object]], two: tuple[object, list[object]]) -> None:
    assert [as_data(each) for each in one[1]] == [as_data(each) for each in two[1]]
    assert {n: str(g) for n, g in one[0].items()} == {n: str(g) for n, g in two[0].items()}
