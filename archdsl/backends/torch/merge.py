"""Anti-unification: one tree that stands for all occurrences of a block.

A class is printed once, however often its block is used, so the trees of all uses are first
generalised to one. The textbook term is anti-unification: the *least general generalisation* of
some terms (Plotkin, 1970) keeps what they have in common and has a variable wherever they differ.
The class is that term, its constructor parameters are the variables, and each call of the class is
the substitution that gives one occurrence back.

    block unit(w, wide=false) = (up: conv(2 * w, 1) if wide) -> mix: conv(w, 3) -> relu
    network n: [8, 32, 32] = a: unit(16) -> b: unit(32, true)

The elaborator ran `unit` twice, so there are two trees. Overlaid, they are two *rows*:

    syntax         row a                 row b                 generalisation
    if wide        not taken             taken                 if wide
    up: conv                             conv(64, 1) on 16     conv(2 * w, 1) on in_channels
    mix: conv      conv(16, 3) on 8      conv(32, 3) on 64     conv(w, 3) on
                                                               2 * w if wide else in_channels
    relu           relu                  relu                  relu

    self.up = nn.Conv2d(in_channels, 2 * w, 1) if wide else nn.Identity()
    self.mix = nn.Conv2d(2 * w if wide else in_channels, w, 3, padding=1)

This file and `merge_control.py` generalise the trees. `numbers.py` then generalises the expressions
at each node, once the tree says which rows a node has. Trees are the simpler half. They come from
one syntax, so corresponding nodes are at the same position, and no variable ever stands for a part
of a tree. The cases:

- Ops, joins, wires and heads must be of one kind in all rows; their numbers may differ.
- A call must be of one class in all rows. Callees are written first, so their classes are known.
- A label must be one name in all rows, or one expression that the scope can compute (`keys.py`).
- An `if` divides the rows. Each branch is generalised from the rows that took it; a branch that no
  row took disappears.
- A loop multiplies the rows: every iteration is a separate row, so that one body stands for all
  iterations of all occurrences. Iterations that cannot share a body are unrolled.
- A shared layer is merged from what it is first used for, since every use wants the same module.
- A layer passed as an argument becomes a variable for a layer if its kind differs (`MergedSplice`),
  and a list of layers becomes `*layers`. Otherwise it is merged as if it were written in the block.

All other differences raise `Split`, which says which rows have what. A loop whose own iterations
differ is unrolled. If that does not help, the class unrolls all its loops (`classes.py`), and
finally the occurrences are divided, so that each structure gets a separate class (`recursion.py`).

It does not look for structure that the author did not name: equal parts of two blocks, or of one
block at two positions, stay separate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from archdsl import tree
from archdsl.backends.torch.families import Families
from archdsl.backends.torch.keys import Naming, number
from archdsl.backends.torch.layer_lists import LayerList, frames_around, layer_list
from archdsl.backends.torch.merge_control import ControlAntiUnifier
from archdsl.backends.torch.merged import (
    Merged,
    MergedAux,
    MergedBundle,
    MergedCall,
    MergedGroup,
    MergedLabel,
    MergedLayerList,
    MergedOp,
    MergedSequence,
    MergedShare,
    MergedSplice,
    MergedUse,
    MergedWire,
)
from archdsl.backends.torch.optional import certain, may_vary, presence
from archdsl.backends.torch.rows import (
    Row,
    Wired,
    is_read,
    same,
)
from archdsl.backends.torch.scopes import is_counted, is_pure, repeats_shared
from archdsl.backends.torch.walk import (
    alias_op,
    flatten,
    has_modules,
    has_weights,
    inner_frames,
    strip,
    unsplice,
)
from archdsl.tree import Node


@dataclass(kw_only=True)
class TreeAntiUnifier(ControlAntiUnifier):
    """Merges rows of nodes of one class.

    `is_open` says whether a layer parameter is printed as a constructor argument. `wired` are the
    results that are read by their label. `layer_list` are the layers that the callers of the class
    create.
    """

    families: Families
    is_open: Callable[[str], bool]
    wired: Wired
    layer_list: LayerList | None = None
    is_counted: bool = False
    """Whether the names of the scope's modules are their numbers."""
    stateful: frozenset[str] = frozenset()
    """The names of shared layers that have weights."""

    def merge_scope(self, rows: Mapping[Row, Node]) -> Merged:
        """The merged tree of all rows' nodes, which form a complete scope."""
        return self._merge_modules(rows, all(map(is_counted, rows.values())))

    def _merge_modules(self, rows: Mapping[Row, Node], is_counted: bool) -> Merged:
        """The merged tree of a scope's modules, which are numbered if `is_counted`, else named."""
        outer, self.is_counted = self.is_counted, is_counted
        merged = self.merge(rows)
        number(merged, self.is_counted)
        self.is_counted = outer
        return merged

    def merge(self, rows: Mapping[Row, Node]) -> Merged:
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
        """The node, with an enclosed scope as a call, and an op under another name as that op."""
        if isinstance(node, tree.GroupNode) and node in self.families.enclosed:
            # Nodes after the scope have no access to the loops in it.
            self.correspondence.hide(row, *inner_frames(node.child))
            return self.families.enclosed[node]
        if isinstance(node, tree.CallNode) and node.instance not in self.families.of:
            op, frames = alias_op(node)
            self.correspondence.hide(row, *frames)
            return op
        return node

    def _given(self, rows: Mapping[Row, Node]) -> MergedLayerList | None:
        """The layers of a list that the callers of the class create."""
        if self.layer_list is None:
            return None
        layers = {row: n.child if isinstance(n, tree.SpliceNode) else n for row, n in rows.items()}
        if any(self.layer_list.layers[row.occurrence] is not node for row, node in layers.items()):
            return None
        for row, node in layers.items():
            self.correspondence.hide(row, *inner_frames(node))
        return MergedLayerList(self.layer_list.parameter, dict(rows))

    def _open(self, rows: Mapping[Row, Node]) -> MergedSplice | None:
        spliced = {row: node for row, node in rows.items() if isinstance(node, tree.SpliceNode)}
        parameters = {
            node.value.origin.name
            for row, node in spliced.items()
            if node.value.origin and node.value.origin.frame is row.occurrence.instance.frame
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
        op = next(iter(rows.values())).op
        if not may_vary(op, branches, self.scope):
            same({row: presence(node) for row, node in rows.items()})
        return MergedOp(rows, keys, [each for branch in branches for each in certain(branch)])

    def call(self, rows: dict[Row, tree.CallNode]) -> MergedCall:
        family = same({row: self.families.of[node.instance] for row, node in rows.items()})
        keys = {row: node.key for row, node in rows.items() if node.key is not None}
        self._naming.check(keys)
        given = layer_list(self.families, family)
        return MergedCall(rows, keys, family, self._layers(rows, given) if given else None)

    def _layers(self, rows: Mapping[Row, tree.CallNode], given: LayerList) -> Merged:
        """The layers of a list given to a block; their numbers are in terms of its caller."""
        lists = {}
        for row, node in rows.items():
            occurrence = self.families.occurrences[node.instance]
            lists[row] = given.layers[occurrence]
            self.correspondence.hide(row, *frames_around(occurrence, lists[row]))
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

    def bundle(self, rows: dict[Row, tree.BundleNode]) -> MergedBundle:
        names = same({row: tuple([name for name, _ in n.results]) for row, n in rows.items()})
        branches = [
            self.merge({row: node.branches[i] for row, node in rows.items()})
            for i in range(same({row: len(node.branches) for row, node in rows.items()}))
        ]
        return MergedBundle(rows, branches, [*names])

    def aux(self, rows: dict[Row, tree.AuxNode]) -> MergedAux:
        same({row: node.name.value for row, node in rows.items()})
        return MergedAux(rows, self.merge({row: node.child for row, node in rows.items()}))

    def label(self, rows: dict[Row, tree.LabelNode]) -> Merged:
        read = {row: is_read(self.wired, row, node.node, node.label) for row, node in rows.items()}
        return MergedLabel(rows) if same(read) else MergedSequence(dict(rows), [])

    def repeats_shared(self, rows: Mapping[Row, tree.LoopNode]) -> bool:
        return all(repeats_shared(node, self.families.crossings) for node in rows.values())

    def share(self, rows: dict[Row, tree.ShareNode]) -> MergedShare:
        names = same({row: tuple(node.layers) for row, node in rows.items()})
        made = {name: {row: node.layers[name] for row, node in rows.items()} for name in names}
        # What no row has weights for is made wherever it is used.
        outer, self.stateful = (
            self.stateful,
            self.stateful
            | {
                name
                for name, nodes in made.items()
                if any(self._is_made(row, node) for row, node in nodes.items())
            },
        )
        child = self.merge({row: node.child for row, node in rows.items()})
        # Last, for its loops are printed, and those of its uses are not.
        layers = {n: self.merge(nodes) for n, nodes in made.items() if n in self.stateful}
        self.stateful = outer
        return MergedShare(rows, layers, child)

    def _is_made(self, row: Row, node: Node) -> bool:
        """Whether a shared layer is one module: it has weights, is a chain, or was given."""
        if has_modules(node):
            return True
        stack = [node]
        while stack:
            current = stack.pop()
            if isinstance(current, tree.GroupNode) and is_pure(
                current.child, self.families.crossings
            ):
                return True
            if isinstance(current, tree.SpliceNode) and self._open({row: current}):
                return True
            stack += tree.children(current)
        return False

    def use(self, rows: dict[Row, tree.UseNode]) -> Merged:
        name = same({row: use.name for row, use in rows.items()})
        child = self.merge({row: use.child for row, use in rows.items()})
        return MergedUse(rows, name, child) if name in self.stateful else child

    def wire(self, rows: dict[Row, tree.WireNode]) -> MergedWire:
        same({row: node.name for row, node in rows.items()})
        return MergedWire(rows)


MERGE_KIND: dict[type[Node], Callable[..., Merged]] = {
    tree.OpNode: TreeAntiUnifier.op,
    tree.CallNode: TreeAntiUnifier.call,
    tree.GroupNode: TreeAntiUnifier.group,
    tree.BundleNode: TreeAntiUnifier.bundle,
    tree.LabelNode: TreeAntiUnifier.label,
    tree.SequenceNode: TreeAntiUnifier.sequence,
    tree.AuxNode: TreeAntiUnifier.aux,
    tree.WireNode: TreeAntiUnifier.wire,
    tree.ConditionNode: TreeAntiUnifier.condition,
    tree.LoopNode: TreeAntiUnifier.loop,
    tree.ShareNode: TreeAntiUnifier.share,
    tree.UseNode: TreeAntiUnifier.use,
}
