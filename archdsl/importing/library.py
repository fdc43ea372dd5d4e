"""The library before invention: blocks that are the library's are called by its names.

A block is the library's if a call of that, read off the block's own layers, gives the same ops with
the same edges and keys: the call is run, nothing is taken on trust.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from archdsl.files import finder
from archdsl.findings import Findings
from archdsl.graph import Graph
from archdsl.importing.definitions import Definition
from archdsl.importing.expressions import Parameter
from archdsl.importing.printing import Printer
from archdsl.importing.steps import Port, Scope, Step
from archdsl.importing.terms import IDENTITY, IMPORTED, Layer, Term, imported
from archdsl.ops import OPS
from archdsl.ops.base import Op
from archdsl.ops.tensor_type import TensorType
from archdsl.shipped import LIBRARY
from archdsl.source import Source

Arguments = dict[str, Any]
Call = Callable[[Scope], Term]
"""What a scope within another is called as."""


def known(definition: Definition, call: Call) -> Definition | None:
    """The library's block that all instances of a definition are; None where there is none."""
    for block in BLOCKS:
        rows = [_arguments(block, scope, call) for scope in definition.scopes]
        if all(row is not None for row in rows):
            return _defined(block, definition, [row for row in rows if row is not None])
    return None


@dataclass(frozen=True)
class _Block:
    """A block of the library: the labels that it must have, and what reads its arguments."""

    name: str
    labels: frozenset[str]
    read: Callable[[_Layers], Iterator[Arguments]]
    sizes: frozenset[str]


@dataclass(frozen=True)
class _Layers:
    """The layers of an instance: those with labels, and the activations in order."""

    scope: Scope
    named: Mapping[str, Step]
    activations: Sequence[Op]
    call: Call

    def conv(self, name: str) -> Any:
        """The convolution with a label."""
        return self.named[name].op

    @property
    def entry(self) -> Any:
        """The channels that come in."""
        return self.scope.inputs[0].types[0].channels

    @property
    def result(self) -> Any:
        """The channels that go out."""
        return self.scope.results[0].type.channels


def _arguments(block: _Block, scope: Scope, call: Call) -> Arguments | None:
    layers = _layers(scope, call)
    if layers is None or not block.labels <= layers.named.keys():
        return None
    if any(layers.named[name].op is None for name in block.labels):
        return None
    for arguments in block.read(layers):
        given = {name: value for name, value in arguments.items() if value != DEFAULTS.get(name)}
        term = Term("call", _defined(block, Definition(block.name, [scope], []), [given]))
        if _is_alike(scope, _text(scope, term, given)):
            return given
    return None


def _layers(scope: Scope, call: Call) -> _Layers | None:
    if len(scope.inputs) != 1 or len(scope.results) != 1 or len(scope.results[0].type.sizes) < 2:
        return None
    named = {scope.relative(step.path): step for step in scope.steps if step.has_weights}
    acts = [step.op for step in scope.steps if step.op is not None and step.op.is_activation]
    return _Layers(scope, named, acts, call)


# --- what each block of the library is told by ---


def _habits(layers: _Layers, norm: str) -> Arguments:
    """The norm and the activation of a block."""
    found: Arguments = {"norm": _layer(layers.conv(norm))}
    if layers.activations:
        found["act"] = _layer(layers.activations[0])
    if "se" in layers.named and layers.named["se"].scope is not None:
        found["attention"] = Layer(layers.call(layers.named["se"].scope))
    return found


def _with_shortcuts(given: Arguments) -> Iterator[Arguments]:
    yield given
    yield {**given, "shortcut": Layer(Term("use", "zero_padding"))}


def _basic(layers: _Layers) -> Iterator[Arguments]:
    stride = layers.conv("conv1").stride
    given = {"width": layers.result, "stride": stride, **_habits(layers, "bn1")}
    yield from _with_shortcuts(given)


def _bottleneck(layers: _Layers) -> Iterator[Arguments]:
    width, middle = layers.result // 4, layers.conv("conv2")
    if not width:
        return
    base = 64 * middle.out // (width * middle.groups)
    early = layers.conv("conv1").stride != 1
    stride = layers.conv("conv1").stride if early else middle.stride
    given = {
        "width": width, "stride": stride, "groups": middle.groups, "base": base,
        "early": early, **_habits(layers, "bn1"),
    }  # fmt: skip
    yield from _with_shortcuts(given)


