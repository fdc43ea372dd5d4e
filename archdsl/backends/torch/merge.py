"""All instances of a block, merged into one tree that is printed once.

The trees of the instances came from the same syntax, so they are compared node by node. Where
they cannot be one piece of code, `Split` says which rows differ, and either a loop is unrolled or
the instances are divided among several classes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from archdsl import tree
from archdsl.backends.torch.families import Families
from archdsl.backends.torch.keys import Naming, number
from archdsl.backends.torch.layer_lists import LayerList, frames_around, layer_list
from archdsl.backends.torch.merged import (
    Merged,
    MergedAux,
    MergedCall,
    MergedCondition,
    MergedGroup,
    MergedLabel,
    MergedLayerList,
    MergedLoop,
    MergedOp,
    MergedSequence,
    MergedSplice,
    MergedWire,
    is_empty,
)
from archdsl.backends.torch.rows import (
    Correspondence,
    Role,
    Row,
    Rows,
    Split,
    Wired,
    conflicting,
    is_read,
    same,
)
from archdsl.backends.torch.scopes import ScopeForm, is_counted, is_pure
from archdsl.backends.torch.walk import (
    alias_op,
    flatten,
    has_weights,
    inner_frames,
    is_carried,
    labelled,
    strip,
    unsplice,
)
from archdsl.provenance import Symbol
from archdsl.tree import Node


@dataclass
class TreeAntiUnifier:
    """Merges rows of nodes of one class.

    `is_open` says whether a layer parameter is printed as a constructor argument. `scope` is how
    the scope being merged is printed: "pure" (in an `nn.Sequential`), "attributes", "children"
    (a loop over named children), or "indexed" (numbered, with a `forward` of its own). `wired` are
    the results that are read by their label. `layer_list` are the layers that the callers of the
    class make.
    """

    correspondence: Correspondence
    families: Families
    is_open: Callable[[str], bool]
    scope: ScopeForm
    wired: Wired
    layer_list: LayerList | None = None
    unroll: bool = False
    carried: bool = False
    is_counted: bool = False
    """Whether the modules of the scope are called by their numbers."""
    conditions: list[MergedCondition] = field(default_factory=list)
    shared: dict[Node, Merged] = field(default_factory=dict)

    def merge_scope(self, rows: Mapping[Row, Node]) -> Merged:
        """The one tree of all rows' nodes, which are all there is in a scope."""
        return self._merge_modules(rows, all(map(is_counted, rows.values())))

    def _merge_modules(self, rows: Mapping[Row, Node], is_counted: bool) -> Merged:
        """The one tree of modules of a scope, which `is_counted` or has names."""
        outer, self.is_counted = self.is_counted, is_counted
        merged = self.merge(rows)
        number(merged, self.is_counted)
        self.is_counted = outer
        return merged

    def merge(self, rows: Mapping[Row, Node]) -> Merged:
        """The one tree of all rows' nodes."""
        if given := self._given(rows):
            return given
        rows = {row: strip(node) for row, node in rows.items()}
        shared = {self.shared.get(node) for node in rows.values()}
        if len(shared) == 1 and (only := shared.pop()) is not None:
            return only
        rows = {row: self._plain(row, node) for row, node in rows.items()}
        if spliced := self._open(rows):
            return spliced
        if any(isinstance(node, tree.SpliceNode) for node in rows.values()):
            return self.merge({row: unsplice(node) for row, node in rows.items()})
        kind = same({row: type(node) for row, node in rows.items()})
        return MERGE_KIND[kind](self, rows)

    def _plain(self, row: Row, node: Node) -> Node:
        """The node, but an enclosed scope as a call, and an op under another name as that op."""
        if isinstance(node, tree.GroupNode) and node in self.families.enclosed:
            # What stands behind the scope knows nothing of the loops in it.
            self.correspondence.hide(row, *inner_frames(node.child))
            return self.families.enclosed[node]
        if isinstance(node, tree.CallNode) and node.activation not in self.families.of:
            op, frames = alias_op(node)
            self.correspondence.hide(row, *frames)
            return op
        return node

    def _given(self, rows: Mapping[Row, Node]) -> MergedLayerList | None:
        """The layers of a list that the callers of the class make."""
        if self.layer_list is None:
            return None
        layers = {row: n.child if isinstance(n, tree.SpliceNode) else n for row, n in rows.items()}
        if any(self.layer_list.layers[row.instance] is not node for row, node in layers.items()):
            return None
        for row, node in layers.items():
            self.correspondence.hide(row, *inner_frames(node))
        return MergedLayerList(self.layer_list.parameter, dict(rows))

    def _open(self, rows: Mapping[Row, Node]) -> MergedSplice | None:
        spliced = {row: node for row, node in rows.items() if isinstance(node, tree.SpliceNode)}
        parameters = {
            node.value.origin.name
            for row, node in spliced.items()
            if node.value.origin and node.value.origin.frame is row.instance.activation.frame
        }
        opened = sorted(name for name in parameters if self.is_open(name))
        if not opened or len(spliced) != len(rows):
            return None
        return MergedSplice(opened[0], spliced, self._naming.of_argument(opened[0], spliced))

    @property
    def _naming(self) -> Naming:
        return Naming(self.correspondence, self.scope, self.is_counted)

    def op(self, rows: dict[Row, tree.OpNode]) -> MergedOp:
        starts = {row: node.op.starts() for row, node in rows.items()}
        same({row: start.weight.form if start else () for row, start in starts.items()})
        count = same({row: (type(node.op), len(node.branches)) for row, node in rows.items()})[1]
        keys = {row: node.key for row, node in rows.items() if node.key is not None}
        if any(has_weights(node) for node in rows.values()) or self.scope == "pure":
            self._naming.check(keys)
        branches = [
            self.merge({row: node.branches[i] for row, node in rows.items()}) for i in range(count)
        ]
        return MergedOp(rows, keys, branches)

    def call(self, rows: dict[Row, tree.CallNode]) -> MergedCall:
        family = same({row: self.families.of[node.activation] for row, node in rows.items()})
        keys = {row: node.key for row, node in rows.items() if node.key is not None}
        self._naming.check(keys)
        given = layer_list(self.families, family)
        return MergedCall(rows, keys, family, self._layers(rows, given) if given else None)

    def _layers(self, rows: Mapping[Row, tree.CallNode], given: LayerList) -> Merged:
        """The layers of a list that a block is given: their numbers are those of its caller."""
        lists = {}
        for row, node in rows.items():
            instance = self.families.instances[node.activation]
            lists[row] = given.layers[instance]
            self.correspondence.hide(row, *frames_around(instance, lists[row]))
        outer, self.scope = self.scope, "pure"
        layers = self._merge_modules(lists, is_counted=True)
        self.scope = outer
        return layers

    def group(self, rows: dict[Row, tree.GroupNode]) -> MergedGroup:
        keys = {row: node.key for row, node in rows.items()}
        if not all(is_pure(node.child, self.families.crossings) for node in rows.values()):
            child = self.merge({row: node.child for row, node in rows.items()})
            return MergedGroup(rows, keys, child, is_inline=True)
        self._naming.check(keys)
        outer, self.scope = self.scope, "pure"
        child = self.merge_scope({row: node.child for row, node in rows.items()})
        self.scope = outer
        return MergedGroup(rows, keys, child)

    def sequence(self, rows: dict[Row, tree.SequenceNode]) -> MergedSequence:
        flat = {row: flatten(node) for row, node in rows.items()}
        length = same({row: len(children) for row, children in flat.items()})
        children = [
            self.merge({row: children[i] for row, children in flat.items()}) for i in range(length)
        ]
        return MergedSequence(dict(rows), children)

    def aux(self, rows: dict[Row, tree.AuxNode]) -> MergedAux:
        same({row: node.name.value for row, node in rows.items()})
        return MergedAux(rows, self.merge({row: node.child for row, node in rows.items()}))

    def label(self, rows: dict[Row, tree.LabelNode]) -> Merged:
        read = {row: is_read(self.wired, row, node.node, node.label) for row, node in rows.items()}
        return MergedLabel(rows) if same(read) else MergedSequence(dict(rows), [])

    def wire(self, rows: dict[Row, tree.WireNode]) -> MergedWire:
        same({row: node.name for row, node in rows.items()})
        return MergedWire(rows)

    def condition(self, rows: dict[Row, tree.ConditionNode]) -> Merged:
        entry, exit = Role("entry", printed=False), Role("exit", printed=False)
        for row, node in rows.items():
            self.correspondence.register(entry, row, node.entry)
            self.correspondence.register(exit, row, node.exit)
        sides = [
            {row: node.child for row, node in rows.items() if node.taken is side}
            for side in (True, False)
        ]
        if self.scope == "indexed":
            same({row: node.taken for row, node in rows.items()})
        self._share(*sides)
        then, otherwise = (self.merge(side) if side else None for side in sides)
        if then is None or otherwise is None:
            return then or otherwise or MergedSequence(dict(rows), [])
        if is_empty(then) and is_empty(otherwise):
            return MergedSequence(dict(rows), [])
        if self.carried:
            self._carry(rows, entry, exit)
        result = MergedCondition(rows, then, otherwise, entry, exit)
        self.conditions.append(result)
        # What both sides share differs in its numbers alone.
        return then if then is otherwise else result

    def _share(self, then: Rows, otherwise: Rows) -> None:
        """Merge what has one label on both sides of an `if` once: it is one submodule."""
        named = {row: labelled(node) for row, node in {**then, **otherwise}.items()}
        if not then or not otherwise or self.scope != "attributes":
            return
        for label in next(iter(named.values())):
            rows = {row: nodes[label] for row, nodes in named.items() if label in nodes}
            if len(rows) < len(named):
                continue
            with suppress(Split):
                self.shared.update(dict.fromkeys(rows.values(), self.merge(rows)))

    def _carry(self, rows: dict[Row, tree.ConditionNode], entry: Role, exit: Role) -> None:
        """In a loop that carries its channels, an `if` whose sides change them carries them too."""
        after = [node.exit.definitions["channels"].expression for node in rows.values()]
        unchanged = all(
            isinstance(e, Symbol)
            and e.frame is not None
            and self.correspondence.roles.get(e.frame) is entry
            for e in after
        )
        if not unchanged:
            entry.printed = exit.printed = entry.carried = exit.carried = True

    def loop(self, rows: dict[Row, tree.LoopNode]) -> Merged:
        turns = {
            Row(row.instance, row, iteration): iteration
            for row, node in rows.items()
            for iteration in node.iterations
        }
        if not turns:
            return self._no_loop(rows)
        if any(not isinstance(node.header.value, tuple) for node in rows.values()):
            # The list holds layers, which are no numbers to go through.
            return self._unroll(rows)
        if self.unroll or self.scope in ("attributes", "indexed"):
            return self._unroll(rows)
        try:
            return self._roll(rows, turns)
        except Split as split:
            if not conflicting(split.parts):
                raise
            return self._unroll(rows)

    def _no_loop(self, rows: dict[Row, tree.LoopNode]) -> MergedSequence:
        """A loop that leaves nothing to be done."""
        for row, node in rows.items():
            frames = [*[turn.frame for turn in node.iterations], node.exit]
            self.correspondence.hide(row, *frames)
            for frame in frames:
                self.correspondence.first.pop(frame, None)
        return MergedSequence(dict(rows), [])

    def _roll(self, rows: dict[Row, tree.LoopNode], turns: dict[Row, tree.Iteration]) -> Merged:
        turn, exit = Role("turn"), Role("exit")
        turn.carried = exit.carried = any(is_carried(node) for node in rows.values())
        for row, iteration in turns.items():
            self.correspondence.register(turn, row, iteration.frame)
        for row, node in rows.items():
            self.correspondence.register(exit, row, node.exit)
            if node.iterations and not turn.carried:
                first = node.iterations[0].frame
                later = (iteration.frame for iteration in node.iterations)
                self.correspondence.first.update(dict.fromkeys((*later, node.exit), first))
        outer, self.carried = self.carried, turn.carried
        try:
            body = self.merge({row: iteration.child for row, iteration in turns.items()})
        finally:
            self.carried = outer
        if is_empty(body):
            return self._no_loop(rows)
        return MergedLoop(rows, body, turn, exit)

    def _unroll(self, rows: dict[Row, tree.LoopNode]) -> MergedSequence:
        length = same({row: len(node.iterations) for row, node in rows.items()})
        self._no_loop(rows)
        children = [
            self.merge({row: node.iterations[i].child for row, node in rows.items()})
            for i in range(length)
        ]
        return MergedSequence(dict(rows), children)


MERGE_KIND: dict[type[Node], Callable[..., Merged]] = {
    tree.OpNode: TreeAntiUnifier.op,
    tree.CallNode: TreeAntiUnifier.call,
    tree.GroupNode: TreeAntiUnifier.group,
    tree.LabelNode: TreeAntiUnifier.label,
    tree.SequenceNode: TreeAntiUnifier.sequence,
    tree.AuxNode: TreeAntiUnifier.aux,
    tree.WireNode: TreeAntiUnifier.wire,
    tree.ConditionNode: TreeAntiUnifier.condition,
    tree.LoopNode: TreeAntiUnifier.loop,
}
