"""The compiler refuses what a broken code generator writes.

All mutations take minutes: `python -m tools.mutate_generator` makes them.
"""

from __future__ import annotations

import pytest

from archdsl.driver import compile
from archdsl.files import finder
from archdsl.source import Source
from tests.helpers.paths import ROOT
from tools.generator_mutations import MUTATIONS, Mutation
from tools.mutate_generator import BACKEND, SMALL, outcome

FEW = {
    "source: sides of a choice swapped",
    "block_calls: heads in the other order",
    "forward: wire lost",
    "inplace: what a gradient needs overwritten",
}


def named() -> dict[str, Mutation]:
    return {f"{each.file}: {each.name}": each for each in MUTATIONS}


def test_every_mutation_can_be_made() -> None:
    assert len(named()) == len(MUTATIONS) >= 40
    for each in MUTATIONS:
        text = (ROOT / BACKEND / f"{each.file}.py").read_text(encoding="utf-8")
        assert text.count(each.old) == 1, each


@pytest.mark.parametrize("name", SMALL)
def test_what_is_sound_is_not_refused(name: str) -> None:
    """The code of the other specs stands beside them."""
    code, diagnostics = compile(Source(f"{name}.arch", SMALL[name]), finder(ROOT))
    assert code, diagnostics


def test_a_broken_generator_is_refused() -> None:
    # What a sound one writes is compared where nothing is refused.
    found = {name: outcome(named()[name], before={}) for name in sorted(FEW)}
    assert {name: each.verdict for name, each in found.items()} == dict.fromkeys(FEW, "refused")
    assert all(each.refused[1].startswith("E0901 ") for each in found.values())
