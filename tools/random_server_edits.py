"""A long search: random edits of an open text, what the server says after each, and anew.

usage: python -m tools.random_server_edits [--seeds 0:500] [--edits 10]

A seed chooses a spec and the edits of it, the same in every run. One server is sent every version
of the text, another closes it and opens the new one. Prints a line per difference, and how many
edits were compared. Exit code 1 if there was one.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
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
    for seed in range(first, last):
        for differing in differences(seed, options.edits):
            compared += 1
            if not compared % EVERY:
                print(f"{compared} edits, up to seed {seed}", flush=True)
            if differing:
                different += 1
                print(f"seed {seed}, edit {compared}: {', '.join(differing)} differ", flush=True)
                break
    print(f"{compared} edits compared, {different} seeds with a difference")
    return min(different, 1)


def differences(seed: int, count: int) -> Iterator[list[str]]:
    """After each of a seed's edits, the requests that are answered otherwise than anew."""
    chance = random.Random(seed)  # noqa: S311
    path = chance.choice(specs())
    texts = opened(path, chance)
    encoding = chance.choice(["utf-8", "utf-16", "utf-32"])
    with tempfile.TemporaryDirectory() as folder:
        clients = [Client(Path(folder), encoding) for _ in range(2)]
        _send(clients[0], texts, {})
        before = texts
        for edited in islice(edits(texts, chance), count):
            _send(clients[0], edited, before)
            _close(clients[1], before)
            _send(clients[1], edited, {})
            before = edited
            offset = chance.randrange(len(edited[""]) + 1)
            told, anew = (_told(each, edited[""], offset) for each in clients)
            yield [request for request in anew if told[request] != anew[request]]
        for each in clients:
            each.close()


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
