"""Values that remember the expression they were computed by.

While a network is elaborated with concrete numbers, every number also carries an expression over
the symbols of the frame it belongs to: the parameters of a block, the sizes at its entry, the
variables of a loop. Generated code prints those expressions, so `4 * width` stays `4 * width`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from itertools import count
from math import prod
from typing import TypeAlias

from archdsl.arithmetic import Refused, Scalar, Value, apply
from archdsl.records import value

MAXIMUM_SIZE = 10_000
MAXIMUM_DEPTH = 100
"""Maximum number of operators and operands in an expression, and of nested operators."""
MAXIMUM_TABLE = 1_000_000
"""Maximum number of items in a list of numbers, with the lists in it: somebody wrote it."""


class TooLong(Exception):
    """An expression is too long to read."""


@dataclass(eq=False, slots=True)
class Frame:
    """A scope of symbols: a block's application, an iteration of a loop, or a point in a body.

    Such a point is before or after an `if` or loop. `definitions` gives every symbol's value, with
    its expression in terms of the surrounding frames (an argument in its caller's terms). Frames
    are compared by identity.
    """

    name: str
    definitions: dict[str, Term] = field(default_factory=dict)

    def define(self, name: str, term: Term) -> Term:
        """Name a value; returns the value with the new name as its expression."""
        self.definitions[name] = term
        return Term(term.value, Symbol(self, name))


class Calculable:
    """Base of expressions with arithmetic operators, which shape rules use like numbers."""

    __slots__ = ()
    size = 1
    depth = 0

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The symbols of the expression, each once."""
        return ()

    def __add__(self, other: Expression | int) -> Expression:
        return operation("+", self, other)

    def __radd__(self, other: int) -> Expression:
        return operation("+", other, self)

    def __sub__(self, other: Expression | int) -> Expression:
        return operation("-", self, other)

    def __rsub__(self, other: int) -> Expression:
        return operation("-", other, self)

    def __mul__(self, other: Expression | int) -> Expression:
        return operation("*", self, other)

    def __rmul__(self, other: int) -> Expression:
        return operation("*", other, self)

    def __floordiv__(self, other: Expression | int) -> Expression:
        return operation("//", self, other)


class Literal(Calculable):
    """A number, boolean or string as written."""

    __slots__ = ("value",)
    __match_args__ = ("value",)

    def __init__(self, value: Scalar) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        # `1`, `1.0` and `true` are equal in Python, but have different texts.
        alike = isinstance(other, Literal) and type(self.value) is type(other.value)
        return alike and self.value == other.value  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash(self.value)


class Symbol(Calculable):
    """A name of a frame; without a frame, an op's parameter or a size of its inputs."""

    __slots__ = ("frame", "name")
    __match_args__ = ("frame", "name")

    def __init__(self, frame: Frame | None, name: str) -> None:
        self.frame = frame
        self.name = name

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Symbol) and self.frame is other.frame and self.name == other.name
        )

    def __hash__(self) -> int:
        return hash((self.frame, self.name))

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The symbol itself."""
        return (self,)


class Compound(Calculable):
    """Base of expressions that have parts."""

    __slots__ = ("_form", "_hash", "_symbols")
    _form: int | None
    _hash: int | None
    _symbols: tuple[Symbol, ...] | None

    @property
    def parts(self) -> tuple[Expression, ...]:
        """The expressions in it, in order."""
        raise NotImplementedError

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The symbols of the parts."""
        if self._symbols is None:
            found = [symbol for part in self.parts for symbol in part.symbols]
            self._symbols = tuple(dict.fromkeys(found))
        return self._symbols

    @property
    def form(self) -> int:
        """A number for the expression but for its symbols, of which it says only where they are.

        Expressions with equal forms and symbols are equal. Of those that share parts, each part is
        looked at once.
        """
        if self._form is None:
            number = {symbol: index for index, symbol in enumerate(self.symbols)}
            parts = [_form_of(part, number) for part in self.parts]
            content = getattr(self, "operator", None), tuple(parts)
            if len(_FORMS) >= MOST_FORMS:
                _FORMS.clear()
            self._form = _FORMS.setdefault(content, next(_NUMBERS))
        return self._form


_FORMS: dict[Hashable, int] = {}
MOST_FORMS = 100_000
"""Maximum number of forms that are remembered; what is forgotten gets another number."""
_NUMBERS = count()


