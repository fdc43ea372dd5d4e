"""Facts derived from an entry's examples: its shape rule, weights and form in PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from archdsl.analysis.cost import macs, params
from archdsl.backends.torch import source
from archdsl.backends.torch.expressions import Translation
from archdsl.graph import Graph, Node
from archdsl.manual.entries import Entry
from archdsl.manual.examples import INPUTS, worked
from archdsl.ops import OPS
from archdsl.ops.base import Op, Shape, Weight
from archdsl.ops.expressions import InputSize, value_on
from archdsl.ops.forms import INPUTS as TENSORS
from archdsl.ops.forms import TorchCall
from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import Expression, Symbol

POSITIONS = ((), ("n",), ("h", "w"), ("t", "h", "w"))
"""The names of the positions of an input, by their number."""
LONGEST_FORMULA = 80


@dataclass(frozen=True)
class ShapeRule:
    """A shape rule in words and, where that is short, as a formula.

    `height` is what its H stands for.
    """

    words: str
    formula: str = ""
    height: str = ""

    def text(self, code: str = "") -> str:
        """All of it, with `code` around what is not prose."""
        formula = f" {code}{self.formula}{code}" if self.formula else ""
        height = f" with {code}H = {self.height}{code}, and W likewise" if self.height else ""
        return f"{self.words}{formula}{height}"


def facts(entry: Entry, code: str = "") -> dict[str, str]:
    """What there is to say of an op, beside its parameters, each under a word.

    `code` is put around formulas.
    """
    if entry.name not in OPS:
        return {}
    node, graph = _node(entry, entry.examples[0])
    found = {
        "by position": ", ".join(each.name for each in entry.parameters if each.by_position),
        "shape": _longest_rule(entry).text(code),
        "weights in the example": _weights(node, graph),
        "initialisation": _start(entry, node),
        "the example in PyTorch": _form(node, graph),
    }
    return {word: text for word, text in found.items() if text}


def figures(graph: Graph) -> str:
    """The cost of a network: `224 parameters, 221,184 multiply-adds`."""
    count = params(graph)
    return f"{count:,} parameter{'s'[: count != 1]}, {macs(graph):,} multiply-adds"


def of_pytorch(name: str, known: Mapping[str, Entry]) -> str:
    """The op of a PyTorch module such as `nn.Conv2d`; empty without one."""
    wanted = f"nn.{name.rpartition('.')[2]}"
    for entry in [each for each in known.values() if each.name in OPS]:
        node, graph = _node(entry, entry.examples[0])
        module = _op(node).torch(*graph.input_shapes(node)).module
        if module is not None and module.callee == wanted:
            return entry.name
    return ""


def _op(node: Node) -> Op:
    assert node.op is not None
    return node.op


def _node(entry: Entry, example: str) -> tuple[Node, Graph]:
    """The op of an example, in its graph."""
    graph = worked(entry, example).graph
    return next(each for each in graph if each.op and each.op.name == entry.name), graph


def _longest_rule(entry: Entry) -> ShapeRule:
    """The shape rule as the examples show it whose numbers stand for height and width at once."""
    examples = [_node(entry, example) for example in entry.examples]
    plain = [each for each in examples if not any(map(_is_pair, vars(each[0].op).values()))]
    inputs = _layouts(*examples[0])
    alike = [each for each in plain or examples if _layouts(*each) == inputs]
    # Of rules as long the last: the first examples leave most at its default.
    rules = [_rule(*each) for each in reversed(alike or examples)]
    return max(rules, key=lambda rule: len(rule.text()))


def _layouts(node: Node, graph: Graph) -> list[TensorType[int]]:
    return [shape.map(lambda _: 0) for shape in graph.input_shapes(node)]


def _is_pair(value: object) -> bool:
    return isinstance(value, tuple)


def _rule(node: Node, graph: Graph) -> ShapeRule:
    """The shape rule as one application of the op shows it."""
    op, shapes = _op(node), graph.input_shapes(node)
    words = (type(op).rule.__doc__ or "").strip().splitlines()[0]
    given = ", ".join(str(_named(shape, index)) for index, shape in enumerate(shapes))
    result = op.sources(*shapes).map(lambda size: _text(size, shapes))
    formula = f"{given} -> {result}"
    if len(formula) <= LONGEST_FORMULA:
        return ShapeRule(words, formula)
    if result.rank != 3:
        return ShapeRule(words)
    channels, height, width = result.sizes
    if height.replace("h", "w") != width.replace("h", "w"):
        return ShapeRule(words)
    return ShapeRule(words, f"{given} -> [{channels}, H, W]", height)


def _named(shape: Shape, index: int) -> TensorType[str]:
    """The names of the sizes of an input, and of its bound; those of a second one have a number."""
    number = str(index + 1) if index else ""
    positions = POSITIONS[len(shape.positions)]
    if shape.below is not None:
        return TensorType(positions, below="bound").map(lambda name: name + number)
    channels = "d" if shape.is_last and len(positions) == 1 else "c" if positions else "features"
    return (
        shape.map(str)
        .with_positions(positions)
        .with_channels(channels)
        .map(lambda name: name + number)
    )


def _text(expression: Expression, shapes: tuple[Shape, ...]) -> str:
    """An expression over the names of parameters and sizes."""

    def name(symbol: Symbol) -> str:
        if isinstance(symbol, InputSize):
            return _named(shapes[symbol.index], symbol.index).parts[symbol.dimension]
        return symbol.name

    return source.text(Translation(name, lambda _: (int,)).of(expression))


def _weights(node: Node, graph: Graph) -> str:
    """The op's state in the first example."""

    def shown(weight: Weight) -> str:
        name = f"its label{weight.name}" if weight.is_bare else weight.name
        return f"{name} {[*weight.shape]}"

    weights = _op(node).weights(*graph.input_shapes(node))
    learned = ", ".join(shown(weight) for weight in weights if weight.trainable)
    buffers = ", ".join(shown(weight) for weight in weights if not weight.trainable)
    return "; not learned: ".join(filter(None, [learned, buffers])) if learned else buffers


