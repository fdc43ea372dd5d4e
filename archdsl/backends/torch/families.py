"""Which classes a file has, and which instances each of them stands for."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from archdsl import tree
from archdsl.backends.torch.merge import alias_op, strip, unsplice
from archdsl.backends.torch.rows import Instance
from archdsl.graph import Graph
from archdsl.ops import OPS
from archdsl.provenance import Frame, Term
from archdsl.tree import Activation, Block, CallNode, GroupNode, LayerValue, Node


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
    enclosed: dict[GroupNode, CallNode] = field(default_factory=dict)

    def __post_init__(self) -> None:
        groups: dict[Hashable, Family] = {}
        for graph in self.graphs:
            assert graph.tree is not None
            for activation in self._activations(root(graph.tree)):
                self._add(graph, activation, groups)
        self.families = sorted(groups.values(), key=lambda family: family.block.order)

    def _add(self, graph: Graph, activation: Activation, groups: dict[Hashable, Family]) -> None:
        inlined = inlined_in(activation)
        body = inlined[-1].body if inlined else activation.body
        key = (activation.block, *(inner.block for inner in inlined))
        family = groups.setdefault(key, Family(activation.block, []))
        family.instances.append(Instance(graph, activation, inlined, body))
        self.of[activation] = family

    def _activations(self, activation: Activation) -> Iterator[Activation]:
        """The activations that are printed as classes, callees before their callers."""
        stack: list[tuple[Activation, bool]] = [(activation, False)]
        seen: set[Activation] = set()
        while stack:
            current, done = stack.pop()
            if done:
                yield current
            elif current not in seen and alias_op(current) is None:
                seen.add(current)
                inner = inlined_in(current)
                body = inner[-1].body if inner else current.body
                stack.append((current, True))
                stack += [(called, False) for called in reversed(list(self._called(body)))]

    def _called(self, body: Node) -> Iterator[Activation]:
        for node in nodes(body, self.call_for):
            if isinstance(node, CallNode):
                yield node.activation

    def call_for(self, node: GroupNode) -> CallNode | None:
        """A labelled scope that no container can hold, as the call of a block of its own."""
        if node not in self.enclosed and is_pure(node.child):
            return None
        if node not in self.enclosed:
            self.enclosed[node] = _enclose(node)
        return self.enclosed[node]

    def family_of(self, activation: Activation) -> Family | None:
        """The class of an activation; None for a block that is nothing but an op."""
        return self.of.get(activation)

    def divide(self, family: Family, part_of: Callable[[Instance], object]) -> list[Family]:
        """Replace a class by several, one for each part of its instances."""
        parts: dict[str, Family] = {}
        for instance in family.instances:
            key = repr(_stable(part_of(instance)))
            part = parts.setdefault(key, Family(family.block, [], len(parts), family.unroll))
            part.instances.append(instance)
            self.of[instance.activation] = part
        place = self.families.index(family)
        self.families[place : place + 1] = parts.values()
        return list(parts.values())


def _stable(part: object) -> object:
    """A part as something that prints alike exactly where it is equal."""
    return part if isinstance(part, str | int | bool | tuple) else id(part)


def root(activation: Activation) -> Activation:
    """The activation whose class a network is: a network that is one call is a function."""
    call = alias_call(activation)
    return call.activation if call and activation.block.is_network else activation


def alias_call(activation: Activation) -> CallNode | None:
    """The one call that a body consists of and shares its scope with, if so (rule 2 of the keys)."""
    node = strip(activation.body)
    while isinstance(node, tree.SpliceNode | tree.ConditionNode):
        node = strip(unsplice(node) if isinstance(node, tree.SpliceNode) else node.child)
    is_alias = isinstance(node, CallNode) and node.key is None
    return node if is_alias and isinstance(node, CallNode) else None


def inlined_in(activation: Activation) -> tuple[Activation, ...]:
    """The activations that share an activation's scope, outermost first."""
    inner: list[Activation] = []
    while call := alias_call(inner[-1] if inner else activation):
        inner.append(call.activation)
    return tuple(inner)


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


def nodes(body: Node, call_for: Callable[[GroupNode], CallNode | None]) -> Iterator[Node]:
    """The nodes of a body, through its containers but not into the blocks it calls."""
    stack = [body]
    while stack:
        node = stack.pop()
        if isinstance(node, GroupNode) and (call := call_for(node)):
            node = call
        yield node
        stack += reversed(list(children(node)))


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
    impure = tree.MergeNode | tree.WireNode | tree.AuxNode
    return not any(isinstance(node, impure) for node in scope_nodes(body))


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


def _enclose(node: GroupNode) -> CallNode:
    """A labelled scope as the only instance of a block that bears the label's name."""
    assert node.site is not None
    name = "".join(c if c.isalnum() else "_" for c in str(node.key.value))
    block = ENCLOSED_BLOCKS.setdefault(
        (node.site.source, node.site.start), Block(name, "", (), False, node.site, (1 << 20, node.site.start))
    )
    activation = Activation(
        block, "", Frame(name, block=True), {}, (node.inputs,), output=node.output, body=node.child
    )
    return CallNode(node.site, node.key, False, activation, node.node)


ENCLOSED_BLOCKS: dict[Hashable, Block] = {}


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


def is_op(value: LayerValue) -> bool:
    """Whether a layer argument is an op."""
    return isinstance(value.callee, str) and value.callee in OPS
