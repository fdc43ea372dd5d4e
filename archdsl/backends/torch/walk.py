"""Queries on the tree of a network: scopes, the instances that share them, names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from archdsl import tree
from archdsl.provenance import Frame, Term
from archdsl.tree import CallNode, GroupNode, Instance, Node, children, shape_of


def is_nothing(node: Node) -> bool:
    """Whether a node is a station or `identity`, which are not layers."""
    return isinstance(node, tree.SequenceNode) and all(map(is_nothing, node.children))


def strip(node: Node) -> Node:
    """The node without sequences of one link; stations do not count as links."""
    while isinstance(node, tree.SequenceNode):
        some = list(islice((child for child in node.children if not is_nothing(child)), 2))
        if len(some) != 1:
            break
        node = some[0]
    return node


def unsplice(node: Node) -> Node:
    """The node made from a layer argument."""
    while isinstance(node, tree.SpliceNode):
        node = strip(node.child)
    return node


def only(node: Node) -> Node:
    """The node in a body, without sequences of one, arguments and conditions around it."""
    node = strip(node)
    while isinstance(node, tree.SpliceNode | tree.ConditionNode):
        node = strip(node.child)
    return node


def flatten(node: tree.SequenceNode) -> list[Node]:
    """The links of a sequence, including those of nested sequences."""
    links: list[Node] = []
    for child in node.children:
        links += flatten(child) if isinstance(child, tree.SequenceNode) else [child]
    return links


def scope_nodes(body: Node) -> Iterator[Node]:
    """The nodes of one scope: not those inside its labelled scopes."""
    stack = [body]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, GroupNode):
            stack += reversed(list(children(node)))


def own_nodes(body: Node) -> Iterator[Node]:
    """The nodes of one scope, without those inside of uses of shared layers."""
    stack = [body]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, GroupNode | tree.UseNode):
            stack += reversed(list(children(node)))


def has_modules(body: Node) -> bool:
    """Whether a scope, or one nested in it, has submodules with weights."""
    stack = [body]
    while stack:
        node = stack.pop()
        if isinstance(node, CallNode) or (isinstance(node, tree.OpNode) and has_weights(node)):
            return True
        stack += children(node)
    return False


def heads_in(body: Node) -> list[str]:
    """The heads in a body, including its labelled scopes and the blocks it calls."""
    heads: list[str] = []
    stack = [body]
    while stack:
        node = stack.pop()
        if isinstance(node, CallNode):
            heads += node.instance.heads
        elif isinstance(node, tree.AuxNode):
            heads.append(str(node.name.value))
        stack += reversed([*children(node)])
    return heads


def is_module(node: Node) -> bool:
    """Whether a node becomes a submodule that may have entries in the state dict."""
    if isinstance(node, tree.OpNode):
        return has_weights(node)
    return isinstance(node, CallNode | GroupNode)


def has_weights(node: tree.OpNode) -> bool:
    """Whether an op has entries in the state dict."""
    return node.op.has_weights(*map(shape_of, node.inputs))


def is_stateful(node: tree.SpliceNode) -> bool:
    """Whether a layer argument has entries in the state dict."""
    inner = unsplice(node)
    if isinstance(inner, tree.SequenceNode):
        return not is_nothing(inner)
    return not isinstance(inner, tree.OpNode) or has_weights(inner)


def labelled(node: Node) -> dict[str, Node]:
    """The named submodules of one scope by name, without those created in loops."""
    found: dict[str, Node] = {}
    stack = [node]
    while stack:
        node = stack.pop()
        key = node.key if isinstance(node, tree.OpNode | tree.CallNode | tree.GroupNode) else None
        if key is not None and str(key.value).isidentifier():
            found[str(key.value)] = node
        if not isinstance(node, tree.CallNode | tree.GroupNode | tree.LoopNode | tree.UseNode):
            stack += reversed(list(children(node)))
    return found


def inner_frames(body: Node) -> Iterator[Frame]:
    """The frames of the loops and conditions in a body, but not in the blocks that it calls."""
    stack = [body]
    while stack:
        node = stack.pop()
        stack += children(node)
        match node:
            case tree.LoopNode(iterations=iterations, exit=exit):
                yield from (iteration.frame for iteration in iterations)
                yield exit
            case tree.ConditionNode(entry=entry, exit=exit):
                yield entry
                yield exit


def root(instance: Instance) -> Instance:
    """The instance whose class a network is; a network that is only a call is a function."""
    while instance.block.is_network and (call := alias_call(instance)):
        instance = call.instance
    return instance


def sharer(body: Node) -> tree.OpNode | CallNode | None:
    """The op or call that shares the scope of a body: the one without a key.

    `elaborate/naming.py` decides this, and gives a key to all others.
    """
    node = only(body)
    if isinstance(node, tree.OpNode) and node.branches:
        return None
    return node if isinstance(node, tree.OpNode | CallNode) and node.key is None else None


def alias_call(instance: Instance) -> CallNode | None:
    """The only call, which shares the scope of a body, if there is one."""
    node = sharer(instance.body)
    return node if isinstance(node, CallNode) else None


def inlined_in(instance: Instance) -> tuple[Instance, ...]:
    """The instances that share an instance's scope, outermost first."""
    inner: list[Instance] = []
    while call := alias_call(inner[-1] if inner else instance):
        inner.append(call.instance)
    return tuple(inner)


