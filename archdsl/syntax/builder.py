"""Builds a node of the syntax tree for each rule of the grammar.

Lark calls a method here whenever it has read a whole rule, innermost first, so no tree of Lark's is
built and nothing recurses. A child is a token or a `Piece`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lark import Transformer

from archdsl.source import Span
from archdsl.syntax import ast
from archdsl.syntax.pieces import (
    Children,
    Piece,
    name_of,
    names_of,
    nodes,
    of_kind,
    only_node,
    operations,
    piece,
    span_of,
)
from archdsl.syntax.scanner import Lexeme

PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Builder(Transformer[Lexeme, Piece]):
    """One method for every rule or alias of the grammar."""

    # Declarations.

    def imports(self, children: Children) -> Piece:
        module, *names = nodes(children)
        return piece(ast.Import(span_of(children), module, tuple(names)), children)

    def module(self, children: Children) -> Piece:
        return piece(names_of(children), children)

    def imported(self, children: Children) -> Piece:
        name, alias, *_ = *names_of(children), None
        return piece(ast.ImportedName(span_of(children), name, alias), children)

    def default(self, children: Children) -> Piece:
        node = ast.Default(span_of(children), name_of(children[1]), nodes(children))
        return piece(node, children)

    def let(self, children: Children) -> Piece:
        *parameters, value = nodes(children)
        node = ast.Let(
            span_of(children), name_of(children[1]), parameters[0] if parameters else None, value
        )
        return piece(node, children)

    def block(self, children: Children) -> Piece:
        *rest, body = nodes(children)
        signature, *_ = *of_kind(ast.Signature, rest), None
        parameters = next((value for value in rest if isinstance(value, tuple)), ())
        node = ast.BlockDeclaration(
            span_of(children),
            name_of(children[1]),
            parameters,
            signature,
            body,
            is_network=str(children[0]) == "network",
        )
        return piece(node, children)

    def parameters(self, children: Children) -> Piece:
        return piece(nodes(children), children)

    def parameter(self, children: Children) -> Piece:
        default, *_ = *nodes(children), None
        return piece(
            ast.ParameterDeclaration(span_of(children), name_of(children[0]), default), children
        )

    def signature(self, children: Children) -> Piece:
        words = [str(child) if isinstance(child, Lexeme) else "" for child in children]
        arrow = words.index("->") if "->" in words else len(words)
        sides = [nodes(side) for side in (children[:arrow], children[arrow:])]
        return piece(ast.Signature(span_of(children), *sides), children)

    def unnamed_tensor(self, children: Children) -> Piece:
        return piece(ast.Input(span_of(children), only_node(children)), children)

    def named_tensor(self, children: Children) -> Piece:
        node = ast.Input(span_of(children), only_node(children), name_of(children[0]))
        return piece(node, children)

    def tensor(self, children: Children) -> Piece:
        shape, *bound = nodes(children)
        below = bound[0] if bound else None
        node = ast.Shape(span_of(children), shape.sizes, shape.is_last, below)
        return piece(node, children)

    def sizes(self, children: Children) -> Piece:
        return piece(_shape(children), children)

    def extern(self, children: Children) -> Piece:
        *parameters, signature, made = nodes(children)
        given = parameters[0] if parameters else ()
        node = ast.Extern(span_of(children), name_of(children[1]), given, signature, made)
        return piece(node, children)

    def foreign_class(self, children: Children) -> Piece:
        values = [_as_argument(value) for value in nodes(children)]
        # A call ends in a bracket.
        further = values.pop() if isinstance(children[-1], Piece) else None
        path = ast.String(children[0].span, str(children[0])[1:-1])
        node = ast.ForeignClass(span_of(children), path, tuple(values), further)
        return piece(node, children, deeper=1)

    def fact(self, children: Children) -> Piece:
        return piece(ast.Assert(span_of(children), only_node(children)), children)

    # Layers.

    def let_in(self, children: Children) -> Piece:
        *bindings, body = nodes(children)
        return piece(ast.LetIn(span_of(children), tuple(bindings), body), children, deeper=1)

    def share_in(self, children: Children) -> Piece:
        *bindings, body = nodes(children)
        return piece(ast.ShareIn(span_of(children), tuple(bindings), body), children, deeper=1)

    def binding(self, children: Children) -> Piece:
        *parameters, value = nodes(children)
        known = parameters[0] if parameters else None
        return piece(ast.Binding(span_of(children), name_of(children[0]), known, value), children)

    shared = binding

    def chain(self, children: Children) -> Piece:
        return piece(ast.Chain(span_of(children), nodes(children)), children)

    def conditional(self, children: Children) -> Piece:
        then, condition, otherwise, *_ = *nodes(children), None
        node = ast.Conditional(span_of(children), then, condition, otherwise)
        return piece(node, children, deeper=1)

    def labelled(self, children: Children) -> Piece:
        node = ast.Labelled(span_of(children), *nodes(children))
        return piece(node, children, deeper=1)

    def label(self, children: Children) -> Piece:
        token = children[0]
        assert isinstance(token, Lexeme)
        return piece(_label(token), children)

    # Values.

    def disjunction(self, children: Children) -> Piece:
        node = ast.Logical(span_of(children), str(children[1]), nodes(children))
        return piece(node, children)

    conjunction = disjunction

    def inversion(self, children: Children) -> Piece:
        return piece(ast.Not(span_of(children), only_node(children)), children, deeper=1)

    def comparison(self, children: Children) -> Piece:
        node = ast.Comparison(span_of(children), str(children[1]), *nodes(children))
        return piece(node, children)

    def sum(self, children: Children) -> Piece:
        first, *_ = nodes(children)
        return piece(ast.Arithmetic(span_of(children), first, operations(children)), children)

    product = sum

    def power(self, children: Children) -> Piece:
        base, exponent = nodes(children)
        rest: tuple[tuple[str, Any], ...] = (("**", exponent),)
        # Only an exponent without parentheses spans what its node spans.
        if isinstance(exponent, ast.Arithmetic) and exponent.span == children[2].span:
            rest = (("**", exponent.first), *exponent.rest)
        return piece(ast.Arithmetic(span_of(children), base, rest), children, deeper=1)

    def unary(self, children: Children) -> Piece:
        return piece(ast.Negation(span_of(children), only_node(children)), children, deeper=1)

    def call(self, children: Children) -> Piece:
        callee, *values = nodes(children)
        arguments = tuple([_as_argument(value) for value in values])
        node = ast.Call(span_of(children), callee, arguments)
        return piece(node, children, deeper=1)

    def positional_argument(self, children: Children) -> Piece:
        value = children[0].value
        return piece(ast.Argument(value.span, value), children)

    def keyword_argument(self, children: Children) -> Piece:
        node = ast.Argument(span_of(children), only_node(children), name_of(children[0]))
        return piece(node, children)

    def index(self, children: Children) -> Piece:
        return piece(ast.Index(span_of(children), *nodes(children)), children, deeper=1)

    def slice(self, children: Children) -> Piece:
        colon = next(i for i, child in enumerate(children) if child == ":")
        (target, start, *_), (stop, *_) = (
            (*nodes(side), None) for side in (children[:colon], children[colon:])
        )
        return piece(ast.Slice(span_of(children), target, start, stop), children, deeper=1)

    def attribute(self, children: Children) -> Piece:
        node = ast.Attribute(span_of(children), only_node(children), name_of(children[2]))
        return piece(node, children, deeper=1)

    def comprehension(self, children: Children) -> Piece:
        element, *rest = nodes(children)
        targets = tuple(_targets(children))
        iterable, condition, *_ = *rest[len(targets) :], None
        node = ast.Comprehension(span_of(children), element, targets, iterable, condition)
        return piece(node, children)

    def targets(self, children: Children) -> Piece:
        return piece(ast.Targets(span_of(children), nodes(children)), children, deeper=1)

    def variable(self, children: Children) -> Piece:
        return piece(name_of(children[0]), children)

    def parenthesized(self, children: Children) -> Piece:
        return piece(children[1].value, children, deeper=1)

    def list(self, children: Children) -> Piece:
        return piece(ast.List(span_of(children), nodes(children)), children, deeper=1)

    def features(self, children: Children) -> Piece:
        return piece(_shape(children), children, deeper=1)

    def bundle(self, children: Children) -> Piece:
        return piece(ast.Bundle(span_of(children), nodes(children)), children, deeper=1)

    # Leaves.

    def name(self, children: Children) -> Piece:
        return piece(name_of(children[0]), children)

    def number(self, children: Children) -> Piece:
        text = str(children[0]).replace("_", "")
        value = int(text) if text.isdigit() else float(text)
        return piece(ast.Number(span_of(children), value), children)

    def string(self, children: Children) -> Piece:
        return piece(ast.String(span_of(children), str(children[0])[1:-1]), children)

    def boolean(self, children: Children) -> Piece:
        return piece(ast.Boolean(span_of(children), str(children[0]) == "true"), children)

    def wildcard(self, children: Children) -> Piece:
        return piece(ast.Wildcard(span_of(children)), children)

    def rest(self, children: Children) -> Piece:
        return piece(ast.Rest(span_of(children)), children)

    def wire(self, children: Children) -> Piece:
        return piece(ast.Wire(span_of(children), only_node(children)), children)


def _as_argument(value: ast.Argument | ast.Comprehension) -> ast.Argument:
    """An argument; a comprehension may be the only one, without brackets."""
    return value if isinstance(value, ast.Argument) else ast.Argument(value.span, value)


def _shape(children: Children) -> ast.Shape:
    """Sizes in brackets, the last of them behind a semicolon where the channels are last."""
    is_last = any(isinstance(child, Lexeme) and child == ";" for child in children)
    return ast.Shape(span_of(children), nodes(children), is_last)


def _targets(children: Children) -> Iterable[Any]:
    """The variables of a comprehension: between `for` and `in`."""
    words = [str(child) if isinstance(child, Lexeme) else "" for child in children]
    return nodes(children[words.index("for") : words.index("in")])


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
