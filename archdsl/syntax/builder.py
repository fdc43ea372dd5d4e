"""Builds a node of the syntax tree for each rule of the grammar.

Lark calls a method here whenever it has read a whole rule, innermost first, so no tree of Lark's is
built and nothing recurses. A child is a token or a `Piece`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from lark import Transformer

from archdsl.source import Span
from archdsl.syntax import ast
from archdsl.syntax.scanner import Lexeme

MAXIMUM_DEPTH = 200

PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


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


def _whole(children: Children) -> Span:
    return children[0].span.to(children[-1].span)


def _depth(children: Children) -> int:
    return max((child.depth for child in children if isinstance(child, Piece)), default=0)


def _piece(value: Any, children: Children, deeper: int = 0) -> Piece:
    depth = _depth(children) + deeper
    span = _whole(children)
    if depth > MAXIMUM_DEPTH:
        raise TooDeep(span)
    return Piece(value, span, depth)


def _values(children: Children) -> tuple[Any, ...]:
    """The nodes among the children, without the punctuation."""
    return tuple(child.value for child in children if isinstance(child, Piece))


def _value(children: Children) -> Any:
    """The only node among the children."""
    (value,) = _values(children)
    return value


def _name(child: Child) -> ast.Name:
    return ast.Name(child.span, str(child))


def _names(children: Children) -> tuple[ast.Name, ...]:
    return tuple(_name(child) for child in children if getattr(child, "type", "") == "NAME")


def _of(kind: type[Node], values: Iterable[Any]) -> tuple[Node, ...]:
    return tuple(value for value in values if isinstance(value, kind))


def _rest(children: Children) -> tuple[tuple[str, Any], ...]:
    """The operators, each with its right operand."""
    operands = _values(children)[1:]
    return tuple(zip(map(str, children[1::2]), operands, strict=True))


class Builder(Transformer[Lexeme, Piece]):
    """One method for every rule or alias of the grammar."""

    # Declarations.

    def imports(self, children: Children) -> Piece:
        module, *names = _values(children)
        return _piece(ast.Import(_whole(children), module, tuple(names)), children)

    def module(self, children: Children) -> Piece:
        return _piece(_names(children), children)

    def imported(self, children: Children) -> Piece:
        name, alias, *_ = *_names(children), None
        return _piece(ast.ImportedName(_whole(children), name, alias), children)

    def default(self, children: Children) -> Piece:
        node = ast.Default(_whole(children), _name(children[1]), _values(children))
        return _piece(node, children)

    def let(self, children: Children) -> Piece:
        *parameters, value = _values(children)
        node = ast.Let(
            _whole(children), _name(children[1]), parameters[0] if parameters else None, value
        )
        return _piece(node, children)

    def block(self, children: Children) -> Piece:
        *rest, body = _values(children)
        signature, *_ = *_of(ast.Signature, rest), None
        parameters = next((value for value in rest if isinstance(value, tuple)), ())
        node = ast.BlockDeclaration(
            _whole(children),
            _name(children[1]),
            parameters,
            signature,
            body,
            is_network=str(children[0]) == "network",
        )
        return _piece(node, children)

    def parameters(self, children: Children) -> Piece:
        return _piece(_values(children), children)

    def parameter(self, children: Children) -> Piece:
        default, *_ = *_values(children), None
        return _piece(
            ast.ParameterDeclaration(_whole(children), _name(children[0]), default), children
        )

    def signature(self, children: Children) -> Piece:
        words = [str(child) if isinstance(child, Lexeme) else "" for child in children]
        arrow = words.index("->") if "->" in words else len(words)
        sides = [_values(side) for side in (children[:arrow], children[arrow:])]
        return _piece(ast.Signature(_whole(children), *sides), children)

    def unnamed_tensor(self, children: Children) -> Piece:
        return _piece(ast.Input(_whole(children), _value(children)), children)

    def named_tensor(self, children: Children) -> Piece:
        node = ast.Input(_whole(children), _value(children), _name(children[0]))
        return _piece(node, children)

    def tensor(self, children: Children) -> Piece:
        shape, *bound = _values(children)
        below = bound[0] if bound else None
        node = ast.Shape(_whole(children), shape.sizes, shape.is_last, below)
        return _piece(node, children)

    def sizes(self, children: Children) -> Piece:
        return _piece(_shape(children), children)

    def extern(self, children: Children) -> Piece:
        *parameters, signature, made = _values(children)
        given = parameters[0] if parameters else ()
        node = ast.Extern(_whole(children), _name(children[1]), given, signature, made)
        return _piece(node, children)

    def foreign_class(self, children: Children) -> Piece:
        values = [_as_argument(value) for value in _values(children)]
        # A call ends in a bracket.
        further = values.pop() if isinstance(children[-1], Piece) else None
        path = ast.String(children[0].span, str(children[0])[1:-1])
        node = ast.ForeignClass(_whole(children), path, tuple(values), further)
        return _piece(node, children, deeper=1)

    def fact(self, children: Children) -> Piece:
        return _piece(ast.Assert(_whole(children), _value(children)), children)

    # Layers.

    def let_in(self, children: Children) -> Piece:
        *bindings, body = _values(children)
        return _piece(ast.LetIn(_whole(children), tuple(bindings), body), children, deeper=1)

    def share_in(self, children: Children) -> Piece:
        *bindings, body = _values(children)
        return _piece(ast.ShareIn(_whole(children), tuple(bindings), body), children, deeper=1)

    def binding(self, children: Children) -> Piece:
        *parameters, value = _values(children)
        known = parameters[0] if parameters else None
        return _piece(ast.Binding(_whole(children), _name(children[0]), known, value), children)

    shared = binding

    def chain(self, children: Children) -> Piece:
        return _piece(ast.Chain(_whole(children), _values(children)), children)

    def conditional(self, children: Children) -> Piece:
        then, condition, otherwise, *_ = *_values(children), None
        node = ast.Conditional(_whole(children), then, condition, otherwise)
        return _piece(node, children, deeper=1)

    def labelled(self, children: Children) -> Piece:
        node = ast.Labelled(_whole(children), *_values(children))
        return _piece(node, children, deeper=1)

    def label(self, children: Children) -> Piece:
        token = children[0]
        assert isinstance(token, Lexeme)
        return _piece(_label(token), children)

    # Values.

    def disjunction(self, children: Children) -> Piece:
        node = ast.Logical(_whole(children), str(children[1]), _values(children))
        return _piece(node, children)

    conjunction = disjunction

    def inversion(self, children: Children) -> Piece:
        return _piece(ast.Not(_whole(children), _value(children)), children, deeper=1)

    def comparison(self, children: Children) -> Piece:
        node = ast.Comparison(_whole(children), str(children[1]), *_values(children))
        return _piece(node, children)

    def sum(self, children: Children) -> Piece:
        first, *_ = _values(children)
        return _piece(ast.Arithmetic(_whole(children), first, _rest(children)), children)

    product = sum

    def power(self, children: Children) -> Piece:
        base, exponent = _values(children)
        rest: tuple[tuple[str, Any], ...] = (("**", exponent),)
        # Only an exponent without parentheses spans what its node spans.
        if isinstance(exponent, ast.Arithmetic) and exponent.span == children[2].span:
            rest = (("**", exponent.first), *exponent.rest)
        return _piece(ast.Arithmetic(_whole(children), base, rest), children, deeper=1)

    def unary(self, children: Children) -> Piece:
        return _piece(ast.Negation(_whole(children), _value(children)), children, deeper=1)

    def call(self, children: Children) -> Piece:
        callee, *values = _values(children)
        arguments = tuple([_as_argument(value) for value in values])
        node = ast.Call(_whole(children), callee, arguments)
        return _piece(node, children, deeper=1)

    def positional_argument(self, children: Children) -> Piece:
        value = children[0].value
        return _piece(ast.Argument(value.span, value), children)

    def keyword_argument(self, children: Children) -> Piece:
        node = ast.Argument(_whole(children), _value(children), _name(children[0]))
        return _piece(node, children)

    def index(self, children: Children) -> Piece:
        return _piece(ast.Index(_whole(children), *_values(children)), children, deeper=1)

    def slice(self, children: Children) -> Piece:
        colon = next(i for i, child in enumerate(children) if child == ":")
        (target, start, *_), (stop, *_) = (
            (*_values(side), None) for side in (children[:colon], children[colon:])
        )
        return _piece(ast.Slice(_whole(children), target, start, stop), children, deeper=1)

    def attribute(self, children: Children) -> Piece:
        node = ast.Attribute(_whole(children), _value(children), _name(children[2]))
        return _piece(node, children, deeper=1)

    def comprehension(self, children: Children) -> Piece:
        element, *rest = _values(children)
        targets = tuple(_targets(children))
        iterable, condition, *_ = *rest[len(targets) :], None
        node = ast.Comprehension(_whole(children), element, targets, iterable, condition)
        return _piece(node, children)

    def targets(self, children: Children) -> Piece:
        return _piece(ast.Targets(_whole(children), _values(children)), children, deeper=1)

    def variable(self, children: Children) -> Piece:
        return _piece(_name(children[0]), children)

    def parenthesized(self, children: Children) -> Piece:
        return _piece(children[1].value, children, deeper=1)

    def list(self, children: Children) -> Piece:
        return _piece(ast.List(_whole(children), _values(children)), children, deeper=1)

    def features(self, children: Children) -> Piece:
        return _piece(_shape(children), children, deeper=1)

    def bundle(self, children: Children) -> Piece:
        return _piece(ast.Bundle(_whole(children), _values(children)), children, deeper=1)

    # Leaves.

    def name(self, children: Children) -> Piece:
        return _piece(_name(children[0]), children)

    def number(self, children: Children) -> Piece:
        text = str(children[0]).replace("_", "")
        value = int(text) if text.isdigit() else float(text)
        return _piece(ast.Number(_whole(children), value), children)

    def string(self, children: Children) -> Piece:
        return _piece(ast.String(_whole(children), str(children[0])[1:-1]), children)

    def boolean(self, children: Children) -> Piece:
        return _piece(ast.Boolean(_whole(children), str(children[0]) == "true"), children)

    def wildcard(self, children: Children) -> Piece:
        return _piece(ast.Wildcard(_whole(children)), children)

    def rest(self, children: Children) -> Piece:
        return _piece(ast.Rest(_whole(children)), children)

    def wire(self, children: Children) -> Piece:
        return _piece(ast.Wire(_whole(children), _value(children)), children)


def _as_argument(value: ast.Argument | ast.Comprehension) -> ast.Argument:
    """An argument; a comprehension may be the only one, without brackets."""
    return value if isinstance(value, ast.Argument) else ast.Argument(value.span, value)


def _shape(children: Children) -> ast.Shape:
    """Sizes in brackets, the last of them behind a semicolon where the channels are last."""
    is_last = any(isinstance(child, Lexeme) and child == ";" for child in children)
    return ast.Shape(_whole(children), _values(children), is_last)


def _targets(children: Children) -> Iterable[Any]:
    """The variables of a comprehension: between `for` and `in`."""
    words = [str(child) if isinstance(child, Lexeme) else "" for child in children]
    return _values(children[words.index("for") : words.index("in")])


def _label(token: Lexeme) -> ast.Label:
    """The label that a token spells, with the variables in its braces."""
    quoted = token.type == "STRING"
    parts: list[str | ast.Name] = []
    text, offset = (token[1:-1], token.span.start + 1) if quoted else (token, token.span.start)
    end = 0
    for match in PLACEHOLDER.finditer(text):
        span = Span(token.span.source, offset + match.start(1), offset + match.end(1))
        parts += [text[end : match.start()], ast.Name(span, match[1])]
        end = match.end()
    parts.append(str(text[end:]))
    return ast.Label(token.span, tuple(part for part in parts if part != ""), quoted)
