"""Occurrences that are alike: a class is merged from one of each kind.

A block that is applied a thousand times is applied in few ways. Two occurrences are alike if they
have the same *signature*: their bodies have the same layers, wires and names, and every number has
the same value and the same expression. Frames and nodes of the graph are compared by the order in
which a body mentions them, since each occurrence has its own.

    block unit(w) = conv(w, 3) -> add(identity, conv(w, 3))
    network n: [8, 32, 32] = repeat(100, unit(8)) -> unit(16)

The first `unit(8)` stands for a hundred; the class has two rows.

What decides nothing within a class is left out of the signature: the expressions of arguments in
the terms of the caller. So further rows of a kind add nothing, unless callers need something that
only an occurrence's own row gives: the value of a fresh parameter, or a tensor from outside.
`classes.py` then takes all of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from archdsl import tree
from archdsl.analysis.storage import may_work_in_place
from archdsl.backends.torch.families import Family
from archdsl.backends.torch.interface import Interfaces
from archdsl.backends.torch.layer_lists import LayerList, frames_around, layer_list
from archdsl.backends.torch.rows import Occurrence, Wired
from archdsl.backends.torch.walk import alias_op, inner_frames
from archdsl.ops.parameters import Initializer
from archdsl.provenance import (
    Expression,
    Format,
    Frame,
    Literal,
    Operation,
    Symbol,
    Term,
    constant,
)
from archdsl.tree import LayerValue, Node


def unlike(interfaces: Interfaces, family: Family, wired: Wired) -> list[Occurrence]:
    """The first occurrence of each kind, in order."""
    first: dict[Hashable, Occurrence] = {}
    lists: dict[Family, LayerList | None] = {}
    for occurrence in family.occurrences:
        signature = _Signature(interfaces, occurrence, wired, lists)
        first.setdefault(signature.of(), occurrence)
    return list(first.values())


@dataclass
class _Signature:
    """The signature of one occurrence.

    `lists` are the layer lists of the families asked so far.
    """

    interfaces: Interfaces
    occurrence: Occurrence
    wired: Wired
    lists: dict[Family, LayerList | None]
    frames: dict[Frame, int] = field(default_factory=dict)
    results: dict[int, int] = field(default_factory=dict)
    """A number for every node of the graph that the body mentions."""
    known: dict[int, tuple[Expression, Hashable]] = field(default_factory=dict)
    """The keys of expressions, by identity; each is kept, so that no other gets its identity."""
    made: set[int] = field(default_factory=set)
    """The nodes of the graph made by the body's ops so far."""
    parts: list[Hashable] = field(default_factory=list)

    def of(self) -> Hashable:
        """Everything that a class reads of its occurrence, with the body in order."""
        occurrence = self.occurrence
        self._own(occurrence.instance)
        for inner in occurrence.inlined:
            self._frame(inner.frame)
        for instance in (occurrence.instance, *occurrence.inlined):
            if instance.body is not occurrence.body:
                self._frames(inner_frames(instance.body))
        self._node(occurrence.body)
        return tuple(self.parts)

    def _own(self, instance: tree.Instance) -> None:
        """The values of an instance's symbols; the expressions only of what it computes."""
        self.frames[instance.frame] = 0
        for name, term in instance.frame.definitions.items():
            is_local = name in instance.locals
            key = self._term(term) if is_local else constant(term.value).expression
            self.parts.append((name, is_local, key))
        for name, layer in instance.layers.items():
            uses = self.interfaces.families.uses(instance, name)
            self.parts.append((name, self._layer(layer), self._classes(uses)))
        self.parts += [*instance.arguments, *instance.heads, *instance.input_names]
        self.parts += [(name, self._result(node)) for name, node in instance.results]
        self.parts += [(name, self._result(node)) for name, node in instance.wires.items()]
        self.parts += self.interfaces.families.given(instance)

    def _classes(self, instances: Iterable[tree.Instance]) -> Hashable:
        found = self.interfaces.families.of
        return tuple([found.get(instance) for instance in instances])

    def _node(self, node: Node) -> None:
        match node:
            case tree.SequenceNode(children=below):
                self.parts.append(len(below))
                self._nodes(*below)
            case tree.OpNode():
                self._op(node)
            case tree.CallNode():
                self._call(node)
            case tree.SpliceNode(value=value, child=child):
                self.parts.append(("layer", self._layer(value)))
                self._node(child)
            case tree.GroupNode():
                self._group(node)
            case tree.ConditionNode(condition=condition, taken=taken, child=child):
                self.parts.append(("if", self._term(condition), taken))
                self._frames((node.entry, node.exit))
                self._node(child)
            case tree.LoopNode():
                self._loop(node)
            case tree.ShareNode(layers=layers, child=child):
                self.parts.append(("share", *layers))
                self._nodes(*layers.values(), child)
            case tree.UseNode(name=name, child=child, results=results):
                self.parts.append(("use", name, self._result(node.node)))
                self.parts += [(name, self._result(made)) for name, made in results]
                self._node(child)
            case tree.BundleNode(branches=branches, results=results):
                self.parts.append(("bundle", len(branches), *[name for name, _ in results]))
                self._nodes(*branches)
                self.parts += [self._result(made) for _, made in results]
            case tree.AuxNode(name=name, child=child):
                self.parts.append(("aux", self._term(name), self._result(node.node)))
                self._node(child)
            case tree.LabelNode(label=label) | tree.WireNode(label=label):
                self.parts.append((type(node), label, *self._made(node, label)))
                if isinstance(node, tree.WireNode):
                    self.parts.append(node.name)

    def _nodes(self, *nodes: Node) -> None:
        for node in nodes:
            self._node(node)

    def _op(self, node: tree.OpNode) -> None:
        arguments = tuple([self._argument(each) for each in node.arguments.values()])
        sizes = tuple([self._tensor(sizes) for sizes in node.inputs])
        key = self._named(node)
        count = len(node.branches)
        self.parts.append((type(node.op), *key, arguments, sizes, self._is_free(node), count))
        for branch in node.branches:
            self._node(branch)
        self.made.add(node.node)

    def _is_free(self, node: tree.OpNode) -> bool:
        """Whether an op may overwrite its input, which the body made."""
        if not node.op.is_activation:
            return False
        graph = self.occurrence.graph
        (port,) = graph[node.node].inputs
        return port.node in self.made and may_work_in_place(graph, graph[node.node])

    def _argument(self, argument: Term | Initializer) -> Hashable:
        if isinstance(argument, Term):
            return self._term(argument)
        given = [(n, self._expression(each)) for n, each in argument.expressions.items()]
        return (argument, *given)

    def _call(self, node: tree.CallNode) -> None:
        families, instance = self.interfaces.families, node.instance
        family = families.of.get(instance)
        if family is None:
            op, frames = alias_op(node)
            self._frames(frames)
            self._node(op)
            return
        self.parts.append(("call", family, *self._named(node)))
        occurrence = families.occurrences[instance]
        interface = self.interfaces.made[family]
        for parameter in interface.parameters:
            if (term := parameter.terms.get(occurrence)) is not None:
                self.parts.append(self._term(term))
            if (layer := parameter.layers.get(occurrence)) is not None:
                uses = self._classes(parameter.uses[occurrence])
                self.parts.append((self._layer(layer), uses))
        self.parts += instance.heads
        self.parts += [(name, self._result(made)) for name, made in node.results]
        self.parts += [(name, self._result(made)) for name, made in instance.wires.items()]
        for of in (*interface.wires.values(), *interface.given.values()):
            result = of.get(occurrence)
            self.parts.append(None if result is None else self._result(result))
        if (layers := self._list(family)) is not None:
            self._frames(frames_around(occurrence, layers.layers[occurrence]))
            self._node(layers.layers[occurrence])

    def _list(self, family: Family) -> LayerList | None:
        if family not in self.lists:
            self.lists[family] = layer_list(self.interfaces.families, family)
        return self.lists[family]

    def _group(self, node: tree.GroupNode) -> None:
        call = self.interfaces.families.enclosed.get(node)
        if call is not None:
            self._frames(inner_frames(node.child))
            self._call(call)
            return
        self.parts.append(("group", *self._named(node)))
        self._node(node.child)

    def _loop(self, node: tree.LoopNode) -> None:
        condition = None if node.condition is None else self._expression(node.condition)
        count = len(node.iterations)
        self.parts.append(("for", node.site, node.names, self._term(node.header), condition, count))
        self._frames([turn.frame for turn in node.iterations])
        self._frame(node.exit)
        for turn in node.iterations:
            self._node(turn.child)
            self.parts.append(self._tensor(turn.output))

    def _named(self, node: tree.OpNode | tree.CallNode | tree.GroupNode) -> tuple[Hashable, ...]:
        """The name of a node, and its result."""
        key = None if node.key is None else self._term(node.key)
        return key, *self._made(node, "" if node.key is None else str(node.key.value))

    def _made(
        self,
        node: tree.OpNode | tree.CallNode | tree.GroupNode | tree.LabelNode | tree.WireNode,
        label: str,
    ) -> tuple[Hashable, ...]:
        """The result of a node, and how it is read by its label."""
        is_read = (self.occurrence.graph, node.node, label) in self.wired
        is_tapped = node in self.interfaces.families.crossings.tapped
        return self._result(node.node), is_read, is_tapped

    def _result(self, node: int) -> int:
        return self.results.setdefault(node, len(self.results))

    def _frames(self, frames: Iterable[Frame]) -> None:
        for frame in frames:
            self._frame(frame)

    def _frame(self, frame: Frame) -> None:
        """A frame whose definitions are in terms of the occurrence."""
        number = self.frames.setdefault(frame, len(self.frames))
        self.parts.append((number, self._bindings(frame.definitions)))

    def _bindings(self, bindings: Mapping[str, tree.Binding]) -> Hashable:
        return tuple([(name, self._binding(each)) for name, each in bindings.items()])

    def _binding(self, binding: tree.Binding) -> Hashable:
        return self._layer(binding) if isinstance(binding, LayerValue) else self._argument(binding)

    def _layer(self, layer: LayerValue) -> Hashable:
        origin = None if layer.origin is None else self._expression(layer.origin)
        callee = layer.callee if layer.callee is not None else layer.site
        return callee, layer.is_identity, origin, self._bindings(layer.bindings)

    def _tensor(self, sizes: tree.Sizes) -> Hashable:
        """A tensor's type."""
        below = None if sizes.below is None else self._term(sizes.below)
        return sizes.is_last, below, *[self._term(size) for size in sizes.sizes]

    def _term(self, term: Term) -> Hashable:
        expression = term.expression
        if isinstance(expression, Literal):
            return expression
        return constant(term.value).expression, self._expression(expression)

    def _expression(self, expression: Expression) -> Hashable:
        """An expression with numbers for its frames."""
        match expression:
            case Literal():
                return expression
            case Symbol(frame=None, name=name):
                return name
            case Symbol(frame, name):
                return self.frames.setdefault(frame, len(self.frames)), name  # type: ignore[arg-type]
        if id(expression) not in self.known:
            self.known[id(expression)] = expression, self._compound(expression)
        return self.known[id(expression)][1]

    def _compound(self, expression: Operation | Format) -> Hashable:
        if isinstance(expression, Format):
            return "", *[self._expression(part) for part in expression.parts]
        operands = [self._expression(operand) for operand in expression.operands]
        return expression.operator, *operands
