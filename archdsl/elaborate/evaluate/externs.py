"""An `extern` as an op: its signature and its arguments as expressions of parameters and sizes.

Nothing of them is computed here but numbers of the file: they are what the shape rule of the op is,
and what generated code prints.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial, reduce
from types import EllipsisType
from typing import TypeAlias

from archdsl.arithmetic import Value
from archdsl.elaborate.evaluate.dispatch import number
from archdsl.elaborate.report import Failure
from archdsl.elaborate.scope import Scope
from archdsl.elaborate.values import OpCallee
from archdsl.ops.foreign import foreign
from archdsl.ops.foreign_class import ForeignClass, ForeignShape, NamedSize, Part
from archdsl.provenance import Expression, Literal, Operation, Symbol, TooLong, constant, operation
from archdsl.resolve.words import BUILTINS
from archdsl.syntax import ast
from archdsl.syntax.walk import descendants

MOST_NESTED, MOST_TERMS = 50, 1000
"""Less than what an expression may have, so that there is room for what names stand for."""
Compile: TypeAlias = "Callable[[ast.Expression], Expression]"


def foreign_callee(extern: ast.Extern, scope: Scope) -> OpCallee:
    """An `extern` as something to call; `scope` sees the declarations of its file."""
    declared = _Declaration(extern, scope).read()
    required = frozenset([each.name.name for each in extern.parameters if each.default is None])
    return OpCallee(extern.name.name, foreign(declared), declared.parameters, required)


class _Declaration:
    """An `extern` while it is read. `names` are its parameters, and the sizes named so far."""

    def __init__(self, extern: ast.Extern, scope: Scope) -> None:
        self.extern, self.scope = extern, scope
        self.parameters = tuple([each.name.name for each in extern.parameters])
        self.names = {*self.parameters}

    def read(self) -> ForeignClass:
        """All that it says; raises `Failure`."""
        extern, signature = self.extern, self.extern.signature
        module, _, class_name = extern.made.path.value.rpartition(".")
        inputs = tuple([self._shape(each, self._entering) for each in signature.inputs])
        (result,) = [self._shape(each, self._expression) for each in signature.results]
        arguments = [(a.name.name if a.name else "", a.value) for a in extern.made.arguments]
        further = extern.made.further
        return ForeignClass(
            name=extern.name.name,
            module=module,
            class_name=class_name,
            parameters=self.parameters,
            defaults=tuple(self._defaults()),
            inputs=inputs,
            input_names=signature.input_names,
            result=result,
            arguments=tuple([(name, self._expression(value)) for name, value in arguments]),
            count=None if further is None else self._expression(further.value),
        )

    def _defaults(self) -> Sequence[tuple[str, Value]]:
        given = [(each.name.name, each.default) for each in self.extern.parameters]
        return [(name, number(each, self.scope).value) for name, each in given if each is not None]

    def _shape(self, tensor: ast.Input, read: Callable[[ast.Expression], Part]) -> ForeignShape:
        shape = tensor.shape
        parts = tuple([_wild(part) if _is_wild(part) else read(part) for part in shape.parts])
        text = " ".join(shape.span.text.split())
        return ForeignShape(parts, text, shape.is_last, shape.below is not None)

    def _entering(self, part: ast.Expression) -> Part:
        """A size at the entry: it may give its name to what comes in."""
        named = self._named(part)
        return self._expression(part) if named is None else named

    def _named(self, part: ast.Expression) -> NamedSize | None:
        """The size that a part gives a name to: a new name, or a multiple of one."""
        if isinstance(part, ast.Name) and part.name not in self.names:
            self.names.add(part.name)
            return NamedSize(part.name, Literal(1))
        found = [each for each in descendants(part) if isinstance(each, ast.Name)]
        known = self.names | self.scope.namespace.names.keys() | BUILTINS
        new = [each for each in found if each.name not in known]
        is_product = isinstance(part, ast.Arithmetic) and {sign for sign, _ in part.rest} == {"*"}
        operands = [part.first, *[each for _, each in part.rest]] if is_product else []  # type: ignore[union-attr]
        unknown = [each for each in operands if each in new]
        if len(unknown) != 1 or len(new) != 1:
            return None
        factors = [self._expression(each) for each in operands if each not in unknown]
        self.names.add(new[0].name)
        return NamedSize(new[0].name, reduce(partial(operation, "*"), factors))

    def _expression(self, node: ast.Expression) -> Expression:
        try:
            found = self._read(node)
        except TooLong:
            raise self._too_long(node) from None
        if found.depth > MOST_NESTED or found.size > MOST_TERMS:
            raise self._too_long(node)
        return found

    def _too_long(self, node: ast.Expression) -> Failure:
        message, help = "the expression of this number is too long", "name parts of it with `let`"
        return self.scope.fail("E0714", message, node.span, help=help)

    def _read(self, node: ast.Expression) -> Expression:
        compiled = COMPILED.get(type(node))
        if isinstance(node, ast.Name) and node.name in self.names:
            return Symbol(None, node.name)
        if compiled is not None:
            return compiled(node, self._read)
        if isinstance(node, ast.Name) and self._is_layer(node.name):
            # It is not looked at: it may be this very declaration.
            message, found = "a number is expected here", f"the layer `{node.name}`"
            raise self.scope.fail("E0502", message, node.span, expected="a number", found=found)
        return constant(number(node, self.scope).value).expression

    def _is_layer(self, name: str) -> bool:
        """Whether a name stands for something that is applied."""
        _, declared = self.scope.namespace.names.get(name, (None, None))
        return isinstance(declared, ast.BlockDeclaration | ast.Extern)


def _is_wild(part: ast.Expression) -> bool:
    return isinstance(part, ast.Wildcard)


def _wild(part: ast.Expression) -> EllipsisType | None:
    return ... if isinstance(part, ast.Rest) else None


def _arithmetic(node: ast.Arithmetic, read: Compile) -> Expression:
    first, rest = read(node.first), [(sign, read(operand)) for sign, operand in node.rest]
    if rest[0][0] == "**":
        *before, last = [first, *[operand for _, operand in rest]]
        return reduce(lambda power, base: operation("**", base, power), reversed(before), last)
    return reduce(lambda left, right: operation(right[0], left, right[1]), rest, first)


def _logical(node: ast.Logical, read: Compile) -> Expression:
    first, *rest = map(read, node.operands)
    return reduce(lambda left, right: operation(node.operator, left, right), rest, first)


def _conditional(node: ast.Conditional, read: Compile) -> Expression:
    assert node.otherwise is not None
    return operation("if", read(node.condition), read(node.then), read(node.otherwise))


def _call(node: ast.Call, read: Compile) -> Expression:
    assert isinstance(node.callee, ast.Name)
    values = [read(argument.value) for argument in node.arguments]
    return operation(node.callee.name, *values)


def _list(node: ast.List, read: Compile) -> Expression:
    return Operation("list", tuple(map(read, node.items)))


COMPILED: Mapping[type[ast.SyntaxNode], Callable[..., Expression]] = {
    ast.Arithmetic: _arithmetic,
    ast.Negation: lambda node, read: operation("neg", read(node.operand)),
    ast.Comparison: lambda node, read: operation(node.operator, read(node.left), read(node.right)),
    ast.Logical: _logical,
    ast.Not: lambda node, read: operation("not", read(node.operand)),
    ast.Conditional: _conditional,
    ast.Call: _call,
    ast.Index: lambda node, read: operation("[]", read(node.target), read(node.index)),
    ast.List: _list,
}
"""How kinds of expressions are read; all others are values of the file."""
