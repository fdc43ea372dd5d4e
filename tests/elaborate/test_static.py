"""What is said about a program before it is evaluated, beyond the examples of `tests/errors`."""

from __future__ import annotations

import keyword

import networkx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from archdsl.diagnostics import Diagnostic
from archdsl.resolve import check, recursion
from archdsl.resolve.report import MAXIMUM_MISTAKES
from archdsl.resolve.reserved import fault_of
from archdsl.source import Source
from archdsl.syntax.program import resolve


class NoFiles:
    """Finds nothing, not even the prelude."""

    def __call__(self, importer: str, module: tuple[str, ...]) -> None:
        return None

    def modules(self, importer: str) -> list[str]:
        return []


def checked(text: str) -> list[Diagnostic]:
    """The mistakes of a text that parses, without a prelude."""
    program, diagnostics = resolve(Source("test.arch", text), NoFiles())
    assert not diagnostics
    return check(program)


def test_labels_are_what_a_module_can_have() -> None:
    plain = {*dir(torch.nn.Module()), *dir(torch.nn.Sequential())} - {*dir(object())}
    for name in [
        *plain,
        *keyword.kwlist,
        "",
        "a..b",
        ".a",
        "a.class",
        "__init__",
        "__mangled",
        "µ",
        "ﬁrst",
        "x²",
    ]:
        assert fault_of(name), name
    for name in ["conv1", "0", "block2-1", "default", "self", "weight", "len", "print", "_x", "μ"]:
        assert not fault_of(name)
        module = torch.nn.Module()
        module.add_module(name, torch.nn.Identity())
        assert dict(module.named_children()).keys() == {name}


def test_the_nearest_name_is_offered() -> None:
    (mistake,) = checked("block a(width) = conv(widht, 3) -> conv(width, 1)")
    assert mistake.help == "did you mean `width`?"
    (mistake,) = checked("block a = conv(64, 3, strid=2)")
    assert mistake.help == "did you mean `stride`?"
    (mistake,) = checked("block a = first: relu -> add(relu, @fisrt)")
    assert mistake.help == "did you mean `first`?"
    (mistake,) = checked("block a = Conv2d(64, 3)")
    assert mistake.help == "write `conv(64, 3)`; the input channels are inferred"
    (mistake,) = checked("block a = torch.nn.Conv2d(64, 3)")
    assert mistake.help == "write `conv(64, 3)`; the input channels are inferred"
    (mistake,) = checked("block a = self.conv1 -> relu")
    assert mistake.help == "`label: layer` names a layer, and `@label` is its result"
    (mistake,) = checked("block a = relu // activation")
    assert mistake.help == "`//` divides; comments start with `#`"


@pytest.mark.parametrize(
    "text",
    [
        "block conv1(kernel) = let relu = conv(3, kernel) in relu -> relu",
        "block a(sizes): [c, h, w] -> [c, h // 2, w // 2] = chain(conv(n, 3) for n in sizes)",
        "block a(n, m=n * c): [c, _, _] = conv(m, 3)",
        "network a: (x: [1, 2, 2], y: [1, 2, 2]) = add(@x, @y -> relu)",
        "block a(n) = chain(b{i}: relu for i in range(n)) -> add(@b0, @b{n})",
        "block a = b -> c\nblock b = c\nlet c = relu",
        'block a = default: relu -> "x-1": relu -> _x: relu',
        "block a(b) = (x: relu) if b else (x: bn)",
        "block a = add(identity, [relu, bn]) -> [_, 3, 4] -> aux(head: relu)",
    ],
)  # fmt: skip
def test_what_is_right_is_accepted(text: str) -> None:
    assert checked(text) == []


def test_mistakes_are_bounded() -> None:
    found = checked("block a = " + " -> ".join(f"x{i}" for i in range(5000)))
    assert len(found) == MAXIMUM_MISTAKES
    assert found[0].span.text == "x0"


EXPRESSIONS = st.recursive(
    st.sampled_from(["a", "b", "conv", "relu", "1", "_", '"s"', "true", "@x", "@l{a}", "max"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("({0[0]} -> {0[1]})".format),
        st.tuples(inner, inner).map("({0[0]} if {0[1]})".format),
        st.tuples(inner, inner, inner).map("{0[0]}({0[1]}, out={0[2]})".format),
        st.tuples(inner, inner).map("{0[0]}(b={0[1]})".format),
        st.tuples(inner, inner).map("(let b = {0[0]} in {0[1]})".format),
        st.tuples(inner, inner).map("chain({0[0]} for b, _ in {0[1]})".format),
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        inner.map("(x: {})".format),
        inner.map('("l{{a}}": {})'.format),
        inner.map("({}).params".format),
        inner.map("{}[0]".format),
    ),
    max_leaves=8,
)
DECLARATIONS = st.one_of(
    EXPRESSIONS.map("let c = {}".format),
    EXPRESSIONS.map("let f(a, a) = {}".format),
    EXPRESSIONS.map("block conv(a, b=a): [b, c] -> [c, _] = {}".format),
    EXPRESSIONS.map("network a(b): (x: [1, b]) = {}".format),
    EXPRESSIONS.map("assert {}".format),
    EXPRESSIONS.map("default b({})".format),
)


@given(st.lists(DECLARATIONS, max_size=4).map("\n".join))
@settings(max_examples=200)
def test_the_check_never_raises_and_says_nothing_twice(text: str) -> None:
    program, diagnostics = resolve(Source("test.arch", text), NoFiles())
    assert not diagnostics
    found = [(each.code, each.span.start, each.span.end) for each in check(program)]
    assert len(found) == len({*found})


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12),
    st.permutations(range(7)),
)
def test_a_circle_of_blocks_is_refused_and_nothing_else(
    uses: list[tuple[int, int]], order: list[int]
) -> None:
    graph = networkx.DiGraph(uses)
    graph.add_nodes_from(range(7))
    bodies = {n: "".join(f" -> b{used}" for used in graph.successors(n)) for n in graph}
    found = checked("".join(f"block b{n} = relu{bodies[n]}\n" for n in order))
    on_circles = {n for circle in networkx.simple_cycles(graph) for n in circle}
    assert {each.code for each in found} <= {"E0711"}
    assert {int(each.message[2]) for each in found} <= on_circles
    assert bool(found) == bool(on_circles)


def test_where_no_circle_is_none_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    searches: list[object] = []
    monkeypatch.setattr(recursion, "_circle", lambda start, uses: searches.append(start) or [])
    chain = "".join(f"block b{n} = b{n + 1}\n" for n in range(300))
    assert checked(chain + "block b300 = relu") == []
    assert searches == []
    checked(chain + "block b300 = b300 -> b301\nblock b301 = b302\nblock b302 = relu")
    assert len(searches) == 1
