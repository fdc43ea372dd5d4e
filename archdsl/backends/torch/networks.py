"""The functions that build networks, and docstrings with sizes and costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from archdsl.analysis.cost import inference_params, macs, params
from archdsl.backends.torch.arguments import Arguments
from archdsl.backends.torch.families import Family
from archdsl.backends.torch.fresh_parameters import FreshParameters
from archdsl.backends.torch.interface import Interface, Interfaces
from archdsl.backends.torch.names import variable_name
from archdsl.backends.torch.numbers import ExpressionAntiUnifier
from archdsl.backends.torch.parameters import Parameters, annotation, default_of
from archdsl.backends.torch.python import PyFunction, PyName, PyParameter, PyReturn
from archdsl.backends.torch.rows import Correspondence, Occurrence, Row
from archdsl.backends.torch.walk import alias_call, has_weights, inlined_in, root, scope_nodes
from archdsl.backends.torch.writer import Writer
from archdsl.contracts import contract
from archdsl.graph import Graph
from archdsl.ops.base import Shape, shape_text
from archdsl.ops.forms import Helper
from archdsl.tree import CallNode, GroupNode, Instance, OpNode, Parameter

HARD_SPACE = "\u00a0"
"""A space at which no line is broken; it is written as a plain one."""
MOST_NUMBERS, MOST_NAMES, MOST_STAGES = 3, 8, 24
"""How many layers of a stage a docstring lists, by their numbers or by their names; and stages."""


@dataclass
class NetworkFunction:
    """`def resnet50(classes: int = 1000) -> ResNet`."""

    code: PyFunction
    definitions: dict[str, Helper] = field(default_factory=dict)
    reads: set[str] = field(default_factory=set)
    """The parameters that the call reads."""


class CannotFollow(Exception):
    """The structure of a network depends on something that its code cannot see."""


def write_function(interfaces: Interfaces, graphs: Sequence[Graph]) -> NetworkFunction:
    """The function of a network that is one call of a block.

    `graphs` are that network's: with its defaults, and with other values for a parameter.
    """
    rows = {Row(_occurrence(graph)): graph for graph in graphs}
    correspondence = Correspondence()
    for row in rows:
        correspondence.register_occurrence(row)
    first = next(iter(rows))
    outer = first.occurrence.instance
    names = {variable_name(parameter.name) for parameter in outer.block.parameters}
    numbers = ExpressionAntiUnifier(correspondence, [], FreshParameters(correspondence, names))
    writer = Writer(interfaces, correspondence, numbers, names)
    writer.tuples |= {variable_name(n) for n in interfaces.sized.get(outer.block.name, ())}
    called = {row: _called(graph) for row, graph in rows.items()}
    interface = _one_class(interfaces, list(called.values()))
    call = Arguments(writer).call(interface, called)
    family = Family(outer.block, [row.occurrence for row in rows])
    statements = Parameters(writer, family).locals()
    if numbers.fresh.all:
        raise CannotFollow(f"an argument of {interface.name} depends on the parameters")
    parameters = [_parameter(writer, outer, parameter) for parameter in outer.numbers]
    code = PyFunction(
        variable_name(graphs[0].name),
        tuple(parameters),
        PyName(interface.name),
        (*statements, PyReturn(call)),
        network_doc(graphs[0], outer),
    )
    return NetworkFunction(code, writer.definitions, set(map(variable_name, writer.used)))


def check_class(interfaces: Interfaces, graphs: Sequence[Graph]) -> None:
    """Raise `CannotFollow` if a network's class needs more than the network's parameters."""
    interface = _one_class(interfaces, [_called(graph) for graph in graphs])
    own = {variable_name(parameter.name) for parameter in interface.family.block.parameters}
    if more := [parameter.name for parameter in interface.parameters if parameter.name not in own]:
        raise CannotFollow(f"{interface.name} would need {', '.join(more)}")


def _one_class(interfaces: Interfaces, called: Sequence[Instance]) -> Interface:
    found = {id(interface): interface for each in called if (interface := interfaces.of(each))}
    if len(found) != 1:
        name = called[0].block.name
        raise CannotFollow(f"`{name}` has a different structure for other parameters")
    return next(iter(found.values()))


def _called(graph: Graph) -> Instance:
    """The instance whose class is the network's."""
    return root(graph.tree)


