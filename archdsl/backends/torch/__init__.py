"""PyTorch code that reads as if a person had written it.

All instances of a block are merged into one class (`merge`, `rows`), numbers are printed as the
expressions that the instances agree on (`numbers`), and a template lays out the result.
"""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.backends.torch.classes import ClassText, Wired, write_class
from archdsl.backends.torch.families import Families, Family, root
from archdsl.backends.torch.initialize import plan
from archdsl.backends.torch.interface import Interfaces
from archdsl.backends.torch.names import USED_BY_THE_FILE, class_name, unused
from archdsl.backends.torch.naming import coincidences
from archdsl.backends.torch.networks import FunctionText, network_doc, write_function
from archdsl.backends.torch.recursion import provisional, signature
from archdsl.backends.torch.render import render
from archdsl.backends.torch.rows import Split
from archdsl.backends.torch.verify import verify
from archdsl.diagnostics import Diagnostic
from archdsl.graph import Graph
from archdsl.tree import WireNode
from archdsl.work import long_work

MOST_ROUNDS = 8
"""So often a class that calls itself is written until its parameters no longer change."""


@long_work()
def generate(graphs: Sequence[Graph], doc: str, source_name: str) -> tuple[str, list[Diagnostic]]:
    """The Python file of some networks; empty where there are errors.

    `doc` is the spec's own text, `source_name` the name of its file.
    """
    families = Families(graphs)
    if coinciding := list(coincidences(families, graphs)):
        return "", coinciding
    interfaces = Interfaces(families, plan(families, graphs))
    classes = _classes(interfaces, _wired(families, graphs))
    functions = _functions(interfaces, graphs, classes)
    ordered = [text for family, text in sorted(classes.items(), key=lambda c: c[0].block.order)]
    definitions = interfaces.starts.definitions
    text = render(doc or f"The networks of {source_name}.", ordered, functions, definitions)
    diagnostics = verify(text, graphs)
    return ("" if diagnostics else text), diagnostics


def _classes(interfaces: Interfaces, wired: Wired) -> dict[Family, ClassText]:
    """Every class, callees first; what cannot be one class is divided."""
    classes: dict[Family, ClassText] = {}
    taken = set(USED_BY_THE_FILE)
    waiting = interfaces.families.callees_first()
    while waiting:
        family = waiting.pop(0)
        name = unused(class_name(family.block.name), taken)
        try:
            classes[family] = _class(interfaces, family, name, wired)
            taken.add(name)
        except Split as split:
            parts = {row.instance: part for row, part in split.parts.items()}
            waiting[:0] = interfaces.families.divide(family, parts)
    return classes


def _class(interfaces: Interfaces, family: Family, name: str, wired: Wired) -> ClassText:
    """One class; one that calls itself is written until its parameters stay as they are."""
    recursive = interfaces.families.is_recursive(family)
    if recursive:
        interfaces.made[family] = provisional(interfaces, family, name)
    for _ in range(MOST_ROUNDS):
        before = signature(interfaces.made.get(family))
        text = write_class(interfaces, family, name, wired)
        if not recursive or signature(interfaces.made[family]) == before:
            break
    return text


def _functions(
    interfaces: Interfaces, graphs: Sequence[Graph], classes: dict[Family, ClassText]
) -> list[FunctionText]:
    """The networks that are one call of a block; the others are classes, and documented here."""
    functions = []
    for graph in graphs:
        assert graph.tree is not None
        called = root(graph.tree)
        if called is not graph.tree:
            functions.append(write_function(interfaces, graph))
        else:
            classes[interfaces.families.of[called]].doc = network_doc(graph, graph.tree)
    return functions


def _wired(families: Families, graphs: Sequence[Graph]) -> Wired:
    """The results that are read by their label, anywhere in a network."""
    found = set()
    for family in families.families:
        for instance in family.instances:
            for node in families.nodes(instance.body):
                if isinstance(node, WireNode):
                    found.add((instance.graph, node.node, node.label))
    return found
