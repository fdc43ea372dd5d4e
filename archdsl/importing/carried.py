"""Functions that generated files carry for ops: a call of one is seen as a whole.

`attend` and `window_bias` are such, which say more of what they compute than their bodies do. A
function is known by its source, as it is with some of its options. All arguments of a call have
their names here, since the order of parameters depends on these options.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any
from unittest import mock

from torch import nn

from archdsl.importing.arranging import Held
from archdsl.importing.functions import Rule
from archdsl.importing.modules.table import forms
from archdsl.importing.steps import Step
from archdsl.importing.tensors import Tensors
from archdsl.importing.trace import Node
from archdsl.importing.windows import INDEX, TABLE
from archdsl.ops import OPS
from archdsl.ops.forms import Helper
from archdsl.ops.tensor_type import TensorType

Function = Callable[..., Any]
PREFIX = "carried "
"""Before the name of a node that is the call of such a function."""


@contextmanager
def observed(root: nn.Module, seen: Callable[[str, Function], Function]) -> Iterator[None]:
    """Put what `seen` makes of them in the place of all such functions that a model may call."""
    with ExitStack() as stack:
        for scope in scopes_of(root):
            found = {name: scope[name] for name in helpers() if _is_carried(name, scope.get(name))}
            made = {name: seen(PREFIX + name, function) for name, function in found.items()}
            if made:
                # What other modules keep in their own names while a model runs stays.
                stack.enter_context(mock.patch.dict(scope, made))
        yield


def scopes_of(root: nn.Module) -> list[dict[str, Any]]:
    """The names that the methods of a model's classes see."""
    methods = [getattr(type(module).forward, "__globals__", {}) for module in root.modules()]
    return [*{id(scope): scope for scope in methods}.values()]


@cache
def helpers() -> Mapping[str, Helper]:
    """The functions of ops by name, for which there is a rule."""
    several = {form.defined: Helper.of(form.definition) for _, form, _ in forms() if form.function}
    return {name: helper for name, helper in several.items() if PREFIX + name in RULES}


def _is_carried(name: str, function: object) -> bool:
    if not inspect.isfunction(function):
        return False
    try:
        text = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        return False
    return ast.dump(ast.parse(text)) in _trees(name)


@cache
def _trees(name: str) -> frozenset[str]:
    """A function with every choice of its options."""
    helper = helpers()[name]
    plain = Helper(helper.write, helper.known)
    return frozenset([ast.dump(ast.parse(source)) for source in plain.wider])


def _attend(tensors: Tensors, node: Node) -> Held:
    given = {name: each for name, each in node.kwargs.items() if each is not None}
    if "mask" in given:
        tensors.refuse(node, "attends with a mask, which no rule reads yet")
    branches = [given[name] for name in ("query", "key", "value", "bias") if name in given]
    ports = [tensors.materialized(tensors.held(each), is_last=True) for each in branches]
    if not given.get("training", True):
        given["dropout"] = 0.0
    settings: dict[str, Any] = {
        n: given[n] for n in ("heads", "causal", "dropout", "scale") if n in given
    }
    if len(branches) > 3:
        settings["bias"] = True
    return tensors.held_of(tensors.op(OPS["attend"].make(settings), ports, node))


def _window_bias(tensors: Tensors, node: Node) -> Held:
    given = node.kwargs
    table, index = given["table"], given["index"]
    key = table.node.name.removesuffix(TABLE)
    if not tensors.is_weight(table) or not tensors.is_weight(index):
        tensors.refuse(node, "reads a table that is no weight")
    if index.node.name != key + INDEX or key == table.node.name:
        tensors.refuse(node, "reads a table and an index whose names no op has")
    settings = {
        "size": tuple(given["size"]),
        "side": given["window"],
        "heads": table.shape[1],
        "shift": given.get("shift", 0),
        "index": "flat" if len(index.shape) == 1 else "square",
    }
    op = OPS["window_bias"].make(settings)
    shape = op.output(TensorType((1, 1, 1), is_last=True))
    step = Step("op", [shape], [], op=op, path=key, line=node.line)
    tensors.scope.steps.append(step)
    return tensors.held_of(step)


RULES: Mapping[str, Rule] = {PREFIX + "attend": _attend, PREFIX + "window_bias": _window_bias}
