"""How diagnostics are made and collected, and what a command ends with that has some."""

from __future__ import annotations

import pytest

from archdsl.cli.report import finish
from archdsl.diagnostics import Diagnostic, Severity, codes
from archdsl.source import Source, Span

TEXT = Source("a.arch", "block a = relu\nblock b = relu\n")


def said(code: str) -> Diagnostic:
    severity = Severity.ERROR if code.startswith("E") else Severity.NOTE
    return Diagnostic(code, "so it is", Span(TEXT, 0, 5), severity=severity)


@pytest.mark.parametrize("code", codes())
def test_every_code_says_what_a_command_ends_with(code: str) -> None:
    assert codes()[code].exit in ((1, 2) if code.startswith("E") else (0,))


@pytest.mark.parametrize(
    ("found", "exit"),
    [
        ((), 0),
        (("N0401",), 0),
        (("E0301",), 1),
        (("E0911", "E0912"), 2),
        (("N0401", "E0911"), 2),
        (("E0911", "E0301"), 1),
    ],
)
def test_a_wrong_spec_counts_before_a_wrong_command(found: tuple[str, ...], exit: int) -> None:
    with pytest.raises(SystemExit) as ended:
        finish([said(code) for code in found])
    assert ended.value.code == exit
