"""PyTorch code that reads as if written by hand.

All occurrences of a block are merged into one class (`merge`, `rows`), numbers are printed as the
expressions that the occurrences agree on (`numbers`), and a template lays out the result.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from types import MappingProxyType

from archdsl.backends.torch.factories import named
from archdsl.backends.torch.families import Families, Family
from archdsl.backends.torch.generated import GeneratedClass
from archdsl.backends.torch.initialize import plan
from archdsl.backends.torch.interface import Interfaces
from archdsl.backends.torch.names import (
    USED_BY_THE_FILE,
    foreign_imports_of,
    helper_classes,
    variable_name,
)
from archdsl.backends.torch.naming import coincidences
from archdsl.backends.torch.networks import (
    CannotFollow,
    NetworkFunction,
    check_class,
    network_doc,
    write_function,
)
from archdsl.backends.torch.recursion import write_classes
from archdsl.backends.torch.render import render
from archdsl.backends.torch.rows import Split, Unprintable, Wired
from archdsl.backends.torch.validation import Validator
from archdsl.backends.torch.verify import invalid, verify
from archdsl.backends.torch.walk import root
from archdsl.diagnostics import Diagnostic, error
from archdsl.generalize import Fixed, Variant
from archdsl.graph import Graph
from archdsl.tree import WireNode
from archdsl.work import long_work


@dataclass(frozen=True)
class GeneratedCode:
    """The text of a Python file; empty after errors, or if code cannot follow something.

    `refused` are the variants that one class cannot follow together with all others. `unread` are
    the parameters, by network name, that the code does not read; graphs in which these keep their
    defaults do have a text. `validator` compares the text with further graphs. `classes` are the
    classes of blocks, by where these are declared (file and offset), and of networks.
    """

    text: str = ""
    refused: Sequence[Variant] = ()
    unread: Mapping[str, Fixed] = field(default_factory=dict)
    validator: Validator | None = None
    classes: Mapping[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)


@long_work()
def generate(
    graphs: Sequence[Graph],
    doc: str,
    source_name: str,
    variants: Sequence[Variant] = (),
    sized: Mapping[str, Set[str]] = MappingProxyType({}),
) -> tuple[GeneratedCode, list[Diagnostic]]:
    """The Python file of some networks.

    `doc` is the spec's own text, `source_name` the name of its file. `variants` are the networks
    with other values for their parameters: values that differ between them are not written as
    literals. The parameters `sized`, by network, are lists that always have the same length.
    """
    everything = [*graphs, *[variant.graph for variant in variants]]
    if coinciding := list(coincidences(Families(graphs), graphs, everything)):
        return GeneratedCode(), coinciding
    file = _File(graphs, doc or f"The networks of {source_name}.", sized)
    try:
        text, unread, classes = file.write(variants)
    except Exception as reason:
        accepted = _accepted(file, [], variants, is_refused=bool(variants))
        if refused := [variant for variant in variants if variant not in accepted]:
            return GeneratedCode(refused=refused), []
        if not isinstance(reason, CannotFollow):
            raise
        return GeneratedCode(), [_cannot_write(graphs, reason)]
    if unread:
        return GeneratedCode(unread=unread), []
    if diagnostics := verify(text, everything):
        return GeneratedCode(), diagnostics
    validator = Validator(text, everything)
    diagnostics = mismatches(validator, graphs)
    text = "" if diagnostics else text
    return GeneratedCode(text, validator=validator, classes=classes), diagnostics


@long_work()
def follows(
    graphs: Sequence[Graph], variants: Sequence[Variant], sized: Mapping[str, Set[str]]
) -> bool:
    """Whether one file can follow all of some variants."""
    return _File(graphs, "", sized).can_write(variants)


def mismatches(validator: Validator, graphs: Sequence[Graph]) -> list[Diagnostic]:
    """Errors if generated code, called without arguments, differs from the networks."""
    return [invalid(graph, fault) for graph in graphs if (fault := validator.fault(graph))]


def wrong(validator: Validator, variants: Iterable[Variant]) -> Iterator[Variant]:
    """The variants for which the code makes another network, or none at all."""
    for variant in variants:
        if validator.fault(variant.graph, variant.values) is not None:
            yield variant


def _accepted(
    file: _File, before: list[Variant], variants: Sequence[Variant], is_refused: bool = False
) -> list[Variant]:
    """The variants that one file can follow together with those accepted before.

    `is_refused` says that it cannot follow all of them, which takes as long as writing them.
    """
    if not is_refused and file.can_write([*before, *variants]):
        return [*before, *variants]
    if len(variants) < 2:
        return before
    half = len(variants) // 2
    first = _accepted(file, before, variants[:half])
    return _accepted(file, first, variants[half:], is_refused=len(first) == len(before) + half)


def _cannot_write(graphs: Sequence[Graph], reason: CannotFollow) -> Diagnostic:
    tree = graphs[0].tree
    help = "`archdsl check` and `summary` work; write the block differently to get code"
    return error("E0904", f"cannot generate code: {reason}", tree.block.span, help=help)


@dataclass(frozen=True)
class _File:
    """A file to be written."""

    graphs: Sequence[Graph]
    doc: str
    sized: Mapping[str, Set[str]]

    def write(
        self, variants: Sequence[Variant]
    ) -> tuple[str, dict[str, Fixed], dict[tuple[str, int], tuple[str, ...]]]:
        """The text, the parameters of networks that it does not read, and its classes by block.

        Raises `CannotFollow`.
        """
        everything = [*self.graphs, *[variant.graph for variant in variants]]
        families = Families(everything)
        interfaces = Interfaces(families, plan(families, everything), self.sized)
        taken = USED_BY_THE_FILE | helper_classes(everything)
        try:
            classes = write_classes(interfaces, _wired(families), taken)
            functions = _functions(interfaces, self.graphs, variants, classes)
        except (Split, Unprintable) as error:
            raise CannotFollow(str(error)) from error
        ordered = sorted(classes.items(), key=lambda item: item[0].block.order)
        texts = [text for _, text in ordered]
        unread = _unread(self.graphs, interfaces, functions)
        starts = interfaces.starts.definitions
        texts, functions = named(texts, functions, taken | starts.keys())
        foreign = foreign_imports_of(everything)
        text = render(self.doc, texts, functions, starts, foreign)
        return text, unread, _by_block([family for family, _ in ordered], texts)

    def can_write(self, variants: Sequence[Variant]) -> bool:
        """Whether the code can follow some variants; false also if writing it reveals a bug.

        Without variants the bug is raised.
        """
        try:
            self.write(variants)
        except Exception:
            return False
        return True


def _by_block(
    families: Iterable[Family], texts: Iterable[GeneratedClass]
) -> dict[tuple[str, int], tuple[str, ...]]:
    """The names of the classes that stand for each declaration."""
    found: dict[tuple[str, int], tuple[str, ...]] = {}
    for family, text in zip(families, texts, strict=True):
        place = family.block.span.source.name, family.block.span.start
        found[place] = (*found.get(place, ()), *[text.name] * (not text.factory))
    return found


def _unread(
    graphs: Sequence[Graph], interfaces: Interfaces, functions: Sequence[NetworkFunction]
) -> dict[str, Fixed]:
    """The parameters of networks that their functions or classes do not read."""
    read = {function.code.name: function.reads for function in functions}
    result = {}
    for graph in graphs:
        own = {variable_name(p.name): p.name for p in graph.tree.numbers}
        interface = interfaces.of(root(graph.tree))
        assert interface is not None
        names = read.get(variable_name(graph.name), {p.name for p in interface.parameters})
        if more := frozenset(own[name] for name in own.keys() - names):
            result[graph.name] = Fixed(more)
    return result


def _functions(
    interfaces: Interfaces,
    graphs: Sequence[Graph],
    variants: Sequence[Variant],
    classes: dict[Family, GeneratedClass],
) -> list[NetworkFunction]:
    """The networks that are one call of a block; the others are classes and get docstrings here."""
    functions = []
    others: dict[str, list[Graph]] = {}
    for variant in variants:
        others.setdefault(variant.network, []).append(variant.graph)
    for graph in graphs:
        alike = [graph, *others.get(graph.name, ())]
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
        for occurrence in family.occurrences:
            for node in families.nodes(occurrence.body):
                if isinstance(node, WireNode) and node.label:
                    found.add((occurrence.graph, node.node, node.label))
    return found