def _form_of(part: Expression, number: Mapping[Symbol, int]) -> Hashable:
    """The form of a part, where symbols have a number in the whole."""
    match part:
        case Literal():
            return part
        case Symbol():
            return number[part]
        case _:
            return part.form, tuple([number[symbol] for symbol in part.symbols])


class Operation(Compound):
    """An operator or function of the language applied to operands; made by `operation`.

    `operator` is one of `+ - * / // % ** == != < <= > >= and or not neg if [] list int float`, of
    `[a:b] [a:] [:b]`, or the name of a function (`min`, `divisible`, `len`, `range`, `zip`,
    `enumerate`, ...). `if` has the operands (condition, then, otherwise); `[]` has (list, index),
    and slices have a list and their bounds. `size` is the number of
    operators and operands, `depth` how deeply operators are nested.
    """

    __slots__ = ("depth", "operands", "operator", "size")
    __match_args__ = ("operator", "operands")

    def __init__(self, operator: str, operands: tuple[Expression, ...]) -> None:
        self.operator = operator
        self.operands = operands
        size, deepest = 1, 0
        for operand in operands:
            size += operand.size
            deepest = max(deepest, operand.depth)
        self.size, self.depth = size, deepest + 1
        self._symbols = self._hash = self._form = None

    @property
    def parts(self) -> tuple[Expression, ...]:
        """The operands."""
        return self.operands

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Operation)
            and self.operator == other.operator
            and self.size == other.size
            and self.operands == other.operands
        )

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash((self.operator, self.operands))
        return self._hash


class Format(Compound):
    """A string with values filled in, such as the label `layer{i}`."""

    __slots__ = ("_parts",)
    __match_args__ = ("parts",)

    def __init__(self, parts: tuple[Expression, ...]) -> None:
        self._parts = parts
        self._symbols = self._hash = self._form = None

    @property
    def parts(self) -> tuple[Expression, ...]:
        """Strings, and the values between them."""
        return self._parts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Format) and self.parts == other.parts

    def __hash__(self) -> int:
        return hash(self.parts)


Expression: TypeAlias = "Literal | Symbol | Operation | Format"


@value
class Term:
    """A value and the expression it was computed by."""

    value: Value
    expression: Expression


def literal(value: Scalar) -> Term:
    """A value as its own expression."""
    return Term(value, Literal(value))


def constant(value: Value) -> Term:
    """A number, a string, or a list of them, as its own expression."""
    return Term(value, _written(value))


def _written(value: Value) -> Expression:
    if isinstance(value, tuple):
        return Operation("list", tuple([_written(each) for each in value]))
    return Literal(value)


def operation(operator: str, *operands: object) -> Expression:
    """An operator applied to expressions; plain numbers stand for themselves.

    Operations on numbers are evaluated, and operations without effect are dropped. Nothing else is
    simplified, so the author's form is kept. Raises `TooLong`.
    """
    given = tuple([o if isinstance(o, Calculable) else Literal(o) for o in operands])  # type: ignore[arg-type]
    return _simpler(operator, given) or _checked(Operation(operator, given))  # type: ignore[arg-type]


def unreadable() -> Symbol:
    """Stands for an expression that is too long: it has no value, and equals no other.

    Code that needs it cannot be written.
    """
    return Symbol(Frame("unreadable"), "size")


def _checked(result: Operation) -> Operation:
    most = MAXIMUM_TABLE if result.operator == "list" and not result.symbols else MAXIMUM_SIZE
    if result.depth > MAXIMUM_DEPTH or result.size > most:
        raise TooLong
    return result


def _simpler(operator: str, operands: tuple[Expression, ...]) -> Expression | None:
    """The simplified form of an operation, if there is one."""
    if operator == "list":
        return None
    if operator == "product":
        return _shorter(operands)
    for operand in operands:
        if not isinstance(operand, Literal):
            simplify = SIMPLIFIERS.get(operator)
            return simplify(operands) if simplify else _simpler_function(operator, operands)
    return _folded(operator, operands)  # type: ignore[arg-type]


def _simpler_function(operator: str, operands: tuple[Expression, ...]) -> Expression | None:
    match operator, operands:
        case "len", (Operation("list", items),):
            return Literal(len(items))
        case "[]", (Operation("list", items), Literal(int(index))):
            return items[index]
        case "[a:b]", (Operation("list", items), Literal(int(start)), Literal(int(stop))):
            return Operation("list", items[start:stop])
        case "[a:]", (Operation("list", items), Literal(int(start))):
            return Operation("list", items[start:])
        case "[:b]", (Operation("list", items), Literal(int(stop))):
            return Operation("list", items[:stop])
        case "if", (Literal(bool(condition)), then, otherwise):
            return then if condition else otherwise
        case "if", (_, then, otherwise) if then == otherwise:
            return then
    return None


