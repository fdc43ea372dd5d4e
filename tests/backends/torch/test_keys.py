"""Keys are those that `summary` promises, whatever form a scope is written in."""

from __future__ import annotations

import pytest

from archdsl.testing import Spec, agree

SHARED = {
    "a station behind": "block b(out) = conv(out, 3) -> [out, 8, 8]",
    "a station before": "block b(out): [c, _, _] = [c, 8, 8] -> conv(out, 3)",
    "stations around": "block b(out) = identity -> ([_, 8, 8] -> conv(out, 3)) -> [_, 8, 8]",
    "a condition": "block b(out) = [_, 8, 8] -> ((conv(out, 3) -> [out, 8, 8]) if out > 2)",
    "an argument": "block b(out, layer=conv) = layer(out, 3) -> [out, 8, 8]",
    "another block": "block a(w) = conv(w, 3) -> [w, 8, 8]\nblock b(out) = a(out) -> [out, 8, 8]",
}


@pytest.mark.parametrize("block", SHARED.values(), ids=SHARED)
def test_a_block_of_one_layer_shares_its_scope(block: str) -> None:
    """Its stations and identities are no layers, in code as in the graph."""
    text = f"{block}\nnetwork n: [3, 8, 8] = stem: b(4) -> chain(s{{i}}: b(6) for i in range(2))"
    graph = agree(Spec(text))["n"]
    assert [node.path for node in graph][1:] == ["stem", "s0", "s1"]


NOTHING = {
    "a loop": "repeat(3, identity) -> conv(4, 1)",
    "a loop over a list": "chain(identity for _ in [1, 2]) -> conv(4, 1)",
    "loops in one another": "repeat(2, repeat(3, [_, 8, 8])) -> conv(4, 1)",
    "a condition": "(identity if a) -> conv(4, 1)",
    "both sides of a condition": "(identity if a else [_, 8, 8]) -> conv(4, 1)",
    "a condition in a loop": "repeat(3, (identity if a)) -> conv(4, 1)",
    "a labelled loop": "s: (repeat(3, identity) -> conv(4, 1)) -> t: repeat(2, identity) -> relu",
    "an argument": "b(2) -> b(3)",
}


@pytest.mark.parametrize("body", NOTHING.values(), ids=NOTHING)
def test_what_leaves_nothing_to_be_done(body: str) -> None:
    """A loop or an `if` without layers is no statement."""
    block = "block b(n, drop=identity) = blocks: (repeat(n, drop) -> conv(4, 3) -> relu)"
    parameters = "(a=true)" if "if a" in body else ""
    agree(Spec(f"{block}\nnetwork n{parameters}: [3, 8, 8] = {body}"))


HIDDEN = {
    "a loop": "chain(l{{i}}: conv(4, 3) for i in range({n}))",
    "two loops": "chain(chain(l{{i}}{{j}}: conv(4, 3) for j in [0]) for i in range({n}))",
    "a filter": "chain(l{{i}}: conv(4, 3) for i in range(3) if i < {n})",
    "a branch of a merge": "(add(identity, l: conv(3, 3)) if {n} > 0)",
    "a loop behind an `if`": "(chain(l{{i}}: conv(4, 3) for i in range(2)) if {n} > 0)",
    "a function": "(f(1) if {n} > 0)",
    "a function of layers": "(g(l: conv(4, 1)) if {n} > 0)",
    "a local name": "(let a = l: conv(4, 3) in a if {n} > 0)",
    "a repetition": "(repeat(1, l: conv(4, 3)) if {n} > 0)",
}


@pytest.mark.parametrize("form", HIDDEN.values(), ids=HIDDEN)
def test_labels_count_where_nothing_is_made(form: str) -> None:
    """Whether a scope is numbered does not depend on turns or on the side that is taken."""
    lets = "let f(i) = l{i}: conv(4, 3)\nlet g(layer) = layer -> relu\n"
    for n in (0, 1):
        text = f"{lets}network n: [3, 8, 8] = {form.format(n=n)} -> conv(4, 1)"
        assert [*agree(Spec(text))["n"]][-1].path == "conv"


WRITTEN = {
    "backwards": '"1": conv(4, 3) -> "0": conv(4, 1)',
    "with zeros before": '"01": conv(4, 3) -> "00": conv(4, 1)',
    "digits of another script": '"٣": conv(4, 3) -> "0": conv(4, 1)',
    "with gaps": '"2": conv(4, 3) -> "0": conv(4, 1) -> add(identity, "5": conv(4, 1))',
    "from one on": 'chain("{i}": conv(4, 3) for i in range(1, {n} + 1)) -> relu',
    "from zero on": 's: chain("{i}": (conv(4, 3) -> relu) for i in range({n}))',
    "in labelled scopes": 's: ("1": conv(4, 3) -> relu -> "3": conv(4, 1)) -> t: ("7": relu)',
    "no names": '"a b": conv(4, 1) -> "c-d": add(identity, conv(4, 1)) -> "é": add(relu)',
    "another in every instance": "x: b(0) -> y: b(3)",
    "around an argument": 'x: around(relu) -> y: around("3": conv(4, 1)) -> z: around(identity)',
}


@pytest.mark.parametrize("body", WRITTEN.values(), ids=WRITTEN)
def test_labels_may_be_any_numbers(body: str) -> None:
    """An `nn.Sequential` counts its modules only where the keys are what it counts."""
    blocks = """
        block b(k) = chain("{i}": conv(4, 3) for i in range(k, k + 2))
        block around(f) = "0": conv(4, 1) -> f -> "9": conv(4, 1)
    """
    agree(Spec(f"{blocks}\nnetwork n: [4, 8, 8] = {body.replace('{n}', '3')}"))
    if "{n}" in body:
        agree(Spec(f"{blocks}\nnetwork n(n=3): [4, 8, 8] = {body.replace('{n}', 'n')}"))


INNER = {
    "a layer without weights": "x: (a: silu -> silu) -> silu -> add(identity, @a)",
    "a layer with weights": "x: (a: silu -> silu) -> silu: conv(4, 1) -> add(identity, @a)",
    "another such scope": "x: (a: silu -> silu) -> y: (b: silu -> silu) -> add(identity, @a, @b)",
}


@pytest.mark.parametrize("body", INNER.values(), ids=INNER)
def test_a_scope_without_weights_repeats_names_of_the_class(body: str) -> None:
    """Its layers are modules of the class beside others with the same name."""
    agree(Spec(f'network n: [4, 8, 8] = {body} -> "c-1": conv(8, 1)'))
