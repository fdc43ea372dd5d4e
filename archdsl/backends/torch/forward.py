"""The `forward` of one class: the order of the spec, a reused `x`, short lines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from archdsl.backends.torch import python
from archdsl.backends.torch.access import Access
from archdsl.backends.torch.block_calls import BlockCalls
from archdsl.backends.torch.body import ForwardBody, declared_head
from archdsl.backends.torch.branches import LONG, Branches, reads
from archdsl.backends.torch.construct import Constructor
from archdsl.backends.torch.interface import has_more
from archdsl.backends.torch.kept import Kept
from archdsl.backends.torch.merged import (
    Merged,
    MergedAux,
    MergedBundle,
    MergedCall,
    MergedCondition,
    MergedGroup,
    MergedLabel,
    MergedLayerList,
    MergedLoop,
    MergedOp,
    MergedSequence,
    MergedShare,
    MergedSplice,
    MergedUse,
    MergedWire,
    Submodule,
    labels_in,
    labels_of,
)
from archdsl.backends.torch.names import variable_name
from archdsl.backends.torch.op_calls import OpCalls, reads_twice
from archdsl.backends.torch.python import (
    TRAINING,
    PyAttribute,
    PyBlock,
    PyChoice,
    PyExpression,
    PyFor,
    PyIf,
    PyOperation,
)
from archdsl.backends.torch.rows import Occurrence, Wired, is_read
from archdsl.backends.torch.several_loops import SeveralLoop
from archdsl.backends.torch.source import width
from archdsl.backends.torch.variables import (
    NamedTensor,
    SeveralTensors,
    Target,
    TensorExpression,
    held,
    several,
)
from archdsl.backends.torch.walk import result_of

MOST_NESTED = 3
"""Maximum number of nested calls on a line."""


@dataclass
class Forward:
    """Writes the statements of `forward`.

    `wired` are the results that are read by their label.
    """

    constructor: Constructor
    access: Access
    kept: Kept
    wired: Wired
    body: ForwardBody = field(default_factory=ForwardBody)
    blocks: BlockCalls = field(init=False)
    calls: OpCalls = field(init=False)
    branches: Branches = field(init=False)
    inputs: Sequence[str] = ()
    """The names of the inputs that have one."""
    given: dict[str, dict[Occurrence, int]] = field(default_factory=dict)
    """The tensors that are read outside, by node of the graph."""

    def __post_init__(self) -> None:
        self.blocks = BlockCalls(self.access.writer.interfaces, self.body)
        self.calls = OpCalls(self.access, self.kept)
        self.branches = Branches(self.constructor, self.calls, self.body, self.visit, self._is_read)

    def visit(self, node: Merged, value: TensorExpression) -> TensorExpression:
        """Apply a piece of the network to a tensor."""
        match node:
            case MergedOp(branches=[_, *_]):
                result = self.branches.join(node, value)
                return self._labelled([node], result) if node.key else result
            case MergedOp():
                return self._labelled([node], self.op(node, value))
            case MergedGroup(is_inline=True):
                return self._labelled([node], self.visit(node.child, value))
            case MergedCall() | MergedSplice() | MergedGroup():
                return self._labelled([node], self.call(node, value))
            case MergedLabel():
                return self._held([node], value)
            case MergedSequence():
                for child in node.children:
                    value = self.visit(child, self.settled(value))
                return value
            case MergedBundle():
                return self.bundle(node, value)
            case MergedWire():
                return self.wire(node)
            case MergedCondition():
                return self.condition(node, value)
            case MergedLoop():
                return self.loop(node, value)
            case MergedAux():
                return self.aux(node, value)
            case MergedShare() | MergedUse():
                return self.visit(node.child, value)
            case MergedLayerList():
                raise AssertionError("layers of a list stand in a container")

    def op(self, node: MergedOp, value: TensorExpression) -> TensorExpression:
        """An op: a module, or a function if it has no weights and only moves or splits numbers."""
        value = self._shorten(value)
        activated = next(iter(node.rows.values())).op.is_activation
        if not self.access.is_functional(node):
            if value.nesting and reads_twice(node):
                value = self.body.assign(value)
            called = self.calls.module(node, value.code)
            return TensorExpression(called, value.nesting + 1, is_activated=activated)
        if value.nesting and reads_twice(node):
            value = self.body.assign(value)
        result = self.calls.function(node, value.code)
        if width(result) > LONG and value.nesting:
            value = self.body.assign(value)
            result = self.calls.function(node, value.code)
        return TensorExpression(result, value.nesting + 1)

    def call(
        self, node: MergedCall | MergedSplice | MergedGroup, value: TensorExpression
    ) -> TensorExpression:
        """A submodule that is a block or a container."""
        if isinstance(node, MergedCall) and not self.blocks.interface(node).takes_input:
            result = python.call(self.access.of(node), *self.blocks.wires(node))
            return self._called(node, result, 1)
        if self.body.target.is_main:
            value = self.body.assign(value)
        value = self._shorten(value)
        wires = self.blocks.wires(node) if isinstance(node, MergedCall) else []
        result = python.call(self.access.of(node), value.code, *wires)
        return self._called(node, result, value.nesting + 1)

    def _called(
        self, node: MergedCall | MergedSplice | MergedGroup, result: PyExpression, nesting: int
    ) -> TensorExpression:
        if isinstance(node, MergedCall) and has_more(self.blocks.interface(node)):
            return self.blocks.with_more(node, result)
        return TensorExpression(result, nesting)

    def _shorten(self, value: TensorExpression) -> TensorExpression:
        """Assign a call to a variable if a line would nest too many calls."""
        is_long = value.nesting >= MOST_NESTED or (value.is_activated and value.nesting >= 2)
        return self.body.assign(value) if is_long or value.is_choice else value

    def _labelled(
        self, nodes: Collection[Submodule | MergedLabel], value: TensorExpression
    ) -> TensorExpression:
        """The value, in a variable named like the label if a wire reads the label."""
        if isinstance(value, SeveralTensors):
            return self.settled(value)
        return self._held(nodes, value)

    def _is_read(self, node: MergedOp) -> bool:
        """Whether a wire reads an op by its label."""
        return any(
            is_read(self.wired, row, result_of(node.rows[row]), name)
            for row, name in labels_of(node).items()
        )

    def _held(
        self, nodes: Collection[Submodule | MergedLabel], value: TensorExpression
    ) -> TensorExpression:
        results = {row: result_of(n) for node in nodes for row, n in node.rows.items()}
        labels = [found for node in nodes for found in labels_of(node).items()]
        read = [label for row, label in labels if is_read(self.wired, row, results[row], label)]
        if not read:
            return value
        variable = self.body.variables.labelled(read[0], results)
        self.body.statements.append(python.assign(variable, value.code))
        return held(variable)

    def settled(self, value: TensorExpression) -> TensorExpression:
        """Several tensors in variables, by which the layers that follow can read them."""
        if not isinstance(value, SeveralTensors):
            return value
        return several([self._settled(part) for part in value.parts])

    def _settled(self, part: NamedTensor) -> NamedTensor:
        code = part.value.code
        if self.body.variables.holds(code, part.nodes):
            return part
        variable = self.body.variables.labelled(part.name, part.nodes)
        self.body.statements.append(python.assign(variable, code))
        return replace(part, value=held(variable))

    def bundle(self, node: MergedBundle, value: TensorExpression) -> TensorExpression:
        """Branches side by side, and all of their results."""
        if sum(reads(branch) for branch in node.branches) > 1 or value.nesting:
            value = self.body.assign(value)
        self.body.merging += 1
        branches = [self.branches.one(branch, value) for branch in node.branches]
        self.body.merging -= 1
        found = several(
            [
                NamedTensor(name, node.nodes(index), branch)
                for index, (name, branch) in enumerate(zip(node.names, branches, strict=True))
            ]
        )
        return self.settled(found) if width(found.code) > LONG else found

    def wire(self, node: MergedWire) -> TensorExpression:
        """A tensor by its name."""
        first = next(iter(node.rows.values()))
        name = first.name
        if not first.label and name in self.inputs:
            # Two inputs may be one tensor.
            return held(variable_name(name))
        nodes = {row: wire.node for row, wire in node.rows.items()}
        return held(self.body.variables.tensor(name, nodes))

    def _side(
        self, node: Merged | None, value: TensorExpression
    ) -> tuple[PyBlock, TensorExpression]:
        """A branch of an `if`: its statements and its result."""
        with self.body.nested() as block:
            result = self.visit(node, TensorExpression(value.code)) if node is not None else value
        return tuple(block), result

    def condition(self, node: MergedCondition, value: TensorExpression) -> TensorExpression:
        """An `if`: one attribute if possible, else an expression, else a statement."""
        modules = self.access.inline(node)
        if modules and (called := self._called_alike(node, modules, value)):
            return called
        value = self.body.assign(value)
        condition = self.constructor.condition(node)
        with self.kept.under(condition):
            then = self._side(node.then, value)
        with self.kept.under(python.negated(condition)):
            otherwise = self._side(node.otherwise, value)
        self.body.declare()
        if then == otherwise:
            # The module of a turn, whichever it is.
            self.body.statements += then[0]
            return then[1]
        test = self.kept.flag(node, condition)
        if isinstance(test, PyOperation):
            test, then, otherwise = python.negated(test), otherwise, then
        sides = (then[1].code, otherwise[1].code)
        if not then[0] and not otherwise[0]:
            sides = self.body.called_once(*sides)
            then = (), replace(then[1], code=sides[0])
            otherwise = (), replace(otherwise[1], code=sides[1])
        choice = PyChoice(test, *sides)
        is_skipped = self.body.holds(value) and value.code in sides
        if not then[0] and not otherwise[0] and width(choice) <= LONG and not is_skipped:
            nesting = max(1, then[1].nesting, otherwise[1].nesting)
            return TensorExpression(choice, nesting)
        self.body.choose(test, self.body.ended(then), self.body.ended(otherwise), value)
        return held(self.body.target.name)

    def _called_alike(
        self, node: MergedCondition, modules: list[Submodule], value: TensorExpression
    ) -> TensorExpression | None:
        """A call of an attribute that is one of several modules; None if their calls differ."""
        calls = [module for module in modules if isinstance(module, MergedCall)]
        wires = [self.blocks.wires(m) if isinstance(m, MergedCall) else [] for m in modules]
        made = [self.blocks.interface(call) for call in calls]
        if wires[0] != wires[-1] or any(has_more(m) or not m.takes_input for m in made):
            return None
        if self.body.target.is_main and not all(isinstance(module, MergedOp) for module in modules):
            value = self.body.assign(value)
        value = self._shorten(value)
        result = python.call(self.access.of(modules[0]), value.code, *wires[0])
        called = TensorExpression(result, value.nesting + 1)
        return self._labelled([*modules, *labels_in(node)], called)

    def loop(self, node: MergedLoop, value: TensorExpression) -> TensorExpression:
        """A loop over the children of the class, or over uses of shared layers."""
        if next(iter(node.rows.values())).entry:
            return self._loop_of_several(node)
        value = self.body.assign(value)
        self.body.name_target()
        if not self.body.holds(value):
            self.body.statements.append(self.body.assignment(value))
        with self.body.nested() as block:
            result = self.visit(node.body, held(self.body.target.name))
            self.body.statements.append(self.body.assignment(result))
        self.body.statements.append(PyFor(*self._turns(node), tuple(block)))
        return held(self.body.target.name)

    def _loop_of_several(self, node: MergedLoop) -> TensorExpression:
        """A loop whose turns take and give the same tensors."""
        loop = SeveralLoop(node, self.body)
        loop.begin()
        with self.body.nested() as block:
            result = self.visit(node.body, held(""))
            assert isinstance(result, SeveralTensors)
            loop.end_turn(result)
        self.body.statements.append(PyFor(*self._turns(node), tuple(block)))
        return loop.result()

    def _turns(self, node: MergedLoop) -> tuple[tuple[str, ...], PyExpression]:
        """What a loop goes through: the children of the class, or only a number of turns."""
        if self.access.scope == "children":
            return ("layer",), python.call(PyAttribute(python.SELF, "children"))
        return ("_",), self.kept.turns(self.constructor.loops.header(node))

    def aux(self, node: MergedAux, value: TensorExpression) -> TensorExpression:
        """A head that exists only in training."""
        value = self.body.assign(value)
        label = str(next(iter(node.rows.values())).name.value)
        variable = self.body.head(label)
        outer, self.body.target = self.body.target, Target(variable, is_main=False)
        block = self.body.ended(self._side(node.child, value))
        self.body.target = outer
        if not self.body.nesting:
            self.body.statements.append(declared_head(variable))
        self.body.statements.append(PyIf(TRAINING, block))
        return value
