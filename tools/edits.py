"""Random edits of specs, as somebody makes them who writes one, good and bad."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

Texts = dict[str, str]
"""The main text under "", and those of its imports by their names."""

ROOT = Path(__file__).parents[1]
FOLDERS = ("specs", "tests/examples", "tests/errors", "tests/claims", "tests/code")
WORDS = re.compile(r"\w+|[^\w\s]+|\s+")
DECLARATION = re.compile(r"^(?=(?:block|network|let|assert|default|##)\b)", re.MULTILINE)
TYPED = (
    "network added(n=2): [3, 16, 16] = repeat(n, conv(8, 3) -> relu) -> conv(4, 1)\n",
    "## Says what it is.\nblock extra(width=8) = first: conv(width, 3) -> bn -> @first -> relu\n",
    "let wide = 4 * 16\n",
    "default conv(bias=false)\n",
    'assert added.params == 1234  # "silence"\n',
    "from shortcuts import projection\n",
)
SCRAPS = (
    *'()[]"#@:,=->{}',
    *(
        " -> ",
        "\n",
        "\n\n",
        "  ",
        "# ",
        "## ",
        "/*",
        "//",
        "'",
        '"""',
        "let ",
        "block ",
        "network ",
    ),
    *("if ", " else ", " for i in range(3)", "conv(8, 3)", "relu", "1", "0", "999999", "in", "\t"),
    *("# silence: N0401", "\N{PARTY POPPER}", "\u00e9", "\r", "\ufeff", "identity", "_"),
)


def specs() -> list[Path]:
    """The specs of the project, small and large, right and wrong."""
    return sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.arch"))


def opened(path: Path, chance: random.Random) -> Texts:
    """A spec with the files beside it, or in two: the first part is a module of its own."""
    texts = {other.stem: other.read_text() for other in path.parent.glob("*.arch")}
    main = texts.pop(path.stem)
    used = {name: text for name, text in texts.items() if re.search(rf"\bfrom {name}\b", main)}
    pieces = DECLARATION.split(main)
    if chance.random() < 0.7 or len(pieces) < 3:
        return {"": main, **used}
    cut = chance.randrange(1, len(pieces))
    part, rest = "".join(pieces[:cut]), "".join(pieces[cut:])
    names = re.findall(r"^(?:block|network|let) (\w+)", part, re.MULTILINE)
    line = f"from part import {', '.join(names)}\n" if names else ""
    return {"": line + rest, "part": part, **used}


def edits(texts: Texts, chance: random.Random) -> Iterator[Texts]:
    """One edit after another, without end."""
    past = [texts]
    while True:
        if chance.random() < 0.1:
            past = past[: chance.randrange(1, len(past) + 1)]
            yield past[-1]
        for texts in _edited(past[-1], chance):
            past.append(texts)
            yield texts


def _edited(texts: Mapping[str, str], chance: random.Random) -> Iterator[Texts]:
    """What one edit makes of the texts; several, where it is typed."""
    name = chance.choice([*texts])
    text = texts[name]
    edit = chance.choice([_scrap, _cut, _lines, _number, _swap, _word, _space, _half])
    if chance.random() < 0.12:
        for typed in _typed(text, chance):
            yield {**texts, name: typed}
    else:
        yield {**texts, name: edit(text, chance)}


def _scrap(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(SCRAPS) + text[at:]


def _cut(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + text[at + chance.choice([1, 1, 2, 5, 40]) :]


def _lines(text: str, chance: random.Random) -> str:
    """Lines cut, copied or moved."""
    lines = text.splitlines(keepends=True) or [""]
    start = chance.randrange(len(lines))
    end = start + chance.choice([1, 1, 2, 4])
    taken, rest = lines[start:end], lines[:start] + lines[end:]
    kept = chance.choice([rest, lines])
    at = chance.randrange(len(kept) + 1)
    return "".join([*kept[:at], *chance.choice([taken, []]), *kept[at:]])


def _number(text: str, chance: random.Random) -> str:
    """A number changed, as one tries."""
    found = [*re.finditer(r"\b\d+\b", text)]
    if not found:
        return text
    match = chance.choice(found)
    return text[: match.start()] + str(chance.choice([0, 1, 2, 3, 8, 64])) + text[match.end() :]


def _swap(text: str, chance: random.Random) -> str:
    """Two declarations in the other order."""
    pieces = DECLARATION.split(text)
    if len(pieces) < 2:
        return text
    at = chance.randrange(len(pieces) - 1)
    pieces[at : at + 2] = reversed(pieces[at : at + 2])
    return "".join(pieces)


def _word(text: str, chance: random.Random) -> str:
    """A word or sign in the place of another one."""
    words = WORDS.findall(text) or [""]
    words[chance.randrange(len(words))] = chance.choice(words)
    return "".join(words)


def _space(text: str, chance: random.Random) -> str:
    """Something that carries no meaning, at the start of a line."""
    lines = text.splitlines(keepends=True)
    lines.insert(
        chance.randrange(len(lines) + 1), chance.choice(["\n", "# note\n", "## doc\n", "  "])
    )
    return "".join(lines)


def _half(text: str, chance: random.Random) -> str:
    """The end of a line cut off, as while it is typed."""
    ends = [match.start() for match in re.finditer("\n", text)] or [len(text)]
    end = chance.choice(ends)
    return text[: max(0, end - chance.randrange(1, 30))] + text[end:]


def _typed(text: str, chance: random.Random) -> Iterator[str]:
    """A declaration typed, a few letters at a time."""
    pieces = DECLARATION.split(text)
    at = len("".join(pieces[: chance.randrange(len(pieces) + 1)]))
    typed = chance.choice(TYPED)
    for end in [*sorted(chance.sample(range(1, len(typed)), 4)), len(typed)]:
        yield text[:at] + typed[:end] + text[at:]
