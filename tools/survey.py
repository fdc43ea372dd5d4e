"""The tables of all shipped networks: `python -m tools.survey` writes them into `specs/`.

`README.md` is for people; `archdsl networks` prints `networks.json`. Which networks stand for
others that differ only in numbers is written for the tests.

Counts are calculated from the specs. The source of a figure is the comment above its assert.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from archdsl.analysis.cost import depth, macs, params
from archdsl.graph import Graph
from archdsl.listing import index_text
from archdsl.shipped import INDEX
from tests.helpers.kinds import SMALLEST, smallest_text
from tests.helpers.paths import SPECS
from tests.helpers.pipeline import graphs
from tests.helpers.reference import FAMILIES, SEGMENTATION

PAGE = SPECS / "README.md"
FACTS = {"params": "parameters", "macs": "multiply-adds", "depth": "depth"}
ASSERT = re.compile(r"assert (\w+)\.(\w+) ==(?:.*#(.*))?")
COMPARED = "keys, counts, logits"
HEAD = """\
# Networks

The shipped networks, by file. *Compared* lists how each was verified: against the keys and shapes,
counts and logits of a reference model (torchvision's or timm's of the same name), or against
published figures, which are asserts in the spec; the remarks below each table are its comments on
them. `python -m tools.survey` writes this page.
"""
COLUMNS = "| network | parameters | multiply-adds | depth | compared |\n|---|--:|--:|--:|---|"


def page() -> str:
    """The whole page."""
    files = sorted(SPECS.glob("*.arch"))
    return "\n".join([HEAD, *[_section(file) for file in files]])


def _section(file: Path) -> str:
    asserts = [*_asserts(file.read_text(encoding="utf-8"))]
    rows = [_row(file.stem, name, graph, asserts) for name, graph in graphs(file).items()]
    remarks = dict.fromkeys(remark for *_, remark in asserts if remark)
    notes = [f"- {remark}" for remark in remarks]
    return "\n".join([f"## [{file.name}]({file.name})\n", COLUMNS, *rows, "", *notes, ""])


def _row(file: str, name: str, graph: Graph, asserts: list[tuple[str, str, str]]) -> str:
    held = [FACTS[fact] for network, fact, _ in asserts if network == name and fact in FACTS]
    reference = name in (FAMILIES | SEGMENTATION).get(file, ())
    compared = COMPARED if reference else ", ".join(dict.fromkeys(held))
    counts = [params(graph), macs(graph), depth(graph)]
    # One that depends on open sizes is a formula.
    numbers = " | ".join(
        f"{n:,}" if isinstance(n, int) else f"{n}".replace("*", "·") for n in counts
    )
    return f"| `{name}` | {numbers} | {compared} |"


def _asserts(text: str) -> Iterator[tuple[str, str, str]]:
    """The network, the figure and the comment of every assert."""
    remark: list[str] = []
    before = ""
    for line in text.splitlines():
        if found := ASSERT.match(line):
            yield found[1], found[2], " ".join(remark) or (found[3] or "").strip()
        elif line.startswith("# "):
            remark = [*(remark if before.startswith("# ") else []), line.removeprefix("# ")]
        elif not line:
            remark = []
        before = line


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    (SPECS / INDEX).write_text(index_text(), encoding="utf-8")
    SMALLEST.write_text(smallest_text(), encoding="utf-8")
