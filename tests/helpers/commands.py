"""Command lines in this process, where a new one would add nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from archdsl.cli import main


def run(*arguments: str | Path, text: str | bytes = "") -> Result:
    """What a command line ends with and prints; `text` is its standard input. Bugs are raised."""
    result = CliRunner().invoke(main, [*map(str, arguments)], input=text)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def document(*arguments: str) -> dict[str, Any]:
    """What a command without errors says as JSON."""
    result = run(*arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.output)
    return found
