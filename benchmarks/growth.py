"""How time and memory grow with the layers of a network: linear in nodes and edges is the aim."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from measure import measure

SIZES = {"chain": (100, 1_000, 10_000), "repeat": (100, 1_000, 10_000), "densenet": (50, 200, 800)}


def chain(layers: int) -> str:
    """Layers that are all written out, one after another."""
    links = "\n    -> ".join(["conv(8, 3)", "relu"] * (layers // 2))
    return f"network n: [8, 32, 32] =\n    {links}\n"


def repeat(layers: int) -> str:
    """The same layers from one line."""
    return f"network n: [8, 32, 32] = repeat({layers // 2}, conv(8, 3) -> relu)\n"


def densenet(layers: int) -> str:
    """A dense block: every layer reads what all those before it made."""
    return f"""
block layer(growth) = concat(identity, bn -> relu -> conv(growth, 3, bias=false))
network n: [8, 32, 32] = chain(layer{{i}}: layer(4) for i in range({layers}))
"""


SPECS: dict[str, Callable[[int], str]] = {"chain": chain, "repeat": repeat, "densenet": densenet}


COUNT = """
import sys, archdsl
graph = archdsl.read(sys.argv[1])["n"].graph.nodes
print(graph.number_of_nodes(), graph.number_of_edges())
"""


def count(path: Path) -> tuple[int, int]:
    """The nodes and edges of a network; in a process of its own.

    The memory of this process would count as its children's, which start as copies of it.
    """
    command = [sys.executable, "-c", COUNT, str(path)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    nodes, edges = map(int, output.split())
    return nodes, edges


def main() -> None:
    """Print a row for every kind and size."""
    print(f"{'network':10} {'layers':>6} {'nodes':>6} {'edges':>6} ", end="")
    print(f"{'check s':>8} {'compile s':>9} {'us/item':>8} {'MiB':>5} {'KiB/item':>8}")
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "empty.arch"
        path.write_text("let nothing = 0\n", encoding="utf-8")
        start = measure(["-m", "archdsl", "check", str(path)], times=3)
        for kind, sizes in SIZES.items():
            for size in sizes:
                path = Path(name) / f"{kind}.arch"
                path.write_text(SPECS[kind](size), encoding="utf-8")
                nodes, edges = count(path)
                items = nodes + edges
                check = measure(["-m", "archdsl", "check", str(path)], times=3)
                written = measure(["-m", "archdsl", "compile", str(path), "-o", name], times=3)
                each = (check.seconds - start.seconds) / items * 1e6
                room = max(0.0, check.mebibytes - start.mebibytes) / items * 1024
                print(
                    f"{kind:10} {size:6} {nodes:6} {edges:6} "
                    f"{check.seconds:8.2f} {written.seconds:9.2f} {each:8.0f} "
                    f"{check.mebibytes:5.0f} {room:8.1f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
