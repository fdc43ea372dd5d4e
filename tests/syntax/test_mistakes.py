"""Texts that are no spec: every mistake has a code and a place, and nothing breaks the parser."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archdsl.source import Source
from archdsl.syntax import ast
from archdsl.syntax.parser import parse
from archdsl.syntax.pieces import MAXIMUM_DEPTH
from tests.helpers.paths import SHIPPED


def mistakes(text: str) -> list[str]:
    """The codes of the mistakes in a text, each with the text it blames."""
    _, diagnostics = parse(Source("test.arch", text))
    return [f"{found.code} {found.span.text}" for found in diagnostics]


def test_a_mistake_leaves_the_other_declarations() -> None:
    text = "block a = conv(\nblock b = relu\nlet c =\nlet d = 1\nblok e = a\nnetwork f: [1] = b\n"
    file, diagnostics = parse(Source("test.arch", text))
    assert [found.span.line for found in diagnostics] == [1, 3, 5]
    assert [d.name.name for d in file.declarations if not isinstance(d, ast.Import)] == [
        "b",
        "d",
        "f",
    ]  # type: ignore[union-attr]
    assert {"a", "c"} <= {*file.unread}


NESTED = {
    "parentheses": ("(", "1", ")"),
    "lists": ("[", "1", "]"),
    "calls": ("f(", "1", ")"),
    "minus": ("-", "1", ""),
    "not": ("not ", "a", ""),
    "labels": ("a: ", "b", ""),
    "conditions": ("1 if a else ", "2", ""),
    "lets": ("let a = 1 in ", "a", ""),
    "powers": ("2 ** ", "2", ""),
    "results": ("", "f", "()"),
    "elements": ("", "a", "[0]"),
}


@pytest.mark.parametrize("form", NESTED)
def test_nesting_is_bounded(form: str) -> None:
    before, middle, after = NESTED[form]
    for depth in (10, MAXIMUM_DEPTH):
        assert not mistakes(f"let x = {before * depth}{middle}{after * depth}")
    for depth in (MAXIMUM_DEPTH + 1, 20_000):
        (mistake,) = mistakes(f"let x = {before * depth}{middle}{after * depth}")
        assert mistake.startswith("E0701")


@pytest.mark.parametrize("form", ["a -> ", "1 + ", "a and ", "2 * "])
def test_a_wide_tree_is_not_deep(form: str) -> None:
    assert not mistakes(f"let x = {form * 20_000}a")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", []),
        ("\ufefflet x = 1\r\nlet y = 2\r\n", []),
        ("let x = 1\rlet y = 2", ["E0103 \r"]),
        ("# \u202e\nlet x = 1", ["E0103 \u202e"]),
        ('let x = "\ud800"', ["E0103 \ud800"]),
        ("let x\0= 1", ["E0103 \0"]),
        ('let x = "\uffff"', ["E0103 \uffff"]),
        (f"let x = {2**63 - 1}", []),
        (f"let x = {2**63}", [f"E0106 {2**63}"]),
        ("let x = 1e400", ["E0106 1e400"]),
        (f"let x = {'9' * 5000}", [f"E0106 {'9' * 5000}"]),
        ("let x = " + "a" * 201, ["E0705 " + "a" * 201]),
        (f'let x = "{"a" * 199}"', [f'E0705 "{"a" * 199}"']),
        ("let x = " + "a" * 2_000_000, ["E0702 "]),
        ("let x = a[0 // b:" + "1," * 250_000 + "]", ["E0703 ,"]),
        ("#\n" * 260_000 + "let x = 1", []),
    ],
)
def test_hostile_text(text: str, codes: list[str]) -> None:
    assert mistakes(text) == codes


@pytest.mark.parametrize(
    "text",
    [
        "let x = [a, // first: b\n c]",
        "let x = f(a, // first: b\n c[0])",
        "let x = a[b:c // first: d\n]",
        "let x = a[f(b // first: c]\n)]",
        "let x = a[0] // first: b[1:]",
        "network n: [3, 8 // first: b\n] = relu",
    ],
)
def test_only_before_the_colon_of_a_slice_two_slashes_divide(text: str) -> None:
    assert mistakes(text)[0].startswith("E0102 // first:")


WORDS = (
    "from import as default let in block network assert if else for and or not true false _ a b "
    'conv 1 2.5 "s" l{i} -> : = == != < <= + - * / // % ** ( ) [ ] , . @ # ## && | { } ; \' $ \n é'
).split(" ")


@given(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))
@settings(max_examples=300)
def test_token_soup_never_raises(text: str) -> None:
    file, diagnostics = parse(Source("test.arch", text))
    assert all(0 <= found.span.start <= found.span.end <= len(text) for found in diagnostics)
    assert file.declarations or diagnostics or not "".join(text.split("#")[0].split())


@given(st.text(max_size=200))
@settings(max_examples=200)
def test_random_text_never_raises(text: str) -> None:
    parse(Source("test.arch", text))


@given(st.data())
@settings(max_examples=100)
def test_a_damaged_spec_never_raises(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(SHIPPED)).read_text(encoding="utf-8")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 20)))
    text = text[:start] + data.draw(st.sampled_from(["", *WORDS])) + text[end:]
    parse(Source("test.arch", text))


def test_only_a_word_of_the_language_is_called_one() -> None:
    _, (mistake,) = parse(Source("test.arch", "network n: (rgb [3, 8, 8]) = relu"))
    assert mistake.help == "write `:` before the shape of the input"
    _, (mistake,) = parse(Source("test.arch", "block a(in) = relu"))
    assert mistake.help == "`in` is a reserved word: it can be a label, but not a name"


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("network n: [3, 8, 8] -> conv(8, 3)", "write `=` before the body"),
        ("network n: [3, 8, 8]: conv(8, 3)", "write `=` before the body"),
        ("block a(n): conv(n, 3)", "write `=` before the body"),
        ("network n: 3, 8, 8 = relu", "sizes go in brackets: `[3, 224, 224]`"),
        ("network n: (3, 8, 8) = relu", "sizes go in brackets: `[3, 224, 224]`"),
        ("network resnet-18: [3, 8, 8] = relu", "a name has no `-` in it: write `_`"),
        ("block a = conv(8, 3), relu", "write `->` between layers"),
        ("block a = x = relu", "a layer is named `label: layer`; to compare, write `==`"),
        ("block a = if true: relu", "write `layer if condition else other`"),
        ("network n [3, 8, 8] = relu", "write `:` before the shape of the input"),
        ("block n(a) [3, 8, 8] = relu", "write `:` before the shape of the input"),
        (
            "block a = self.conv1: conv(8, 3)",
            "a label is one name, without a dot or `self`: `conv1: layer`",
        ),
        ("from block import cbr", "`block` is a word of the language; rename the file"),
        ("from nets.if import cbr", "`if` is a word of the language; rename the file"),
        (
            "from .blocks import cbr, x as y",
            "write `from blocks import cbr, x as y`: imports start at the file's folder",
        ),
        (
            "from ..a.b import c",
            "write `from a.b import c`: imports start at the file's folder",
        ),
    ],
)
def test_a_way_out_of_what_newcomers_write(text: str, help: str) -> None:
    _, (mistake,) = parse(Source("test.arch", text))
    assert mistake.help == help
