"""The compiler refuses what a broken code generator writes.

All mutations take minutes: `python tools/mutate_generator.py` makes them.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

import pytest

from tests.helpers.paths import ROOT

TOOLS = ROOT / "tools"
FEW = {
    "source: sides of a choice swapped",
    "block_calls: heads in the other order",
    "forward: wire lost",
    "inplace: what a gradient needs overwritten",
}


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    sys.path.insert(0, str(TOOLS))
    try:
        return importlib.import_module("mutate_generator")
    finally:
        sys.path.remove(str(TOOLS))


def named(tool: ModuleType) -> dict[str, tuple[str, str, str, str]]:
    return {f"{each.file}: {each.name}": each for each in tool.MUTATIONS}


def test_every_mutation_can_be_made(tool: ModuleType) -> None:
    assert len(named(tool)) == len(tool.MUTATIONS) >= 40
    for each in tool.MUTATIONS:
        text = (ROOT / tool.BACKEND / f"{each.file}.py").read_text(encoding="utf-8")
        assert text.count(each.old) == 1, each


def test_a_broken_generator_is_refused(tool: ModuleType) -> None:
    before = tool.sound()
    found = {name: tool.outcome(named(tool)[name], before) for name in sorted(FEW)}
    assert {name: each.verdict for name, each in found.items()} == dict.fromkeys(FEW, "refused")
    assert all(each.refused[1].startswith("E0901 ") for each in found.values())
