"""Where specs, generated code and the data of tests are."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "specs"
GENERATED = ROOT / "generated"
CODE = ROOT / "tests" / "code"
DIAGRAMS = ROOT / "tests" / "diagrams"
ERRORS = ROOT / "tests" / "errors"
EXAMPLES = ROOT / "tests" / "examples"
REFERENCE = ROOT / "tests" / "reference"
