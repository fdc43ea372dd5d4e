"""Text from Python values, as a formatter would write it: the only file that knows text.

An expression becomes *pieces*: texts, brackets with pieces inside, and soft breaks, each of which
is a space or a line break. Precedence decides where parentheses stand; what does not fit into a
line is broken at its last brackets, and inside them at the breaks of the weakest delimiter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from archdsl.backends.torch.python import (
    Argument,
    Assign,
    Attribute,
    Block,
    Call,
    Choice,
    Comprehension,
    Constant,
    Display,
    Evaluate,
    Expression,
    For,
    Format,
    Function,
    If,
    Name,
    Operation,
    Parameter,
    Return,
    Slice,
    Starred,
    Statement,
    Subscript,
    Targets,
    walk,
)

LINE_LENGTH = 100
INDENT = "    "
MOST_IN_LINE = 2
"""A statement of more operands is broken at its operators, and not in one of its brackets."""

CHOICE, LOWEST_OPERATOR, NEGATIVE, POWER, ATOM = 0, 1, 8, 9, 10
PRECEDENCE = {
    "or": 1, "and": 2, "not": 3,
    "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "is not": 4,
    "|": 5, "+": 6, "-": 6, "*": 7, "/": 7, "//": 7, "%": 7, "neg": NEGATIVE, "**": POWER,
}  # fmt: skip

COMMA, LOOP, CONDITION = 0, 1, 2
BREAKS = {"or": 3, "and": 4, "+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6}
"""How strongly a delimiter binds; the weakest is broken first."""


@dataclass(frozen=True)
class Break:
    """A space at which a line may be broken."""

    strength: int


@dataclass(frozen=True)
class Brackets:
    """An opening bracket, what is inside, and the closing one."""

    opening: str
    inside: Pieces
    closing: str


@dataclass(frozen=True)
class Sign:
    """What stands before the value of a statement: ` = ` or `return `."""

    text: str


Pieces: TypeAlias = "tuple[str | Break | Brackets | Sign, ...]"


def text(expression: Expression) -> str:
    """An expression on one line."""
    return _flat(_pieces(expression))


def width(expression: Expression) -> int:
    """The columns that an expression takes on one line."""
    return len(text(expression))


def is_simple(expression: Expression) -> bool:
    """Whether an expression is a name or a number."""
    match expression:
        case Name() | Constant(int() | float()) | Operation("neg", (Constant(),)):
            return True
        case Attribute(value=value):
            return is_simple(value)
    return False


def lines(block: Block, depth: int = 0) -> list[str]:
    """Statements as lines of text, each at most 100 columns where that is possible."""
    return [line for statement in block for line in _statement(statement, depth)]


def _statement(statement: Statement, depth: int, start: str = "if ") -> Iterator[str]:
    match statement:
        case If(test=test, then=then, otherwise=otherwise):
            yield from _broken((start, *_pieces(test), ":"), depth)
            yield from lines(then, depth + 1)
            match otherwise:
                case ():
                    pass
                case (If() as only,):
                    yield from _statement(only, depth, "elif ")
                case _:
                    yield INDENT * depth + "else:"
                    yield from lines(otherwise, depth + 1)
        case For(targets=targets, iterable=iterable, body=body):
            yield from _broken((_loop(targets), *_pieces(iterable), ":"), depth)
            yield from lines(body, depth + 1)
        case Function():
            yield from head(statement, depth)
            yield from lines(statement.body, depth + 1)
        case _:
            yield from _broken(_simple(statement), depth)


def head(function: Function, depth: int = 0) -> list[str]:
    """The lines of `def name(parameters) -> type:`."""
    parameters = _separated(map(_parameter, function.parameters))
    start, end = f"def {function.name}", f" -> {text(function.returns)}:"
    return _broken((start, Brackets("(", parameters, ")"), end), depth)


def _parameter(parameter: Parameter) -> Pieces:
    if parameter.annotation is None:
        return (parameter.name,)
    typed = (f"{parameter.name}: ", *_pieces(parameter.annotation))
    return typed if parameter.default is None else (*typed, " = ", *_pieces(parameter.default))


def _simple(statement: Assign | Evaluate | Return) -> Pieces:
    match statement:
        case Return(value=value):
            return (Sign("return "), *_pieces(value))
        case Evaluate(value=value):
            return _pieces(value)
    target = _pieces(statement.target)
    if statement.annotation is not None:
        target = (*target, ": ", *_pieces(statement.annotation))
    if statement.value is None:
        return target
    sign = f" {statement.operator}= " if statement.operator else Sign(" = ")
    return (*target, sign, *_pieces(statement.value))


# --- expressions as pieces ---


def _pieces(expression: Expression, outer: int = CHOICE) -> Pieces:
    """The pieces of an expression, in parentheses where it binds less than `outer`."""
    level, pieces = _unenclosed(expression)
    return pieces if level >= outer else (Brackets("(", pieces, ")"),)


def _unenclosed(expression: Expression) -> tuple[int, Pieces]:
    """How strongly an expression binds, and its pieces."""
    match expression:
        case Name(id=name):
            return ATOM, (name,)
        case Constant(value=value):
            return ATOM, (_constant(value),)
        case Attribute(value=value, name=name):
            return ATOM, (*_pieces(value, ATOM), f".{name}")
        case Call(callee=callee, arguments=arguments):
            inside = _separated(map(_argument, arguments))
            return ATOM, (*_pieces(callee, ATOM), Brackets("(", inside, ")"))
        case Subscript(value=value, index=index):
            return ATOM, (*_pieces(value, ATOM), Brackets("[", _pieces(index), "]"))
        case Slice():
            return ATOM, (_slice(expression),)
        case Display():
            return ATOM, _display(expression)
        case Starred(value=value):
            return ATOM, ("*", *_pieces(value, PRECEDENCE["|"]))
        case Comprehension():
            brackets = "[]" if expression.kind == "list" else "()"
            return ATOM, (Brackets(brackets[0], _comprehension(expression), brackets[1]),)
        case Format():
            return ATOM, (_format(expression),)
        case Choice(test=test, then=then, otherwise=otherwise):
            sides = [_pieces(then, LOWEST_OPERATOR), _pieces(test, LOWEST_OPERATOR)]
            return CHOICE, (
                *sides[0], Break(CONDITION), "if ", *sides[1],
                Break(CONDITION), "else ", *_pieces(otherwise),
            )  # fmt: skip
        case Operation():
            return PRECEDENCE[expression.operator], _operation(expression)


def _operation(operation: Operation) -> Pieces:
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
    # Arithmetic is computed from the left; Python reads a chain of comparisons as all of them.
    first = level if operator in BREAKS and level > PRECEDENCE["not"] else level + 1
    result = _pieces(operands[0], first)
    for operand in operands[1:]:
        gap = Break(BREAKS[operator]) if operator in BREAKS else " "
        result = (*result, gap, f"{operator} ", *_pieces(operand, level + 1))
    return result


def _argument(argument: Argument) -> Pieces:
    keyword = (f"{argument.keyword}=",) if argument.keyword else ()
    return (*keyword, *_pieces(argument.value))


def _display(display: Display) -> Pieces:
    items = _separated(map(_pieces, display.items))
    match display.kind:
        case "bare":
            return items
        case "list":
            return (Brackets("[", items, "]"),)
    return (Brackets("(", (*items, ",") if len(display.items) == 1 else items, ")"),)


def _comprehension(comprehension: Comprehension) -> Pieces:
    iterable = _pieces(comprehension.iterable, LOWEST_OPERATOR)
    result = (*_pieces(comprehension.element), Break(LOOP), _loop(comprehension.targets), *iterable)
    if comprehension.test is None:
        return result
    return (*result, Break(CONDITION), "if ", *_pieces(comprehension.test, LOWEST_OPERATOR))


def _loop(targets: Targets) -> str:
    texts = [each if isinstance(each, str) else f"({', '.join(each)})" for each in targets]
    return f"for {', '.join(texts)} in "


def _separated(items: Iterable[Pieces]) -> Pieces:
    result: Pieces = ()
    for item in items:
        result = (*result, ",", Break(COMMA), *item) if result else item
    return result


def _slice(expression: Slice) -> str:
    """`start:stop` as formatters write it: with spaces unless both are plain names or numbers."""
    sides = [expression.start, expression.stop]
    texts = ["" if side is None else text(side) for side in sides]
    if all(side is None or isinstance(side, Name | Constant) for side in sides):
        return ":".join(texts)
    return " : ".join(texts).strip()


def _constant(value: object) -> str:
    return quoted(value) if isinstance(value, str) else repr(value).replace("e-0", "e-")


def quoted(value: str) -> str:
    """A string literal in double quotes where that needs no more escapes, as formatters do."""
    literal = ascii(value)
    return literal if '"' in literal else f'"{literal[1:-1]}"'.replace("\\'", "'")


def _format(expression: Format) -> str:
    """An f-string; Python 3.11 takes no quotes of its own and no backslashes within its braces."""
    values = [part for part in expression.parts if not isinstance(part, str)]
    if any(isinstance(code, Constant | Format) and _is_text(code) for code in walk(*values)):
        given = ", ".join(map(text, values))
        pieces = [_braced(part) if isinstance(part, str) else "{}" for part in expression.parts]
        return f"{quoted(''.join(pieces))}.format({given})"
    pieces = [
        _escaped(_braced(part)) if isinstance(part, str) else f"{{{text(part)}}}"
        for part in expression.parts
    ]
    return f'f"{"".join(pieces)}"'


def _is_text(code: Constant | Format) -> bool:
    return isinstance(code, Format) or isinstance(code.value, str)


def _braced(part: str) -> str:
    return part.replace("{", "{{").replace("}", "}}")


def _escaped(part: str) -> str:
    return part.encode("unicode_escape").decode().replace('"', '\\"')


# --- pieces as lines ---


def _flat(pieces: Pieces) -> str:
    """Pieces on one line."""
    texts = []
    for piece in pieces:
        match piece:
            case Break():
                texts.append(" ")
            case Brackets(opening=opening, inside=inside, closing=closing):
                texts.append(f"{opening}{_flat(inside)}{closing}")
            case Sign(text=sign):
                texts.append(sign)
            case _:
                texts.append(piece)
    return "".join(texts)


def _fits(pieces: Pieces, depth: int) -> bool:
    return len(INDENT) * depth + len(_flat(pieces)) <= LINE_LENGTH


def _broken(pieces: Pieces, depth: int, in_brackets: bool = False) -> list[str]:
    """The lines of a statement, or of a part of one that stands in brackets."""
    if _fits(pieces, depth):
        return [INDENT * depth + _flat(pieces)]
    if in_brackets and (delimited := _delimited(pieces)):
        return [line for part in delimited for line in _broken(part, depth, in_brackets=True)]
    place = _last_brackets(pieces)
    if place is None or (not in_brackets and (_is_choice(pieces) or _is_chain(pieces))):
        return [INDENT * depth + _flat(pieces)] if in_brackets else _parenthesised(pieces, depth)
    brackets = pieces[place]
    assert isinstance(brackets, Brackets)
    # A formatter keeps the items of a display apart, but not the arguments of a call.
    together = brackets.opening != "[" or not _delimited(brackets.inside)
    return [
        *_broken((*pieces[:place], brackets.opening), depth),
        *_inside(brackets.inside, depth + 1, together),
        INDENT * depth + _flat((brackets.closing, *pieces[place + 1 :])),
    ]


def _inside(pieces: Pieces, depth: int, together: bool = True) -> list[str]:
    if together and _fits(pieces, depth):
        return [INDENT * depth + _flat(pieces)]
    delimited = _delimited(pieces) or [pieces]
    return [line for part in delimited for line in _broken(part, depth, in_brackets=True)]


def _is_choice(pieces: Pieces) -> bool:
    """Whether a statement assigns or returns one thing or another."""
    return Break(CONDITION) in pieces


def _is_chain(pieces: Pieces) -> bool:
    """Whether a statement assigns or returns what several operators compute."""
    sides = _sides(pieces)
    return sides is not None and len(_delimited(sides[1])) > MOST_IN_LINE


def _sides(pieces: Pieces) -> tuple[Pieces, Pieces] | None:
    """What stands before the value of a statement, with the sign, and the value."""
    for place, piece in enumerate(pieces):
        if isinstance(piece, Sign):
            return pieces[: place + 1], pieces[place + 1 :]
    return None


def _parenthesised(pieces: Pieces, depth: int) -> list[str]:
    """A statement without brackets to break at: its value goes into parentheses."""
    sides = _sides(pieces)
    if sides is None:
        return [INDENT * depth + _flat(pieces)]
    before, value = sides
    return [
        f"{INDENT * depth}{_flat(before)}(",
        *_inside(value, depth + 1),
        f"{INDENT * depth})",
    ]


def _last_brackets(pieces: Pieces) -> int | None:
    """The place of the last brackets that are not empty."""
    for place in reversed(range(len(pieces))):
        piece = pieces[place]
        if isinstance(piece, Brackets) and piece.inside:
            return place
    return None


def _delimited(pieces: Pieces) -> list[Pieces]:
    """The parts between the weakest breaks, each on a line of its own; empty without breaks."""
    strengths = [piece.strength for piece in pieces if isinstance(piece, Break)]
    if not strengths:
        return []
    weakest = Break(min(strengths))
    places = [-1, *(i for i, piece in enumerate(pieces) if piece == weakest), len(pieces)]
    parts = [pieces[a + 1 : b] for a, b in pairwise(places)]
    if weakest.strength == COMMA:
        # A comma stands behind every item, also the last.
        parts[-1] = (*parts[-1], ",")
    return parts
