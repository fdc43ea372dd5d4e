"""What the rules of the grammar give: nodes, with the span and the depth of their text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from archdsl.source import Span
from archdsl.syntax import ast
from archdsl.syntax.scanner import Lexeme

MAXIMUM_DEPTH = 200


class TooDeep(Exception):
    """An expression is nested deeper than anyone may go."""

    def __init__(self, span: Span) -> None:
        super().__init__(span)
        self.span = span


@dataclass(slots=True)
class Piece:
    """The result of a rule.

    `span` covers its parentheses too, which the node's own span does not; `depth` is the number
    of levels of nesting in it.
    """

    value: Any
    span: Span
    depth: int = 0


Child: TypeAlias = "Lexeme | Piece"
Node = TypeVar("Node", bound=ast.SyntaxNode)
Children: TypeAlias = "list[Child]"


def span_of(children: Children) -> Span:
    """From the first child to the last."""
    return children[0].span.to(children[-1].span)


def _depth(children: Children) -> int:
    return max([child.depth for child in children if isinstance(child, Piece)], default=0)


def piece(value: Any, children: Children, deeper: int = 0) -> Piece:
    """The result of a rule that adds some levels of nesting; raises `TooDeep`."""
    depth = _depth(children) + deeper
    span = span_of(children)
    if depth > MAXIMUM_DEPTH:
        raise TooDeep(span)
    return Piece(value, span, depth)


def nodes(children: Children) -> tuple[Any, ...]:
    """The nodes among the children, without the punctuation."""
    return tuple([child.value for child in children if isinstance(child, Piece)])


def only_node(children: Children) -> Any:
    """The only node among the children."""
    (value,) = nodes(children)
    return value


def name_of(child: Child) -> ast.Name:
    """The name that a token spells."""
    return ast.Name(child.span, str(child))


def names_of(children: Children) -> tuple[ast.Name, ...]:
    """The names among the children."""
    return tuple(name_of(child) for child in children if getattr(child, "type", "") == "NAME")


def of_kind(kind: type[Node], values: Iterable[Any]) -> tuple[Node, ...]:
    """The nodes of one kind."""
    return tuple(value for value in values if isinstance(value, kind))


def operations(children: Children) -> tuple[tuple[str, Any], ...]:
    """The operators, each with its right operand."""
    operands = nodes(children)[1:]
    return tuple(zip(map(str, children[1::2]), operands, strict=True))
