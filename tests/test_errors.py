"""Wrong specs, each with the blamed lines marked: `#! E0203: a part of the message`.

A case is a file of `tests/errors`, or a folder there with a `main.arch`. All that is said about
it must be marked, and all that is marked must be said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from archdsl.diagnostics import codes
from archdsl.driver import check
from archdsl.files import open_main
from tests.helpers.paths import ERRORS, ROOT

CASES = sorted([*ERRORS.glob("*.arch"), *ERRORS.glob("*/main.arch")])
MARK = re.compile(r"#! ?([EN]\d{4}): ([^#\n]*[^#\s])")
CODE = re.compile(r"\b[EN]\d{4}\b")


def files_of(case: Path) -> list[Path]:
    """The files of a case."""
    return sorted(case.parent.glob("*.arch")) if case.name == "main.arch" else [case]


def expected(case: Path) -> Iterator[tuple[str, int, str, str]]:
    """What a case says will be said: file, line, code, a part of the message."""
    for path in files_of(case):
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
        for number, line in enumerate(text.split("\n"), 1):
            for code, part in MARK.findall(line):
                yield path.name, number, code, part


def said(case: Path) -> list[tuple[str, int, str, str]]:
    """What is said: file, line, code, message."""
    source, find, faults = open_main(case)
    _, diagnostics = check(source, find)
    return [
        (found.span.source.name.rpartition("/")[2], found.span.line, found.code, found.message)
        for found in [*faults, *diagnostics]
    ]


def name(case: Path) -> str:
    """The name of a case."""
    return case.parent.name if case.name == "main.arch" else case.stem


@pytest.mark.parametrize("case", CASES, ids=name)
def test_every_mistake_is_reported_once_and_at_its_place(case: Path) -> None:
    missing = []
    found = said(case)
    for file, line, code, part in expected(case):
        match = next(
            (each for each in found if each[:3] == (file, line, code) and part in each[3]), None
        )
        if match is None:
            missing.append(f"{file}:{line}: {code}: {part}")
        else:
            found.remove(match)
    extra = [f"{file}:{line}: {code}: {message}" for file, line, code, message in found]
    assert (missing, extra) == ([], [])


def test_every_case_marks_something() -> None:
    assert [name(case) for case in CASES if not [*expected(case)]] == []


def test_every_code_has_an_example() -> None:
    """A code that no spec can show, such as a bound on the size of a text, has a test instead."""
    marked = {code for case in CASES for _, _, code, _ in expected(case)}
    tests = {*ROOT.glob("tests/**/test_*.py"), *ROOT.glob("tests/helpers/*.py")}
    texts = [path.read_text(encoding="utf-8") for path in tests - {Path(__file__)}]
    named = {code for text in texts for code in CODE.findall(text)}
    assert sorted({*codes()} - marked - named) == []


def test_every_code_in_use_is_explained() -> None:
    used = {
        code
        for path in ROOT.glob("archdsl/**/*.py")
        for code in CODE.findall(path.read_text(encoding="utf-8"))
    }
    assert sorted(used - {*codes()}) == []
    assert sorted({*codes()} - used) == []


@pytest.mark.parametrize("code", codes())
def test_an_explanation_is_whole(code: str) -> None:
    entry = codes()[code]
    assert entry.title == entry.title.strip()
    assert not entry.title.endswith(".")
    assert entry.explanation.strip().endswith(".")
    assert entry.example.strip()