def _multiple(operands: tuple[Expression, ...]) -> Expression | None:
    left, right = operands
    return right if _is_number(left, 1) else left if _is_number(right, 1) else None


def _quotient(operands: tuple[Expression, ...]) -> Expression | None:
    """Parts of what was multiplied: `3 * d // 3`, or a split of joined positions."""
    left, right = operands
    if _is_number(right, 1):
        return left
    match left:
        case Operation("*", (factor, other)) if factor == right:
            return other
        case Operation("product", factors) if right in factors:
            place = factors.index(right)
            return operation("product", *factors[:place], *factors[place + 1 :])
        case Operation("product", factors) if not left.symbols and isinstance(right, Literal):
            return _split(factors, right)
    return None


def _split(factors: tuple[Expression, ...], by: Literal) -> Literal | None:
    """A quotient of a product of numbers, as one number."""
    numbers = [factor.value for factor in factors if isinstance(factor, Literal)]
    return _folded("//", (Literal(prod(numbers)), by)) if len(numbers) == len(factors) else None


def _difference(operands: tuple[Expression, ...]) -> Expression | None:
    left, right = operands
    if isinstance(right, Literal):
        return left if _is_number(right, 0) else _added_up("-", left, right)
    return None


def _sum(operands: tuple[Expression, ...]) -> Expression | None:
    left, right = operands
    if isinstance(left, Literal) or isinstance(right, Literal):
        if _is_number(left, 0):
            return right
        if _is_number(right, 0):
            return left
        if isinstance(right, Literal) and (added := _added_up("+", left, right)) is not None:
            return added
    return _summed(operands)


def _is_number(expression: Expression, number: int) -> bool:
    return (
        isinstance(expression, Literal)
        and isinstance(expression.value, int)
        and expression.value == number
    )


def _summed(operands: tuple[Expression, ...]) -> Expression | None:
    """The simplified form of a sum of two, neither of them 0, if there is one."""
    match operands:
        case (Operation("list", items), Operation("list", more)):
            return _checked(Operation("list", items + more))
        case (Literal(int(a)), Operation("+", (Literal(int(b)), rest))):
            return operation("+", a + b, rest)
        case (left, right) if left == right:
            return _doubled(left)
        case (left, Operation("-", (right, other))) if left == other:
            return right
        case (Operation("*", (Literal(int(factor)), left)), right) if left == right:
            return operation("*", factor + 1, left)
    return None


def _shorter(operands: tuple[Expression, ...]) -> Expression | None:
    """A product without factors of 1; its numbers are not multiplied: `512 * 7 * 7`."""
    kept = tuple([operand for operand in operands if operand != Literal(1)])
    if len(kept) > 1:
        return Operation("product", kept) if len(kept) < len(operands) else None
    return kept[0] if kept else Literal(1)


def _added_up(operator: str, left: Expression, right: Literal) -> Expression | None:
    """`x + 3 - 1` as `x + 2`, if that is its form."""
    match left, right:
        case (Operation("+" | "-" as inner, (first, Literal(int(a)))), Literal(int(b))):
            total = (a if inner == "+" else -a) + (b if operator == "+" else -b)
            return operation("+" if total >= 0 else "-", first, abs(total))
    return None


def _doubled(expression: Expression) -> Expression:
    """Twice an expression, which may already be a multiple."""
    match expression:
        case Operation("*", (Literal(int(factor)), other)):
            return operation("*", 2 * factor, other)
        case Operation("*", (other, Literal(int(factor)))):
            return operation("*", other, 2 * factor)
    return operation("*", 2, expression)


def _folded(operator: str, operands: tuple[Literal, ...]) -> Literal | None:
    try:
        value = apply(operator, [operand.value for operand in operands])
    except Refused:
        return None
    # A list has its items' expressions, so a function that returns one is kept; and a fraction or
    # a logarithm reads better than its digits.
    is_fraction = operator in ("/", "log") and not value.is_integer()  # type: ignore[union-attr]
    return None if isinstance(value, tuple) or is_fraction else Literal(value)


SIMPLIFIERS: dict[str, Callable[[tuple[Expression, ...]], Expression | None]] = {
    "+": _sum,
    "-": _difference,
    "*": _multiple,
    "//": _quotient,
}
"""What makes arithmetic simpler whose operands are not all numbers."""
