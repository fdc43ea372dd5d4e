"""CPU time and size of pages to look into: shipped networks, and one of 100,000 ops."""

from __future__ import annotations

import gzip
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import archdsl
from archdsl.backends.scene import scene
from archdsl.viewer import page, script

SPECS = Path(__file__).parents[1] / "specs"
SHIPPED = ("resnet50", "googlenet", "densenet121", "inception_resnet_v2", "gpt2_small")
HUGE = """
block unit(c) =
    conv(c, 3) -> bn -> relu -> conv(c, 3) -> bn -> relu -> add(identity, conv(c, 1)) -> relu
block stage(c) = repeat(100, unit(c))
network many: [3, 32, 32] = chain(stage(4) for i in range(111)) -> repeat(100, relu)
"""


@dataclass(frozen=True)
class Figures:
    """CPU seconds for the scene, and the bytes of scene and page, each compressed too."""

    ops: int
    seconds: float
    scene: tuple[int, int]
    page: tuple[int, int]


def sizes(text: str) -> tuple[int, int]:
    """The bytes of a text, as it is and compressed."""
    content = text.encode()
    return len(content), len(gzip.compress(content, 9))


def figures(network: archdsl.Network) -> Figures:
    """What the page of a network takes."""
    start = sum(os.times()[:2])
    found, _ = scene(network.graph)
    seconds = sum(os.times()[:2]) - start
    assert found is not None
    return Figures(len(network.graph), seconds, sizes(found.text()), sizes(page(found)))


def networks() -> Mapping[str, archdsl.Network]:
    """The networks, by name."""
    found = {name: archdsl.read(name)[name] for name in SHIPPED}
    return {**found, **archdsl.read(text=HUGE)}


def main() -> None:
    """Print the table."""
    print(f"the viewer: {sizes(script())[1]:,} bytes compressed")
    print("| network | ops | CPU s | scene | gzip | page | gzip |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, network in networks().items():
        f = figures(network)
        counts = " | ".join([f"{size:,}" for size in (*f.scene, *f.page)])
        print(f"| {name} | {f.ops:,} | {f.seconds:.2f} | {counts} |", flush=True)


if __name__ == "__main__":
    main()
