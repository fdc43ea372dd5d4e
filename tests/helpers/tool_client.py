"""A client of `archdsl mcp`: it calls tools, one after another."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROTOCOL = "2025-06-18"


class ToolError(Exception):
    """What a tool says that it does not do."""


class ToolClient:
    """A server in a folder, and the requests that it is sent."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "archdsl", "mcp"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.number = 0
        about = {"name": "test", "version": "1"}
        self.server = self.ask(
            "initialize",
            {"protocolVersion": PROTOCOL, "capabilities": {}, "clientInfo": about},
        )
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def send(self, message: dict[str, Any] | str) -> None:
        """Send a message, or any text."""
        assert self.process.stdin
        text = message if isinstance(message, str) else json.dumps(message)
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()

    def ask(self, method: str, params: dict[str, Any] | None = None) -> Any:
        """The result of a request."""
        self.number += 1
        self.send({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params or {}})
        assert self.process.stdout
        while line := self.process.stdout.readline():
            heard = json.loads(line)
            if heard.get("id") == self.number:
                if "error" in heard:
                    raise ToolError(heard["error"]["message"])
                return heard["result"]
        raise AssertionError("the server has ended")

    def call(self, tool: str, **arguments: object) -> dict[str, Any]:
        """What a tool gives; raises `ToolError`."""
        result = self.ask("tools/call", {"name": tool, "arguments": arguments})
        text = result["content"][0]["text"]
        if result.get("isError"):
            raise ToolError(text)
        found: dict[str, Any] = json.loads(text)
        assert found == result["structuredContent"]
        return found

    def close(self) -> None:
        """End the server as clients do: by closing its input."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        assert self.process.wait(20) == 0
        self.process.stdout.close()


@contextmanager
def tool_client(folder: Path) -> Iterator[ToolClient]:
    """A client for as long as it is used."""
    client = ToolClient(folder)
    try:
        yield client
    finally:
        client.close()


def applied(text: str, edits: list[dict[str, Any]]) -> str:
    """A text after the edits of a fix, whose lines and columns count characters from 1."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    places = [
        (
            starts[each["line"] - 1] + each["column"] - 1,
            starts[each["end_line"] - 1] + each["end_column"] - 1,
            each["text"],
        )
        for each in edits
    ]
    for start, end, new in sorted(places, reverse=True):
        text = text[:start] + new + text[end:]
    return text
