"""Op-by-op execution of a network's flat graph, as a reference for generated modules.

The graph has no classes, loops or variables, so an activation that overwrites the input of a skip
connection, or a branch that reads the wrong tensor, gives different numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from archdsl.backends.torch import python
from archdsl.backends.torch.source import text as python_text
from archdsl.graph import Graph, Node
from archdsl.ops.base import Op, Shape, Weight
from archdsl.ops.expressions import value_on
from archdsl.ops.forms import INPUTS, TorchArgument, TorchCall, TorchForm
from archdsl.ops.tensor_type import TensorType

NAMES = {"torch": torch, "nn": nn, "F": functional, "Tensor": Tensor}


@dataclass
class Interpreted:
    """A run of a graph: its outputs by name, and the module or bare weight of every layer.

    `dtype` is the type of its numbers, whole ones aside.
    """

    dtype: torch.dtype = torch.float32
    outputs: dict[str, Tensor] = field(default_factory=dict)
    modules: dict[str, nn.Module] = field(default_factory=dict)
    weights: dict[str, Tensor] = field(default_factory=dict)

    def state(self) -> dict[str, Tensor]:
        """The state dict after the run: training updates the statistics of normalisations."""
        entries = {
            f"{path}.{name}": entry
            for path, module in self.modules.items()
            for name, entry in module.state_dict().items()
        }
        return entries | {path: weight.detach() for path, weight in self.weights.items()}

    def gradients(self) -> dict[str, Tensor]:
        """The gradient of every parameter that has one."""
        parameters = {
            f"{path}.{name}": parameter
            for path, module in self.modules.items()
            for name, parameter in module.named_parameters()
        }
        every = (parameters | self.weights).items()
        return {name: each.grad for name, each in every if each.grad is not None}


def interpret(
    graph: Graph, state: Mapping[str, Tensor], inputs: Sequence[Tensor], training: bool = False
) -> Interpreted:
    """Run a network with the weights of a state dict, in evaluation or in training."""
    numbers = [each for each in (*state.values(), *inputs) if each.is_floating_point()]
    run = Interpreted(numbers[0].dtype if numbers else torch.float32)
    tensors = dict(zip([port.node for port in graph.inputs.values()], inputs, strict=True))
    for node in graph:
        if node.op is not None and (training or not node.training_only):
            read = [tensors[port.node] for port in node.inputs]
            tensors[node.id] = _apply(run, graph, node, state, read, training)
    known = graph.outputs if training else graph.results
    run.outputs = {name: tensors[port.node] for name, port in known.items()}
    return run


def _apply(
    run: Interpreted,
    graph: Graph,
    node: Node,
    state: Mapping[str, Tensor],
    read: Sequence[Tensor],
    training: bool,
) -> Tensor:
    op, types = node.op, zip(graph.input_shapes(node), read, strict=True)
    assert op is not None
    shapes: list[Shape] = [
        TensorType(tuple(tensor.shape[1:]), known.is_last, known.below) for known, tensor in types
    ]
    form = op.torch(*shapes)
    if form.join is not None:
        names = {f"x{index}": tensor for index, tensor in enumerate(read)}
        text = form.join.of([*names])
        joined: Tensor = eval(text, {**NAMES, **names})  # noqa: S307 (our own text)
        return joined
    weights = op.weights(*shapes)
    if op.is_bare:
        own = [_bare(run, weight, weight.key(node.path), state) for weight in weights]
        if form.weights:
            return _called(op, form, shapes, [*read, *own], training)
        return _with_module(form, own[0], read)
    if form.module is None and not form.call:
        return _called(op, form, shapes, read, training)
    # A shared layer is one module, however often it is applied.
    has_weights = op.has_weights(*shapes)
    known = run.modules.get(node.path) if has_weights else None
    module = module_of(op, shapes).to(run.dtype) if known is None else known
    if has_weights and known is None:
        start = f"{node.path}."
        module.load_state_dict(
            {key.removeprefix(start): state[key] for key in state if key.startswith(start)}
        )
        run.modules[node.path] = module
    return _with_module(form, module.train(training), read)


def _bare(run: Interpreted, weight: Weight, key: str, state: Mapping[str, Tensor]) -> Tensor:
    """A bare weight with its value in a state dict; it is learned, or a buffer."""
    if key not in run.weights:
        value = state[key].clone()
        run.weights[key] = nn.Parameter(value.to(run.dtype)) if weight.trainable else value
    return run.weights[key]


def _with_module(form: TorchForm, module: object, read: Sequence[Tensor]) -> Tensor:
    """The result of a module or bare weight that is applied to tensors as its form says."""
    names = {f"x{index}": tensor for index, tensor in enumerate(read)}
    call = form.call or "{m}(" + ", ".join(f"{{{name}}}" for name in INPUTS[: len(names)]) + ")"
    text = call.format(m="m", **dict(zip(INPUTS, names, strict=False)))
    result: Tensor = eval(text, {**_names(form), **names, "m": module})  # noqa: S307 (our own text)
    return result


def _called(
    op: Op, form: TorchForm, shapes: Sequence[Shape], read: Sequence[Tensor], training: bool
) -> Tensor:
    """The result of an op that is a function of several tensors."""
    assert form.function is not None
    names = {f"x{index}": tensor for index, tensor in enumerate(read)}
    arguments = [_argument(op, argument, shapes) for argument in form.function.arguments]
    arguments += [f"training={training}"] * form.training
    named = form.function.keywords(len(names))
    given = [f"{key}={name}" if key else name for name, key in zip(names, named, strict=True)]
    text = f"{form.function.callee}({', '.join([*given, *arguments])})"
    if form.function.template:
        inputs = dict(zip(INPUTS, names, strict=False))
        text = form.function.template.format(*arguments, slice=":".join(arguments), **inputs)
    result: Tensor = eval(text, {**_names(form), **names})  # noqa: S307 (our own text)
    return result


def module_of(op: Op, shapes: Sequence[Shape]) -> Any:
    """The module or bare weight of an op that has one, for inputs of these concrete shapes."""
    form = op.torch(*shapes)
    assert form.module is not None
    return _made(op, form.module, form, shapes)


def weights_of(op: Op, shapes: Sequence[Shape]) -> list[Tensor]:
    """The bare weights of an op, in order, as new."""
    form = op.torch(*shapes)
    if not form.weights:
        return [module_of(op, shapes)]
    return [_made(op, weight.call, form, shapes) for weight in form.weights]


def _made(op: Op, call: TorchCall, form: TorchForm, shapes: Sequence[Shape]) -> Any:
    arguments = [_argument(op, argument, shapes) for argument in call.arguments]
    text = call.template.format(*arguments) or f"{call.callee}({', '.join(arguments)})"
    names = _names(form)
    if form.imported:
        imported = getattr(import_module(form.imported), call.callee)
        names = {**names, call.callee: imported}
    return eval(text, names)  # noqa: S307 (our own text)


def _names(form: TorchForm) -> dict[str, Any]:
    """PyTorch's names and those of the form's helpers."""
    return _defined("\n\n".join([helper.whole for helper in form.definitions.values()]))


@cache
def _defined(definition: str) -> dict[str, Any]:
    names: dict[str, Any] = dict(NAMES)
    exec(definition, names)  # noqa: S102 (our own text)
    return names


def _argument(op: Op, argument: TorchArgument, shapes: Sequence[Shape]) -> str:
    text = python_text(python.constant(value_on(argument.source, op, shapes), "tuple"))
    return f"{argument.keyword}={text}" if argument.keyword else text
