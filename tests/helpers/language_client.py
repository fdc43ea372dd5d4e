"""A client of `archdsl lsp`, which talks to it as editors do."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LINE_END = re.compile(r"\r\n|\n|\r")
UNITS = {
    "utf-8": lambda text: len(text.encode("utf-8", "surrogatepass")),
    "utf-16": lambda text: len(text.encode("utf-16-le")) // 2,
    "utf-32": len,
}

CREATED, CHANGED, DELETED = 1, 2, 3
"""What has become of a file."""


class Client:
    """Sends requests, and waits for what is answered."""

    def __init__(
        self,
        folder: Path,
        encoding: str = "utf-16",
        pulls: bool = True,
        workspace: dict[str, Any] | None = None,
    ) -> None:
        self.folder, self.encoding = folder, encoding
        command = [sys.executable, "-m", "archdsl", "lsp"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.number = 0
        self.unsent, self.is_holding = b"", False
        self.heard: list[dict[str, Any]] = []
        text = {"diagnostic": {}} if pulls else {}
        capabilities = {
            "general": {"positionEncodings": [encoding]},
            "textDocument": text,
            "workspace": workspace or {},
        }
        result = self.ask(
            "initialize",
            {"processId": None, "rootUri": folder.as_uri(), "capabilities": capabilities},
        )
        self.capabilities = result["capabilities"]
        self.tell("initialized", {})

    def close(self) -> None:
        self.ask("shutdown")
        self.tell("exit")
        assert self.process.wait(120) == 0
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.stdout.close()

    def raw(self, content: bytes) -> None:
        assert self.process.stdin
        self.unsent += b"Content-Length: %d\r\n\r\n%b" % (len(content), content)
        if not self.is_holding:
            self.process.stdin.write(self.unsent)
            self.process.stdin.flush()
            self.unsent = b""

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Send all messages together, those that follow included."""
        self.is_holding = True
        yield
        self.is_holding = False

    def tell(self, method: str, params: object = None) -> None:
        self.raw(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode())

    def ask(self, method: str, params: object = None) -> Any:
        answer = self.answer(method, params)
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def send(self, method: str, params: object = None) -> int:
        """Send a request without waiting for the answer; its number."""
        self.number += 1
        message = {"jsonrpc": "2.0", "id": self.number, "method": method, "params": params}
        self.raw(json.dumps(message).encode())
        return self.number

    def answer(self, method: str, params: object = None) -> dict[str, Any]:
        self.send(method, params)
        while (heard := self.hear()).get("id") != self.number:
            self.heard.append(heard)
        return heard

    def hear(self) -> dict[str, Any]:
        assert self.process.stdout
        length = 0
        while line := self.process.stdout.readline().strip():
            if line.lower().startswith(b"content-length"):
                length = int(line.split(b":")[1])
        assert length, "the server has ended"
        found: dict[str, Any] = json.loads(self.process.stdout.read(length))
        return found

    # --- a text ---

    def uri(self, name: str = "net.arch") -> str:
        return (self.folder / name).as_uri()

    def open(self, text: str, name: str = "net.arch") -> None:
        self.text = text
        item = {"uri": self.uri(name), "languageId": "arch", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": item})

    def change(self, text: str, version: int = 2, name: str = "net.arch") -> None:
        self.text = text
        about = {"uri": self.uri(name), "version": version}
        self.tell(
            "textDocument/didChange", {"textDocument": about, "contentChanges": [{"text": text}]}
        )

    def tell_of(self, name: str, change: int) -> None:
        """Say what has become of a file on disk."""
        changes = [{"uri": self.uri(name), "type": change}]
        self.tell("workspace/didChangeWatchedFiles", {"changes": changes})

    def place(self, before: str) -> dict[str, int]:
        """The place behind a part of the text, in the units of the client."""
        return self.end_of(self.text[: self.text.index(before) + len(before)])

    def end_of(self, start: str) -> dict[str, int]:
        """The place at the end of a text."""
        lines = LINE_END.split(start)
        return {"line": len(lines) - 1, "character": UNITS[self.encoding](lines[-1])}

    def at(self, method: str, before: str, **more: object) -> Any:
        params = {"textDocument": {"uri": self.uri()}, "position": self.place(before), **more}
        return self.ask(f"textDocument/{method}", params)

    def of(self, method: str, **more: object) -> Any:
        return self.ask(f"textDocument/{method}", {"textDocument": {"uri": self.uri()}, **more})

    def everywhere(self) -> dict[str, Any]:
        return {"start": {"line": 0, "character": 0}, "end": {"line": 10**6, "character": 0}}

    def part(self, range: dict[str, Any], text: str | None = None) -> str:
        """The text of a range, in the units of the client."""
        lines = [*(self.text if text is None else text).splitlines(keepends=True), ""]
        offsets = []
        for place in (range["start"], range["end"]):
            line = lines[place["line"]]
            count = next(
                i
                for i, _ in enumerate(f"{line} ")
                if UNITS[self.encoding](line[:i]) == place["character"]
            )
            offsets.append(sum(map(len, lines[: place["line"]])) + count)
        return "".join(lines)[offsets[0] : offsets[1]]

    def applied(self, edits: list[dict[str, Any]]) -> str:
        """The text after edits."""
        lines = [*self.text.splitlines(keepends=True), ""]
        starts = [sum(map(len, lines[:number])) for number in range(len(lines))]
        text = self.text
        for edit in sorted(
            edits,
            key=lambda e: -e["range"]["start"]["line"] * 10**6 - e["range"]["start"]["character"],
        ):
            start = starts[edit["range"]["start"]["line"]]
            before = {
                "start": {"line": edit["range"]["start"]["line"], "character": 0},
                "end": edit["range"]["start"],
            }
            start += len(self.part(before))
            end = start + len(self.part(edit["range"]))
            text = text[:start] + edit["newText"] + text[end:]
        return text
