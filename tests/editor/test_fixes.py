"""Every fix that is offered for a wrong spec: what it is for is gone, and nothing else is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

import archdsl
from archdsl import Analysis, Diagnostic, Fix
from tests.helpers.paths import ERRORS

CASES = sorted([*ERRORS.glob("*.arch"), *ERRORS.glob("*/main.arch")])
OFFERED = 70
"""How many fixes there are at least in all cases."""
UNCOVERED = {
    # A figure of an assert that could not be asked for, and is another.
    ("asserts", "E0207"): {"E0802"},
    ("networks", "E0801"): {"E0802"},
    # What could not be read has another mistake.
    ("habits", "E0101"): {"E0301"},
    ("syntax", "E0101"): {"E0209", "E0212"},
    # A number of rows, which are too few.
    ("counted", "E0216"): {"E0306"},
}
"""By case and code, the codes of what only a fix can show."""

Texts = Mapping[str, str]


@dataclass
class Tried:
    """A fix that was applied: the mistake it is for, whether that is gone, and what is new."""

    mistake: Diagnostic
    fix: Fix
    is_gone: bool
    more: list[Diagnostic]


def texts_of(case: Path) -> dict[str, str]:
    """The main text of a case under its file's name, and its modules under theirs."""
    paths = case.parent.glob("*.arch") if case.name == "main.arch" else [case]
    return {path.name: path.read_text("utf-8", errors="surrogateescape") for path in paths}


def analysed(texts: Texts, main: str, previous: Analysis | None = None) -> Analysis:
    modules = {name.removesuffix(".arch"): text for name, text in texts.items() if name != main}
    return archdsl.analyse(texts[main], name=main, modules=modules, previous=previous)


def edited(texts: Texts, fix: Fix) -> dict[str, str]:
    """The texts with the edits of a fix."""
    made = {**texts}
    for edit in sorted(fix.edits, key=lambda each: -each.span.start):
        name, span = edit.span.source.name, edit.span
        made[name] = made[name][: span.start] + edit.text + made[name][span.end :]
    return made


def tried(case: Path) -> Iterator[Tried]:
    """All fixes of a case, each applied alone."""
    texts = texts_of(case)
    before = analysed(texts, case.name)
    known = Counter(map(what, before.diagnostics))
    for mistake in before.diagnostics:
        for fix in mistake.fixes:
            after = analysed(edited(texts, fix), case.name, before).diagnostics
            now = Counter(map(what, after))
            more = [each for each in after if now[what(each)] > known[what(each)]]
            yield Tried(mistake, fix, now[what(mistake)] < known[what(mistake)], more)


def what(mistake: Diagnostic) -> tuple[str, str, str]:
    """A mistake wherever its place is after an edit."""
    return mistake.code, mistake.message, mistake.file


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.stem}")
def test_a_fix_mends_its_mistake_and_makes_no_other(case: Path) -> None:
    for each in tried(case):
        uncovered = UNCOVERED.get((case.stem, each.mistake.code), set())
        others = [found for found in each.more if found.code not in uncovered]
        assert (each.is_gone, others) == (True, []), (each.mistake, each.fix.title)


def test_fixes_are_offered() -> None:
    fixes = [
        fix
        for case in CASES
        for each in analysed(texts_of(case), case.name).diagnostics
        for fix in each.fixes
    ]
    assert len(fixes) >= OFFERED


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("blok a = relu", "block a = relu"),
        ("netwrk n: [3, 8, 8] = relu", "network n: [3, 8, 8] = relu"),
        ("network n: [3, 8, 8] -> relu", "network n: [3, 8, 8] = relu"),
        ("block a(n):\n    conv(n)", "block a(n) =\n    conv(n)"),
        ("let a(b) = 1 < b + 1 <= 3", "let a(b) = 1 < b + 1 and b + 1 <= 3"),
        ("let a(b) = 1 < b(3) < 3", "let a(b) = 1 < b(3) and b(3) < 3"),
        ("block a = conv(64, 3, bias=True)", "block a = conv(64, 3, bias=true)"),
        ("block a = dropout(0.5, 3, 4)", "block a = dropout(0.5)"),
        ("block a = relu(true)", "block a = relu"),
        ("block a = conv(kernel=3, 64)", "block a = conv(64, kernel=3)"),
        ("block a = conv(out=3, 64)", None),
        ("default conv(64)", "default conv(out=64)"),
        ("block b(n) = conv(n)\ndefault b(3)", "block b(n) = conv(n)\ndefault b(n=3)"),
        ("block a = relu  # silence: N0401", "block a = relu"),
        ("block a = relu  # why  # silence: N0401", "block a = relu  # why"),
        ("block a = relu  # silence: N0401  # why", "block a = relu  # why"),
        ("block a = relu  # silence: N0401 because", None),
        ("block a = relu  # silence:", "block a = relu"),
        ("block a: [c, h, w] -> [c, height, w] = relu", "block a: [c, h, w] -> [c, h, w] = relu"),
        ("def a(b): b", None),
        ("lst = 3", "let lst = 3"),
    ],
)  # fmt: skip
def test_what_a_fix_writes(wrong: str, right: str | None) -> None:
    mistake = archdsl.analyse(wrong).diagnostics[0]
    fixed = [edited({"main.arch": wrong}, fix)["main.arch"] for fix in mistake.fixes]
    assert fixed == ([] if right is None else [right])


def test_a_network_at_other_values_takes_keywords() -> None:
    text = "network n(k=1): [3] = linear(k)\nassert n(2).depth == 1"
    (mistake,) = archdsl.analyse(text).diagnostics
    (fix,) = mistake.fixes
    assert edited({"main.arch": text}, fix)["main.arch"].endswith("assert n(k=2).depth == 1")
