"""The golden files next to small specs: `python -m tools.goldens` writes them.

A spec in `tests/code` has its generated code, one in `tests/diagrams` its folded views and DOT
texts. Write them after an intended change, and read the difference as a stranger would.
"""

from __future__ import annotations

from pathlib import Path

from archdsl.backends.diagram import Choice, Look, diagram, folded
from archdsl.diagnostics import has_errors
from archdsl.driver import compile
from archdsl.files import finder
from archdsl.render import as_text
from archdsl.source import Source
from tests.helpers.paths import CODE, DIAGRAMS
from tests.helpers.pipeline import graphs

SPECS_OF_CODE = sorted(CODE.glob("*.arch"))
SPECS_OF_DIAGRAMS = sorted(DIAGRAMS.glob("*.arch"))


def code(path: Path) -> str:
    """The Python file of a spec."""
    source = Source(path.name, path.read_text(encoding="utf-8"))
    text, diagnostics = compile(source, finder(path.parent))
    assert not has_errors(diagnostics), as_text(diagnostics)
    return text


def views(path: Path) -> str:
    """The folded views of a spec."""
    return "\n\n".join([str(folded(graph)) for graph in graphs(path).values()]) + "\n"


def dots(path: Path) -> str:
    """The DOT texts of a spec, one below another."""
    return "\n".join([diagram(graph, Choice(), Look())[0] for graph in graphs(path).values()])


if __name__ == "__main__":
    for spec in SPECS_OF_CODE:
        spec.with_suffix(".py").write_text(code(spec), encoding="utf-8")
    for spec in SPECS_OF_DIAGRAMS:
        spec.with_suffix(".view").write_text(views(spec), encoding="utf-8")
        spec.with_suffix(".dot").write_text(dots(spec), encoding="utf-8")
