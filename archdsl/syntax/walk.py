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


def children(node: ast.SyntaxNode) -> list[ast.SyntaxNode]:
    """The nodes directly below a node, in the order of the text."""
    found = []
    for name in _fields(type(node)):
        value = getattr(node, name)
        if isinstance(value, ast.SyntaxNode):
            found.append(value)
        elif isinstance(value, tuple):
            # Arithmetic pairs every operand with its operator.
            below = [item[1] if isinstance(item, tuple) else item for item in value]
            found += [item for item in below if isinstance(item, ast.SyntaxNode)]
    return found


def descendants(node: ast.SyntaxNode) -> Iterator[ast.SyntaxNode]:
    """A node and all nodes below it, in the order of the text."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack += reversed(children(current))


PLAIN = frozenset({"str", "bool", "int", "int | float", "Span"})
"""Types of fields that hold no nodes."""


_FIELDS: dict[type[ast.SyntaxNode], tuple[str, ...]] = {}


def _fields(kind: type[ast.SyntaxNode]) -> tuple[str, ...]:
    """The fields of a kind of node that may hold nodes."""
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple([each.name for each in fields(kind) if each.type not in PLAIN])
    return _FIELDS[kind]


def body_of(declaration: ast.Named | ast.Binding) -> ast.SyntaxNode:
    """What a block, network, function, value or class of somebody else is declared as."""
    match declaration:
        case ast.BlockDeclaration(body=body):
            return body
        case ast.Extern(made=made):
            return made
    return declaration.value
