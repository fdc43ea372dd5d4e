"""The folders of specs, generated code and test data."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "specs"
SHIPPED = [*sorted(SPECS.glob("*.arch")), *sorted(ROOT.glob("archdsl/library/*.arch"))]
"""All shipped specs: networks, then the blocks of the library."""
GENERATED = ROOT / "generated"
CODE = ROOT / "tests" / "code"
DIAGRAMS = ROOT / "tests" / "diagrams"
ERRORS = ROOT / "tests" / "errors"
EXAMPLES = ROOT / "tests" / "examples"
REFERENCE = ROOT / "tests" / "reference"
