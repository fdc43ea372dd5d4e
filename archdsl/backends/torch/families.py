"""Which classes a file has, and which instances each of them stands for."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from archdsl import tree
from archdsl.backends.torch.rows import Instance
from archdsl.graph import Graph
from archdsl.provenance import Frame, Term
from archdsl.tree import Activation, Block, CallNode, GroupNode, LayerValue, Node, shape_of


@dataclass(eq=False)
class Family:
    """All instances that one class stands for."""

    block: Block
    instances: list[Instance]
    part: int = 0
    unroll: bool = False
    """Whether its loops are written out, because a number varies in a way no loop can say."""


@dataclass(eq=False)
class Families:
    """The classes of a file, callees first, and the class of every activation."""

    graphs: Sequence[Graph]
    families: list[Family] = field(default_factory=list)
    of: dict[Activation, Family] = field(default_factory=dict)
    instances: dict[Activation, Instance] = field(default_factory=dict)
    enclosed: dict[GroupNode, CallNode] = field(default_factory=dict)
    enclosed_blocks: dict[Hashable, Block] = field(default_factory=dict)

    def __post_init__(self) -> None:
        groups: dict[Hashable, Family] = {}
        for graph in self.graphs:
            assert graph.tree is not None
            for activation in self._activations(root(graph.tree)):
                self._add(graph, activation, groups)
        self.families = list(groups.values())

    @property
    def roots(self) -> set[Family]:
        """The classes of the networks."""
        return {self.of[root(graph.tree)] for graph in self.graphs if graph.tree is not None}

    def callees_first(self) -> list[Family]:
        """The classes in an order in which they can be written."""
        order: dict[Family, None] = {}
        visiting: set[Family] = set()
        stack = [(family, False) for family in reversed(self.families)]
        while stack:
            family, done = stack.pop()
            if done:
                order.setdefault(family)
            elif family not in visiting:
                visiting.add(family)
                stack.append((family, True))
                stack += [(called, False) for called in self.called_by(family)]
        return list(order)

    def called_by(self, family: Family) -> list[Family]:
        """The classes that a class calls."""
        found: dict[Family, None] = {}
        for instance in family.instances:
            for node in self.nodes(instance.body):
                if isinstance(node, CallNode) and (called := self.of.get(node.activation)):
                    found.setdefault(called)
        return list(found)

    def is_recursive(self, family: Family) -> bool:
        """Whether a class calls itself, directly or through others."""
        seen: set[Family] = set()
        waiting = self.called_by(family)
        while waiting:
            called = waiting.pop()
            if called is family:
                return True
            if called not in seen:
                seen.add(called)
                waiting += self.called_by(called)
        return False

    def _add(self, graph: Graph, activation: Activation, groups: dict[Hashable, Family]) -> None:
        inlined = inlined_in(activation)
        body = inlined[-1].body if inlined else activation.body
        key = (activation.block, *(inner.block for inner in inlined))
        family = groups.setdefault(key, Family(activation.block, []))
        instance = Instance(graph, activation, inlined, body)
        family.instances.append(instance)
        self.instances[activation] = instance
        self.of[activation] = family

    def _activations(self, activation: Activation) -> Iterator[Activation]:
        """The activations that are printed as classes, callees before their callers."""
        stack: list[tuple[Activation, bool]] = [(activation, False)]
        seen: set[Activation] = set()
        while stack:
            current, done = stack.pop()
            if done:
                yield current
            elif current not in seen and not is_alias(current):
                seen.add(current)
                inner = inlined_in(current)
                body = inner[-1].body if inner else current.body
                stack.append((current, True))
                self._enclose_groups(current.block, body)
                called = [n.activation for n in self.nodes(body) if isinstance(n, CallNode)]
                stack += [(inner, False) for inner in reversed(called)]

    def _enclose_groups(self, owner: Block, body: Node) -> None:
        """Make calls of the labelled scopes of a body that no container can hold."""
        for node in self.nodes(body):
            if isinstance(node, GroupNode) and not is_pure(node.child) and self._has_modules(node):
                self.enclosed[node] = self._enclose(owner, node)

    def _has_modules(self, group: GroupNode) -> bool:
        """Whether a labelled scope needs a class, because there are weights in it."""
        nodes = list(self.nodes(group.child))
        return any(isinstance(node, CallNode | GroupNode) for node in nodes) or any(
            node.op.weights(*map(shape_of, node.inputs))
            for node in nodes
            if isinstance(node, tree.OpNode)
        )

    def _enclose(self, owner: Block, node: GroupNode) -> CallNode:
        """A labelled scope as the only instance of a block that bears the label's name."""
        assert node.site is not None
        place = (owner, node.site.source, node.site.start)
        name = f"{owner.name}_{node.key.value}"
        block = self.enclosed_blocks.setdefault(
            place, Block(name, "", (), is_network=False, span=node.site, order=owner.order)
        )
        frame = Frame(name, block=True)
        activation = Activation(block, "", frame, {}, (node.inputs,), output=node.output)
        activation.body = node.child
        return CallNode(node.site, node.key, True, activation, node.node)

    def nodes(self, body: Node) -> Iterator[Node]:
        """The nodes of a body, through its containers but not into the blocks it calls."""
        stack = [body]
        while stack:
            node = stack.pop()
            if isinstance(node, GroupNode):
                node = self.enclosed.get(node, node)
            yield node
            stack += reversed(list(children(node)))

    def family_of(self, activation: Activation) -> Family | None:
        """The class of an activation; None for a block that is nothing but an op."""
        return self.of.get(activation)

    def divide(self, family: Family, part_of: Mapping[Instance, Hashable]) -> list[Family]:
        """Replace a class by several, one for each part of its instances."""
        parts: dict[Hashable, Family] = {}
        for instance in family.instances:
            key = part_of.get(instance)
            part = parts.setdefault(key, Family(family.block, [], len(parts), family.unroll))
            part.instances.append(instance)
            self.of[instance.activation] = part
        place = self.families.index(family)
        self.families[place : place + 1] = parts.values()
        return list(parts.values())


