"""A long search: random edits of an open text, what the server says after each, and anew.

usage: python -m tools.random_server_edits [--seeds 0:500] [--edits 10]

A seed chooses a spec and the edits of it, the same in every run. One server is sent every version
of the text, another closes it and opens the new one; they stay the same for all seeds. Prints a
line per difference, and how many edits were compared. Exit code 1 if there was one.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from tests.helpers.language_client import Client
from tools.edits import Texts, edits, opened, specs

EVERY = 100
"""After so many edits, it says how far it is."""
ASKED = ("diagnostic", "codeLens", "documentSymbol", "foldingRange", "documentLink")
AT_A_PLACE = ("hover", "completion", "signatureHelp", "definition", "documentHighlight")


def main(arguments: Sequence[str]) -> int:
    """Run the search."""
    parser = argparse.ArgumentParser(prog="python -m tools.random_server_edits")
    parser.add_argument("--seeds", default="0:500")
    parser.add_argument("--edits", type=int, default=10)
    options = parser.parse_args(arguments)
    first, last = map(int, options.seeds.split(":"))
    compared, different = 0, 0
    with pairs() as clients:
        for seed in range(first, last):
            for differing in differences(seed, options.edits, clients):
                compared += 1
                if not compared % EVERY:
                    print(f"{compared} edits, up to seed {seed}", flush=True)
                if differing:
                    different += 1
                    print(f"seed {seed}, edit {compared}: {', '.join(differing)}", flush=True)
                    break
    print(f"{compared} edits compared, {different} seeds with a difference")
    return min(different, 1)


@contextmanager
def pairs() -> Iterator[Callable[[str], list[Client]]]:
    """Two clients for every encoding that is asked for, each with a server of its own."""
    with tempfile.TemporaryDirectory() as folder:
        known: dict[str, list[Client]] = {}

        def pair(encoding: str) -> list[Client]:
            if encoding not in known:
                known[encoding] = [Client(Path(folder), encoding) for _ in range(2)]
            return known[encoding]

        yield pair
        for each in [each for pair in known.values() for each in pair]:
            each.close()


def differences(
    seed: int, count: int, clients: Callable[[str], list[Client]]
) -> Iterator[list[str]]:
    """After each of a seed's edits, the requests that are answered otherwise than anew."""
    chance = random.Random(seed)  # noqa: S311
    path = chance.choice(specs())
    texts = opened(path, chance)
    edited, anew = clients(chance.choice(["utf-8", "utf-16", "utf-32"]))
    _send(edited, texts, {})
    before = texts
    try:
        for after in islice(edits(texts, chance), count):
            _send(edited, after, before)
            _close(anew, before)
            _send(anew, after, {})
            before = after
            offset = chance.randrange(len(after[""]) + 1)
            told, expected = (_told(each, after[""], offset) for each in (edited, anew))
            yield [request for request in expected if told[request] != expected[request]]
    finally:
        for each in (edited, anew):
            _close(each, before)


def _file(name: str) -> str:
    return f"{name or 'net'}.arch"


def _send(client: Client, texts: Texts, before: Texts) -> None:
    """Send the texts that are not as before; the main one last, which the client then asks of."""
    for name in sorted(texts, reverse=True):
        if name not in before:
            client.open(texts[name], _file(name))
        elif texts[name] != before[name]:
            client.change(texts[name], name=_file(name))


def _close(client: Client, texts: Texts) -> None:
    for name in texts:
        client.tell("textDocument/didClose", {"textDocument": {"uri": client.uri(_file(name))}})


def _told(client: Client, text: str, offset: int) -> dict[str, Any]:
    """What a server says of the main text, and of a place in it."""
    told = {request: client.of(request) for request in ASKED}
    told["inlayHint"] = client.of("inlayHint", range=client.everywhere())
    told["semanticTokens"] = client.of("semanticTokens/full")
    told["selectionRange"] = client.of("selectionRange", positions=[client.end_of(text[:offset])])
    for request in AT_A_PLACE:
        told[request] = client.of(request, position=client.end_of(text[:offset]))
    place = {"start": client.end_of(text[:offset]), "end": client.end_of(text[:offset])}
    told["codeAction"] = client.of("codeAction", range=place, context={"diagnostics": []})
    return told


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
