"""PyTorch code that reads as if a person had written it.

All instances of a block are merged into one class (`merge`, `rows`), numbers are printed as the
expressions that the instances agree on (`numbers`), and a template lays out the result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from archdsl.backends.torch.classes import ClassText, Wired, write_class
from archdsl.backends.torch.families import Families, Family
from archdsl.backends.torch.initialize import plan
from archdsl.backends.torch.interface import Interfaces
from archdsl.backends.torch.names import USED_BY_THE_FILE, class_name, helper_classes, unused
from archdsl.backends.torch.naming import coincidences
from archdsl.backends.torch.networks import (
    CannotFollow,
    FunctionText,
    check_class,
    network_doc,
    write_function,
)
from archdsl.backends.torch.numbers import Unprintable
from archdsl.backends.torch.recursion import provisional, signature
from archdsl.backends.torch.render import render
from archdsl.backends.torch.rows import Split
from archdsl.backends.torch.verify import verify
from archdsl.backends.torch.walk import root
from archdsl.diagnostics import Diagnostic
from archdsl.elaborate import Variant
from archdsl.graph import Graph
from archdsl.tree import WireNode
from archdsl.work import long_work

MOST_ROUNDS = 8
"""So often a class that calls itself is written until its parameters no longer change."""


@dataclass(frozen=True)
class Code:
    """The text of a Python file; empty where there are errors, or parameters it cannot keep.

    `frozen` are those, by the network's name: they decide the structure in a way that one class
    cannot follow. A text can be had for graphs in which they are no parameters.
    """

    text: str = ""
    frozen: Mapping[str, frozenset[str]] = field(default_factory=dict)


@long_work()
def generate(
    graphs: Sequence[Graph], doc: str, source_name: str, variants: Sequence[Variant] = ()
) -> tuple[Code, list[Diagnostic]]:
    """The Python file of some networks.

    `doc` is the spec's own text, `source_name` the name of its file. `variants` are the networks
    with other values for their parameters: what they do not have in common is not written out.
    """
    if coinciding := list(coincidences(Families(graphs), graphs)):
        return Code(), coinciding
    try:
        text = _write(graphs, doc or f"The networks of {source_name}.", variants)
    except CannotFollow as reason:
        if frozen := _frozen(graphs, variants):
            return Code(frozen=frozen), []
        return Code(), [_cannot_write(graphs, reason)]
    diagnostics = verify(text, graphs)
    return Code("" if diagnostics else text), diagnostics


def _frozen(graphs: Sequence[Graph], variants: Sequence[Variant]) -> dict[str, frozenset[str]]:
    """The parameters that no code can keep; all of them, if only together they cannot be kept."""
    by_name = {graph.name: graph for graph in graphs}
    bad = [v for v in variants if not _can_write([by_name[v.network]], [v])]
    frozen: dict[str, frozenset[str]] = {}
    for variant in bad or variants:
        before = frozen.get(variant.network, frozenset())
        frozen[variant.network] = before | {variant.parameter}
    return frozen


def _can_write(graphs: Sequence[Graph], variants: Sequence[Variant]) -> bool:
    try:
        _write(graphs, "", variants)
    except CannotFollow:
        return False
    return True


def _cannot_write(graphs: Sequence[Graph], reason: CannotFollow) -> Diagnostic:
    tree = graphs[0].tree
    assert tree is not None
    help = "`archdsl check` and `summary` work; write the block in question in another way"
    return Diagnostic("E0904", f"no code can be written: {reason}", tree.block.span, help=help)


def _write(graphs: Sequence[Graph], doc: str, variants: Sequence[Variant]) -> str:
    """The text of the file; raises `CannotFollow`."""
    everything = [*graphs, *[variant.graph for variant in variants]]
    families = Families(everything)
    interfaces = Interfaces(families, plan(families, everything))
    try:
        taken = USED_BY_THE_FILE | helper_classes(everything)
        classes = _classes(interfaces, _wired(families), taken)
        functions = _functions(interfaces, graphs, variants, classes)
    except (Split, Unprintable) as error:
        raise CannotFollow(str(error)) from error
    ordered = [text for family, text in sorted(classes.items(), key=lambda c: c[0].block.order)]
    return render(doc, ordered, functions, interfaces.starts.definitions)


def _classes(interfaces: Interfaces, wired: Wired, taken: Set[str]) -> dict[Family, ClassText]:
    """Every class, callees first; what cannot be one class is divided."""
    classes: dict[Family, ClassText] = {}
    taken = set(taken)
    waiting = interfaces.families.callees_first()
    while waiting:
        family = waiting.pop(0)
        name = unused(class_name(family.block.name), taken)
        try:
            classes[family] = _class(interfaces, family, name, wired)
            taken.add(name)
        except Split as split:
            parts = {row.instance: part for row, part in split.parts.items()}
            if len({*parts.values()}) < 2:
                raise CannotFollow(f"the uses of `{family.block.name}` differ") from split
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
    interfaces: Interfaces,
    graphs: Sequence[Graph],
    variants: Sequence[Variant],
    classes: dict[Family, ClassText],
) -> list[FunctionText]:
    """The networks that are one call of a block; the others are classes, and documented here."""
    functions = []
    for graph in graphs:
        assert graph.tree is not None
        alike = [graph, *[v.graph for v in variants if v.network == graph.name]]
        called = root(graph.tree)
        if called is not graph.tree:
            functions.append(write_function(interfaces, alike))
        else:
            check_class(interfaces, alike)
            classes[interfaces.families.of[called]].doc = network_doc(graph, graph.tree)
    return functions


def _wired(families: Families) -> Wired:
    """The results that are read by their label, anywhere in a network."""
    found = set()
    for family in families.families:
        for instance in family.instances:
            for node in families.nodes(instance.body):
                if isinstance(node, WireNode):
                    found.add((instance.graph, node.node, node.label))
    return found
