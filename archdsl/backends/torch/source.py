"""Text from Python values; besides `pieces`, which lays it out, the only file that handles text.

Precedence decides where parentheses are needed, delimiters where lines may be broken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archdsl.backends.torch.pieces import (
    COMMA,
    CONDITION,
    INDENT,
    LOOP,
    Brackets,
    Break,
    Pieces,
    Sign,
    broken,
    flat,
)
from archdsl.backends.torch.python import (
    PyArgument,
    PyAssign,
    PyAttribute,
    PyBlock,
    PyCall,
    PyChoice,
    PyComprehension,
    PyConstant,
    PyDisplay,
    PyEvaluate,
    PyExpression,
    PyFor,
    PyFormat,
    PyFunction,
    PyIf,
    PyName,
    PyOperation,
    PyParameter,
    PyReturn,
    PySlice,
    PyStarred,
    PyStatement,
    PySubscript,
    Targets,
)
from archdsl.backends.torch.traversal import walk

CHOICE, LOWEST_OPERATOR, NEGATIVE, POWER, ATOM = 0, 1, 8, 9, 10
PRECEDENCE = {
    "or": 1, "and": 2, "not": 3,
    "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "is not": 4,
    "|": 5, "+": 6, "-": 6, "*": 7, "@": 7, "/": 7, "//": 7, "%": 7, "neg": NEGATIVE, "**": POWER,
}  # fmt: skip

BREAKS = {"or": 3, "and": 4, "+": 5, "-": 5, "*": 6, "@": 6, "/": 6, "//": 6, "%": 6}
"""Binding strength of delimiters; the weakest is broken first."""
DOT = Break(7, "")
MOST_METHODS = 2
"""A chain of more methods is broken before their dots."""


def text(expression: PyExpression) -> str:
    """An expression on one line."""
    return flat(_pieces(expression))


def width(expression: PyExpression) -> int:
    """The columns of an expression on one line."""
    return len(text(expression))


def is_simple(expression: PyExpression) -> bool:
    """Whether an expression is a name or a number."""
    match expression:
        case PyName() | PyConstant(int() | float()) | PyOperation("neg", (PyConstant(),)):
            return True
        case PyAttribute(value=value):
            return is_simple(value)
    return False


def lines(block: PyBlock, depth: int = 0) -> list[str]:
    """Statements as lines of text, each at most 100 columns if possible."""
    return [line for statement in block for line in _statement(statement, depth)]


def _statement(statement: PyStatement, depth: int, start: str = "if ") -> Iterator[str]:
    match statement:
        case PyIf(test=test, then=then, otherwise=otherwise):
            yield from broken((start, *_pieces(test), ":"), depth)
            yield from lines(then, depth + 1)
            match otherwise:
                case ():
                    pass
                case (PyIf() as only,):
                    yield from _statement(only, depth, "elif ")
                case _:
                    yield INDENT * depth + "else:"
                    yield from lines(otherwise, depth + 1)
        case PyFor(targets=targets, iterable=iterable, body=body):
            yield from broken((_loop(targets), *_pieces(iterable), ":"), depth)
            yield from lines(body, depth + 1)
        case PyFunction():
            yield from head(statement, depth)
            yield from lines(statement.body, depth + 1)
        case _:
            yield from broken(_simple(statement), depth)


def head(function: PyFunction, depth: int = 0) -> list[str]:
    """The lines of `def name(parameters) -> type:`."""
    parameters = _separated(map(_parameter, function.parameters))
    start, end = f"def {function.name}", f" -> {text(function.returns)}:"
    return broken((start, Brackets("(", parameters, ")"), end), depth)


def _parameter(parameter: PyParameter) -> Pieces:
    name = f"*{parameter.name}" if parameter.is_rest else parameter.name
    if parameter.annotation is None:
        return (name,)
    typed = (f"{name}: ", *_pieces(parameter.annotation))
    return typed if parameter.default is None else (*typed, " = ", *_pieces(parameter.default))


def _simple(statement: PyAssign | PyEvaluate | PyReturn) -> Pieces:
    match statement:
        case PyReturn(value=value):
            return (Sign("return "), *_pieces(value))
        case PyEvaluate(value=value):
            return _pieces(value)
    target = _pieces(statement.target)
    if statement.annotation is not None:
        target = (*target, ": ", *_pieces(statement.annotation))
    if statement.value is None:
        return target
    sign = f" {statement.operator}= " if statement.operator else Sign(" = ")
    return (*target, sign, *_pieces(statement.value))


# --- expressions as pieces ---


def _pieces(expression: PyExpression, outer: int = CHOICE) -> Pieces:
    """The pieces of an expression, in parentheses if it binds less than `outer`."""
    level, pieces = _unenclosed(expression)
    return pieces if level >= outer else (Brackets("(", pieces, ")"),)


def _unenclosed(expression: PyExpression) -> tuple[int, Pieces]:
    """The binding strength of an expression, and its pieces."""
    match expression:
        case PyName(id=name):
            return ATOM, (name,)
        case PyConstant(value=value):
            return ATOM, (_constant(value),)
        case PyAttribute(value=value, name=name):
            return ATOM, (*_pieces(value, ATOM), f".{name}")
        case PyCall(callee=callee, arguments=arguments):
            inside = _separated(map(_argument, arguments))
            if _methods(expression) > MOST_METHODS:
                return ATOM, (*_chained(expression),)
            return ATOM, (*_pieces(callee, ATOM), Brackets("(", inside, ")"))
        case PySubscript(value=value, index=index):
            return ATOM, (*_pieces(value, ATOM), Brackets("[", _pieces(index), "]"))
        case PySlice():
            return ATOM, (_slice(expression),)
        case PyDisplay():
            return ATOM, _display(expression)
        case PyStarred(value=value):
            return ATOM, ("*", *_pieces(value, PRECEDENCE["|"]))
        case PyComprehension():
            brackets = "[]" if expression.kind == "list" else "()"
            return ATOM, (Brackets(brackets[0], _comprehension(expression), brackets[1]),)
        case PyFormat():
            return ATOM, (_format(expression),)
        case PyChoice(test=test, then=then, otherwise=otherwise):
            sides = [_pieces(then, LOWEST_OPERATOR), _pieces(test, LOWEST_OPERATOR)]
            return CHOICE, (
                *sides[0], Break(CONDITION), "if ", *sides[1],
                Break(CONDITION), "else ", *_pieces(otherwise),
            )  # fmt: skip
        case PyOperation():
            return PRECEDENCE[expression.operator], _operation(expression)


def _methods(expression: PyExpression) -> int:
    """The number of methods that are called on an object, each on the result of the last."""
    count = 0
    while isinstance(expression, PyCall) and isinstance(expression.callee, PyAttribute):
        expression, count = expression.callee.value, count + 1
    return count


def _chained(expression: PyExpression) -> Iterator[str | Break | Brackets | Sign]:
    """A chain of methods, with a break before each dot but the first."""
    calls: list[tuple[str, PyCall]] = []
    while isinstance(expression, PyCall) and isinstance(expression.callee, PyAttribute):
        calls.append((expression.callee.name, expression))
        expression = expression.callee.value
    yield from _pieces(expression, ATOM)
    for index, (name, call) in enumerate(reversed(calls)):
        yield from [DOT] * bool(index)
        yield f".{name}"
        yield Brackets("(", _separated(map(_argument, call.arguments)), ")")


def _operation(operation: PyOperation) -> Pieces:
    operator, operands = operation.operator, operation.operands
    level = PRECEDENCE[operator]
    match operator, operands:
        case "not", (operand,):
            return ("not ", *_pieces(operand, level))
        case "neg", (operand,):
            return ("-", *_pieces(operand, level))
        case "**", (base, exponent):
            # Formatters put no spaces around a power of names and numbers.
            sign = "**" if all(map(is_simple, operands)) else " ** "
            return (*_pieces(base, level + 1), sign, *_pieces(exponent, NEGATIVE))
    assert operator not in ("not", "neg", "**")
    # Arithmetic is left-associative; Python reads chained comparisons as a conjunction.
    first = level if operator in BREAKS and level > PRECEDENCE["not"] else level + 1
    result = _pieces(operands[0], first)
    for operand in operands[1:]:
        gap = Break(BREAKS[operator]) if operator in BREAKS else " "
        result = (*result, gap, f"{operator} ", *_pieces(operand, level + 1))
    return result


def _argument(argument: PyArgument) -> Pieces:
    keyword = (f"{argument.keyword}=",) if argument.keyword else ()
    return (*keyword, *_pieces(argument.value))


def _display(display: PyDisplay) -> Pieces:
    items = _separated(map(_pieces, display.items))
    match display.kind:
        case "bare":
            return items
        case "list":
            return (Brackets("[", items, "]"),)
    return (Brackets("(", (*items, ",") if len(display.items) == 1 else items, ")"),)


def _comprehension(comprehension: PyComprehension) -> Pieces:
    iterable = _pieces(comprehension.iterable, LOWEST_OPERATOR)
    result = (*_pieces(comprehension.element), Break(LOOP), _loop(comprehension.targets), *iterable)
    if comprehension.test is None:
        return result
    return (*result, Break(CONDITION), "if ", *_pieces(comprehension.test, LOWEST_OPERATOR))


def _loop(targets: Targets) -> str:
    return f"for {_unpacked(targets)} in "


def _unpacked(targets: Targets) -> str:
    texts = [
        each if isinstance(each, str) else f"({_unpacked(each)}{',' * (len(each) == 1)})"
        for each in targets
    ]
    return ", ".join(texts)


def _separated(items: Iterable[Pieces]) -> Pieces:
    result: Pieces = ()
    for item in items:
        result = (*result, ",", Break(COMMA), *item) if result else item
    return result


def _slice(expression: PySlice) -> str:
    """`start:stop` as formatters write it: with spaces unless both are plain names or numbers."""
    sides = [expression.start, expression.stop]
    texts = ["" if side is None else text(side) for side in sides]
    if all(side is None or isinstance(side, PyName | PyConstant) for side in sides):
        return ":".join(texts)
    return " : ".join(texts).strip()


def _constant(value: object) -> str:
    return quoted(value) if isinstance(value, str) else repr(value).replace("e-0", "e-")


def quoted(value: str) -> str:
    """A string literal in the quotes that formatters use: double, if that needs no more escapes."""
    literal = ascii(value)
    return literal if '"' in literal else f'"{literal[1:-1]}"'.replace("\\'", "'")


def _format(expression: PyFormat) -> str:
    """An f-string; Python 3.11 allows neither its own quotes nor backslashes within its braces."""
    values = [part for part in expression.parts if not isinstance(part, str)]
    if any(isinstance(code, PyConstant | PyFormat) and _is_text(code) for code in walk(*values)):
        given = ", ".join(map(text, values))
        pieces = [_braced(part) if isinstance(part, str) else "{}" for part in expression.parts]
        return f"{quoted(''.join(pieces))}.format({given})"
    pieces = [
        _escaped(_braced(part)) if isinstance(part, str) else f"{{{text(part)}}}"
        for part in expression.parts
    ]
    return f'f"{"".join(pieces)}"'


def _is_text(code: PyConstant | PyFormat) -> bool:
    return isinstance(code, PyFormat) or isinstance(code.value, str)


def _braced(part: str) -> str:
    return part.replace("{", "{{").replace("}", "}}")


def _escaped(part: str) -> str:
    return part.encode("unicode_escape").decode().replace('"', '\\"')
