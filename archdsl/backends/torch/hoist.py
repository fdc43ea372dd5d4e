"""Long expressions that stand several times in a constructor get a variable of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableSequence, Sequence

from archdsl.backends.torch.layout import CONTINUED, Block
from archdsl.backends.torch.names import unused

STRING = r"""f?"(?:[^"\\]|\\.)*"|f?'(?:[^'\\]|\\.)*'"""


def hoist(
    block: MutableSequence[str | Block], compound: Mapping[str, str], taken: set[str]
) -> None:
    """Name what stands twice or more in a block of statements, then in the blocks within it.

    `compound` are the texts in question, each with the name that its variable would have. A name
    serves again once the statements that read it are behind.
    """
    bound = set(_bound(block))
    busy: dict[str, int] = {}
    for text in sorted(compound, key=lambda each: (_places(block, each)[:1], -len(each))):
        places = _places(block, text)
        if len(places) < 2 or bound & set(re.findall(r"\w+", text)):
            continue
        first = _start(block, places[0])
        name = _name(compound[text], first, busy, taken | bound)
        block[:] = [_replaced(part, text, name) for part in block]
        block.insert(first, f"{name} = {text}")
        busy = {each: last + (last >= first) for each, last in busy.items()}
        busy[name] = places[-1] + 1
    for inner in block:
        if isinstance(inner, list):
            hoist(inner, compound, taken | bound)


def _places(block: Block, text: str) -> list[int]:
    """The statements that a text stands in, each as often as it does."""
    return [place for place, part in enumerate(block) for _ in range(_count(part, text))]


def _start(block: Sequence[str | Block], place: int) -> int:
    """The first line of the statement that a place belongs to."""
    while place:
        part = block[place]
        if isinstance(part, str) and not part.startswith(CONTINUED):
            break
        place -= 1
    return place


def _bound(block: Block) -> Iterator[str]:
    """The variables of loops within a block, which have no value before it."""
    for part in block:
        if isinstance(part, str):
            for targets in re.findall(r"\bfor (.+?) in ", part):
                yield from re.findall(r"\w+", targets)
        else:
            yield from _bound(part)


def _name(wanted: str, first: int, busy: Mapping[str, int], taken: set[str]) -> str:
    """A variable that no statement from the first on reads already."""
    free = {name for name, last in busy.items() if last < first}
    return unused(wanted, taken - free | (busy.keys() - free))


def _count(part: str | Block, text: str) -> int:
    if isinstance(part, str):
        return sum(bool(found[1]) for found in _pattern(text).finditer(part))
    return sum(_count(inner, text) for inner in part)


def _replaced(part: str | Block, text: str, name: str) -> str | Block:
    if isinstance(part, str):
        named = _pattern(text).sub(lambda found: name if found[1] else found[0], part)
        bare = re.compile(rf"{STRING}|(?<![\w)\]])\(({name})\)")
        return bare.sub(lambda found: found[1] or found[0], named)
    return [_replaced(inner, text, name) for inner in part]


def _pattern(text: str) -> re.Pattern[str]:
    """A string, or else the text (group 1) as a whole argument or operand.

    It is no part of a longer word, and no operand that binds less than what stands beside it.
    """
    before = r"(?:(?<=\belse )|(?<![\w.*/%+-] ))(?<![\w.-])"
    behind = r"(?![\w.(\[])(?! [*/%+<>=!-])(?! (?:if|and|or|in|not) )"
    whole = rf"{before}({re.escape(text)}){behind}"
    return re.compile(f"{STRING}|{whole}")
