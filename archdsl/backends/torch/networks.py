"""The functions that build networks, and what docstrings say about sizes and costs."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

from archdsl.analysis.cost import macs, params
from archdsl.backends.torch.calls import Arguments
from archdsl.backends.torch.families import alias_call, root, scope_nodes
from archdsl.backends.torch.interface import Interfaces
from archdsl.backends.torch.names import variable_name
from archdsl.backends.torch.numbers import Numbers
from archdsl.backends.torch.parameters import annotation
from archdsl.backends.torch.printer import value_text
from archdsl.backends.torch.rows import Instance, Row, Witness
from archdsl.backends.torch.writer import Writer
from archdsl.graph import Graph
from archdsl.ops.base import Shape
from archdsl.tree import Activation, CallNode, GroupNode, OpNode, Parameter


@dataclass
class FunctionText:
    """`def resnet50(classes: int = 1000) -> ResNet`, as the template lays it out."""

    name: str
    doc: str
    parameters: list[str]
    returns: str
    call: str
    imports: set[str] = field(default_factory=set)


def write_function(interfaces: Interfaces, graph: Graph) -> FunctionText:
    """The function of a network that is one call of a block."""
    activation = graph.tree
    assert activation is not None
    called = root(activation)
    between = _between(activation, called)
    instance = Instance(graph, activation, between, called.body)
    row, witness = Row(instance), Witness()
    witness.register_instance(row)
    names = {variable_name(parameter.name) for parameter in activation.block.parameters}
    writer = Writer(interfaces, witness, Numbers(witness, [], names), names)
    interface = interfaces.of(called)
    assert interface is not None
    call = Arguments(writer).call(interface, {row: called})
    parameters = [_parameter(activation, p) for p in activation.block.parameters]
    doc = network_doc(graph, activation)
    return FunctionText(graph.name, doc, parameters, interface.name, call, writer.imports)


def _between(outer: Activation, called: Activation) -> tuple[Activation, ...]:
    """The networks between a network and the block that it is a call of."""
    between: list[Activation] = []
    current = outer
    while (call := alias_call(current)) and call.activation is not called:
        between.append(call.activation)
        current = call.activation
    return tuple(between)


def _parameter(activation: Activation, parameter: Parameter) -> str:
    term = activation.frame.definitions[parameter.name]
    kind = annotation([term])
    return f"{variable_name(parameter.name)}: {kind} = {value_text(term.value)}"


def network_doc(graph: Graph, activation: Activation) -> str:
    """The author's text, the sizes of every stage, and the costs, as a docstring."""
    paragraphs = [activation.block.doc.strip(), _summary(graph), _stages(graph)]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _summary(graph: Graph) -> str:
    inputs = " and ".join(shape_text(graph.shape(port)) for port in graph.inputs.values())
    output = shape_text(graph.shape(graph.outputs["output"]))
    cost = macs(graph)
    operations = f"; {cost:,} multiply-adds" if isinstance(cost, int) else ""
    return f"{inputs} -> {output}; {params(graph):,} parameters{operations}."


def _stages(graph: Graph) -> str:
    """The shape behind every named layer of the network that has weights."""
    assert graph.tree is not None
    called = root(graph.tree)
    while inner := _shared(called):
        called = inner
    stages = []
    for node in scope_nodes(called.body):
        if isinstance(node, CallNode | GroupNode | OpNode) and node.key is not None:
            spatial = graph[node.node].shapes[0]
            if not isinstance(node, OpNode) or node.op.weights(*_inputs(graph, node.node)):
                stages.append(f"{node.key.value} {shape_text(spatial)}")
    text = ", ".join(stages)
    return "\n".join(_wrapped(text)) if stages else ""


def _shared(activation: Activation) -> Activation | None:
    call = alias_call(activation)
    return call.activation if call else None


def _inputs(graph: Graph, id: int) -> Sequence[Shape]:
    return [graph.shape(port) for port in graph[id].inputs]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 92, break_long_words=False, break_on_hyphens=False)


def shape_text(shape: Shape) -> str:
    """`[64, 56, 56]`."""
    return f"[{', '.join(map(str, shape))}]"
