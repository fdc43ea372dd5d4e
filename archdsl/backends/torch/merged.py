"""The tree of one class: every node stands for one piece of syntax in all its rows.

A `MergedCall` stands for the `CallNode`s of all rows, and so on for every kind of node in
`tree.py`; the nodes themselves are in its `rows`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from archdsl import tree
from archdsl.backends.torch.families import Family
from archdsl.backends.torch.rows import Role, Row
from archdsl.backends.torch.walk import has_weights
from archdsl.provenance import Term
from archdsl.tree import Instance, Node


@dataclass(eq=False)
class MergedOp:
    """An op in every row, with the branches that it joins if it has several inputs.

    `key` is None if the op has no name, as for operands of a join.
    """

    rows: dict[Row, tree.OpNode]
    key: dict[Row, Term]
    branches: list[Merged] = field(default_factory=list)
    is_counted: bool = False


@dataclass(eq=False)
class MergedCall:
    """A block applied in every row, all of one class; `key` is its name in the scope.

    `layers` are those of its list argument, which the caller creates.
    """

    rows: dict[Row, tree.CallNode]
    key: dict[Row, Term]
    family: Family
    layers: Merged | None = None
    is_counted: bool = False


@dataclass(eq=False)
class MergedSplice:
    """An applied layer argument whose kind differs from row to row."""

    parameter: str
    rows: dict[Row, tree.SpliceNode]
    key: dict[Row, Term]
    is_counted: bool = False


@dataclass(eq=False)
class MergedLayerList:
    """The layers of a list given to the class, in order: `*layers`."""

    parameter: str
    rows: dict[Row, Node]


@dataclass(eq=False)
class MergedGroup:
    """A labelled scope: a separate container."""

    rows: dict[Row, tree.GroupNode]
    key: dict[Row, Term]
    child: Merged
    is_inline: bool = False
    """It holds no weights and is not a plain sequence: only its result has the name."""
    is_counted: bool = False


@dataclass(eq=False)
class MergedLabel:
    """A label on an existing tensor."""

    rows: dict[Row, tree.LabelNode]


@dataclass(eq=False)
class MergedSequence:
    """Links in order."""

    rows: dict[Row, Node]
    children: list[Merged]


@dataclass(eq=False)
class MergedAux:
    """A training-only head."""

    rows: dict[Row, tree.AuxNode]
    child: Merged


@dataclass(eq=False)
class MergedWire:
    """A tensor read by name."""

    rows: dict[Row, tree.WireNode]


@dataclass(eq=False)
class MergedBundle:
    """Branches that read one tensor, and all their results, by `names`."""

    rows: dict[Row, tree.BundleNode]
    branches: list[Merged]
    names: list[str]

    def nodes(self, index: int) -> dict[Row, int]:
        """The nodes of the graph that one of the results is in every row."""
        return {row: node.results[index][1] for row, node in self.rows.items()}


@dataclass(eq=False)
class MergedCondition:
    """A condition that some rows meet and others may not."""

    rows: dict[Row, tree.ConditionNode]
    then: Merged | None
    otherwise: Merged | None
    entry: Role
    exit: Role

    @property
    def common(self) -> list[Submodule]:
        """The modules that both sides call."""
        then = {id(module) for module in modules_in(self.then)} if self.then else set()
        otherwise = modules_in(self.otherwise) if self.otherwise else ()
        return [module for module in otherwise if id(module) in then]


@dataclass(eq=False)
class MergedLoop:
    """A loop that is printed as a loop: one body for all iterations of all rows."""

    rows: dict[Row, tree.LoopNode]
    body: Merged
    turn: Role
    exit: Role


@dataclass(eq=False)
class MergedShare:
    """Layers that `child` uses several times; each of `layers` is made once, by its name."""

    rows: dict[Row, tree.ShareNode]
    layers: dict[str, Merged]
    child: Merged


@dataclass(eq=False)
class MergedUse:
    """A use of a shared layer; `child` is what it would be if it were not shared."""

    rows: dict[Row, tree.UseNode]
    name: str
    child: Merged


Merged: TypeAlias = (
    "MergedOp | MergedCall | MergedSplice | MergedLayerList | MergedGroup | MergedLabel"
    " | MergedSequence | MergedBundle | MergedAux | MergedWire | MergedCondition | MergedLoop"
    " | MergedShare | MergedUse"
)
"""A part of a class; the whole class is the generalisation of all its occurrences' trees."""

