"""Which op a module of PyTorch is: read backwards from the ops' own PyTorch forms.

Every example of every op gives a form such as `nn.Conv2d(in_channels, out, kernel, stride=stride)`.
Backwards, it says which parameter of the op an argument of the constructor gives. So an op is
importable the day it exists. Nothing is taken on trust: a module is an op only if the op's form,
called, makes a module with the same settings and the same weights.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import nn

from archdsl.arithmetic import Value
from archdsl.files import finder
from archdsl.findings import Findings
from archdsl.importing.modules.constructors import parameters_of
from archdsl.importing.modules.spelling import base_of, class_of, spelled_out
from archdsl.manual.entries import entries
from archdsl.manual.examples import spec_of
from archdsl.ops import OPS
from archdsl.ops.base import Op, Reject, Shape
from archdsl.ops.expressions import InputSize, value_on
from archdsl.ops.forms import Helper, TorchArgument, TorchCall, TorchForm
from archdsl.provenance import Expression, Literal, Operation, Symbol
from archdsl.shipped import LIBRARY
from archdsl.source import Source

IGNORED = frozenset({"training", "inplace"})
"""Attributes of modules that do not say what they compute."""


@dataclass(frozen=True)
class Reading:
    """A form of an op: the arguments of a call by PyTorch's names."""

    op: type[Op]
    arguments: tuple[tuple[str, Expression], ...]
    definition: str = ""
    """The source of the class, where it is the op's own."""
    others: tuple[tuple[str, Any], ...] = ()
    """Parameters that no argument gives, since the class itself says them: `mode="reflect"`."""


@cache
def readings() -> Mapping[str, tuple[Reading, ...]]:
    """The forms of all ops by the class of their module; the fewest parameters come first."""
    found: dict[str, dict[Reading, None]] = {}
    for op, form, shapes in forms():
        call = form.module
        if call is None or call.template or len(shapes) != 1:
            continue
        reading = _reading(op, call, _source(form) if form.defined else "")
        if reading:
            found.setdefault(call.callee.removeprefix("nn."), {})[reading] = None
    return {name: tuple(sorted(each, key=_rank)) for name, each in found.items()}


def _source(form: TorchForm) -> str:
    """The source of the class that a form carries, with all of its options."""
    helper = Helper.of(form.definition)
    return helper.write(helper.options)


def _rank(reading: Reading) -> tuple[int, int]:
    return len(reading.op.parameters()), len(reading.others)


@cache
def forms() -> tuple[tuple[Op, TorchForm, tuple[Shape, ...]], ...]:
    """The PyTorch forms of all examples, with the shapes that they are for."""
    known = entries()
    texts = [spec_of(known[name], each) for name in OPS for each in known[name].examples]
    # One text with a network for each is read in a tenth of the time of one text for each.
    named = [text.replace("example", f"example{i}", 1) for i, text in enumerate(texts)]
    graphs = Findings(Source("examples.arch", "\n".join(named)), finder(LIBRARY)).graphs
    return tuple(
        [
            (node.op, node.op.torch(*graph.input_shapes(node)), (*graph.input_shapes(node),))
            for graph in graphs.values()
            for node in graph
            if node.op is not None
        ]
    )


def _reading(op: Op, call: TorchCall, definition: str) -> Reading | None:
    names = parameters_of(call.callee, definition)
    if names is None:
        return None
    positional = iter(names)
    arguments = []
    for argument in call.arguments:
        name = argument.keyword or next(positional, "")
        arguments.append((name, argument.source))
    said = {symbol.name for _, source in arguments for symbol in source.symbols}
    others = tuple(
        [
            (name, getattr(op, name))
            for name, default in op.defaults().items()
            if name not in said and getattr(op, name) != default and "init" not in name
        ]
    )
    return Reading(type(op), tuple(arguments), definition, others)


def is_known(module: nn.Module) -> bool:
    """Whether the class of a module is that of an op."""
    return bool(_readings_of(module))


def _readings_of(module: nn.Module) -> Sequence[Reading]:
    """The forms that a module may have been made by."""
    kind = base_of(class_of(module))
    several = readings().get(kind.__name__, ())
    if kind.__module__.startswith("torch.nn."):
        return [each for each in several if not each.definition]
    # What only moves numbers is seen in what its `forward` does.
    own = [each for each in several if each.definition and not each.op.only_moves]
    return [each for each in own if _is_source(kind, each.definition)]


@cache
def _is_source(kind: type, definition: str) -> bool:
    try:
        text = textwrap.dedent(inspect.getsource(kind))
    except (OSError, TypeError):
        return False
    return ast.dump(ast.parse(text)) == ast.dump(ast.parse(definition))


def op_of(module: nn.Module, shape: Shape) -> Op | None:
    """The op that a module is on an input; None where no op has its settings."""
    module = spelled_out(module)
    for reading in _readings_of(module):
        for op in _candidates(reading, module):
            if _accepts(op, shape) and _makes(op, shape, module):
                return _simplest(op, shape, module)
    return None


