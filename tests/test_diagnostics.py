"""How diagnostics are made and collected, and what a command ends with that has some."""

from __future__ import annotations

import pytest

from archdsl.cli.report import finish
from archdsl.diagnostics import (
    Diagnostic,
    Diagnostics,
    Severity,
    codes,
    error,
    errors,
    fault,
    has_errors,
    key_of,
    note,
)
from archdsl.source import Source, Span, whole_of

TEXT = Source("a.arch", "block a = relu\nblock b = relu\n")
A, B = Span(TEXT, 10, 14), Span(TEXT, 25, 29)


def said(code: str) -> Diagnostic:
    return (error if code.startswith("E") else note)(code, "so it is", A)


def messages(found: Diagnostics) -> list[str]:
    return [each.message for each in found]


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


def test_only_errors_are_errors() -> None:
    wrong, remark = said("E0301"), said("N0401")
    assert (wrong.severity, remark.severity) == (Severity.ERROR, Severity.NOTE)
    assert errors([remark, wrong, remark]) == [wrong]
    assert (has_errors([remark, wrong]), has_errors([remark])) == (True, False)
    assert "report it" in fault("E0902", "so it is", A).help


def test_what_lies_in_no_line_has_a_name_alone() -> None:
    place = whole_of("--at")
    assert (place.source.name, place.text, place.line, place.column) == ("--at", "", 1, 1)


def test_a_thing_is_said_once_at_a_place() -> None:
    found = Diagnostics()
    for code, message, place in [
        ("E0301", "first", A),
        ("E0301", "again", Span(Source("a.arch", TEXT.text), 10, 14)),
        ("E0302", "another", A),
        ("E0301", "elsewhere", B),
    ]:
        found.add(error(code, message, place))
    assert messages(found) == ["first", "another", "elsewhere"]


def test_a_key_that_is_given_stands_for_more_than_one_code() -> None:
    found = Diagnostics()
    found.add(error("E0301", "first", A), key_of("", B))
    found.add(error("E0302", "of the same call", A), key_of("", B))
    found.add(error("E0302", "not of it", A))
    assert messages(found) == ["first", "not of it"]


def test_what_another_code_says_already_is_not_said() -> None:
    found = Diagnostics()
    found.add(error("E0404", "first", A))
    found.add(error("E0405", "as much", A), unless=[key_of("E0404", A)])
    found.add(error("E0405", "more", B), unless=[key_of("E0404", B)])
    assert messages(found) == ["first", "more"]


def test_what_an_earlier_stage_said_is_not_repeated() -> None:
    found = Diagnostics()
    found.extend([said("E0301"), said("N0401")])
    found.add(said("E0301"))
    assert [each.code for each in found] == ["E0301", "N0401"]


def test_copies_are_counted() -> None:
    found = Diagnostics()
    found.extend([note("N0401", "so it is", A)] * 47 + [note("N0401", "once", B)])
    counted = [each.message for each in found.counted()]
    assert counted == ["so it is (and 46 more like it)", "once"]
    assert messages(found) == ["so it is", "once"]
