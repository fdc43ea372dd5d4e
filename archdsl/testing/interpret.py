"""The flat graph of a network, run op by op: what a generated module must compute too.

The graph knows nothing of classes, loops and variables, so an activation that overwrites what a
skip connection still reads, or a branch that reads the wrong tensor, shows as another number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from archdsl.arithmetic import Value
from archdsl.backends.torch import python
from archdsl.backends.torch.source import text as python_text
from archdsl.graph import Graph, Node
from archdsl.ops.base import Op, Shape
from archdsl.ops.forms import TorchArgument, TorchCall
from archdsl.provenance import Symbol, evaluate

NAMES = {"torch": torch, "nn": nn, "F": functional, "Tensor": Tensor}


def interpret(graph: Graph, state: Mapping[str, Tensor], inputs: Sequence[Tensor]) -> Tensor:
    """The main output in evaluation, with the weights of a state dict."""
    tensors = dict(zip([port.node for port in graph.inputs.values()], inputs, strict=True))
    for node in graph:
        if node.op is not None and not node.training_only:
            read = [tensors[port.node] for port in node.inputs]
            tensors[node.id] = _apply(node, node.op, state, read)
    return tensors[graph.outputs["output"].node]


def _apply(node: Node, op: Op, state: Mapping[str, Tensor], read: Sequence[Tensor]) -> Tensor:
    shapes = [tuple(tensor.shape[1:]) for tensor in read]
    form = op.torch(*shapes)
    if form.join is not None:
        names = {f"x{place}": tensor for place, tensor in enumerate(read)}
        join = form.join
        joined: Tensor = eval(join.of([*names]), {**NAMES, **names})  # noqa: S307 (our own text)
        return joined
    assert form.module is not None
    module = _module(op, form.module, form.definition, shapes)
    weights = {w.name: state[f"{node.path}.{w.name}"] for w in op.weights(*shapes)}
    module.to(read[0].dtype).load_state_dict(weights)
    result: Tensor = module.eval()(*read)
    return result


def _module(op: Op, call: TorchCall, definition: str, shapes: Sequence[Shape]) -> nn.Module:
    namespace: dict[str, Any] = dict(NAMES)
    exec(definition, namespace)  # noqa: S102 (our own text)
    arguments = [_argument(op, argument, shapes) for argument in call.arguments]
    module: nn.Module = eval(f"{call.callee}({', '.join(arguments)})", namespace)  # noqa: S307
    return module


def _argument(op: Op, argument: TorchArgument, shapes: Sequence[Shape]) -> str:
    def value_of(symbol: Symbol) -> Value:
        if symbol.name.startswith("input."):
            _, index, dimension = symbol.name.split(".")
            return shapes[int(index)][int(dimension)]
        value: Value = getattr(op, symbol.name)
        return value

    text = python_text(python.constant(evaluate(argument.source, value_of), "tuple"))
    return f"{argument.keyword}={text}" if argument.keyword else text
