"""What is said of ops, functions and blocks: nothing is left out, and every example holds."""

from __future__ import annotations

import re

import pytest

from archdsl.diagnostics import codes
from archdsl.driver import check
from archdsl.files import finder
from archdsl.manual import Entry, described, entries, listed, notations, of_pytorch, page
from archdsl.manual.examples import is_of_layers, spec_of, worked
from archdsl.manual.syntax import Notation
from archdsl.ops import OPS
from archdsl.ops.initializers import SCHEMES
from archdsl.resolve.words import BUILTINS
from archdsl.shipped import LIBRARY
from archdsl.source import Source
from archdsl.syntax.grammar import grammar_text
from tools.reference_page import PAGE

ENTRIES = entries()
EXAMPLES = [(entry, example) for entry in ENTRIES.values() for example in entry.examples]
each_entry = pytest.mark.parametrize("entry", ENTRIES.values(), ids=list(ENTRIES))


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m tools.reference_page`"


def test_nothing_is_left_out() -> None:
    assert ENTRIES.keys() >= {*OPS, *BUILTINS, *SCHEMES, "identity", "stage", "zero_padding"}
    text = page()
    for name in ENTRIES:
        assert f"\n### {name}\n" in text
        assert f"  {name}" in listed(ENTRIES)
    assert all(f"| {code} |" in text for code in codes())


@each_entry
def test_an_entry_says_what_it_is(entry: Entry) -> None:
    assert entry.summary.endswith(".")
    assert entry.examples
    assert entry.kind in ("function", "block") or all(each.about for each in entry.parameters)
    assert described(entry).startswith(entry.signature)


@pytest.mark.parametrize(("entry", "example"), EXAMPLES, ids=[each for _, each in EXAMPLES])
def test_an_example_holds(entry: Entry, example: str) -> None:
    assert f"{entry.name}" in example
    if is_of_layers(example):
        text = spec_of(entry, example)
        assert worked(entry, example).text == text
    else:
        text = f"network n: [1, 1, 1] = relu\nassert {example}"
    _, diagnostics = check(Source("example.arch", text), finder(LIBRARY))
    assert diagnostics == []


def test_every_word_of_the_language_is_explained() -> None:
    words = {*re.findall(r'"([a-z]+|->|[@_])"', grammar_text())}
    assert {name for each in notations() for name in each.names} >= words
    assert len(words) == 22


@pytest.mark.parametrize("notation", notations(), ids=lambda each: each.names[0])
def test_an_example_of_syntax_holds(notation: Notation) -> None:
    _, diagnostics = check(Source("example.arch", notation.example), finder(LIBRARY))
    assert diagnostics == []


def test_an_example_that_is_wrong_is_refused() -> None:
    with pytest.raises(ValueError, match="E0302"):
        worked(ENTRIES["conv"], "[3, 8, 8] | conv(4, 3) -> [5, 8, 8]")


def test_what_is_said_of_an_op() -> None:
    text = described(ENTRIES["conv"])
    assert text.startswith('conv(out, kernel, stride=1, *, pad="same", groups=1,')
    for part in (
        "by position: out, kernel, stride",
        "// stride + 1",
        "weights in the example: weight [8, 3, 3, 3], bias [8]",
        "nn.Conv2d(3, 8, 3, padding=1)",
        "# 224 parameters, 221,184 multiply-adds",
        "[8, 15, 15] | conv(16, 5, stride=2, groups=4) -> [16, 8, 8]",
    ):
        assert part in text


def test_a_block_is_shown_with_the_defaults_that_apply() -> None:
    default = 'default conv(bias=false, init=kaiming_normal("out"))'
    assert f"    {default}\n\n    block basic(" in described(ENTRIES["basic"])
    assert f"```arch\n{default}\n\nblock bottleneck(" in page()
    assert "default" not in described(ENTRIES["stage"])


def test_ops_are_found_by_the_names_of_pytorch() -> None:
    assert of_pytorch("torch.nn.Conv2d", ENTRIES) == "conv"
    assert of_pytorch("BatchNorm2d", ENTRIES) == "bn"
    assert of_pytorch("Conv", ENTRIES) == ""
