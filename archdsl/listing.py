"""The networks that ship, with their figures: from the index beside them, or counted anew."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from archdsl import driver, shipped
from archdsl.analysis.cost import macs, params
from archdsl.files import open_main
from archdsl.ops.base import shape_text
from archdsl.syntax import ast
from archdsl.syntax.parser import parse

SENTENCE = re.compile(r".*?\.(?=\s|$)", re.DOTALL)


@dataclass(frozen=True)
class Listed:
    """A network that ships.

    `input` is the shape of every input, without the batch; `macs` is text where sizes are open.
    `about` is the first sentence of what its author says of it, or else of its file.
    """

    name: str
    file: str
    input: str
    params: int | str
    macs: int | str
    about: str


def listed() -> list[Listed]:
    """All networks that ship, by file and in its order."""
    path = shipped.NETWORKS / shipped.INDEX
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
        if index["digest"] == shipped.digest():
            return [Listed(**each) for each in index["networks"]]
    except (OSError, ValueError, LookupError, TypeError):
        pass
    return [*count()]


def count() -> Iterator[Listed]:
    """All of them with figures that are counted now, which takes seconds."""
    for module in shipped.modules():
        path = shipped.path_of(module)
        source, find, _ = open_main(path, is_shipped=True)
        graphs, _ = driver.read(source, find)
        about = _about(parse(source)[0])
        for name, graph in graphs.items():
            shapes = ", ".join(shape_text(graph.shape(port)) for port in graph.inputs.values())
            work = macs(graph)
            number = work if isinstance(work, int) else str(work)
            count = params(graph)
            weights = count if isinstance(count, int) else str(count)
            yield Listed(name, path.name, shapes, weights, number, about[name])


def index_text() -> str:
    """The text of the index, which holds for the specs as they are now."""
    networks = [asdict(each) for each in count()]
    return json.dumps({"digest": shipped.digest(), "networks": networks}, indent=1) + "\n"


def _about(file: ast.File) -> dict[str, str]:
    """One sentence for every network of a file, by its name."""
    return {
        each.name.name: _sentence(each.doc) or _sentence(file.doc)
        for each in file.declarations
        if isinstance(each, ast.BlockDeclaration)
    }


def _sentence(doc: str) -> str:
    text = " ".join(doc.split("\n\n")[0].split())
    found = SENTENCE.match(text)
    return found[0] if found else text
