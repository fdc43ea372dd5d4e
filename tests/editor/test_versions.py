"""`archdsl.analyse` with an earlier version of a text: what it costs, keeps, and finds."""

from __future__ import annotations

import gc
from functools import partial
from weakref import ref

import pytest

import archdsl
from archdsl.editor.analysis import Analysis
from archdsl.elaborate import applications
from archdsl.elaborate.networks import Request
from archdsl.resolve.dependencies import Dependencies
from archdsl.source import Source
from archdsl.syntax import parser
from tests.helpers.paths import EXAMPLES, SPECS
from tools.random_edits import differences

UNIT = """
block unit(width=8) = first: conv(width, 3) -> add(@first, relu)

network small(n=2): [3, 16, 16] = unit -> repeat(n, unit(width=4)) -> flatten
network large: [3, 32, 32] = unit(16) -> (add(identity, unit(16)) if 1 < 2) -> global_avgpool
"""


def test_the_texts_of_old_versions_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applications, "MOST_VERSIONS", 6)
    texts: list[ref[Source]] = []
    analysis = None
    for number in range(30):
        text = UNIT.replace("width=8", f"width={number + 1}")
        analysis = archdsl.analyse(text, previous=analysis)
        assert (analysis.diagnostics, len(analysis.hints)) == ((), 13)
        texts.append(ref(analysis.source))
    gc.collect()
    assert len([each for each in texts if each() is not None]) <= 6 + 1


def test_an_edit_leaves_little_to_the_collector() -> None:
    """What refers to itself is freed by the collector alone, which makes an editor wait."""
    text = (SPECS / "densenet.arch").read_text(encoding="utf-8")
    analysis = archdsl.analyse(text)
    assert analysis.diagnostics == ()
    gc.collect()
    gc.disable()
    try:
        for edited in (text.replace("range(1, n + 1)", "range(1, n + 2)"), text):
            analysis = archdsl.analyse(edited, previous=analysis)
            assert (analysis.diagnostics == ()) == (edited is text)
        assert gc.collect() < 2_000
    finally:
        gc.enable()


def test_an_earlier_version_must_be_an_analysis() -> None:
    with pytest.raises(TypeError, match="must be what `analyse` gave, not int"):
        archdsl.analyse("", previous=3)  # type: ignore[arg-type]


def counted(monkeypatch: pytest.MonkeyPatch, text: str, edited: str) -> tuple[int, int, Analysis]:
    """How many declarations an edit lets read, and how many networks run."""
    before = archdsl.analyse(text)
    assert before.diagnostics is not None
    counts = [0, 0]

    def counting(number: int, original: object, *arguments: object) -> object:
        counts[number] += 1
        return original(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(parser, "_fed", partial(counting, 0, parser._fed))
        build = Request.build
        patch.setattr(Request, "build", lambda request: counting(1, build, request))
        after = archdsl.analyse(edited, previous=before)
        assert after.diagnostics is not None
    return counts[0], counts[1], after


def test_an_edit_costs_what_it_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (SPECS / "resnet.arch").read_text(encoding="utf-8")
    one = text.replace(
        "resnet(basic, [2, 2, 2, 2], classes)", "resnet(basic, [2, 2, 2, 1], classes)"
    )
    assert counted(monkeypatch, text, one)[:2] == (1, 1)
    assert counted(monkeypatch, text, "# A comment.\n" + text)[:2] == (0, 0)
    assert counted(monkeypatch, text, text.replace("depth == 18", "depth == 19"))[:2] == (1, 0)
    assert counted(monkeypatch, text, text.replace("conv(64, 7", "conv(32, 7"))[:2] == (1, 12)
    read, run, after = counted(
        monkeypatch, text, text.replace("network resnet18(", "network resnet18")
    )
    assert (read > 0, run, len(after.networks)) == (True, 0, 11)


@pytest.mark.parametrize("seed", range(12))
def test_edits_leave_what_a_text_means_as_it_is_from_scratch(seed: int) -> None:
    assert [each for each in differences(seed, 5, "tests/") if each] == []


def test_the_search_finds_a_forgotten_dependency(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Dependencies, "unchanged", lambda self, same: set(same))
    text = (EXAMPLES / "resnet.arch").read_text(encoding="utf-8")
    first = archdsl.analyse(text)
    assert first.diagnostics is not None
    assert any(each for seed in range(50) for each in differences(seed, 5, "tests/examples/"))
