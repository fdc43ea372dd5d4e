"""Sums, products and lists of tensors as joins of the language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from archdsl.importing.arranging import Held
from archdsl.importing.functions import Rule, arguments_of
from archdsl.importing.rules.neighbours import merged_neighbours
from archdsl.importing.steps import Port, Scope, Step
from archdsl.importing.tensors import Tensors
from archdsl.importing.trace import Node, Value
from archdsl.ops import OPS
from archdsl.ops.base import Shape


def _add(tensors: Tensors, node: Node) -> Held:
    left, right, alpha = (*_pair(node), arguments_of(node).get("alpha", 1))
    if _number(right) and not right and isinstance(left, Value):
        return tensors.held(left)
    if _number(left) and not left and alpha == 1:
        return tensors.held(right)
    if alpha != 1 or _number(left) or _number(right):
        tensors.refuse(node, "adds a fixed number, for which the language has no op")
    return joined(tensors, node, "add", [left, right])


def _mul(tensors: Tensors, node: Node) -> Held:
    left, right = _pair(node)
    if _number(left) or _number(right):
        value, number = (right, left) if _number(left) else (left, right)
        return scaled(tensors, node, value, number)
    return joined(tensors, node, "mul", [left, right])


def _div(tensors: Tensors, node: Node) -> Held:
    left, right = _pair(node)
    if not _number(right):
        tensors.refuse(node, "divides by a tensor, for which the language has no op")
    if node.kwargs.get("rounding_mode"):
        tensors.refuse(node, "divides without a rest, for which the language has no op")
    return scaled(tensors, node, left, 1 / right)


def _sub(tensors: Tensors, node: Node) -> Held:
    left, right = _pair(node)
    if not isinstance(left, Value) or not isinstance(right, Value):
        tensors.refuse(node, "subtracts a fixed number, for which the language has no op")
    if arguments_of(node).get("alpha", 1) != 1:
        tensors.refuse(node, "subtracts a multiple of a tensor, for which the language has no op")
    if node.name == "__rsub__":
        left, right = right, left
    return joined(tensors, node, "sub", [left, right])


def _cat(tensors: Tensors, node: Node) -> Held:
    several = node.args[0] if node.args else node.kwargs["tensors"]
    dim = node.args[1] if len(node.args) > 1 else node.kwargs.get("dim", 0)
    return concatenated(tensors, node, [*several], int(dim))


def _stack(tensors: Tensors, node: Node) -> Held | list[Held]:
    """Tensors beside each other along a new size, which is a factor of the channels at first."""
    (value,) = node.results
    readers = [each for each in tensors.frame.nodes if value in each.inputs]
    if value not in tensors.frame.results and all(map(sums_up_stack, readers)):
        # The sum of them is one of the language.
        return []
    given = arguments_of(node)
    several, rank = [*given["tensors"]], len(value.shape)
    if any(tensors.is_weight(each) for each in several):
        tensors.refuse(node, "stacks weights")
    ports = _of_one_layout(tensors, several)
    if {port.type.rank for port in ports} != {rank - 2}:
        tensors.refuse(node, "stacks tensors whose sizes are mixed with the samples")
    whole = tensors.held_at(_extended(tensors, node, "concat", ports))
    place = 1 + ports[0].type.channels_dimension
    shape = list(whole.shape)
    shape[place : place + 1] = [len(several), shape[place] // len(several)]
    order = [each for each in range(rank) if each != place]
    order.insert(given.get("dim", 0) % rank, place)
    return whole.reshaped(shape).permuted(order)


OF_STACKS = {"sum": "add", "mean": "mean"}


def sums_up_stack(node: Node) -> bool:
    """Whether a node is the sum or mean along the size where tensors were put side by side."""
    if node.name not in OF_STACKS or node.inputs[0].node.name != "stack":
        return False
    source, given = node.inputs[0], arguments_of(node)
    dim, rank = given.get("dim"), len(source.shape)
    dims = [*dim] if isinstance(dim, list | tuple) else [dim]
    place = int(arguments_of(source.node).get("dim", 0)) % rank
    if len(dims) != 1 or not isinstance(dims[0], int) or given.get("keepdim"):
        return False
    return dims[0] % rank == place


def sum_of_stack(tensors: Tensors, node: Node) -> Held:
    """The sum or mean of tensors that were put side by side for it."""
    return tensors.join_ports(
        node, OF_STACKS[node.name], _of_one_layout(tensors, node.inputs[0].node.inputs)
    )


def _pair(node: Node) -> tuple[Any, Any]:
    if len(node.args) == 2:
        return node.args[0], node.args[1]
    given = [*node.args, *[v for k, v in node.kwargs.items() if k not in ("alpha", "out")]]
    return given[0], given[1]


def _number(value: object) -> bool:
    return isinstance(value, int | float)


def _square(tensors: Tensors, node: Node) -> Held:
    """`x ** 2` and `x.square()`: the product of a tensor with itself."""
    power = 2 if node.name.startswith("square") else _pair(node)[1]
    if power != 2:
        tensors.refuse(node, f"takes a power, {power}, for which the language has no op")
    value = node.inputs[0]
    if tensors.is_weight(value):
        tensors.refuse(node, "computes with weights alone")
    return tensors.join_ports(node, "mul", [tensors.port(value)] * 2)


def scaled(tensors: Tensors, node: Node, value: Value, number: float) -> Held:
    """A tensor times a number."""
    if number == 1:
        return tensors.held(value)
    op = OPS["scale"].make({"value": number})
    tensor = tensors.held(value)
    # Every number is multiplied, wherever it lies.
    port = tensors.op(op, [tensor.port], node).port
    return Held(port, tensor.base, tensor.sizes)


def joined(tensors: Tensors, node: Node, name: str, operands: Sequence[Value]) -> Held:
    """The sum or product of two tensors, of which one may be a weight."""
    weights = [value for value in operands if tensors.is_weight(value)]
    others = [value for value in operands if not tensors.is_weight(value)]
    if len(others) != 2:
        return _with_weight(tensors, node, name, others, weights, operands[0] in weights)
    return tensors.join_ports(node, name, _of_one_layout(tensors, others))


def _of_one_layout(tensors: Tensors, values: Sequence[Value]) -> list[Port]:
    rank = max(len(value.shape) for value in values)
    several = [_of_rank(tensors.held(value), rank) for value in values]
    is_last = any(each.is_last() for each in several)
    return [tensors.materialized(each, is_last) for each in several]


def _of_rank(tensor: Held, rank: int) -> Held:
    """A tensor as PyTorch sees it beside one of more sizes: the first of them are 1."""
    while len(tensor.sizes) < rank:
        tensor = tensor.with_one(0)
    return tensor


def _with_weight(
    tensors: Tensors,
    node: Node,
    name: str,
    others: list[Value],
    weights: list[Value],
    is_first: bool,
) -> Held:
    if len(others) != 1:
        tensors.refuse(node, "computes with weights alone")
    port = tensors.port(others[0])
    key, shape = tensors.weight(weights[0])
    if name == "mul" and shape in ((), (1,), _gain_shape(port.type)):
        settings = {"scalar": True} if shape in ((), (1,)) else {}
        settings |= {} if shape else {"sized": False}
        return tensors.held_of(tensors.op(OPS["gain"].make(settings), [port], node, key))
    tensor = tensors.held_weight(weights[0], port.type.is_last)
    tensor = _of_rank(tensor, len(others[0].shape))
    ports = [port, tensors.materialized(tensor, port.type.is_last)]
    return tensors.join_ports(node, name, ports[::-1] if is_first and name == "sub" else ports)


def concatenated(tensors: Tensors, node: Node, values: list[Value], dim: int) -> Held:
    """Tensors one after another, along their channels or their first positions."""
    if len(values) == 1:
        return tensors.held(values[0])
    neighbours = merged_neighbours(tensors, values, dim)
    if neighbours is not None:
        return neighbours
    known = [value for value in values if not tensors.is_weight(value)]
    if not known:
        tensors.refuse(node, "joins weights alone")
    is_last = any(tensors.held(value).is_last() for value in known)
    ports = [_part_of(tensors, value, is_last) for value in values]
    first = ports[0].type
    name = {0: "append", first.channels_dimension: "concat"}.get(dim % (first.rank + 1) - 1, "")
    if not name:
        what = "which is neither that of the channels nor that of the first positions"
        tensors.refuse(node, f"joins tensors along dimension {dim}, {what}")
    return tensors.held_at(_extended(tensors, node, name, ports))


def _part_of(tensors: Tensors, value: Value, is_last: bool) -> Port:
    if tensors.is_weight(value):
        return tensors.parameter(*tensors.weight(value), is_last)
    return tensors.materialized(tensors.held(value), is_last)


def _extended(tensors: Tensors, node: Node, name: str, ports: list[Port]) -> Port:
    """A join of a list; where the list begins as an earlier one did, that is its first part."""
    for count in range(len(ports), 1, -1):
        before = tensors.made.get((name, *ports[:count]))
        if before is not None:
            rest = ports[count:]
            ports = [before, *rest]
            break
    if len(ports) == 1:
        return ports[0]
    step = tensors.op(OPS[name].make({}), ports, node)
    tensors.made[(name, *_flat(tensors, name, ports))] = step.port
    return step.port


def _flat(tensors: Tensors, name: str, ports: list[Port]) -> list[Port]:
    keys = {port: key for key, port in tensors.made.items() if key[0] == name}
    first = keys.get(ports[0])
    return [*first[1:], *ports[1:]] if first else ports


def _gain_shape(shape: Shape) -> tuple[int, ...]:
    channels = shape.channels
    assert isinstance(channels, int)
    if shape.is_last or shape.rank == 1:
        return (channels,)
    return (channels, *[1] * (shape.rank - 1))


def with_long_sums(scope: Scope) -> None:
    """Write `a + b + c` as one sum: the sum of two that only the next one reads."""
    readers = Counter(port.step for step in scope.steps for port in step.inputs)
    readers.update(port.step for port in scope.results)
    gone = set()
    for step in scope.steps:
        first = step.inputs[0].step if _is_sum(step) else step
        if first is not step and _is_sum(first) and readers[first] == 1 and first.op == step.op:
            step.inputs[:1] = first.inputs
            gone.add(first)
    scope.steps = [step for step in scope.steps if step not in gone]


def drop_unread(scope: Scope) -> None:
    """Leave out what has no weights and leads to nothing that is read."""
    read = {port.step for port in scope.results}
    kept: list[Step] = []
    for step in reversed(scope.steps):
        if step in read or step.has_weights:
            kept.append(step)
            read |= {port.step for port in step.inputs}
    scope.steps = kept[::-1]


def _is_sum(step: Step) -> bool:
    is_sum = step.op is not None and step.op.name == "add"
    return is_sum and len({port.type for port in step.inputs}) == 1


RULES: Mapping[str, Rule] = {
    **dict.fromkeys("add add_ __add__ __radd__ __iadd__".split(), _add),
    **dict.fromkeys("mul mul_ multiply __mul__ __rmul__ __imul__".split(), _mul),
    **dict.fromkeys("div div_ true_divide __truediv__ __itruediv__".split(), _div),
    **dict.fromkeys("sub sub_ subtract __sub__ __isub__ __rsub__".split(), _sub),
    **dict.fromkeys("cat concat concatenate".split(), _cat),
    **dict.fromkeys("square pow __pow__ square_ pow_".split(), _square),
    "stack": _stack,
}
