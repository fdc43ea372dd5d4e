"""Expressions of the language as Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from archdsl.backends.torch import python
from archdsl.backends.torch.python import (
    PyChoice,
    PyConstant,
    PyDisplay,
    PyExpression,
    PyFormat,
    PyName,
    PyOperation,
    PySlice,
    PyStarred,
    PySubscript,
    SequenceKind,
)
from archdsl.provenance import Expression, Format, Operation, Symbol
from archdsl.provenance import Literal as Written

FUNCTIONS = {
    "floor": "math.floor", "ceil": "math.ceil", "log": "math.log", "cumsum": "accumulate"
}  # fmt: skip
"""Functions that have another name in Python; the others have the same name."""


@dataclass(frozen=True)
class Translation:
    """Translates the expressions of one scope of variables.

    `name` gives the variable of a symbol, `types` the possible types of an expression's values;
    lists become a display of the kind `sequence`.
    """

    name: Callable[[Symbol], str]
    types: Callable[[Expression], Iterable[type]]
    sequence: SequenceKind = "list"

    def of(self, expression: Expression) -> PyExpression:
        """The expression in Python."""
        match expression:
            case Written(value):
                return python.constant(value)
            case Symbol():
                return PyName(self.name(expression))
            case Format(parts) if all(isinstance(part, Written) for part in parts):
                return PyConstant("".join(map(str, map(self._text, parts))))
            case Format(parts):
                return PyFormat(tuple(map(self._text, parts)))
            case Operation("list" | "+") if self._is_list(expression):
                return PyDisplay(self.sequence, self._items(expression))
            case Operation("==" | "!=", operands) if any(map(self._is_list, operands)):
                return self._compared(expression)
            case Operation("if", operands):
                return PyChoice(*map(self.of, operands))
            case Operation("[]", (value, index)):
                return PySubscript(self.of(value), self._whole(index))
            case Operation("[a:b]", (value, start, stop)):
                return self._part(value, start, stop)
            case Operation("[a:]", (value, start)):
                return self._part(value, start, None)
            case Operation("[:b]", (value, stop)):
                return self._part(value, None, stop)
            case Operation("range", operands):
                return python.call("range", *map(self._whole, operands))
            case Operation("zip" | "enumerate" | "cumsum"):
                return python.call("list", self.iterable(expression))
            case Operation("product", operands):
                return PyOperation("*", tuple(map(self.of, operands)))
            case Operation(operator, operands) if not operator.isidentifier() or operator in WORDS:
                return PyOperation(operator, tuple(map(self.of, operands)))
            case Operation(function, operands):
                return python.call(FUNCTIONS.get(function, function), *map(self.of, operands))

    def iterable(self, expression: Expression) -> PyExpression:
        """An expression that is iterated once: an iterator need not become a list."""
        match expression:
            case Operation("zip" | "enumerate" | "cumsum" as function, operands):
                name = FUNCTIONS.get(function, function)
                return python.call(name, *map(self.iterable, operands))
        return self.of(expression)

    def _whole(self, expression: Expression) -> PyExpression:
        """A number that must be an `int` in Python: the language also accepts 2.0 as whole."""
        match expression:
            case Written(float(number)):
                return python.constant(int(number))
            case Written():
                return self.of(expression)
        value = self.of(expression)
        return python.call("int", value) if float in self.types(expression) else value

    def _part(
        self, value: Expression, start: Expression | None, stop: Expression | None
    ) -> PyExpression:
        """Items of a list, as a list."""
        sides = [None if each is None else self._whole(each) for each in (start, stop)]
        return PySubscript(self.of(value), PySlice(*sides))

    def _text(self, part: Expression) -> str | PyExpression:
        return str(part.value) if isinstance(part, Written) else self.of(part)

    def _with(self, sequence: SequenceKind) -> Translation:
        return Translation(self.name, self.types, sequence)

    def _is_list(self, expression: Expression) -> bool:
        match expression:
            case Operation("list" | "[a:b]" | "[a:]" | "[:b]" | "cumsum"):
                return True
            case Operation("+", (first, *_)) | Operation("*" | "if", (_, first, *_)):
                # `x + x` is doubled; this holds for lists too.
                return self._is_list(first)
            case Symbol() | Operation("[]"):
                return next(iter(self.types(expression)), None) is tuple
            case _:
                return False

    def _items(self, expression: Expression) -> tuple[PyExpression, ...]:
        """The items of a list; concatenated lists become one display."""
        match expression:
            case Operation("list", operands):
                return tuple(map(self._with("tuple").of, operands))
            case Operation("+", operands):
                return tuple([item for operand in operands for item in self._items(operand)])
            case Operation("*", (Written(int(times)), repeated)):
                return self._items(repeated) * times
            case _:
                return (PyStarred(self.of(expression)),)

    def _compared(self, expression: Operation) -> PyExpression:
        """A comparison of lists: callers may pass lists or tuples, which never compare equal."""
        given = [o for o in expression.operands if isinstance(o, Symbol) or _is_given(o)]
        is_tuple = any({*self.types(operand)} - {tuple} for operand in given)
        inner = self._with("tuple" if is_tuple else "list")
        sides = [
            python.call("list", inner.of(operand))
            if operand in given and not is_tuple
            else inner.of(operand)
            for operand in expression.operands
        ]
        return PyOperation(expression.operator, tuple(sides))


WORDS = {"and", "or", "not", "neg"}
"""Operators that are words."""


def _is_given(expression: Expression) -> bool:
    """Whether a list is an item or a part of given ones, one of several, or one repeated."""
    if not isinstance(expression, Operation):
        return False
    return expression.operator.startswith("[") or expression.operator in ("if", "*")
