"""Generated code with a single mistake."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from random import Random

CONTRARY = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE,
    ast.LtE: ast.Gt, ast.And: ast.Or, ast.Or: ast.And, ast.Add: ast.Sub, ast.Sub: ast.Add,
    ast.Mult: ast.Add, ast.FloorDiv: ast.Mult, ast.Div: ast.Mult, ast.Mod: ast.FloorDiv,
}  # fmt: skip

Change = Callable[[], None]


def mutants(text: str, seed: int) -> Iterator[str]:
    """Endless texts with one random change each."""
    random = Random(seed)
    while True:
        module = ast.parse(text)
        before = ast.unparse(module)
        random.choice([*_changes(module, random)])()
        ast.fix_missing_locations(module)
        after = ast.unparse(module)
        if after != before:
            yield after


def _changes(module: ast.Module, random: Random) -> Iterator[Change]:
    """All possible changes."""
    attributes = sorted({n.attr for n in ast.walk(module) if isinstance(n, ast.Attribute)})
    for function in _functions(module):
        names = sorted({node.id for node in _code(function) if isinstance(node, ast.Name)})
        for node in _code(function):
            yield from _of_node(node, names, attributes, random)


def _functions(module: ast.Module) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef))


def _code(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """The statements and expressions of a function, without docstrings and annotations."""
    yield function
    waiting: list[ast.AST] = [*function.body, *function.args.defaults]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        yield node
        children = [*ast.iter_child_nodes(node)]
        waiting += [c for c in children if c is not getattr(node, "annotation", None)]


def _of_node(
    node: ast.AST, names: list[str], attributes: list[str], random: Random
) -> Iterator[Change]:
    match node:
        case ast.Constant(value=value) if value is not None:
            yield lambda: setattr(node, "value", _other(value, random))
        case ast.Name(id=name):
            yield lambda: setattr(node, "id", _another(name, names, random))
        case ast.Attribute(attr=name):
            yield lambda: setattr(node, "attr", _another(name, attributes, random))
        case ast.BinOp(op=operator) | ast.BoolOp(op=operator):
            yield lambda: setattr(node, "op", _contrary(operator))
        case ast.Compare(ops=[operator]):
            yield lambda: setattr(node, "ops", [_contrary(operator)])
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield lambda: _become(node, operand)
        case ast.IfExp(body=body, orelse=otherwise):
            yield lambda: node.__dict__.update(body=otherwise, orelse=body)
        case ast.If(body=body, orelse=otherwise) if otherwise:
            yield lambda: node.__dict__.update(body=otherwise, orelse=body)
        case ast.Call(args=arguments, keywords=keywords):
            if keywords:
                yield lambda: keywords.remove(random.choice(keywords))
            if len(arguments) > 1:
                yield arguments.reverse
                yield lambda: arguments.remove(arguments[-1])
    body = getattr(node, "body", None)
    if isinstance(body, list):
        yield lambda: _drop(body, random)


def _drop(body: list[ast.stmt], random: Random) -> None:
    """Drop a statement, but not a docstring."""
    first = 1 if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant) else 0
    body[random.randrange(first, len(body))] = ast.Pass()


def _become(node: ast.AST, other: ast.AST) -> None:
    node.__class__ = other.__class__
    node.__dict__ = copy.copy(other.__dict__)


def _contrary(operator: ast.AST) -> ast.AST:
    return CONTRARY.get(type(operator), type(operator))()


def _another(name: str, names: list[str], random: Random) -> str:
    return random.choice([other for other in names if other != name] or [name])


def _other(value: object, random: Random) -> object:
    match value:
        case bool():
            return not value
        case int():
            return value + random.choice((-1, 1, 2))
        case float():
            return value * 2 + 0.5
        case str():
            return f"{value}2"
    return value