def _start(entry: Entry, node: Node) -> str:
    """Which parameters say how weights start."""
    names = [f"`{each.name}`" for each in entry.parameters if each.name.endswith("init")]
    if not names or _op(node).starts() is None:
        return ""
    return f"{' and '.join(names)} say how; without them, as PyTorch starts it"


def _form(node: Node, graph: Graph) -> str:
    """The first example in PyTorch: as a module, and as what `forward` may call."""
    op, shapes = _op(node), graph.input_shapes(node)
    form = op.torch(*shapes)
    if form.join is not None:
        return f"`{form.join.of([*INPUTS[: len(shapes)]])}`"
    is_function = op.only_moves or form.module is None
    if form.function is not None and form.function.template and is_function:
        values = [repr(value_on(each.source, op, shapes)) for each in form.function.arguments]
        named = INPUTS[: len(shapes)] if len(shapes) > 1 else TENSORS[:1]
        inputs = dict(zip(TENSORS, named, strict=False))
        return f"`{form.function.template.format(*values, slice=':'.join(values[:2]), **inputs)}`"
    if form.module is None:
        assert form.function is not None
        tensors = ", ".join([*INPUTS[: len(shapes)], ""])
        call = _call(form.function, op, shapes).replace("(", f"({tensors}", 1)
        return f"`{call.replace(', )', ')')}`, a function that the generated file carries"
    own = ", a class that the generated file carries" if form.definition else ""
    return f"`{_call(form.module, op, shapes)}`{own}"


def _call(call: TorchCall, op: Op, shapes: tuple[Shape, ...]) -> str:
    """A call with the arguments that are not at PyTorch's default."""
    if call.template:
        values = [value_on(argument.source, op, shapes) for argument in call.arguments]
        return call.template.format(*map(repr, values))
    written = []
    for argument in call.arguments:
        value = value_on(argument.source, op, shapes)
        if argument.default is None or value != argument.default:
            written.append(f"{argument.keyword}={value!r}" if argument.keyword else repr(value))
    return f"{call.callee}({', '.join(written)})"
