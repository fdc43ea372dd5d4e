"""Declarations whose names collide in Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from archdsl.backends.torch.families import Families
from archdsl.backends.torch.names import (
    BUILTINS,
    USED_BY_THE_FILE,
    class_name,
    foreign_classes,
    helper_classes,
    own_classes,
    variable_name,
)
from archdsl.backends.torch.walk import root
from archdsl.diagnostics import Diagnostic, error
from archdsl.graph import Graph
from archdsl.tree import Block, Instance


def coincidences(
    families: Families, graphs: Sequence[Graph], everything: Sequence[Graph]
) -> Iterator[Diagnostic]:
    """Errors for names of one file, or of one block, that become the same name in Python.

    `everything` are the graphs and their variants, which may need further classes of others.
    """
    yield from _of_declarations(families, everything)
    yield from _of_foreign(everything)
    yield from _of_outputs(graphs)
    instances = [
        occurrence.instance for family in families.families for occurrence in family.occurrences
    ]
    roots = [graph.tree for graph in graphs]
    classes = {name: name for name in helper_classes(everything)}
    classes |= {class_name(family.block.name): family.block.name for family in families.families}
    seen: set[Block] = set()
    for instance in (*roots, *instances):
        if instance.block not in seen:
            seen.add(instance.block)
            yield from _within(instance, classes)


def _within(instance: Instance, classes: Mapping[str, str]) -> Iterator[Diagnostic]:
    """Errors for parameters and sizes of a block whose names collide in Python."""
    block = instance.block
    first = dict(classes)
    names = dict.fromkeys(parameter.name for parameter in block.parameters)
    for name in names | dict.fromkeys(instance.frame.definitions):
        variable = variable_name(name)
        if (other := first.setdefault(variable, name)) != name:
            message = f"`{other}` and `{name}` of `{block.name}` are both `{variable}` in Python"
            yield error("E0903", message, block.span, help="rename one of them")


def _of_declarations(families: Families, graphs: Sequence[Graph]) -> Iterator[Diagnostic]:
    """An error for every declaration with the Python name of an earlier one of its file.

    If blocks of different files have the same name, the later one gets a number.
    """
    helpers = helper_classes(graphs)
    first: dict[tuple[object, str], Block] = {}
    for block, name in sorted(_names(families, graphs), key=lambda named: named[0].order):
        other = first.setdefault((block.span.source, name), block)
        if block.is_network and name in helpers:
            message = f"`{block.name}` is `{name}` in Python, like the class of an op"
            yield error("E0903", message, block.span, help="rename it")
        if other is not block:
            message = f"`{block.name}` and `{other.name}` are both `{name}` in Python"
            yield error("E0903", message, block.span, help="rename one of them")


def _of_foreign(graphs: Sequence[Graph]) -> Iterator[Diagnostic]:
    """An error for every class of somebody else whose name is another thing's in the file."""
    first: dict[str, str] = dict.fromkeys(USED_BY_THE_FILE | BUILTINS, "what the file needs")
    first |= dict.fromkeys(own_classes(graphs), "the class of an op")
    for declared, block in foreign_classes(graphs).items():
        path = f"`{declared.path}`"
        if (other := first.setdefault(declared.class_name, path)) != path:
            message = f"{path} and {other} are both `{declared.class_name}` in Python"
            help = "give it another name in Python, or use one of them in another file"
            yield error("E0903", message, block.span, help=help)


def _of_outputs(graphs: Sequence[Graph]) -> Iterator[Diagnostic]:
    """An error for outputs of one network that become one field in Python."""
    for graph in graphs:
        first: dict[str, str] = {}
        for output in graph.outputs:
            if (other := first.setdefault(variable_name(output), output)) != output:
                message = f"the outputs `{other}` and `{output}` have the same name in Python"
                yield error("E0903", message, graph.tree.block.span, help="rename one of them")


def _names(families: Families, graphs: Sequence[Graph]) -> Iterator[tuple[Block, str]]:
    for family in families.families:
        if family.block not in families.enclosed_blocks.values():
            yield family.block, class_name(family.block.name)
    for graph in graphs:
        if root(graph.tree) is not graph.tree:
            yield graph.tree.block, variable_name(graph.name)
