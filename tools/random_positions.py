"""A long search: all that the language server answers, in the three ways in which clients count.

usage: python -m tools.random_positions [--seeds 0:500]

A seed chooses a spec, puts characters of several units into it, and ends of lines of all kinds.
Every place in every answer must lie in the text, and between two characters; parts must lie in what
they are parts of, and edits beside each other; the answers must be the same in UTF-8, UTF-16 and
UTF-32, edits included. Prints a line per fault. Exit code 1 if there was one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from lsprotocol import types
from lsprotocol.converters import get_converter
from pygls.exceptions import JsonRpcException

from archdsl.server import service
from archdsl.server.positions import Positions
from tools.edits import specs

URI = "file:///nowhere/at/all/net.arch"
LARGEST = 4000
WIDE = ("\N{PARTY POPPER}", "é", "e\u0301", "\t", "\u2028", "\x85", "\x0c", "\ufeff", "\ud800")
LINE_END = re.compile(r"\r\n|\n|\r")
UNITS: dict[str, Callable[[str], int]] = {
    "utf-8": lambda text: len(text.encode("utf-8", "surrogatepass")),
    "utf-16": lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2,
    "utf-32": len,
}
ASKED = (
    *(*service.OF_A_PLACE, *service.OF_A_TEXT, *service.OF_A_PART),
    *(each for each in service.REQUESTS if not each.startswith("callHierarchy")),
)
MET_BY_HAND = {"triggerKind": 1, "isRetrigger": False}
CONVERTER = get_converter()


class Misplaced(Exception):
    """A place that is none in the text."""


class Text:
    """A text as a client counts in it; strictly, unlike a server, which takes any place."""

    def __init__(self, text: str, encoding: str) -> None:
        self.text, self.units = text, UNITS[encoding]
        ends = [*LINE_END.finditer(text)]
        self.starts = [0, *(end.end() for end in ends)]
        self.ends = [*(end.start() for end in ends), len(text)]

    def place(self, offset: int) -> dict[str, int]:
        """The place of an offset."""
        line = bisect_right(self.starts, offset) - 1
        return {"line": line, "character": self.units(self.text[self.starts[line] : offset])}

    def offset(self, place: dict[str, int]) -> int:
        """The offset of a place. Raises `Misplaced`."""
        line, character = place["line"], place["character"]
        if not 0 <= line < len(self.starts):
            raise Misplaced(f"there is no line {line}")
        units, offset = 0, self.starts[line]
        while units < character and offset < self.ends[line]:
            units += self.units(self.text[offset])
            offset += 1
        if units != character:
            raise Misplaced(f"line {line} has no place {character}")
        return offset

    def read(self, answer: Any) -> Any:
        """An answer with offsets for places. Raises `Misplaced`."""
        if isinstance(answer, list):
            return _apart([self.read(each) for each in answer])
        if not isinstance(answer, dict) or answer.get("uri", URI) != URI:
            return answer
        if answer.keys() == {"line", "character"}:
            return self.offset(answer)
        if isinstance(answer.get("data"), list):
            return [*self._tokens(answer["data"])]
        if "startLine" in answer and not 0 <= answer["startLine"] < answer["endLine"] < len(
            self.ends
        ):
            raise Misplaced(f"there are no such lines: {answer}")
        read = {name: self.read(each) for name, each in answer.items()}
        around: Any = read.get("range")
        within = read.get("selectionRange")
        if "parent" in read:
            within, around = around, read["parent"]["range"]
        if within and not around["start"] <= within["start"] <= within["end"] <= around["end"]:
            raise Misplaced(f"{within} is not in {around}")
        return read

    def _tokens(self, data: list[int]) -> Iterator[tuple[int, int, int]]:
        """Semantic tokens, each by its start, its end and its type."""
        line = character = 0
        for down, right, length, kind, _ in zip(*[iter(data)] * 5, strict=True):
            line, character = line + down, right if down else character + right
            ends = [{"line": line, "character": each} for each in (character, character + length)]
            start, end = map(self.offset, ends)
            yield start, end, kind


def _apart(answers: list[Any]) -> list[Any]:
    """Answers, of which no two edits change one place. Raises `Misplaced`."""
    edits = [each for each in answers if isinstance(each, dict) and "newText" in each]
    places = sorted((each["range"]["start"], each["range"]["end"]) for each in edits)
    for (_, end), (start, _) in pairwise(places):
        if start < end:
            raise Misplaced(f"edits overlap: {places}")
    return answers


def main(arguments: Sequence[str]) -> int:
    """Run the search."""
    parser = argparse.ArgumentParser(prog="python -m tools.random_positions")
    parser.add_argument("--seeds", default="0:500")
    first, last = map(int, parser.parse_args(arguments).seeds.split(":"))
    count = 0
    for seed in range(first, last):
        for fault in faults(seed):
            count += 1
            print(f"seed {seed}: {fault}", flush=True)
    print(f"{last - first} texts, {count} faults")
    return min(count, 1)


def faults(seed: int) -> list[str]:
    """What is wrong with the places in the answers about a seed's text."""
    chance = random.Random(seed)  # noqa: S311
    path = chance.choice([each for each in specs() if each.stat().st_size < LARGEST])
    text = _widened(path.read_bytes().decode(errors="replace"), chance)
    ends = sorted(chance.choices(range(len(text) + 1), k=2))
    found: list[str] = []
    answers = [dict(_read(text, encoding, ends, found)) for encoding in UNITS]
    for method in ASKED:
        told = [each[method] for each in answers if method in each]
        if any(each != told[0] for each in told):
            found.append(f"{path.name} {ends}: {method} depends on the encoding")
    return found


