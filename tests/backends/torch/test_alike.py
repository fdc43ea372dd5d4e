"""Which occurrences of a block are merged: one of each kind."""

from __future__ import annotations

import pytest

from archdsl.backends.torch.alike import unlike
from archdsl.backends.torch.families import Families
from archdsl.backends.torch.initialize import plan
from archdsl.backends.torch.interface import Interfaces
from archdsl.driver import compile, read
from archdsl.source import Source


def kinds(text: str, block: str) -> tuple[int, int]:
    """How many occurrences a block without calls has in a spec, and of how many kinds."""
    graphs, diagnostics = read(Source("n.arch", text), lambda *_: None)
    assert not diagnostics
    families = Families([*graphs.values()])
    interfaces = Interfaces(families, plan(families, [*graphs.values()]))
    (family,) = [each for each in families.families if each.block.name == block]
    return len(family.occurrences), len(unlike(interfaces, family, frozenset()))


@pytest.mark.parametrize(
    ("unit", "network", "expected"),
    [
        ("conv(w, 3) -> relu", "repeat(9, unit(8))", 1),
        ("conv(w, 3) -> relu", "unit(8) -> unit(8) -> unit(4) -> unit(4)", 3),
        ("conv(2 * w, 3) -> conv(8, 3)", "unit(4) -> unit(4) -> unit(8)", 2),
        ("conv(8, 3) -> dropout(w)", "unit(0.0) -> unit(0.0) -> unit(0)", 2),
        ("add(identity, conv(8, w))", "unit(3) -> unit(3) -> unit(1)", 2),
        ("conv(8, 1) -> (conv(8, 3) if w > 1)", "unit(1) -> unit(1) -> unit(3) -> unit(2)", 3),
        ("chain(conv(8, 3) for _ in range(w))", "unit(1) -> unit(2) -> unit(2)", 2),
    ],
)
def test_one_occurrence_of_each_kind_is_merged(unit: str, network: str, expected: int) -> None:
    text = f"block unit(w) = {unit}\nnetwork n: [8, 32, 32] = {network}\n"
    assert kinds(text, "unit")[1] == expected


def test_layers_that_are_arguments_tell_occurrences_apart() -> None:
    text = """
block unit(layer) = conv(8, 3) -> layer
network n: [8, 32, 32] = unit(relu) -> unit(relu) -> unit(gelu) -> unit(conv(8, 1))
"""
    assert kinds(text, "unit") == (4, 3)


def test_the_origin_of_an_argument_does_not() -> None:
    text = """
block unit(w) = conv(w, 3) -> relu
network n(a=8): [8, 32, 32] = unit(8) -> unit(a) -> unit(2 * a - 8)
"""
    assert kinds(text, "unit") == (3, 1)


def test_each_occurrence_gets_its_own_value_of_a_fresh_parameter() -> None:
    # Only the callers know the channels behind `body`, and two occurrences are otherwise alike.
    text = """
block plain(w) = conv(w, 3)
block wide(w) = conv(2 * w, 3)
block net(body) = body: body(8) -> head: conv(4, 1)
network n: [4, 32, 32] = net(plain) -> net(wide) -> net(wide) -> net(plain)
"""
    code, diagnostics = compile(Source("n.arch", text), lambda *_: None)
    assert not diagnostics
    assert "Net(4, 8), Net(4, 16), Net(4, 16), Net(4, 8)" in code
