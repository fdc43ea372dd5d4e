"""Expressions of the language as Python text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from archdsl.arithmetic import Value
from archdsl.provenance import Expression, Format, Literal, Operation, Symbol

PRECEDENCE = {
    "if": 0, "or": 1, "and": 2, "not": 3,
    "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4,
    "+": 5, "-": 5, "*": 6, "product": 6, "/": 6, "//": 6, "%": 6, "neg": 7, "**": 8, "[]": 9,
}  # fmt: skip
ATOM = 10

PYTHON_FUNCTIONS = {"floor": "math.floor", "ceil": "math.ceil"}
"""Functions of the language that Python spells in another way; the others have the same name."""


def value_text(value: Value | None, sequence: str = "list") -> str:
    """A value as Python writes it; `sequence` is "list" or "tuple". What is in one is a tuple."""
    if isinstance(value, tuple):
        return _display([value_text(item, "tuple") for item in value], sequence)
    if isinstance(value, str):
        return string_text(value)
    return repr(value).replace("e-0", "e-")


def string_text(value: str) -> str:
    """A string literal in double quotes where that needs no more escapes, as formatters do."""
    text = ascii(value)
    return text if '"' in text else f'"{text[1:-1]}"'.replace("\\'", "'")


def _display(items: list[str], sequence: str) -> str:
    if sequence == "list":
        return f"[{', '.join(items)}]"
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"


def expression_text(
    expression: Expression,
    name: Callable[[Symbol], str],
    types: Callable[[Expression], Iterable[type]],
    sequence: str = "list",
) -> str:
    """The expression in Python.

    `name` gives the variable of a symbol, `types` those of the values that an expression has.
    """
    return _Printer(name, types, sequence).text(expression, 0)


def is_simple(text: str) -> bool:
    """Whether a text is a name or a number."""
    return re.fullmatch(r"-?[\w.]+", text) is not None


def slice_text(start: str, stop: str) -> str:
    """`start:stop` as formatters write it: with spaces unless both are plain names or numbers."""
    if start == "0":
        start = ""
    if all(not text or re.fullmatch(r"-?\w+", text) for text in (start, stop)):
        return f"{start}:{stop}"
    return f"{start} : {stop}".strip()


class _Printer:
    def __init__(
        self,
        name: Callable[[Symbol], str],
        types: Callable[[Expression], Iterable[type]],
        sequence: str,
    ) -> None:
        self.name = name
        self.types = types
        self.sequence = sequence

    def text(self, expression: Expression, outer: int) -> str:
        """The text, in parentheses where its operator binds less than `outer`."""
        match expression:
            case Literal(value):
                negative = isinstance(value, int | float) and value < 0
                return _enclose(value_text(value), PRECEDENCE["neg"] if negative else ATOM, outer)
            case Symbol():
                return self.name(expression)
            case Format(parts):
                return self._format(parts)
            case Operation("list" | "+") if self._is_list(expression):
                return _display(self._items(expression), self.sequence)
            case Operation("==" | "!=" as operator, operands) if any(map(self._is_list, operands)):
                return _enclose(self._compared(operator, operands), PRECEDENCE[operator], outer)
            case Operation(operator, operands) if operator in PRECEDENCE:
                level = PRECEDENCE[operator]
                return _enclose(self._operation(operator, level, operands), level, outer)
            case Operation(function, operands):
                arguments = ", ".join(self.text(operand, 0) for operand in operands)
                return f"{PYTHON_FUNCTIONS.get(function, function)}({arguments})"

    def _is_list(self, expression: Expression) -> bool:
        match expression:
            case Operation("list"):
                return True
            case Operation("+", (first, *_)):
                return self._is_list(first)
            case Symbol() | Operation("[]"):
                return next(iter(self.types(expression)), None) is tuple
            case _:
                return False

    def _items(self, expression: Expression) -> list[str]:
        """The items of a list; those of lists that are added up stand beside each other."""
        match expression:
            case Operation("list", operands):
                return [_Printer(self.name, self.types, "tuple").text(o, 0) for o in operands]
            case Operation("+", operands):
                return [item for operand in operands for item in self._items(operand)]
            case _:
                return [f"*{self.text(expression, PRECEDENCE['+'])}"]

    def _compared(self, operator: str, operands: tuple[Expression, ...]) -> str:
        """A comparison of lists: callers may give lists or tuples, of which none are equal."""
        given = [o for o in operands if isinstance(o, Symbol) or _operator(o) == "[]"]
        is_tuple = any({*self.types(operand)} - {tuple} for operand in given)
        printer = _Printer(self.name, self.types, "tuple" if is_tuple else "list")
        texts = [
            f"list({printer.text(operand, 0)})"
            if operand in given and not is_tuple
            else printer.text(operand, PRECEDENCE[operator] + 1)
            for operand in operands
        ]
        return f" {operator} ".join(texts)

    def _operation(self, operator: str, level: int, operands: tuple[Expression, ...]) -> str:
        match operator, operands:
            case "if", (condition, then, otherwise):
                then_text, condition_text = self.text(then, 1), self.text(condition, 1)
                return f"{then_text} if {condition_text} else {self.text(otherwise, 0)}"
            case "[]", (target, index):
                return f"{self.text(target, level)}[{self.text(index, 0)}]"
            case "neg", (operand,):
                return f"-{self.text(operand, level)}"
            case "not", (operand,):
                return f"not {self.text(operand, level)}"
            case "**", (base, exponent):
                operands_text = [self.text(base, level + 1), self.text(exponent, PRECEDENCE["neg"])]
                # Formatters put no spaces around a power of names and numbers.
                return ("**" if all(map(is_simple, operands_text)) else " ** ").join(operands_text)
            case "and" | "or", _:
                return f" {operator} ".join(self.text(operand, level + 1) for operand in operands)
            case _, (first, *rest):
                others = (self.text(operand, level + 1) for operand in rest)
                sign = "*" if operator == "product" else operator
                return f" {sign} ".join([self.text(first, level), *others])
            case _:
                raise AssertionError(operator)

    def _format(self, parts: tuple[Expression, ...]) -> str:
        pieces = []
        for part in parts:
            if isinstance(part, Literal):
                pieces.append(str(part.value).replace("{", "{{").replace("}", "}}"))
            else:
                pieces.append("{" + self.text(part, 0) + "}")
        return 'f"' + "".join(pieces).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _operator(expression: Expression) -> str:
    return expression.operator if isinstance(expression, Operation) else ""


def _enclose(text: str, level: int, outer: int) -> str:
    return f"({text})" if level < outer else text


def negated(expression: Expression) -> Expression:
    """The opposite of a condition."""
    match expression:
        case Operation("not", (operand,)):
            return operand
        case Operation(operator, operands) if operator in CONTRARY:
            return Operation(CONTRARY[operator], operands)
    return Operation("not", (expression,))


CONTRARY = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
