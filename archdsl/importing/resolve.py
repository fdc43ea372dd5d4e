"""From a trace to scopes of ops: every node becomes a step of the language, or a refusal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

from torch import nn

from archdsl.diagnostics import first_line
from archdsl.importing import windows
from archdsl.importing.arranging import Held, Unarranged, held
from archdsl.importing.building import Settings
from archdsl.importing.counted import adds_dimensions, is_fixed, is_made
from archdsl.importing.foreign import extern_of
from archdsl.importing.functions import by_module
from archdsl.importing.layers import layer_of
from archdsl.importing.leaves import Leaves
from archdsl.importing.margins import require_finite
from archdsl.importing.modules import rows
from archdsl.importing.modules.table import is_known
from archdsl.importing.refusal import Refusal
from archdsl.importing.rules import RULES, products, rearranging, scores
from archdsl.importing.rules.joins import drop_unread, with_long_sums
from archdsl.importing.rules.neighbours import starts_of
from archdsl.importing.signatures import input_names, result_names, settings_of
from archdsl.importing.steps import Port, Scope, Step
from archdsl.importing.trace import Frame, Node, Value
from archdsl.ops.base import Reject, Shape
from archdsl.ops.tied import Tied

ODD = (LookupError, TypeError, ValueError, AssertionError, AttributeError)
"""What a rule raises on arguments that it was not made for."""


def is_leaf(module: nn.Module) -> bool:
    """Whether a module is seen from outside alone: the class of an op, or one with a row."""
    if "forward" in vars(module):
        # It has been given another one, which is recorded.
        return False
    return is_known(module) or rows.is_known(module) or windows.is_known(module)


def resolved(frame: Frame, shapes: Sequence[Shape], foreign: Settings | None = None) -> Scope:
    """The scope of a frame on inputs of some types; raises `Refusal`.

    With `foreign`, what the constructors of modules were given, a module that the language has no
    ops for is the class of somebody else.
    """
    batch = frame.inputs[0].shape[0] if frame.inputs else 1
    return _resolver(frame, shapes, batch, foreign).run()


def _resolver(
    frame: Frame, shapes: Sequence[Shape], batch: int, foreign: Settings | None = None
) -> Resolver:
    module = frame.module
    is_plain = type(module).forward is nn.Sequential.forward
    settings = {**settings_of(module), **frame.settings}
    scope = Scope(frame.path, frame.kind, is_plain, settings=settings)
    scope.input_names = input_names(module, len(shapes))
    return Resolver(frame, scope, shapes, batch, foreign)


class Resolver(Leaves):
    """Takes the nodes of a frame, one after another."""

    def __init__(
        self,
        frame: Frame,
        scope: Scope,
        shapes: Sequence[Shape],
        batch: int,
        foreign: Settings | None,
    ) -> None:
        super().__init__(frame, scope, shapes, batch)
        self.foreign = foreign
        self.is_trial = False
        """Whether its steps are only counted; then no other layout is tried further in."""

    def run(self) -> Scope:
        """All steps of the frame."""
        for node in self.frame.nodes:
            if node.kind in ("leaf", "call", "function"):
                self._take(node)
        self.scope.results = [self._result(value) for value in self.frame.results]
        self.scope.names = result_names(self.frame)
        with_long_sums(self.scope)
        drop_unread(self.scope)
        require_finite(self.scope)
        return self.scope

    def _result(self, value: Value) -> Port:
        """A value that the module gives."""
        if len(value.shape) < 2:
            self.refuse(value.node, f"gives a tensor of sizes {list(value.shape)}, samples alone")
        try:
            return self.port(value)
        except (Unarranged, Reject) as fault:
            return self.refuse(value.node, f"gives a tensor that no op makes: {fault}")

    def _take(self, node: Node) -> None:
        try:
            results = self._results(node)
        except Unarranged as error:
            what = "rearranges a tensor in a way that the language has no words for"
            self.refuse(node, f"{what}: {error}")
        except Reject as reject:
            self.refuse(node, reject.message)
        except ODD as fault:
            what = f"uses `{node.name}` in a way that no rule reads"
            self.refuse(node, f"{what}: {type(fault).__name__}, {first_line(fault)}")
        self._keep(node, results)

    def _keep(self, node: Node, results: Held | list[Held]) -> None:
        several = results if isinstance(results, list) else [results]
        for value, tensor in zip(node.results, several, strict=False):
            self.values[value] = tensor
            if node.name in EXPANDING and _is_spread(tensor.shape, value.shape):
                # Sums and products repeat what is 1 wide themselves.
                continue
            if tensor.shape != value.shape:
                self.values[value] = self._as_expected(node, tensor, value)

    def _as_expected(self, node: Node, tensor: Held, value: Value) -> Held:
        """A tensor in the sizes that PyTorch gave it, which may have some among the samples."""
        before, after = tensor.shape, value.shape
        is_mixed = before[0] == self.batch and prod(before[:2]) == after[0]
        if is_mixed and before[2:] == after[1:]:
            return tensor.reshaped(after)
        return self.refuse(node, f"gives {list(after)} where {list(before)} was expected")

    def _results(self, node: Node) -> Held | list[Held]:
        if node.kind == "function":
            return self._function(node)
        undo = self._undo()
        try:
            if node.refusal is not None:
                raise node.refusal
            return self.leaf(node) if node.kind == "leaf" else self._call(node)
        except (Refusal, Unarranged, Reject) as fault:
            if self.foreign is None:
                raise
            undo()
            return self._extern(node, fault)

    def _undo(self) -> Callable[[], None]:
        """A function that takes back all steps that are appended from now on."""
        before, made, values = len(self.scope.steps), dict(self.made), dict(self.values)

        def undo() -> None:
            del self.scope.steps[before:]
            self.made, self.values = made, values

        return undo

    def _extern(self, node: Node, fault: Exception) -> Held:
        """A module that the language has no ops for, as the class of somebody else."""
        assert self.foreign is not None
        assert node.module is not None
        refusal = fault if isinstance(fault, Refusal) else Refusal("E0987", str(fault))
        values = _given(node)
        if len(node.results) != 1 or not values or self.scope.relative(node.path) == "":
            raise refusal
        ports = [self.port(value) for value in values]
        given = {**settings_of(node.module), **self.foreign.get(node.path, {})}
        types = [port.type for port in ports]
        found = extern_of(node.module, given, types, node.results[0].shape, refusal)
        step = Step("op", [found.result], ports, extern=found, path=node.path, line=node.line)
        self.scope.steps.append(step)
        return self.held_of(step)

    def _call(self, node: Node) -> Held | list[Held]:
        frame = node.frame
        assert frame is not None
        turned = self._is_turned(frame, _given(node))
        return self.entered(node, *self._scope_of(frame, _given(node), turned))

    def _scope_of(
        self, frame: Frame, values: list[Value], is_turned: bool
    ) -> tuple[Scope, list[Port]]:
        """A module's scope for some tensors, in their own layout or in the other."""
        tensors = [self.held(value) for value in values]
        ports = [self.materialized(each, each.is_last() != is_turned) for each in tensors]
        types = [port.type for port in ports]
        resolver = _resolver(frame, types, self.batch, self.foreign)
        resolver.is_trial = self.is_trial
        return resolver.run(), ports

    def _is_turned(self, frame: Frame, values: list[Value]) -> bool:
        """Whether a module needs fewer steps for a rearranged tensor in the other layout."""
        tensors = [self.held(value) for value in values]
        if self.is_trial or len(tensors) != 1 or tensors[0].is_plain or len(tensors[0].sizes) < 3:
            return False
        counts = [self._count(frame, values, is_turned) for is_turned in (False, True)]
        return counts[1] < counts[0]

    def _count(self, frame: Frame, values: list[Value], is_turned: bool) -> float:
        """How many steps it takes, without taking them; infinite for a refusal."""
        before, undo = len(self.scope.steps), self._undo()
        self.is_trial = True
        try:
            scope, _ = self._scope_of(frame, values, is_turned)
            return len(self.scope.steps) - before + sum(1 for _ in scope.all_steps())
        except (Refusal, Unarranged, Reject):
            return float("inf")
        finally:
            self.is_trial = False
            undo()

    def _function(self, node: Node) -> Held | list[Held]:
        if all(is_fixed(value) for value in node.inputs):
            # Whether a tensor of numbers matters is known once something reads it.
            return []
        if self.is_weight(node.results[0]) or node.name in ("data", "detach"):
            # A repeated weight is known by its key; what gives no gradient may have given a size.
            return []
        layer = layer_of(node)
        if layer is not None:
            return self._layer(node, *layer)
        if all(is_made(value) for value in node.inputs):
            # It matters only if a later function reads it, as no count of batches is.
            return []
        return self._computed(node)

    def of_scores(self, value: Value) -> Held:
        """The tensor that scores are, by ops of their own."""
        return products.spelled_out(self, value.node, self.scores[value])

    def is_late(self, value: Value) -> bool:
        """Whether a value that is made of weights alone is known now; no sample has its own."""
        node = value.node
        if len(node.results) != 1 or not node.inputs or not is_made(value):
            return False
        looked_up = windows.looked_up(self, node)
        found = looked_up or self._computed(node)
        tensor = next(iter(found), None) if isinstance(found, list) else found
        if tensor is None:
            return False
        is_indexed = node.name == "__getitem__" and len(node.inputs) == 1
        moves = node.name in rearranging.RULES or (is_indexed and adds_dimensions(node))
        has_batch = looked_up is None and not moves
        self.values[value] = self._without_batch(tensor, value) if has_batch else tensor
        return True

    def _without_batch(self, tensor: Held, value: Value) -> Held:
        whole = held(self.materialized(tensor, tensor.is_last()), 1)
        lacks_batch = len(whole.sizes) > len(value.shape)
        return Held(whole.port, whole.base, whole.sizes[1:] if lacks_batch else whole.sizes)

    def _computed(self, node: Node) -> Held | list[Held]:
        if starts_of(node) is not None:
            # What it picks is known once all such parts are joined.
            return []
        of_scores = scores.of_scores(self, node)
        if of_scores is not None:
            return of_scores
        if node.name in RULES:
            return RULES[node.name](self, node)
        found = by_module(self, node)
        if found is None:
            self.refuse(node, f"calls `{node.name}`, for which the language has no op")
        return found

    def _layer(self, node: Node, module: nn.Module, weight: Value) -> Held:
        key = weight.node.name
        if weight.node.kind != "weight" or not key.endswith("weight"):
            self.refuse(node, f"calls `{node.name}` with a weight that is computed")
        path = key.removesuffix("weight").removesuffix(".")
        if self._is_table(path) and isinstance(module, nn.Linear):
            op = Tied(out=module.out_features, features=module.in_features, is_table=True)
            return self.held_of(self.op(op, [self.port(node.inputs[0])], node, path))
        found = self.module(module, node.inputs[0], node, path)
        if found is None:
            self.refuse(node, f"calls `{node.name}` with settings that no op has")
        return found

    def _is_table(self, path: str) -> bool:
        """Whether a path is that of an embedding, whose rows score what comes in."""
        return any(
            step.path == path and step.op is not None and step.op.name == "embedding"
            for step in self.scope.steps
        )


EXPANDING = frozenset("expand expand_as broadcast_to".split())


def _is_spread(before: tuple[int, ...], after: tuple[int, ...]) -> bool:
    """Whether sizes differ where they were 1."""
    if len(before) != len(after):
        return False
    return all(a == b or a == 1 for a, b in zip(before, after, strict=True))


def _given(node: Node) -> list[Value]:
    """The tensors that a call gives to its module, each once, as the module's frame has them."""
    known = dict.fromkeys(value for value in node.inputs if value.node.kind != "weight")
    return [*known]
