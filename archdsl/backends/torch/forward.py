"""The `forward` of one class: the order of the spec, a reused `x`, short lines."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from archdsl.backends.torch import python
from archdsl.backends.torch.access import Access
from archdsl.backends.torch.block_calls import BlockCalls
from archdsl.backends.torch.body import ForwardBody, declared_head
from archdsl.backends.torch.calls import forms, with_suffix
from archdsl.backends.torch.construct import Constructor
from archdsl.backends.torch.interface import has_more
from archdsl.backends.torch.joins import joined
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
    is_stateless,
    links,
    modules_in,
)
from archdsl.backends.torch.names import common_start, variable_name
from archdsl.backends.torch.optional import is_optional
from archdsl.backends.torch.python import (
    TRAINING,
    PyArgument,
    PyAssign,
    PyAttribute,
    PyBlock,
    PyCall,
    PyChoice,
    PyDisplay,
    PyExpression,
    PyFor,
    PyIf,
    PyName,
    PyOperation,
    PySubscript,
)
from archdsl.backends.torch.rows import Occurrence, Row, Wired, is_read, same
from archdsl.backends.torch.several_loops import SeveralLoop
from archdsl.backends.torch.source import width
from archdsl.backends.torch.templates import filled
from archdsl.backends.torch.variables import (
    NamedTensor,
    SeveralTensors,
    Target,
    TensorExpression,
    held,
    several,
)
from archdsl.backends.torch.varying_joins import VaryingJoin
from archdsl.backends.torch.walk import result_of
from archdsl.ops.reshape import Part

MOST_NESTED = 3
"""Maximum number of nested calls on a line."""
LONG = 84
"""A join or an `if` longer than this many columns is split into statements."""


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
    inputs: Sequence[str] = ()
    """The names of the inputs that have one."""
    given: dict[str, dict[Occurrence, int]] = field(default_factory=dict)
    """The tensors that are read outside, by node of the graph."""

    def __post_init__(self) -> None:
        self.blocks = BlockCalls(self.access.writer.interfaces, self.body)

    def visit(self, node: Merged, value: TensorExpression) -> TensorExpression:
        """Apply a piece of the network to a tensor."""
        match node:
            case MergedOp(branches=[_, *_]):
                result = self.join(node, value)
                return self._labelled([node], result) if node.key else result
            case MergedOp():
                return self._labelled([node], self.op(node, value))
            case MergedGroup(is_inline=True):
                return self._labelled([node], self.visit(node.child, value))
            case MergedCall() | MergedSplice() | MergedGroup():
                return self._labelled([node], self.call(node, value))
            case MergedLabel():
                labels = {row: label.label for row, label in node.rows.items()}
                return self._held(
                    labels, {row: label.node for row, label in node.rows.items()}, value
                )
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
            if value.nesting and _reads_twice(node):
                value = self.body.assign(value)
            called = self._called_module(node, value.code)
            return TensorExpression(called, value.nesting + 1, is_activated=activated)
        if value.nesting and _reads_twice(node):
            value = self.body.assign(value)
        result = self._function(node, value.code)
        if width(result) > LONG and value.nesting:
            value = self.body.assign(value)
            result = self._function(node, value.code)
        return TensorExpression(result, value.nesting + 1)

    def _called_module(self, node: MergedOp, *tensors: PyExpression) -> PyExpression:
        """The module of an op, called with its tensors or as its form says."""
        call = same({row: form.call for row, form in forms(node).items()})
        module = self.access.of(node)
        if weights := next(iter(forms(node).values())).weights:
            own = [with_suffix(module, weight.suffix) for weight in weights]
            return self._function(node, *tensors, *own)
        return filled(call, tensors, module=module) if call else python.call(module, *tensors)

    def _function(self, node: MergedOp, *tensors: PyExpression) -> PyExpression:
        """The call of an op's function."""
        found = forms(node)
        calls = {row: form.function for row, form in found.items() if form.function is not None}
        row, call = next(iter(calls.items()))
        given = self.kept.arguments(node, calls)
        if found[row].module is None:
            keywords = [each.keyword for each in given]
            self.access.writer.carry(found.values(), keywords)
        if template := same({row: call.template for row, call in calls.items()}):
            return filled(template, tensors, *[argument.value for argument in given])
        has_mode = any(form.training for form in found.values())
        mode = [PyArgument(TRAINING, "training")] if has_mode else []
        read = [*map(PyArgument, tensors, call.keywords(len(tensors)))]
        return PyCall(python.dotted(call.callee), (*read, *given, *mode))

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

    def _labelled(self, nodes: Collection[Submodule], value: TensorExpression) -> TensorExpression:
        """The value, in a variable named like the label if a wire reads the label."""
        if isinstance(value, SeveralTensors):
            return self.settled(value)
        results = {row: result_of(n) for node in nodes for row, n in node.rows.items()}
        labels = {row: str(key.value) for node in nodes for row, key in node.key.items()}
        return self._held(labels, results, value)

    def _held(
        self, labels: Mapping[Row, str], results: dict[Row, int], value: TensorExpression
    ) -> TensorExpression:
        read = [
            label for row, label in labels.items() if is_read(self.wired, row, results[row], label)
        ]
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
        branches = [self._branch(branch, value) for branch in node.branches]
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

    def join(self, node: MergedOp, value: TensorExpression) -> TensorExpression:
        """Branches side by side, and the op that joins them."""
        if sum(reads(branch) for branch in node.branches) > 1 or value.nesting:
            value = self.body.assign(value)
        if any(map(is_optional, node.branches)):
            return self._varying(node, value)
        self.body.merging += 1
        branches = self._branches(node, value)
        if width(self._joined(node, branches).code) > LONG:
            branches = [
                self._apart(branch, of) for branch, of in zip(branches, node.branches, strict=True)
            ]
        self.body.merging -= 1
        return self._joined(node, branches)

    def _varying(self, node: MergedOp, value: TensorExpression) -> TensorExpression:
        """A join of branches of which some are there under a condition alone."""
        join = same({row: form.join for row, form in forms(node).items()})
        assert join is not None
        value = self.body.assign(value)
        self.body.merging += 1
        varying = VaryingJoin(
            join,
            self.body,
            self.kept,
            lambda branch: self._branch(branch, value),
            self.constructor.condition,
        )
        result = varying.of(node.branches)
        self.body.merging -= 1
        return result

    def _branches(self, node: MergedOp, value: TensorExpression) -> list[TensorExpression]:
        """The branches of a join; a sum or product repeats learned tensors for the batch itself."""
        join = next(iter(forms(node).values())).join
        parts = self._parts(node, value)
        branches = node.branches[len(parts) :]
        bare = [_bare(branch) for branch in branches]
        repeats = join is not None and bool(join.operator) and not all(bare)
        return [
            *parts,
            *[
                TensorExpression(self.access.of(tensor))
                if tensor is not None and repeats
                else self._branch(branch, value)
                for branch, tensor in zip(branches, bare, strict=True)
            ],
        ]

    def _parts(self, node: MergedOp, value: TensorExpression) -> list[TensorExpression]:
        """The branches that are all equal parts of one tensor: `q, k, v = x.chunk(3, -1)`.

        Those with a keyword may follow them.
        """
        op = next(iter(node.rows.values())).op
        positional = node.branches if op.arity == "many" else node.branches[: op.arity]
        count = len(positional)
        if not all(_is_part(branch, count, index) for index, branch in enumerate(positional)):
            return []
        first = positional[0]
        assert isinstance(first, MergedOp)
        part = self._function(first, value.code)
        assert isinstance(part, PySubscript)
        names = op.input_names[:count]
        wanted = names if len(names) == count else [f"part{index + 1}" for index in range(count)]
        variables = [self.body.variables.for_branch(name) for name in wanted]
        targets = PyDisplay("bare", tuple(map(PyName, variables)))
        self.body.statements.append(PyAssign(targets, part.value))
        return [held(variable) for variable in variables]

    def _joined(self, node: MergedOp, branches: Sequence[TensorExpression]) -> TensorExpression:
        """An op of several inputs: joined according to its form, as a module, or as a function."""
        join = same({row: form.join for row, form in forms(node).items()})
        if join is not None:
            return joined(join, branches, self.access.numbered)
        codes = [branch.code for branch in branches]
        nesting = max(branch.nesting for branch in branches) + 1
        if is_stateless(node):
            return TensorExpression(self._function(node, *codes), nesting)
        return TensorExpression(self._called_module(node, *codes), nesting)

    def _branch(self, node: Merged, value: TensorExpression) -> TensorExpression:
        """A branch; if it needs a variable, it gets a separate one."""
        outer, self.body.target = self.body.target, Target("", is_main=False)
        start = TensorExpression(value.code) if value.nesting == 0 else value
        result = self.visit(node, start)
        self.body.target = outer
        return self._apart(result, node) if result.is_choice else result

    def _apart(self, value: TensorExpression, node: Merged) -> TensorExpression:
        """A long branch in a variable that is named after its modules."""
        if value.nesting < 2 and value.is_atom:
            return value
        labels = [
            str(key.value)
            for module in modules_in(node)
            if not isinstance(module, MergedOp) or not self.access.is_functional(module)
            for key in module.key.values()
        ]
        *_, last = links(node)
        is_join = isinstance(last, MergedOp) and last.branches
        # An op that joins several tensors is named after what they have in common.
        named = common_start(labels) if is_join else "".join(labels[-1:])
        wanted = variable_name(named) if named.isidentifier() else "out"
        name = self.body.variables.for_branch(wanted)
        self.body.statements.append(python.assign(name, value.code))
        return held(name)

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
        if modules and (called := self._called_alike(modules, value)):
            return called
        value = self.body.assign(value)
        condition = self.constructor.condition(node)
        with self.kept.under(condition):
            then = self._side(node.then, value)
        with self.kept.under(python.negated(condition)):
            otherwise = self._side(node.otherwise, value)
        self.body.declare()
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
        self, modules: list[Submodule], value: TensorExpression
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
        return self._labelled(modules, TensorExpression(result, value.nesting + 1))

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


def reads(node: Merged) -> bool:
    """Whether a branch reads its incoming tensor, not only a wire or a learned tensor."""
    for link in links(node):
        return not isinstance(link, MergedWire) and _bare(node) is None
    return True


def _reads_twice(node: MergedOp) -> bool:
    """Whether an op is written with its tensor more than once."""
    found = forms(node).values()
    templates = [form.function.template if form.function else "" for form in found]
    return any(text.count("{x}") > 1 for text in [*templates, *[form.call for form in found]])


def _is_part(node: Merged, count: int, index: int) -> bool:
    """Whether a branch is nothing but the part of that number, of so many."""
    match node:
        case MergedOp(rows=rows, branches=[]):
            ops = [row.op for row in rows.values()]
            return all(isinstance(op, Part) and op == Part(count, index) for op in ops)
    return False


def _bare(node: Merged) -> MergedOp | None:
    """The learned tensor that is all of a branch, if so."""
    match [*links(node)]:
        case [MergedOp(rows=rows) as op] if all(o.op.reads_batch_only for o in rows.values()):
            return op
        case [MergedShare(child=child) | MergedUse(child=child)]:
            return _bare(child)
    return None
