"""How `forward` reaches the submodules of a class, and which layers are not submodules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass, field

from archdsl import tree
from archdsl.backends.torch import python
from archdsl.backends.torch.calls import forms
from archdsl.backends.torch.containers import Containers
from archdsl.backends.torch.interface import has_more
from archdsl.backends.torch.merged import (
    Merged,
    MergedCall,
    MergedCondition,
    MergedGroup,
    MergedLabel,
    MergedOp,
    MergedSplice,
    Submodule,
    is_stateless,
    label,
    labels_in,
    labels_of,
    links,
    modules_in,
)
from archdsl.backends.torch.names import attribute_name, unused, variable_name
from archdsl.backends.torch.python import PyAttribute, PyExpression, PyName
from archdsl.backends.torch.scopes import ScopeForm
from archdsl.backends.torch.walk import is_stateful, unsplice
from archdsl.backends.torch.writer import Writer
from archdsl.ops.parameters import Initializer
from archdsl.provenance import Term


@dataclass
class Access:
    """The submodules of a class that defines `forward`.

    In the scope "indexed" they are numbered, and `forward` unpacks them into variables; in the
    scope "children" a loop makes one per iteration, and they are reached through a loop variable;
    otherwise they have names. `taken` are attribute names in use. The children of a network, in
    order, are its layers, as external tools expect; in a block, equal layers without weights are
    one.
    """

    writer: Writer
    scope: ScopeForm
    root: Merged
    is_network: bool
    taken: set[str] = field(default_factory=set)
    made_of: Counter[str] = field(default_factory=Counter)
    """How many modules share a name."""
    owned: set[str] = field(default_factory=set)
    """The names of attributes; a scope without modules may contain a module with one of them."""
    reached: dict[int, PyExpression] = field(default_factory=dict)
    containers: Containers = field(init=False)
    """The scopes that labels with dots put their modules into."""
    numbered: list[PyName] = field(default_factory=list)
    """The variables of the modules in the scope "indexed"."""

    def __post_init__(self) -> None:
        modules = {id(module): module for module in modules_in(self.root)}
        named = [m for m in modules.values() if self.is_network or is_labelled(m)]
        self.taken |= {str(term.value) for module in named for term in module.key.values()}
        self.containers = Containers(self.root)
        self.taken |= self.containers.attributes
        self.made_of.update(map(label, modules.values()))
        self.owned |= {label(m) for m in modules.values() if not is_stateless(m)}
        self.owned |= self.containers.attributes

    def number(self, modules: Sequence[Submodule], taken: Set[str]) -> None:
        """Declare that some modules, in order, are everything that the class holds.

        `forward` unpacks them into variables with names that are not `taken`.
        """
        names = set(taken)
        for module in self.containers.children(modules):
            if module is None:
                self.numbered.append(PyName("_"))
                continue
            name = unused(variable_name(_kind(module)), names)
            names.add(name)
            self.numbered.append(PyName(name))
            self.reached[id(module)] = self.numbered[-1]

    def of(self, node: Submodule) -> PyExpression:
        """How `forward` reaches a module."""
        if self.scope == "children":
            return PyName("layer")
        if id(node) not in self.reached:
            name = label(node) or self._unlabelled(node)
            self.reached[id(node)] = self.containers.access(name)
        return self.reached[id(node)]

    def _unlabelled(self, node: Submodule) -> str:
        """A name for an unnamed module: that of the parameter that passed it."""
        wanted = attribute_name(node.parameter) if isinstance(node, MergedSplice) else "layer"
        return self._free(wanted)

    def is_functional(self, node: Submodule) -> bool:
        """Whether `forward` calls an op as a function: it only moves numbers, or has a template."""
        if isinstance(node, MergedOp) and node.branches:
            return is_stateless(node)
        if not isinstance(node, MergedOp) or self.scope == "indexed" or not is_stateless(node):
            return False
        calls = [form.function for form in forms(node).values()]
        if not all(calls) or _is_mixed(node):
            return False
        if self.scope == "children":
            return not self._computed(node)
        is_moving = all(op.op.only_moves for op in node.rows.values())
        return is_moving or any(call.template for call in calls if call)

    def _computed(self, node: MergedOp) -> bool:
        """Whether an op has numbers that the class computes."""
        return any(
            self.writer.correspondence.comparable(row, term.expression).symbols
            for row, leaf in node.rows.items()
            for term in leaf.arguments.values()
            if isinstance(term, Term)
        )

    def share(self, modules: Sequence[Submodule]) -> PyExpression:
        """One attribute for layers without weights, named after their op or their common argument.

        In a network the children in order are its layers, so each keeps its own name from the
        graph.
        """
        names = {label(module) for module in modules}
        is_own = self.is_network or any(map(is_labelled, modules))
        own = names.pop() if len(names) == 1 and is_own else ""
        if own.isidentifier() and own not in self.owned:
            name = own
        else:
            name = self._free(_common_name(modules))
        self.owned.add(name)
        attribute = PyAttribute(python.SELF, name)
        self.reach(modules, attribute)
        return attribute

    def reach(self, modules: Sequence[Submodule], attribute: PyExpression) -> None:
        """Declare that some modules are one attribute."""
        self.reached.update({id(module): attribute for module in modules})

    def _free(self, wanted: str) -> str:
        name = unused(wanted, self.taken)
        self.taken.add(name)
        return name

    def inline(self, node: MergedCondition) -> list[Submodule]:
        """The modules of an `if`'s branches that can share one attribute; empty if they cannot.

        A branch may only give the tensor that comes in the label that the other's module has.
        """
        sides = [list(links(side)) if side else [] for side in (node.then, node.otherwise)]
        found = [link for side in sides for link in side]
        modules = [m for m in found if isinstance(m, Submodule) and not self.is_functional(m)]
        labels = labels_in(node)
        if any(len(side) > 1 for side in sides) or not modules:
            return []
        if len(modules) + len(labels) < len(found) or not _agree(modules, labels):
            return []
        if not all(map(_is_link, modules)):
            return []
        if all(map(is_stateless, modules)):
            return modules if self.scope == "attributes" and self._is_one(modules) else []
        if len(modules) == 1 and (self._has_more_ends(modules[0]) or self._is_twice(modules[0])):
            return []
        return modules if len({*map(label, modules)}) == 1 else []

    def _is_one(self, modules: list[Submodule]) -> bool:
        """Whether layers without weights may be one attribute: none has a label."""
        ops = [op.op for m in modules if isinstance(m, MergedOp) for op in m.rows.values()]
        if len({op.noun for op in ops}) > 1:
            return False
        return not any(map(is_labelled, modules)) or len({*map(label, modules)}) == 1

    def _is_twice(self, node: Submodule) -> bool:
        """Whether another module, under another condition, has the same name."""
        return self.made_of[label(node)] > 1

    def _has_more_ends(self, node: Submodule) -> bool:
        """Whether a module takes or returns more than one tensor, which `nn.Identity` cannot."""
        if not isinstance(node, MergedCall):
            return False
        interface = self.writer.interfaces.made[node.family]
        return bool(interface.wires or has_more(interface))

    def labels(self, side: Merged | None) -> list[str]:
        """The names of the modules in a branch of an `if`."""
        modules = modules_in(side) if side is not None else ()
        own = [m for m in modules if m.key and (self.is_network or is_labelled(m))]
        return [label(module) for module in own if not self.is_functional(module)]


def _agree(modules: Sequence[Submodule], labels: Sequence[MergedLabel]) -> bool:
    """Whether labels on tensors are those of some modules."""
    names = {label(module) for module in modules}
    return all(names.issuperset(labels_of(each).values()) for each in labels)


def _is_mixed(node: MergedOp) -> bool:
    """Whether an argument is a list for some values of the parameters, and a number for others.

    A function such as `F.pad` wants a list of one length; modules take either.
    """
    each = [leaf.arguments.items() for leaf in node.rows.values()]
    kinds = {(name, _is_list(term)) for arguments in each for name, term in arguments}
    return len(kinds) > len({name for name, _ in kinds})


def _is_list(term: Term | Initializer) -> bool:
    return isinstance(term, Term) and isinstance(term.value, tuple)


def _common_name(modules: Sequence[Submodule]) -> str:
    """The name of layers without labels: their op, what all their ops are, or their parameter."""
    if isinstance(modules[0], MergedSplice):
        return attribute_name(modules[0].parameter)
    leaves = [module for module in modules if isinstance(module, MergedOp)]
    nouns = {op.op.name: op.op.noun for leaf in leaves for op in leaf.rows.values()}
    op, noun = next(iter(nouns.items()))
    return attribute_name(op if len(nouns) == 1 else noun)


def _is_link(node: Submodule) -> bool:
    """Whether a node is a module that is called with one tensor, as any other in its place."""
    if isinstance(node, MergedGroup) and node.is_inline:
        return False
    if not isinstance(node, MergedOp):
        return True
    return not node.branches and all(op.op.is_link for op in node.rows.values())


def is_labelled(node: Submodule) -> bool:
    """Whether the author named a module, or it has weights under its name."""
    if isinstance(node, MergedSplice):
        if any(map(is_stateful, node.rows.values())):
            return True
        inner = next(filter(None, map(_op_of, node.rows.values())), None)
        return inner is not None and _is_of_author(label(node), inner)
    if not isinstance(node, MergedOp) or not is_stateless(node):
        return True
    return _is_of_author(label(node), next(iter(node.rows.values())).op.name)


def _op_of(node: tree.SpliceNode) -> str:
    """The op that was given; empty for the identity."""
    inner = unsplice(node)
    return inner.op.name if isinstance(inner, tree.OpNode) else ""


def _is_of_author(name: str, op: str) -> bool:
    """Whether a name is not just the op's, with a number behind it."""
    if not name.isidentifier():
        return False
    return not (name.startswith(op) and not name[len(op) :].strip("0123456789_"))


def _kind(node: Submodule) -> str:
    """The kind of a module: the name of its op or block, or of the parameter that passed it."""
    match node:
        case MergedOp(rows=rows):
            return next(iter(rows.values())).op.name
        case MergedCall(family=family):
            return family.block.name
        case MergedSplice(parameter=parameter):
            return parameter
    return "layers"
