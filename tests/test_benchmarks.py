"""The benchmarks, which no test runs, find what they import."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from archdsl.driver import check
from archdsl.files import finder
from archdsl.source import Source
from tests.helpers.paths import ROOT, SPECS

SCRIPTS = sorted((ROOT / "benchmarks").glob("*.py"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_benchmark_can_be_imported(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(path.parent)
    assert runpy.run_path(str(path), run_name="imported")["__doc__"]


@pytest.mark.parametrize("path", sorted((ROOT / "benchmarks" / "specs").glob("*.arch")))
def test_a_spec_of_a_claim_is_right(path: Path) -> None:
    graphs, diagnostics = check(Source(path.name, path.read_text(encoding="utf-8")), finder(SPECS))
    assert graphs
    assert not diagnostics


def test_the_two_shortest_claims_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One epoch each, since whether a claim shows is not asked here."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    claims = runpy.run_path(str(ROOT / "benchmarks" / "claims.py"), run_name="imported")
    chosen = [claims["CLAIMS"][name] for name in ("scales", "heads")]
    text = claims["page"](chosen, seeds=1, runs=tmp_path, epochs=1)
    assert text.count("--seed 0") == len(chosen)
    assert {"| `three_heads` |", "| the mean of all three |"} <= {*re.findall(r"\| [^|]+ \|", text)}
