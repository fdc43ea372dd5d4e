"""Highlighters know all words of the language, and lose none of a text."""

from __future__ import annotations

import json
import re

import pytest
from pygments.token import Error, Keyword, Name, String

from archdsl.highlighting.pygments import ArchLexer
from archdsl.highlighting.words import CONSTANTS, OPERATORS, builtins, declaring, keywords
from archdsl.ops import OPS
from archdsl.syntax.parser import words
from tests.helpers.paths import SHIPPED
from tools.editor_files import GRAMMAR, grammar

TEXT = """\
## Doc.
block unit(width=8) = first: conv(width, 3) -> add(@first, relu)  # note
assert n.params == 1_000 and true
"""


def test_every_word_has_one_kind() -> None:
    kinds = (*declaring(), *keywords(), *CONSTANTS, *OPERATORS)
    assert sorted(kinds) == sorted(words())
    assert set(OPS) <= set(builtins())


def test_a_text_by_pygments() -> None:
    found = [(kind, text) for kind, text in ArchLexer().get_tokens(TEXT) if text.strip()]
    for expected in (
        (String.Doc, "## Doc."),
        (Keyword.Declaration, "block"),
        (Name.Class, "unit"),
        (Name.Attribute, "width"),
        (Name.Label, "first"),
        (Name.Builtin, "conv"),
        (Keyword.Constant, "true"),
    ):
        assert expected in found


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_spec_is_lexed_whole(path) -> None:
    text = path.read_text()
    tokens = [*ArchLexer().get_tokens(text)]
    assert not [text for kind, text in tokens if kind is Error]
    assert "".join(text for _, text in tokens) == text


def test_the_grammar_of_vs_code_is_current() -> None:
    assert GRAMMAR.read_text() == grammar()
    for pattern in json.loads(grammar())["patterns"]:
        re.compile(pattern["match"])
