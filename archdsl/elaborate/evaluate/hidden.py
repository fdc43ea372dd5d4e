"""Labels that are written where nothing is made: in a side not taken, in a loop without turns.

They still say that their scope has labels, so that keys do not depend on what is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from archdsl.elaborate.namespaces import Namespace
from archdsl.elaborate.naming import has_labels
from archdsl.elaborate.scope import Scope
from archdsl.elaborate.values import LAYERS
from archdsl.ops.initializers import SCHEMES
from archdsl.resolve.words import BUILTINS
from archdsl.syntax import ast

Written: TypeAlias = tuple[ast.SyntaxNode, Namespace]
"""An expression, and the file that it stands in."""


def shows_label(node: ast.Expression, scope: Scope) -> bool:
    """Whether an expression that is not evaluated writes labels of the scope it stands in."""
    stack: list[Written] = [(node, scope.namespace)]
    seen: set[ast.SyntaxNode] = set()
    while stack:
        current, namespace = stack.pop()
        datum = scope.find(current.name) if isinstance(current, ast.Name) else None
        if isinstance(current, ast.Labelled | ast.ShareIn) or (
            isinstance(datum, LAYERS) and has_labels(datum)
        ):
            return True
        if current not in seen and datum is None:
            seen.add(current)
            stack += _below(current, namespace)
    return False


def _below(node: ast.SyntaxNode, namespace: Namespace) -> Iterator[Written]:
    """The expressions whose labels would belong to the scope of a node."""
    match node:
        case ast.Chain(links=below) | ast.List(items=below) | ast.Bundle(branches=below):
            yield from ((each, namespace) for each in below)
        case ast.Conditional(then=then, otherwise=otherwise):
            yield from ((side, namespace) for side in (then, otherwise) if side is not None)
        case ast.LetIn(bindings=bindings, body=body):
            yield from ((binding.value, namespace) for binding in bindings)
            yield body, namespace
        case ast.Comprehension(element=element):
            yield element, namespace
        case ast.Call(callee=ast.Name() as callee, arguments=arguments):
            yield callee, namespace
            if _passes_on(callee.name, namespace):
                yield from ((argument.value, namespace) for argument in arguments)
        case ast.Name(name=name):
            if (found := namespace.names.get(name)) and isinstance(found[1], ast.Let):
                yield found[1].value, found[0]


def _passes_on(name: str, namespace: Namespace) -> bool:
    """Whether layers given to a function are applied in the scope that calls it."""
    found = namespace.names.get(name)
    if found is not None:
        return isinstance(found[1], ast.Let)
    return name in BUILTINS and name not in SCHEMES