Submodule = MergedOp | MergedCall | MergedSplice | MergedGroup
"""A submodule of a class; `is_counted` if its name is its number in its scope."""


def links(node: Merged) -> Iterator[Merged]:
    """The links of a scope in order, through its sequences."""
    if isinstance(node, MergedSequence):
        for child in node.children:
            yield from links(child)
    else:
        yield node


def labels_in(node: MergedCondition) -> list[MergedLabel]:
    """The labels on what comes in that the branches of an `if` have as links."""
    sides = [side for side in (node.then, node.otherwise) if side is not None]
    return [link for side in sides for link in links(side) if isinstance(link, MergedLabel)]


def is_empty(node: Merged) -> bool:
    """Whether a scope, or a part of one, has no links."""
    return not any(True for _ in links(node))


def is_optional(scope: Merged) -> bool:
    """Whether a scope is only an `if` with layers in one branch, or empty."""
    match list(links(scope)):
        case []:
            return True
        case [MergedCondition(then=then, otherwise=otherwise, entry=entry)]:
            empty = [side is None or is_empty(side) for side in (then, otherwise)]
            return empty.count(True) == 1 and not entry.carried
    return False


def changes_channels(node: Merged) -> bool:
    """Whether making a module takes loops, or an `if`, that change the variable of the channels."""
    match node:
        case MergedLoop(turn=turn):
            return turn.carried
        case MergedCondition(entry=entry):
            return entry.carried
        case MergedGroup(child=scope) | MergedCall(layers=scope) if scope is not None:
            return any(map(changes_channels, links(scope)))
    return False


def below(node: Merged) -> list[Merged]:
    """The parts of a node that lie in the same scope."""
    match node:
        case MergedSequence(children=parts) | MergedBundle(branches=parts):
            return [*parts]
        case MergedOp(branches=parts):
            return [*parts]
        case MergedCondition(then=then, otherwise=otherwise):
            return [side for side in (then, otherwise) if side is not None]
        case MergedLoop(body=part) | MergedAux(child=part):
            return [part]
        case MergedShare(layers=layers, child=part):
            return [*layers.values(), part]
        case MergedGroup(is_inline=True, child=part):
            return [part]
    return []


def modules_in(node: Merged) -> Iterator[Submodule]:
    """The modules of one scope, each where it is made, without those of nested scopes."""
    for part in below(node):
        yield from modules_in(part)
    is_inline = isinstance(node, MergedGroup) and node.is_inline
    is_function = isinstance(node, MergedOp) and node.branches and is_stateless(node)
    if isinstance(node, Submodule) and not is_inline and not is_function:
        yield node


def uses_in(node: Merged) -> Iterator[str]:
    """The names of the shared layers that a part of a scope uses, each as often as it does."""
    if isinstance(node, MergedUse):
        yield node.name
    for part in [node.child] if isinstance(node, MergedShare) else below(node):
        yield from uses_in(part)


def instances(node: MergedCall) -> dict[Row, Instance]:
    """The instance that every row calls."""
    return {row: call.instance for row, call in node.rows.items()}


def is_named(child: Merged) -> bool:
    """Whether the modules of a scope have names instead of numbers."""
    return any(module.key and not module.is_counted for module in modules_in(child))


def labels_of(node: Submodule | MergedLabel) -> dict[Row, str]:
    """The label in every row that has one."""
    if isinstance(node, MergedLabel):
        return {row: label.label for row, label in node.rows.items()}
    return {row: str(key.value) for row, key in node.key.items()}


def label(node: Submodule) -> str:
    """The name of a module in its scope, empty if it has none."""
    return next((str(term.value) for term in node.key.values()), "")


def is_bare(module: Submodule) -> bool:
    """Whether a module is an op whose weights are those of the class itself."""
    return isinstance(module, MergedOp) and any(op.op.is_bare for op in module.rows.values())


def is_stateless(module: Submodule) -> bool:
    """Whether a module is an op without weights, and so without entries in the state dict."""
    return isinstance(module, MergedOp) and not any(map(has_weights, module.rows.values()))
