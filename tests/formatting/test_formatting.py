"""The formatter: expected text, and what holds for every text that it takes."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archdsl.documents import laid_out
from archdsl.formatting import LINE_LENGTH, formatted
from archdsl.source import Source
from archdsl.syntax.parser import parse
from tests.helpers.counting import calls_of
from tests.helpers.formatted import form_of, holds
from tests.helpers.paths import ROOT
from tests.helpers.random_texts import text as random_text

FORMS = [
    pytest.param(
        'network  n : [3,8 , 8]->[ 10 ]=conv( 8,3,pad = "same" )->relu # hi',
        'network n: [3, 8, 8] -> [10] = conv(8, 3, pad="same") -> relu  # hi\n',
        id="blanks",
    ),
    pytest.param(
        "let x = - a*(b+-1)**2 if not a[0]<b else f(x).y\n",
        "let x = -a * (b + -1) ** 2 if not a[0] < b else f(x).y\n",
        id="operators",
    ),
    pytest.param(
        "block b = first_layer_of_all: conv(64, 7, stride=2) -> the_normalisation_behind_it: bn "
        "-> relu -> maxpool(3, stride=2)",
        """\
block b =
    first_layer_of_all: conv(64, 7, stride=2)
    -> the_normalisation_behind_it: bn
    -> relu
    -> maxpool(3, stride=2)
""",
        id="one layer a line",
    ),
    pytest.param(
        "block b =\n  first_layer_of_all: conv(64, 7, stride=2) -> bn -> relu\n"
        " -> second_layer_of_all: conv(64, 3, stride=2)\n     -> bn -> relu",
        """\
block b =
    first_layer_of_all: conv(64, 7, stride=2) -> bn -> relu
    -> second_layer_of_all: conv(64, 3, stride=2)
    -> bn -> relu
""",
        id="rows of the author",
    ),
    pytest.param(
        "block b = a\n -> b\n -> c", "block b = a -> b -> c\n", id="a chain that fits is one line"
    ),
    pytest.param(
        "block b = add(a -> conv(8, 3), c) -> relu".replace("a ->", "a" * 70 + " ->"),
        f"""\
block b =
    add({"a" * 70} -> conv(8, 3), c)
    -> relu
""",
        id="a chain before its arguments",
    ),
    pytest.param(
        "block b = add(\n a, b,\n) -> relu",
        "block b =\n    add(\n        a,\n        b,\n    ) -> relu\n",
        id="magic comma",
    ),
    pytest.param(
        "let widths = [" + ", ".join(map(str, range(100, 140))) + "]",
        """\
let widths = [
    100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118,
    119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137,
    138, 139,
]
""",
        id="numbers fill lines",
    ),
    pytest.param(
        'let t = [\n [1, "RE", 8], # first\n [16, "H", 128],\n]',
        """\
let t = [
    [ 1, "RE",   8],  # first
    [16, "H",  128],
]
""",
        id="a table",
    ),
    pytest.param(
        "block b(a, # the first\n # of two\n b) = # why\n a",
        "block b(\n    a,  # the first\n    # of two\n    b,\n) =  # why\n    a\n",
        id="comments",
    ),
    pytest.param(
        "let a=1\nlet b=2\n\n\n\nlet c=3\nblock d =\n  # about e\n  e\n# about f\nlet f=1",
        """\
let a = 1
let b = 2

let c = 3

block d =
    # about e
    e

# about f
let f = 1
""",
        id="blank lines",
    ),
    pytest.param("", "", id="nothing"),
    pytest.param("\n\n# alone\n\n\n# too", "# alone\n\n# too\n", id="comments alone"),
    pytest.param("let a = 1\r\n\r\nlet b=2\r\n", "let a = 1\r\n\r\nlet b = 2\r\n", id="returns"),
]


@pytest.mark.parametrize(("before", "after"), FORMS)
def test_the_form(before: str, after: str) -> None:
    assert form_of(before) == after
    holds(before)


@pytest.mark.parametrize(
    "path",
    [
        p
        for folder in ("specs", "archdsl/library", "tests")
        for p in (ROOT / folder).rglob("*.arch")
    ],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_every_spec_keeps_its_meaning(path: Path) -> None:
    text = path.read_bytes().decode()
    if parse(Source("", text))[1]:
        assert formatted(Source("", text))[0] is None
    else:
        holds(text)


@settings(max_examples=60, deadline=None)
@example(18786)
@given(st.integers(0, 10**9))
def test_random_texts_keep_their_meaning(seed: int) -> None:
    holds(random_text(random.Random(seed)))


@pytest.mark.parametrize("name", ["README.md", "specs/README.md"])
def test_examples_in_pages_are_formatted(name: str) -> None:
    for text in re.findall(r"```arch\n(.*?)```", (ROOT / name).read_text(), flags=re.DOTALL):
        assert formatted(Source(name, text))[0] == text


def test_what_does_not_parse_is_refused() -> None:
    text, diagnostics = formatted(Source("a.arch", "let a = (1\n\nlet b  =  2\n\nlet c = )\n"))
    assert text is None
    assert [(each.code, each.span.line) for each in diagnostics] == [("E0107", 1), ("E0107", 5)]


def test_a_long_chain_takes_linear_time() -> None:
    few, many = 400, 2_000
    short, long = (f"block b = {' -> '.join(['conv(8, 3)'] * links)}" for links in (few, many))
    assert form_of(long).count("\n") == many + 1
    assert calls_of(lambda: form_of(long)) <= 1.1 * many / few * calls_of(lambda: form_of(short))


def test_lines_are_short_where_they_can_be() -> None:
    for path in (ROOT / "specs").glob("*.arch"):
        text = form_of(path.read_text())
        code = [line.partition("#")[0].rstrip() for line in text.splitlines()]
        assert max(map(len, code)) <= LINE_LENGTH


SILENCES = [
    "a: conv(8, 3) ->  # silence: N0401\n    conv(8, 3)",
    "add(conv(8, 3), relu  # silence: N0401\n    )",
    "first: conv(8, 3,  # silence: N0401\n    bias=false)  ->  bn",
    " -> ".join(["conv(8, 3, bias=false)"] * 5) + "  # silence: N0401",
]


@pytest.mark.parametrize("body", SILENCES)
def test_a_declaration_stays_as_it_is_where_a_silence_would_move(body: str) -> None:
    text = f"network n: [3, 8, 8] = {body}\n"
    assert form_of(text) == text
    holds(text)


def test_a_division_in_a_slice_may_end_its_line() -> None:
    text = form_of(f"let x = depths[{'index + ' * 12}size // count:not _]\n")
    assert text.endswith(" // count:not _\n    ]\n")
    holds(text)


@pytest.mark.parametrize("lost", ["relu", "# two"])
def test_what_would_lose_a_word_or_a_comment_is_not_given_out(
    lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def losing(document: object, width: int) -> list[str]:
        return [line.replace(lost, "") for line in laid_out(document, width)]  # type: ignore[arg-type]

    monkeypatch.setattr("archdsl.formatting.format.laid_out", losing)
    text, diagnostics = formatted(Source("main.arch", "# one\nblock b = relu  # two\n"))
    assert text is None
    assert [each.code for each in diagnostics] == ["E0907"]
