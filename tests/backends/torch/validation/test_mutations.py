"""The compiler refuses what a broken code generator writes.

All mutations take minutes: `python -m tools.mutate_generator` makes them.
"""

from __future__ import annotations

from tests.helpers.paths import ROOT
from tools.generator_mutations import MUTATIONS, Mutation
from tools.mutate_generator import BACKEND, outcome, sound

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


def test_a_broken_generator_is_refused() -> None:
    before = sound()
    found = {name: outcome(named()[name], before) for name in sorted(FEW)}
    assert {name: each.verdict for name, each in found.items()} == dict.fromkeys(FEW, "refused")
    assert all(each.refused[1].startswith("E0901 ") for each in found.values())
