"""Modules that are seen from outside alone: each is an op, or what a row says of its class."""

from __future__ import annotations

from torch import nn

from archdsl.importing import windows
from archdsl.importing.arranging import Held
from archdsl.importing.counted import counts_positions
from archdsl.importing.modules import rows
from archdsl.importing.rules import images, scores
from archdsl.importing.steps import Port, Scope, Step
from archdsl.importing.tensors import Tensors
from archdsl.importing.trace import Node, Value
from archdsl.ops import OPS
from archdsl.ops.base import Op

MARGINS = (nn.ConstantPad1d, nn.ConstantPad2d, nn.ConstantPad3d)
"""Modules that pad as many dimensions as they are given numbers for; those of zeros among them."""


class Leaves(Tensors):
    """Takes the modules of a frame that are seen from outside."""

    def leaf(self, node: Node) -> Held | list[Held]:
        """What a module gives, after the step that it is."""
        assert node.module is not None
        of_scores = scores.of_scores(self, node)
        if of_scores is not None:
            return of_scores
        row = rows.row_of(node.module)
        if row is not None:
            op = row(node.module, self.port(node.inputs[0]).type)
            if op is None and self.scope.is_container and isinstance(node.module, nn.Dropout):
                # Without it the layers behind it would have other numbers.
                op = OPS["dropout"].make({"p": 0.0})
            return self.held(node.inputs[0]) if op is None else self._applied(op, node)
        if windows.is_known(node.module):
            port = self.materialized(self.held(node.inputs[0]), is_last=True)
            scope = windows.window_scope(node.module, node.path, port.type, node.line)
            return self.entered(node, scope, [port])
        if len({*node.inputs}) > 1 or not node.inputs:
            self.refuse(node, f"`{node.name}` is called with several tensors")
        value = node.inputs[0]
        if isinstance(node.module, nn.Embedding) and value not in self.values:
            return self._of_positions(node, value)
        found = self.module(node.module, value, node, node.path)
        if found is None and isinstance(node.module, MARGINS):
            return images.padded(self, node, [*node.module.padding], {})
        if found is None:
            what = f"has settings that no op has: {_described(node.module)}"
            self.refuse(node, what)
        # Of what an attention gives beside its sequence nothing is known.
        return [found, *self._last_state(node, found)]

    def _last_state(self, node: Node, sequence: Held) -> list[Held]:
        """The state of a recurrent layer behind its last position, `[1, batch, d]`."""
        module = node.module
        if not isinstance(module, nn.RNNBase) or module.bidirectional or module.num_layers > 1:
            return []
        step = self.op(OPS["take"].make({"index": -1}), [sequence.port], node)
        last = self.held_of(step)
        return [Held(last.port, last.base, ((), *last.base))]

    def _of_positions(self, node: Node, value: Value) -> Held:
        """A row of a table for every position."""
        length = counts_positions(value)
        like = [port for port in self.at_hand() if port.type.positions[:1] == (length,)]
        if length is None or not like:
            return self.refuse(node, f"`{node.name}` reads numbers that the model makes")
        counted = self.op(OPS["positions"].make({}), [like[0]], node)
        module = node.module
        assert isinstance(module, nn.Embedding)
        settings = {"out": module.embedding_dim}
        if module.num_embeddings != length:
            settings["rows"] = module.num_embeddings
        found = self.held_of(
            self.op(OPS["embedding"].make(settings), [counted.port], node, node.path)
        )
        shape = node.results[0].shape
        if len(shape) == 2:
            return Held(found.port, found.base, found.sizes[1:])
        is_one = shape[0] != self.batch
        return Held(found.port, found.base, ((), *found.sizes[1:])) if is_one else found

    def _applied(self, op: Op, node: Node) -> Held:
        return self.held_of(self.op(op, [self.port(node.inputs[0])], node, node.path))

    def entered(self, node: Node, scope: Scope, ports: list[Port]) -> list[Held]:
        """The results of a call of a scope."""
        inlined = _inlined(scope, ports)
        if inlined is not None:
            steps, results = inlined
            self.scope.steps += steps
            return [self.held_at(port) for port in results]
        step = Step("call", [port.type for port in scope.results], ports, scope=scope)
        step.path, step.line = node.path, node.line
        self.scope.steps.append(step)
        return [self.held_at(Port(step, index)) for index in range(len(scope.results))]


def _inlined(scope: Scope, ports: list[Port]) -> tuple[list[Step], list[Port]] | None:
    """The steps of a scope that is none in the language: of a module that is a layer itself.

    A module that calls a function with its own weights has them under its own path, as an op has;
    one without steps is the identity, and one with a step without weights is that.
    """
    is_layer = any(step.op is not None and step.path == scope.path != "" for step in scope.steps)
    is_single = len(scope.steps) == 1 and scope.steps[0].op is not None
    is_plain = is_single and not scope.steps[0].has_weights
    if scope.steps and not is_layer and not is_plain:
        return None
    outer = dict(zip([step.port for step in scope.inputs], ports, strict=True))
    for step in scope.steps:
        step.inputs = [outer.get(port, port) for port in step.inputs]
    return scope.steps, [outer.get(port, port) for port in scope.results]


def _described(module: nn.Module) -> str:
    return f"{type(module).__name__}({module.extra_repr()})"
