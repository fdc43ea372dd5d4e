"""The page of common claims about architectures: `python -m tools.claims_page` writes it.

Every claim is a spec in `tests/claims`: its comment states it, its asserts check it, and its
numbers are read from its networks. It may import from `specs`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from archdsl.analysis.cost import depth, macs, params
from archdsl.analysis.memory import saved_bytes
from archdsl.analysis.receptive_field import receptive_field
from archdsl.driver import check
from archdsl.files import finder
from archdsl.graph import Graph
from archdsl.render import as_text
from archdsl.source import Source
from tests.helpers.paths import GENERATED, ROOT, SPECS

PAGE = GENERATED / "claims.md"
CLAIMS = sorted(ROOT.glob("tests/claims/*.arch"))
HEAD = """\
# Claims

Common claims about architectures, with numbers counted by archdsl. Each claim is a spec whose
asserts check it. *field* is the receptive field of the last feature map, height and width in
pixels; *parameters* are trainable numbers; *multiply-adds* are those of convolutions, linear layers
and matrix products for one image; *saved* are the bytes that PyTorch keeps for the gradient of one
image in float32, without weights; *depth* counts the convolutions and linear layers on the longest
path. `python -m tools.claims_page` writes this page. What only training can show is in
[benchmarks/claims.md](../benchmarks/claims.md).
"""
COLUMNS = """\
| network | field | parameters | multiply-adds | saved | depth |
|---|---|--:|--:|--:|--:|"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *map(section, CLAIMS)])


def section(path: Path) -> str:
    """The section of a claim; raises AssertionError if it does not hold."""
    text = path.read_text(encoding="utf-8")
    graphs, diagnostics = check(Source(path.name, text), finder(SPECS))
    assert not diagnostics, as_text(diagnostics)
    title, *said = [
        line.removeprefix("##").strip() for line in text.splitlines() if line[:2] == "##"
    ]
    spec = text.partition("\n\n")[2].strip()
    return "\n".join(
        [
            f"## {title.rstrip('.')}",
            *said,
            "",
            COLUMNS,
            *_rows(graphs),
            "",
            f"```arch\n{spec}\n```\n",
        ]
    )


def _rows(graphs: dict[str, Graph]) -> Iterator[str]:
    for name, graph in graphs.items():
        height, width = receptive_field(graph)
        counts = [params(graph), macs(graph), saved_bytes(graph), depth(graph)]
        numbers = " | ".join(f"{count:,}" for count in counts)
        yield f"| `{name}` | {height} x {width} | {numbers} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
