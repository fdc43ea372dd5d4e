"""What goes wrong in the library is blamed on the argument that it was computed from."""

from __future__ import annotations

import pytest

from archdsl.driver import check
from archdsl.files import finder
from archdsl.source import Source
from tests.helpers.paths import SPECS


@pytest.mark.parametrize(
    ("layer", "blamed"),
    [
        ("conv(min(4, 2.5), 3)", "min(4, 2.5)"),
        # Through a `let` of the library, through a default, through a signature's multiple.
        ("bottleneck(min(0, 3))", "min(0, 3)"),
        ('bottleneck(max("x", 3))', 'max("x", 3)'),
        ("se(reduction=max(2, 50))", "reduction=max(2, 50)"),
        ("se(squeeze=min(0, 1))", "squeeze=min(0, 1)"),
        ("separable(8, min(2, 5))", "min(2, 5)"),
        # Through two calls of the library.
        ("stage(2, basic(max(0, 0)))", "max(0, 0)"),
        ("stage(max(0, 0) - 5, basic(8))", "max(0, 0) - 5"),
        # Where several arguments have a part in it, the call.
        ("bottleneck(64, base=min(0, 1))", "bottleneck(64, base=min(0, 1))"),
        ("stage(2, basic) -> flatten", "basic"),
    ],
)
def test_an_argument_is_blamed_even_if_it_is_a_call(layer: str, blamed: str) -> None:
    _, (found,) = check(Source("test.arch", f"network n: [32, 8, 8] = {layer}"), finder(SPECS))
    assert found.span.text == blamed


def test_a_chain_of_blocks_that_is_merely_deep_is_no_recursion() -> None:
    chain = "".join(f"block b{n} = b{n + 1}\n" for n in range(300))
    text = f"{chain}block b300 = relu\nnetwork n: [3, 8, 8] = b0\n"
    _, (found,) = check(Source("test.arch", text), finder(SPECS))
    assert str(found) == "test.arch:200:14: error[E0711]: `b200` is more than 200 levels deep"
    assert "write out this block" in found.help
