"""Going through a syntax tree without recursion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from archdsl.syntax import ast

Node = TypeVar("Node", bound=ast.SyntaxNode)
Found = TypeVar("Found")


def once(find: Callable[[Node], Found]) -> Callable[[Node], Found]:
    """Find something out of a node only once, for as long as the node is there.

    `functools.cache` would keep the node, and so the text that it was read in.
    """
    known: WeakKeyDictionary[Node, Found] = WeakKeyDictionary()

    @wraps(find)
    def found(node: Node) -> Found:
        if node not in known:
            known[node] = find(node)
        return known[node]

    return found


def children(node: ast.SyntaxNode) -> Iterator[ast.SyntaxNode]:
    """The nodes directly below a node, in the order of the text."""
    for name in _fields(type(node)):
        value = getattr(node, name)
        for item in value if isinstance(value, tuple) else (value,):
            # Arithmetic pairs every operand with its operator.
            below = item[1] if isinstance(item, tuple) else item
            if isinstance(below, ast.SyntaxNode):
                yield below


def descendants(node: ast.SyntaxNode) -> Iterator[ast.SyntaxNode]:
    """A node and all nodes below it, in the order of the text."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack += reversed([*children(current)])


def _fields(kind: type[ast.SyntaxNode]) -> tuple[str, ...]:
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(field.name for field in fields(kind) if field.name != "span")
    return _FIELDS[kind]


_FIELDS: dict[type[ast.SyntaxNode], tuple[str, ...]] = {}


def body_of(declaration: ast.Named | ast.Binding) -> ast.SyntaxNode:
    """What a block, network, function, value or class of somebody else is declared as."""
    match declaration:
        case ast.BlockDeclaration(body=body):
            return body
        case ast.Extern(made=made):
            return made
    return declaration.value
