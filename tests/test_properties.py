"""Random specs, with PyTorch as the oracle; random text, which nothing may choke on."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archdsl.diagnostics import codes
from archdsl.driver import load_program
from archdsl.elaborate import elaborate
from archdsl.files import finder
from archdsl.source import Source
from archdsl.syntax.parser import parse
from archdsl.testing import Spec, agree, calls, seeded, shapes
from tests.helpers.paths import EXAMPLES, SPECS

SEEDS = 20
"""So many random specs are tried; `python -m tools.random_specs --seeds 0:20000` tries more."""
FAILED = [940033]
"""Seeds of a long search that failed once."""

large = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

SIGNS = ["# ", "## ", "\n", "\n\n", "\r\n", "\t", "\0", "\\", "\u202e", "\ud800"]
WORDS = """
block network let in if else for default assert from import as and or not true false
conv bn relu add concat repeat chain linear maxpool flatten identity stage bottleneck range
a b c i n x width conv1 layer {i} @a @conv1 @layer{i} "a" "block{i}" _ 0 1 3 64 2.5 1e-5 1_000
9999999999999999999 1e999 -> : = == != <= >= < > + - * / // % ** ( ( ( ) ) ) [ [ ] ] { } , , .
" ' ; ! ? $ ` ~ & | é 字
""".split()
WORDS += SIGNS


@pytest.mark.parametrize("seed", [*range(SEEDS), *FAILED])
def test_pytorch_sees_what_was_inferred(seed: int) -> None:
    agree(seeded(seed))


@settings(large, max_examples=15)
@given(
    calls(
        SPECS / "densenet.arch",
        "dense_block",
        n=st.integers(1, 3),
        growth=st.integers(1, 8),
        drop=st.sampled_from([0.0, 0.2]),
    )
)
def test_calls_of_a_block_of_a_file(call: Spec) -> None:
    graph = agree(call)["probe"]
    assert (
        graph.shape(graph.outputs["output"]).channels > graph.shape(graph.inputs["input"]).channels
    )


@settings(large, max_examples=15)
@given(
    calls(
        EXAMPLES / "resnet.arch",
        "bottleneck",
        input=shapes(channels=(4, 16, 64)),
        width=st.sampled_from([4, 16]),
        stride=st.integers(1, 3),
        attention=st.sampled_from(["se", "se(4)", "identity", "dropout"]),
    )
)
def test_calls_with_layers_as_arguments(call: Spec) -> None:
    agree(call)


@settings(large, max_examples=300)
@given(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
def test_soup_never_raises(text: str) -> None:
    survive(text)


@settings(large, max_examples=60)
@given(st.data())
def test_damaged_specs_never_raise(data: st.DataObject) -> None:
    """A right spec with some words exchanged, doubled or lost; see also `tools/random_edits.py`."""
    path = data.draw(st.sampled_from(sorted([*SPECS.glob("*.arch"), *EXAMPLES.glob("*.arch")])))
    words = path.read_text(encoding="utf-8").split(" ")
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(words) - 1))
        words[place] = data.draw(st.sampled_from([*WORDS, "", words[place] * 2, words[-place]]))
    survive(" ".join(words))


LEAVES = ["h", "w", "2", "0.5", "true", '"a"', "[1, h]", "[0.5, w]", "-1", "h // 2", "n"]
OPERATORS = "+ - * / // % ** == < >= and or".split()
FUNCTIONS = "min max abs round floor ceil len range zip enumerate sum divisible".split()


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Numbers, lists and nonsense, put together by operators and functions."""
    two = st.tuples(inner, inner)
    operators = st.tuples(inner, st.sampled_from(OPERATORS), inner).map(" ".join)
    calls = st.tuples(st.sampled_from(FUNCTIONS), inner).map(lambda parts: "{}({})".format(*parts))
    calls2 = st.tuples(st.sampled_from(FUNCTIONS), two).map(lambda p: f"{p[0]}({', '.join(p[1])})")
    lists = two.map(lambda items: f"[{', '.join(items)}]")
    choices = st.tuples(inner, inner, inner).map(lambda parts: "{} if {} else {}".format(*parts))
    return st.one_of(operators.map("({})".format), calls, calls2, lists, choices.map("({})".format))


@settings(large, max_examples=300)
@given(st.recursive(st.sampled_from(LEAVES), grown, max_leaves=6))
def test_any_arithmetic_ends_in_a_code(expression: str) -> None:
    survive(f"network n(n=3): [3, h, w] = dropout({expression}) -> [_, {expression}, w] -> relu")


@settings(large, max_examples=100)
@given(st.text(max_size=200))
def test_any_text_is_parsed(text: str) -> None:
    parse(Source("text.arch", text))


def survive(text: str) -> None:
    """Every stage that reads text ends, with diagnostics that have a place, or without any."""
    program, diagnostics = load_program(Source("soup.arch", text), finder(EXAMPLES))
    _, more = elaborate(program)
    for diagnostic in [*diagnostics, *more]:
        span = diagnostic.span
        assert 0 <= span.start <= span.end <= len(span.source.text)
        assert diagnostic.code in codes()