def _candidates(reading: Reading, module: nn.Module) -> Iterator[Op]:
    """The op with the parameters that a module's settings give."""
    found: dict[str, Any] = {}
    for name, source in reading.arguments:
        if hasattr(module, name):
            _solve(source, _setting(module, name), found)
    values = {name: _whole(value) for name, value in found.items()} | dict(reading.others)
    for given in _completed(reading.op, values, module):
        try:
            yield reading.op.make(given)
        except (Reject, TypeError):
            continue


def _completed(
    op: type[Op], values: dict[str, Value], module: nn.Module
) -> Iterator[dict[str, Value]]:
    """With a number that a module does not remember: it is a size of one of its tensors."""
    missing = [n for n in op.parameters() if n not in op.defaults() and n not in values]
    if len(missing) != 1:
        yield values
        return
    for size in dict.fromkeys(n for shape in _shapes(module).values() for n in shape):
        yield values | {missing[0]: size}


def _setting(module: nn.Module, name: str) -> Any:
    """An argument of a constructor, as the module remembers it."""
    value = getattr(module, name)
    if isinstance(value, torch.Tensor) or (value is None and name in module._parameters):
        return value is not None
    if isinstance(value, list | tuple):
        # One number for one axis is a number.
        return value[0] if len(value) == 1 else tuple(value)
    return value


def _solve(source: Expression, value: Any, found: dict[str, Any]) -> None:
    """Find the parameters in an expression whose value is known."""
    match source:
        case InputSize() | Literal():
            pass
        case Symbol():
            found.setdefault(source.name, value)
        case Operation("float", (inner,)):
            _solve(inner, value, found)
        case Operation("if", (Operation("==", (Symbol(), Literal()) as pair), then, otherwise)):
            if then == Literal(value):
                _solve(pair[0], pair[1].value, found)  # type: ignore[union-attr]
            else:
                _solve(otherwise, value, found)
        case Operation("list", items) if isinstance(value, tuple) and len(items) == len(value):
            for item, each in zip(items, value, strict=True):
                _solve(item, each, found)
        case Operation("[]", (Symbol() as symbol, Literal(int(index)))):
            items = found.setdefault(symbol.name, {})
            if isinstance(items, dict):
                items[index] = value


def _whole(value: Any) -> Value:
    """A setting as a value of the language: equal numbers along all axes as one."""
    if isinstance(value, dict):
        value = tuple([value[index] for index in sorted(value)])
    if isinstance(value, tuple):
        return value[0] if len(set(value)) == 1 else value
    return value  # type: ignore[no-any-return]


def _accepts(op: Op, shape: Shape) -> bool:
    try:
        op.output(shape)
    except Reject:
        return False
    return True


def _simplest(op: Op, shape: Shape, module: nn.Module) -> Op:
    """The op with as many parameters at their defaults as the module allows."""
    for name, default in op.defaults().items():
        if getattr(op, name) == default:
            continue
        values = {each: getattr(op, each) for each in op.parameters() if each != name}
        try:
            simpler = type(op)(**values)
        except Reject:
            continue
        if _accepts(simpler, shape) and _makes(simpler, shape, module):
            op = simpler
    return op


def _makes(op: Op, shape: Shape, module: nn.Module) -> bool:
    """Whether the op's form makes a module with the settings and weights of another."""
    call = op.torch(shape).module
    base = base_of(class_of(module))
    if call is None or call.template or call.callee.removeprefix("nn.") != base.__name__:
        return False
    try:
        made = _called(base, call, op, shape)
    except (TypeError, ValueError, RuntimeError):
        return False
    return _is_alike(made, module)


def _called(base: type, call: TorchCall, op: Op, shape: Shape) -> nn.Module:
    positional = [_plain(each, op, shape) for each in call.arguments if not each.keyword]
    keywords = {e.keyword: _plain(e, op, shape) for e in call.arguments if e.keyword}
    with torch.device("meta"):
        made: nn.Module = base(*positional, **keywords)
        return made


def _plain(argument: TorchArgument, op: Op, shape: Shape) -> Any:
    return value_on(argument.source, op, (shape,))


def _is_alike(made: nn.Module, module: nn.Module) -> bool:
    for name, value in vars(made).items():
        if name.startswith("_") or name in IGNORED:
            continue
        if not _is_equal(value, getattr(module, name, None)):
            return False
    return _shapes(made) == _shapes(module)


def _is_equal(value: Any, other: Any) -> bool:
    if isinstance(value, torch.Tensor) or isinstance(other, torch.Tensor):
        return isinstance(value, torch.Tensor) and isinstance(other, torch.Tensor)
    return bool(_as_one(value) == _as_one(other))


def _as_one(value: Any) -> Any:
    """Equal numbers along all axes as one: PyTorch keeps `3` and `(3, 3)` as they were given."""
    if isinstance(value, list | tuple):
        return value[0] if value and all(each == value[0] for each in value) else tuple(value)
    return value


def _shapes(module: nn.Module) -> dict[str, tuple[int, ...]]:
    return {key: tuple(value.shape) for key, value in module.state_dict().items()}