def root(activation: Activation) -> Activation:
    """The activation whose class a network is: a network that is one call is a function."""
    while activation.block.is_network and (call := alias_call(activation)):
        activation = call.activation
    return activation


def alias_call(activation: Activation) -> CallNode | None:
    """The one call that a body consists of and shares its scope with, if so (rule 2 of keys)."""
    node = only(activation.body)
    return node if isinstance(node, CallNode) and node.key is None else None


def inlined_in(activation: Activation) -> tuple[Activation, ...]:
    """The activations that share an activation's scope, outermost first."""
    inner: list[Activation] = []
    while call := alias_call(inner[-1] if inner else activation):
        inner.append(call.activation)
    return tuple(inner)


def strip(node: Node) -> Node:
    """The node without sequences of one."""
    while isinstance(node, tree.SequenceNode) and len(node.children) == 1:
        node = node.children[0]
    return node


def unsplice(node: Node) -> Node:
    """What an argument's layer became."""
    return node.child if isinstance(node, tree.SpliceNode) else node


def is_alias(activation: Activation) -> bool:
    """Whether a block is nothing but another name for an op (rule 2 of the keys)."""
    called = inlined_in(activation)
    body = only(called[-1].body if called else activation.body)
    return isinstance(body, tree.OpNode) and body.key is None


def alias_op(activation: Activation) -> tuple[tree.OpNode, tuple[Activation, ...]]:
    """The op that a block is another name for, and the activations in between."""
    between = (activation, *inlined_in(activation))
    op = only(between[-1].body)
    assert isinstance(op, tree.OpNode)
    return op, between


def only(node: Node) -> Node:
    """What a body comes down to, without sequences of one, arguments and conditions around it."""
    node = strip(node)
    while isinstance(node, tree.SpliceNode | tree.ConditionNode):
        node = strip(node.child)
    return node


def children(node: Node) -> Iterable[Node]:
    """The nodes directly below a node, in the same scope or in a labelled one."""
    match node:
        case tree.SequenceNode(children=below) | tree.MergeNode(branches=below):
            return below
        case tree.LoopNode(iterations=iterations):
            return [iteration.child for iteration in iterations]
        case tree.OpNode() | tree.CallNode() | tree.WireNode():
            return ()
        case _:
            return (node.child,)


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


def scope_nodes(body: Node) -> Iterator[Node]:
    """The nodes of one scope: not those inside its labelled scopes."""
    stack = [body]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, GroupNode):
            stack += reversed(list(children(node)))


def is_pure(body: Node) -> bool:
    """Whether a scope is a mere sequence of modules."""
    return not any(map(_is_more, scope_nodes(body)))


def _is_more(node: Node) -> bool:
    """Whether a node is more than a link that takes one tensor and gives one."""
    if isinstance(node, CallNode):
        return bool(node.activation.heads or node.activation.wires)
    return isinstance(node, tree.MergeNode | tree.WireNode | tree.AuxNode)


def scope_kind(bodies: Iterable[Node]) -> str:
    """How a scope is printed: "pure", "attributes", or "indexed" (numbered, but no sequence)."""
    bodies = list(bodies)
    if all(map(is_pure, bodies)):
        return "pure"
    keys = [str(key.value) for body in bodies for key in _stateful_keys(body)]
    return "attributes" if all(key.isidentifier() for key in keys) else "indexed"


def _stateful_keys(body: Node) -> Iterator[Term]:
    for node in scope_nodes(body):
        if isinstance(node, CallNode | GroupNode) and node.key is not None:
            yield node.key
        elif isinstance(node, tree.OpNode) and node.key is not None:
            shapes = [tuple(term.value for term in sizes) for sizes in node.inputs]
            if node.op.weights(*shapes):  # type: ignore[arg-type]
                yield node.key


def kind(value: LayerValue) -> Hashable:
    """What decides the structure that a layer argument gives; numbers do not."""
    if value.is_identity:
        return "identity"
    bound = tuple(
        (name, kind(binding))
        for name, binding in sorted(value.bindings.items())
        if isinstance(binding, LayerValue)
    )
    if value.callee is None:
        return (value.site.source.name, value.site.start, value.site.end)
    name = value.callee if isinstance(value.callee, str) else value.callee.order
    return (name, *bound)
