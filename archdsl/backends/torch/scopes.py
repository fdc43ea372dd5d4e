"""How a scope of modules is printed: as a container, or with a `forward`."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Literal, TypeAlias

from archdsl import tree
from archdsl.backends.torch.crossings import Crossings
from archdsl.backends.torch.walk import (
    has_modules,
    is_carried,
    is_module,
    named_op,
    own_nodes,
    scope_nodes,
    several_results,
    strip,
)
from archdsl.provenance import Term
from archdsl.tree import CallNode, GroupNode, Node

ScopeForm: TypeAlias = Literal["pure", "attributes", "children", "indexed"]
"""The form of a scope in Python.

"pure" is a plain sequence, "attributes" has named attributes, "children" loops over named children,
"indexed" has numbered modules and a `forward`.
"""


def is_pure(body: Node, crossings: Crossings) -> bool:
    """Whether a scope is a plain sequence of modules."""
    return not any(_is_more(node, crossings) for node in scope_nodes(body))


def _is_more(node: Node, crossings: Crossings) -> bool:
    """Whether a node is more than a link that takes one tensor and returns one."""
    if node in crossings.tapped or "." in _key(node):
        return True
    if isinstance(node, tree.ShareNode | tree.UseNode):
        return True
    if "." in _key(node):
        return True
    if isinstance(node, CallNode):
        inner = node.instance
        named = named_op(inner)
        if named is not None and not named.op.is_link:
            return True
        is_more = inner.heads or inner.wires or inner.results
        return bool(is_more) or crossings.is_more(inner)
    if isinstance(node, GroupNode):
        # Without modules it is printed inline.
        is_inline = not is_pure(node.child, crossings) and not has_modules(node.child)
        return is_inline or crossings.is_more(node)
    if isinstance(node, tree.OpNode):
        return bool(node.branches) or not node.op.is_link
    return isinstance(node, tree.WireNode | tree.AuxNode | tree.BundleNode)


def is_counted(body: Node) -> bool:
    """Whether the modules of a scope are called 0, 1, 2, … in order, as a container counts.

    Authors may write numbers as labels, too, in any order.
    """
    keys = [
        str(node.key.value)
        for node in scope_nodes(body)
        if isinstance(node, tree.OpNode | CallNode | GroupNode) and node.key is not None
    ]
    return keys == [*map(str, range(len(keys)))]


def _scope_kind(bodies: Sequence[Node], crossings: Crossings) -> ScopeForm:
    """How a scope without a loop over children is printed."""
    if all(is_pure(body, crossings) for body in bodies):
        return "pure"
    keys = [str(key.value) for body in bodies for key in _stateful_keys(body)]
    return "attributes" if all(key.split(".")[0].isidentifier() for key in keys) else "indexed"


def _stateful_keys(body: Node) -> Iterator[Term]:
    for node in scope_nodes(body):
        if isinstance(node, tree.OpNode | CallNode | GroupNode) and is_module(node) and node.key:
            yield node.key


def class_scope(bodies: Sequence[Node], crossings: Crossings, unroll: bool) -> ScopeForm:
    """How the scope of a class is printed; `unroll` says whether its loops are unrolled."""
    if not unroll and all(_is_children_loop(body, crossings) for body in bodies):
        return "children"
    chosen = _scope_kind(bodies, crossings)
    if chosen != "pure":
        return chosen
    keys = [key for body in bodies for node in scope_nodes(body) if (key := _key(node))]
    if not keys or not all(key.isidentifier() for key in keys):
        return "pure"
    if all(map(_names_are_given, bodies)) and len({*keys}) > len(keys) // len(bodies):
        return "pure"
    return "pure" if not unroll and _loops_differ(bodies) else "attributes"


def _key(node: tree.Node) -> str:
    if isinstance(node, tree.OpNode | tree.CallNode | tree.GroupNode) and node.key is not None:
        return str(node.key.value)
    return ""


def _names_are_given(body: Node) -> bool:
    """Whether parameters decide the names of all modules, which then are no attributes."""
    keys = [n.key for n in scope_nodes(body) if isinstance(n, tree.OpNode | CallNode | GroupNode)]
    return all(key is not None and key.expression.symbols for key in keys)


def _loops_differ(bodies: Sequence[Node]) -> bool:
    """Whether one loop of the text has a different number of iterations, or many."""
    counts: dict[Hashable, set[int]] = {}
    for body in bodies:
        for node in scope_nodes(body):
            if isinstance(node, tree.LoopNode):
                counts.setdefault(node.site, set()).add(len(node.iterations))
    return any(len(count) > 1 or max(count) > MOST_UNROLLED for count in counts.values())


MOST_UNROLLED = 8


def repeats_shared(loop: tree.LoopNode, crossings: Crossings) -> bool:
    """Whether the turns of a loop use shared layers, and have no weights and names of theirs."""
    if loop.names != ("_",) or loop.condition is not None or is_carried(loop):
        return False
    if not _passes_on(loop, crossings):
        return False
    nodes = [node for turn in loop.iterations for node in own_nodes(turn.child)]
    return any(isinstance(node, tree.UseNode) for node in nodes) and not any(
        isinstance(node, OWN) or is_module(node) for node in nodes
    )


def _passes_on(loop: tree.LoopNode, crossings: Crossings) -> bool:
    """Whether a loop does nothing but pass on what comes out of a turn: one tensor, or several.

    Of several every turn takes and gives the same, and the last may be read by their label.
    """
    if not loop.entry or not loop.iterations:
        return crossings.tapped.isdisjoint(scope_nodes(loop))
    *turns, last = [turn.child for turn in loop.iterations]
    if not crossings.tapped.isdisjoint(node for turn in turns for node in scope_nodes(turn)):
        return False
    given = several_results(last)
    read = crossings.tapped.intersection(scope_nodes(last))
    if any(several_results(node) != given for node in read):
        return False
    names = {name for name, _ in loop.entry}
    if any({name for name, _ in several_results(turn)} != names for turn in (*turns, last)):
        return False
    return not any(isinstance(node, tree.WireNode) for node in scope_nodes(loop))


OWN = (tree.AuxNode, tree.ShareNode, tree.SpliceNode)
"""What a loop of `forward` cannot repeat, besides modules."""


def _is_children_loop(body: tree.Node, crossings: Crossings) -> bool:
    """Whether a body is only a loop with one named module per iteration."""
    loop = strip(body)
    if not isinstance(loop, tree.LoopNode) or not loop.iterations or is_pure(loop, crossings):
        return False
    nodes = [*scope_nodes(loop)]
    if not _passes_on(loop, crossings):
        return False
    if any(isinstance(node, tree.ShareNode | tree.UseNode) for node in nodes):
        return False
    for turn, iteration in enumerate(loop.iterations):
        modules = [node for node in scope_nodes(iteration.child) if is_module(node)]
        keys = [_key(node) for node in modules]
        if any(isinstance(node, tree.OpNode) and not node.op.is_link for node in modules):
            return False
        if len(keys) != 1 or not keys[0] or "." in keys[0]:
            return False
        # A number can only be the iteration's.
        if keys[0].isdigit() and (keys[0] != str(turn) or loop.condition is not None):
            return False
    return True
