"""Several syntax errors of a declaration, and never one more than there are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archdsl.source import Source
from archdsl.syntax.parser import parse
from archdsl.syntax.scanner import Lexeme
from tests.helpers.paths import EXAMPLES, SHIPPED
from tests.helpers.tokens import tokens_of

TEXTS = [path.read_text(encoding="utf-8") for path in [*SHIPPED, *sorted(EXAMPLES.glob("*.arch"))]]
SIGNS = ["->", ",", ":", "=", "+", "@", "if", "else", "3", '"s"', "x", ".", "=="]


def mistakes(text: str) -> list[str]:
    """The syntax errors of a text: where they are, and what was found there."""
    found = parse(Source("test.arch", text))[1]
    return [f"{each.span.column} {each.span.text}" for each in found]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("conv(8, 3 +) -> relu -> conv(4 *) -> bn", ["22 )", "43 )"]),
        ("conv(8 3) -> bn(* 2) -> linear(a: )", ["18 3", "27 *", "45 )"]),
        ("add(conv(8 8), bn -> relu relu, x y)", ["22 8", "37 relu", "45 y"]),
        ("a -> b c -> (d e) -> f", ["18 c", "26 e"]),
        ("a b c -> d", ["13 b"]),
        ("a -> -> b -> c d", ["16 ->", "26 d"]),
        ("let x = 1 2 in a b -> c d", ["21 2"]),
    ],
)
def test_what_is_broken_is_passed_over(body: str, expected: list[str]) -> None:
    assert mistakes(f"block n = {body}") == expected


@given(st.data())
def test_one_broken_place_is_one_mistake(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS))
    token = data.draw(st.sampled_from(tokens_of(text)))
    sign = data.draw(st.sampled_from(["", *SIGNS]))
    start, end = token.span.start, data.draw(st.sampled_from([token.span.start, token.span.end]))
    changed = f"{text[:start]} {sign} {text[end:]}"
    # Behind `=` a body may begin.
    assert len(mistakes(changed)) <= 1 or sign == "=" or _starts_declaration(token)


def _starts_declaration(token: Lexeme) -> bool:
    """Whether a declaration may begin or end with a token, so that two may be broken."""
    words = {"block", "network", "let", "default", "from", "assert", "="}
    return token in words or token.span.column == 1
