"""The shipped networks with an open height and width, one of every file."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache

from torch import nn

import archdsl
from archdsl.export import Exported, export, inputs_of
from archdsl.graph import Graph
from archdsl.shipped import INDEX
from tests.helpers.filling import filled
from tests.helpers.paths import SPECS

KINDS = [path.stem for path in sorted(SPECS.glob("*.arch"))]
MULTIPLES = {"inception_v2": 32, "senet": 32}
"""Files whose smallest network joins images of one size only for multiples of this number."""
FIXED = ("lenet", "mixer", "zfnet")
"""Files whose smallest network counts features or positions, so that its images have one size."""
STATION = re.compile(r"\s*-> \[\w+, \d+, \d+\]")
ASSERT = re.compile(r"^assert .*(\n .*)*", re.MULTILINE)


@dataclass(frozen=True)
class Opened:
    """A network and its module."""

    name: str
    graph: Graph
    module: nn.Module

    def export(self, form: str) -> Exported:
        """The network in a format; raises `AssertionError` with the reason why not."""
        exported, diagnostics = export(self.module, self.name, inputs_of(self.graph, form), form)
        assert exported is not None, [each.message for each in diagnostics]
        return exported


@cache
def opened(kind: str) -> Opened:
    """The network of a file with the fewest multiply-adds, only to read; raises `SpecError`."""
    return made(kind, multiple_text(MULTIPLES.get(kind, 1)))


def made(kind: str, sizes: str | None = None) -> Opened:
    """The same with this height and width, `h, w`, or with its own."""
    name = smallest(kind)
    texts = {path.stem: STATION.sub("", path.read_text()) for path in SPECS.glob("*.arch")}
    text = only(ASSERT.sub("", texts[kind]), name)
    if sizes is not None:
        text = re.sub(r"\[(\d), \d+, \d+\] ->", rf"[\1, {sizes}] ->", text)
    graph = archdsl.read(text=text, modules=texts)[name].graph
    # With the weights that some networks start from, results do not depend on the image.
    module = filled(archdsl.load(network=name, text=text, modules=texts)).float()
    return Opened(name, graph, module)


def smallest(kind: str) -> str:
    """The network of a file with the fewest multiply-adds, of those that take images."""
    listed = json.loads((SPECS / INDEX).read_text())["networks"]
    images = [
        each
        for each in listed
        if each["file"] == f"{kind}.arch" and each["input"].startswith(("[1,", "[3,"))
    ]
    return str(min(images, key=lambda each: each["macs"])["name"])


def multiple_text(multiple: int) -> str:
    """A height and a width as an input pattern has them: `32 * h, 32 * w`."""
    factor = "" if multiple == 1 else f"{multiple} * "
    return f"{factor}h, {factor}w"


def only(text: str, network: str) -> str:
    """A spec without its other networks."""
    return re.sub(rf"^network (?!{network}\b)\w+.*(\n .*)*", "", text, flags=re.MULTILINE)