def is_alias(instance: Instance) -> bool:
    """Whether a block is only another name for an op."""
    return named_op(instance) is not None


def named_op(instance: Instance) -> tree.OpNode | None:
    """The op that a block is only another name for, if it is."""
    called = inlined_in(instance)
    named = sharer(called[-1].body if called else instance.body)
    return named if isinstance(named, tree.OpNode) else None


def alias_op(call: CallNode) -> tuple[Node, list[Frame]]:
    """The op that a block renames, in its enclosing conditions.

    It has the name of the call. The frames are those of the instances in between.
    """
    frames = [call.instance.frame]

    def renamed(node: Node) -> Node:
        match node := strip(node):
            case tree.OpNode():
                return replace(node, key=call.key or node.key)
            case tree.ConditionNode() | tree.SpliceNode():
                return replace(node, child=renamed(node.child))
            case CallNode(instance=inner):
                frames.append(inner.frame)
                return renamed(inner.body)
        raise AssertionError(type(node))

    return renamed(call.instance.body), frames


def several_results(node: Node) -> tree.Results:
    """The tensors that come out of a node by name, if there are several; empty for one."""
    while True:
        match node:
            case tree.SequenceNode(children=(*_, last)):
                node = last
            case (
                tree.SpliceNode(child=child)
                | tree.ConditionNode(child=child)
                | tree.ShareNode(child=child)
            ):
                node = child
            case tree.LoopNode(iterations=(*_, turn)):
                node = turn.child
            case tree.LoopNode(entry=results):
                return results
            case (
                tree.BundleNode(results=results)
                | tree.CallNode(results=results)
                | tree.GroupNode(results=results)
                | tree.LabelNode(results=results)
                | tree.UseNode(results=results)
            ):
                return results
            case _:
                return ()


def gives_several(node: Node) -> bool:
    """Whether several tensors come out of a node."""
    return bool(several_results(node))


def is_carried(node: tree.LoopNode) -> bool:
    """Whether the iterations of a loop enter, or leave it, with different channels."""
    if any("channels" not in turn.frame.definitions for turn in node.iterations):
        # Several tensors have no common channels.
        return False
    entries = [turn.frame.definitions["channels"].value for turn in node.iterations]
    return bool(entries) and {*entries, node.exit.definitions["channels"].value} != {entries[0]}


def splice_key(node: tree.SpliceNode) -> Term | None:
    """The name of an applied layer argument in its scope; None for the identity."""
    child = unsplice(node)
    return child.key if isinstance(child, tree.CallNode | tree.OpNode | tree.GroupNode) else None


def result_of(
    node: tree.OpNode | tree.CallNode | tree.GroupNode | tree.SpliceNode | tree.LabelNode,
) -> int:
    """The node of the flat graph that holds a layer's result, or a label's; -1 for the identity."""
    inner = unsplice(node)
    return -1 if isinstance(inner, tree.SequenceNode) else inner.node  # type: ignore[union-attr]