def _widened(text: str, chance: random.Random) -> str:
    """A text with wide characters, other ends of lines, and perhaps none behind the last one."""
    if chance.random() < 0.5:
        end = chance.choice(["\r\n", "\r", ""])
        text = re.sub("\n", lambda _: end or chance.choice(["\r\n", "\r", "\n"]), text)
    text = chance.choice(["", "", "\ufeff"]) + text
    text = chance.choice([text, text, text.rstrip()])
    for _ in range(chance.choice([0, 1, 3])):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(WIDE) + text[at + chance.choice([0, 0, 1, 5]) :]
    wide = chance.choice(WIDE[:4])
    return re.sub(r"(#|//|/\*|\") ?", lambda match: match[0] + wide, text)


def _read(text: str, encoding: str, ends: list[int], found: list[str]) -> Iterator[tuple[str, Any]]:
    """All answers about a text and a part of it, by the requests; what is wrong with places."""
    seen = Text(text, encoding)
    for method, answer in asyncio.run(_told(text, encoding, [*map(seen.place, ends)])):
        try:
            yield method, seen.read(answer)
        except Misplaced as misplaced:
            found.append(f"{ends}: {method} in {encoding}: {misplaced}")


async def _told(text: str, encoding: str, places: list[dict[str, int]]) -> list[tuple[str, Any]]:
    server = service.made()
    server.protocol.client_capabilities = CONVERTER.structure(
        {"workspace": {"workspaceEdit": {"changeAnnotationSupport": {}}}}, types.ClientCapabilities
    )
    server.documents.positions = Positions(encoding)
    server.documents.put(URI, text)
    start, end = places
    asked = {
        "textDocument": {"uri": URI},
        "position": end,
        "positions": places,
        "range": {"start": start, "end": end},
        "context": {"diagnostics": [], "includeDeclaration": True, **MET_BY_HAND},
        "options": {"tabSize": 4, "insertSpaces": True},
        "newName": "entirely_new",
        "query": "",
    }
    kinds: list[Any] = [types.METHOD_TO_TYPES[method][2] for method in ASKED]
    features = [server.protocol.fm.features[method] for method in ASKED]
    answers = await asyncio.gather(
        *[
            each(CONVERTER.structure(asked, kind))
            for each, kind in zip(features, kinds, strict=True)
        ],
        return_exceptions=True,
    )
    for each in answers:
        if isinstance(each, BaseException) and not isinstance(each, JsonRpcException):
            raise each
    return [*zip(ASKED, map(_plain, answers), strict=True)]


def _plain(answer: Any) -> Any:
    """An answer as it is sent."""
    if isinstance(answer, JsonRpcException):
        return str(answer)
    return json.loads(json.dumps(CONVERTER.unstructure(answer), default=lambda each: each.value))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
