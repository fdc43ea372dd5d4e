"""The gallery, `generated/diagrams/`: `python -m tools.gallery` writes it.

It has the DOT text of every network of `specs/`, which tests compare, and its SVG, which depends on
the Graphviz that draws it. The page shows the first network of every file.
"""

from __future__ import annotations

import sys
from pathlib import Path

from archdsl.backends.diagram import Choice, Look
from archdsl.graph import Graph
from archdsl.outputs import save_file
from archdsl.pictures import picture
from tests.helpers.paths import ROOT, SPECS
from tests.helpers.pipeline import graphs

FOLDER = ROOT / "generated" / "diagrams"
HEAD = """\
# Diagrams

Every network of [specs/](../../specs/README.md), folded to fit a page.
`archdsl draw specs/NAME.arch` draws the networks of a file. `python -m tools.gallery` writes this
page.
"""


def dot(graph: Graph) -> bytes:
    """The DOT text of a network's folded picture."""
    content, diagnostics = picture(graph, "dot", Choice(), Look())
    assert not diagnostics
    return content


def page() -> str:
    """The page that shows all pictures, by file."""
    return "\n".join([HEAD, *[_section(file) for file in sorted(SPECS.glob("*.arch"))]])


def _section(file: Path) -> str:
    links = [f"[{name}]({name}.svg)" for name in graphs(file)]
    first = next(iter(graphs(file)))
    image = f"![{first}]({first}.svg)"
    return f"## [{file.name}](../../specs/{file.name})\n\n{', '.join(links)}\n\n{image}\n"


def write(file: Path) -> None:
    """Draw the networks of a file."""
    for name, graph in graphs(file).items():
        svg, faults = picture(graph, "svg", Choice(), Look())
        faults += save_file(FOLDER / f"{name}.svg", svg)
        faults += save_file(FOLDER / f"{name}.dot", dot(graph))
        assert not faults, faults


if __name__ == "__main__":
    for spec in sorted(SPECS.glob("*.arch")):
        sys.stdout.write(f"{spec.name}\n")
        write(spec)
    FOLDER.joinpath("README.md").write_text(page(), encoding="utf-8")