def _occurrence(graph: Graph) -> Occurrence:
    """A network as the only occurrence of its function."""
    called = _called(graph)
    return Occurrence(graph, graph.tree, _between(graph.tree, called), called.body)


def _between(outer: Instance, called: Instance) -> tuple[Instance, ...]:
    """The networks between a network and the block that it calls."""
    between: list[Instance] = []
    current = outer
    while (call := alias_call(current)) and call.instance is not called:
        between.append(call.instance)
        current = call.instance
    return tuple(between)


def _parameter(writer: Writer, instance: Instance, parameter: Parameter) -> PyParameter:
    name = variable_name(parameter.name)
    value = instance.frame.definitions[parameter.name].value
    default, kind = default_of(value, annotation([value], name in writer.tuples))
    return PyParameter(name, kind, default)


def network_doc(graph: Graph, instance: Instance) -> str:
    """The author's text, the sizes of every stage, and the costs, as a docstring."""
    paragraphs = [instance.block.doc.strip(), _summary(graph), _stages(graph)]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _summary(graph: Graph) -> str:
    inputs = " and ".join(_shape(graph.shape(port)) for port in graph.inputs.values())
    output = _results(graph)
    everything, inference = params(graph), inference_params(graph)
    counts = f"{everything:,} parameters"
    if inference != everything:
        counts += f" ({inference:,} without what exists in training alone)"
    count = macs(graph)
    operations = f"{count:,}" if isinstance(count, int) else _unbroken(str(count), "*")
    ranges = _unbroken(" and ".join(contract(graph).ranges), ">=", "<=")
    sizes = f" for {ranges}" if ranges else ""
    which = "Defaults: " if graph.tree.numbers else ""
    return f"{which}{inputs} -> {output}{sizes}; {counts}; {operations} multiply-adds."


def _results(graph: Graph) -> str:
    """The shape of the result, or of every result with its name."""
    shapes = {name: _shape(graph.shape(port)) for name, port in graph.results.items()}
    if len(shapes) == 1:
        return shapes.popitem()[1]
    *first, last = [f"{name}{HARD_SPACE}{shape}" for name, shape in shapes.items()]
    return f"{', '.join(first)} and {last}"


def _stages(graph: Graph) -> str:
    """The shape after every stage of the network: its named layers that have weights."""
    called = root(graph.tree)
    body = (called, *inlined_in(called))[-1].body
    stages = [
        (str(node.key.value), _made(graph, node))
        for node in scope_nodes(body)
        if isinstance(node, CallNode | GroupNode | OpNode) and node.key is not None
        if not isinstance(node, OpNode) or (has_weights(node) and not node.op.is_tied)
    ]
    # A shared layer, which is used several times, is told once for every shape that it gives.
    groups = [
        f"{_named([name for name, _ in group])} {shape}"
        for shape, group in groupby(dict.fromkeys(stages), key=lambda stage: stage[1])
    ]
    if len(groups) > MOST_STAGES:
        half = MOST_STAGES // 2
        groups[half:-half] = [f"{len(groups) - 2 * half} more"]
    return "; ".join(groups) + "." if groups else ""


def _made(graph: Graph, node: CallNode | GroupNode | OpNode) -> str:
    """The shape of what a stage gives, or of all that it gives."""
    results = () if isinstance(node, OpNode) else node.results
    if not results:
        return _shape(graph[node.node].shape)
    shapes = [f"{name}{HARD_SPACE}{_shape(graph[made].shape)}" for name, made in results]
    return f"({', '.join(shapes)})"


def _named(names: Sequence[str]) -> str:
    """The layers of a stage; of many the first and the last."""
    are_numbers = all(name.isdecimal() for name in names)
    if len(names) > (MOST_NUMBERS if are_numbers else MOST_NAMES):
        return f"{names[0]}{HARD_SPACE}…{HARD_SPACE}{names[-1]}"
    return ", ".join(names)


def _unbroken(text: str, *operators: str) -> str:
    """A text whose lines do not break next to an operator."""
    for operator in operators:
        text = text.replace(f" {operator} ", f"{HARD_SPACE}{operator}{HARD_SPACE}")
    return text


def _shape(shape: Shape) -> str:
    """A shape that no line break splits."""
    return shape_text(shape).replace(" ", HARD_SPACE)