def _se_by_reduction(layers: _Layers) -> Iterator[Arguments]:
    squeeze, channels = layers.conv("fc1").out, layers.entry
    if channels % squeeze == 0:
        for given in _se_by_size(layers):
            del given["squeeze"]
            yield {"reduction": channels // squeeze, **given}


def _se_by_size(layers: _Layers) -> Iterator[Arguments]:
    if len(layers.activations) == 2:
        act, gate = map(_layer, layers.activations)
        yield {"squeeze": layers.conv("fc1").out, "act": act, "gate": gate}


def _separable(layers: _Layers) -> Iterator[Arguments]:
    filters = layers.conv("depthwise")
    stride = filters.stride
    yield {
        "out": layers.result, "kernel": filters.kernel, "stride": stride, **_habits(layers, "bn1")
    }  # fmt: skip


BLOCKS = (
    _Block("bottleneck", frozenset("conv1 bn1 conv2 bn2 conv3 bn3".split()), _bottleneck,
           frozenset({"width"})),
    _Block("basic", frozenset("conv1 bn1 conv2 bn2".split()), _basic, frozenset({"width"})),
    _Block("se", frozenset({"fc1", "fc2"}), _se_by_reduction, frozenset()),
    _Block("se", frozenset({"fc1", "fc2"}), _se_by_size, frozenset({"squeeze"})),
    _Block("separable", frozenset("depthwise bn1 pointwise bn2".split()), _separable,
           frozenset({"out"})),
)  # fmt: skip
ORDER = ("width", "out", "kernel", "stride")
POSITIONAL = frozenset({"width", "out"})


def _layer(op: Op) -> Layer:
    values = tuple([(name, getattr(op, name)) for name in op.parameters()])
    return Layer(Term("op", op.name, (), values))


DEFAULTS: Arguments = {
    "stride": 1, "kernel": 3, "groups": 1, "base": 64, "early": False, "reduction": 16,
    "norm": _layer(OPS["bn"].make({})), "act": _layer(OPS["relu"].make({})),
    "gate": _layer(OPS["sigmoid"].make({})), "attention": Layer(IDENTITY),
    "shortcut": Layer(Term("use", "projection")),
}  # fmt: skip
"""The defaults of the library's blocks."""


def _defined(block: _Block, definition: Definition, rows: Sequence[Arguments]) -> Definition:
    """A definition that calls the library, with an argument for all that is not its default."""
    names = [name for name in _ordered(rows) if len({*map(_key, _column(rows, name))} - {None}) > 0]
    made = Definition(definition.kind, definition.scopes, definition.bodies, name=block.name)
    made.is_library = True
    for name in names:
        column = tuple(_column(rows, name))
        has_default = name not in POSITIONAL
        default = DEFAULTS.get(name)
        made.parameters.append(
            Parameter(name, column, name in block.sizes, default, has_default, name)
        )
    return made


def _ordered(rows: Sequence[Arguments]) -> list[str]:
    names = dict.fromkeys(name for row in rows for name in row)
    return sorted(names, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))


def _column(rows: Sequence[Arguments], name: str) -> list[Any]:
    return [row.get(name, DEFAULTS.get(name)) for row in rows]


def _key(value: Any) -> str | None:
    return None if value is None else repr(value)


# --- whether a call is what an instance computes ---


def _text(scope: Scope, term: Term, given: Arguments) -> str:
    call = Term("call", term.head, (), tuple(given.items()))
    entry = scope.inputs[0].types[0]
    # Open sizes are names of their own there.
    sizes = [size if isinstance(size, int) else f"size{n}" for n, size in enumerate(entry.sizes)]
    shape = TensorType(tuple(sizes), entry.is_last)
    lines = [f"from {IMPORTED[name]} import {name}\n" for name in imported([call])]
    return f"{''.join(lines)}network n: {shape} = x: {Printer().layer(call)}"


def _is_alike(scope: Scope, text: str) -> bool:
    graph = _graph(text)
    if graph is None:
        return False
    numbers: dict[object, int] = {}
    return _of_graph(graph, numbers) == _of_scope(scope, numbers)


@cache
def _graph(text: str) -> Graph | None:
    return Findings(Source("call.arch", text), finder(LIBRARY)).graphs.get("n")


def _of_graph(graph: Graph, numbers: dict[object, int]) -> int:
    """A number for all that leads to the result of a graph."""
    found: dict[int, int] = {}
    for node in graph:
        below = tuple([found[port.node] for port in node.read])
        path = node.path.removeprefix("x.") if node.op is not None else ""
        key = _form(
            node.op,
            path,
            below,
            node.op is not None and node.op.has_weights(*graph.input_shapes(node)),
        )
        found[node.id] = numbers.setdefault(key, len(numbers))
    return found[graph.result.node]


def _of_scope(scope: Scope, numbers: dict[object, int]) -> int:
    found: dict[Port, int] = {}
    entry = numbers.setdefault(_form(None, "", (), False), len(numbers))
    found[scope.inputs[0].port] = entry
    _number(scope, scope, found, numbers)
    return found[scope.results[0]]


def _number(whole: Scope, scope: Scope, found: dict[Port, int], numbers: dict[object, int]) -> None:
    for step in scope.steps:
        below = [found[port] for port in step.inputs]
        if step.scope is not None:
            inner = step.scope
            found |= dict(zip([each.port for each in inner.inputs], below, strict=True))
            _number(whole, inner, found, numbers)
            found |= {Port(step, index): found[port] for index, port in enumerate(inner.results)}
            continue
        key = _form(step.op, whole.relative(step.path), tuple(below), step.has_weights)
        found[step.port] = numbers.setdefault(key, len(numbers))


def _form(op: Op | None, path: str, below: tuple[int, ...], has_weights: bool) -> object:
    """What tells an op from others, but how its weights start."""
    if op is None:
        return "input"
    if op.name in ("add", "mul"):
        below = tuple(sorted(below))
    given = {n: getattr(op, n) for n in op.parameters() if "init" not in n}
    if given.get("stride", 1) is None:
        # A pool's stride is its window where it says none.
        given["stride"] = given["kernel"]
    values = tuple(given.items())
    return op.name, values, path if has_weights else "", below
