"""The language's arithmetic: operators and functions on numbers, strings and lists.

Values and meanings are Python's, with limits: whole numbers stay below 2**63, other numbers are
finite, and the length of every value is limited.
"""

from __future__ import annotations

import math
import operator as python
from collections.abc import Callable, Sequence
from functools import reduce
from itertools import accumulate
from typing import TypeAlias

from archdsl.shapes import Dim, Polynomial, Symbolic, Undecided, greatest, least, same
from archdsl.shapes.fits import where_equal

Scalar: TypeAlias = "bool | int | float | str | Symbolic | Polynomial"
Value: TypeAlias = "Scalar | tuple[Value, ...]"

SIZES = int | Symbolic | Polynomial
MAXIMUM_NUMBER = 2**63
MAXIMUM_LENGTH = 100_000
MAXIMUM_TEXT = 200


class Refused(Exception):
    """An undefined operation. The caller adds the span."""

    def __init__(self, code: str, message: str, found: str = "", help: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.found = found
        self.help = help


def apply(operator: str, values: Sequence[Value]) -> Value:
    """Apply an operator, or a function by its name; raises `Refused`.

    `if` takes (condition, then, otherwise), `[]` takes (list, index), `[a:b]` (list, start, stop),
    `[a:]` and `[:b]` one of these; `list` makes a list.
    """
    try:
        return bounded(OPERATIONS[operator](*values))
    except Undecided as undecided:
        message = f"{undecided} is not known for every size"
        message += f": {undecided.reason}" if undecided.reason else ""
        help = "give the network a number for this size"
        raise Refused("E0508", message, help=help) from None
    except (ZeroDivisionError, OverflowError, IndexError, ValueError) as error:
        raise Refused("E0501", _reason(error)) from None
    except TypeError:
        found = ", ".join(kind_of(value) for value in values)
        raise Refused(
            "E0502", f"`{_shown(operator)}` cannot be applied to these values", found
        ) from None


def bounded(value: Value) -> Value:
    """Return a value that is within the limits; else raise `Refused`."""
    if type(value) is int and -MAXIMUM_NUMBER < value < MAXIMUM_NUMBER:
        return value
    if isinstance(value, bool | Symbolic | Polynomial):
        return value
    if isinstance(value, int) and abs(value) >= MAXIMUM_NUMBER:
        raise Refused("E0501", "this number is too large", help="whole numbers are below 2**63")
    if isinstance(value, complex):
        raise Refused("E0501", "this root is not a real number")
    if isinstance(value, float) and not math.isfinite(value):
        raise Refused("E0501", "this number is too large", help="numbers are below 1.8e308")
    if isinstance(value, tuple) and len(value) > MAXIMUM_LENGTH:
        raise Refused(
            "E0710", "this list is too long", help=f"{MAXIMUM_LENGTH:,} items are allowed"
        )
    if isinstance(value, str) and len(value) > MAXIMUM_TEXT:
        help = f"{MAXIMUM_TEXT} characters are allowed"
        raise Refused("E0705", "this name or string is too long", help=help)
    return value


def kind_of(value: Value) -> str:
    """The kind of a value, in the language's terms."""
    match value:
        case bool():
            return "a truth value"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case Symbolic() | Polynomial():
            return "a size"
    return "a list"


def _is_exact(value: Value) -> bool:
    """Whether a value is a symbolic size."""
    return isinstance(value, Symbolic | Polynomial)


def divisible(value: float, by: int) -> int:
    """The multiple of `by` nearest to a value, but at least nine tenths of it."""
    nearest = max(by, int((value + by / 2) // by * by))
    return nearest + by if nearest < 0.9 * value else nearest


def whole(value: Value) -> int:
    """The whole number that a value denotes, whether written `32` or `32.0`."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise TypeError


def _number(value: Value) -> Value:
    # Python calculates with booleans, and multiplies strings and lists; the language does not.
    if isinstance(value, int | float | Symbolic | Polynomial) and not isinstance(value, bool):
        return value
    raise TypeError


def _numeric(function: Callable[..., Value]) -> Callable[..., Value]:
    return lambda *values: function(*map(_number, values))


def _add(left: Value, right: Value) -> Value:
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    if isinstance(left, tuple) and isinstance(right, tuple):
        return left + right
    return _number(left) + _number(right)  # type: ignore[operator]


def _power(base: Value, exponent: Value) -> Value:
    base, exponent = _number(base), _number(exponent)
    # A power of whole numbers is computed only if it is known to be small.
    if isinstance(base, int) and isinstance(exponent, int):
        bits = exponent * (abs(base).bit_length() - 1)
        return bounded(2**63) if bits >= 64 else base**exponent
    return base**exponent  # type: ignore[operator]


def _equal(left: Value, right: Value) -> bool:
    if isinstance(left, SIZES) and isinstance(right, SIZES):
        try:
            return same(left, right)
        except Undecided as undecided:
            reason = undecided.reason or where_equal(left, right)
            raise Undecided(str(undecided), reason) from None
    return left == right


def _compared(function: Callable[..., bool]) -> Callable[..., bool]:
    def compare(left: Value, right: Value) -> bool:
        if isinstance(left, str) and isinstance(right, str):
            return function(left, right)
        return function(_number(left), _number(right))

    return compare


def _truth(function: Callable[..., Value]) -> Callable[..., Value]:
    def decide(*values: Value) -> Value:
        if not all(isinstance(value, bool) for value in values):
            raise TypeError
        return function(*values)

    return decide


def _index(items: Value, index: Value) -> Value:
    if not isinstance(items, tuple):
        raise TypeError
    return items[whole(index)]


def _part(items: Value, start: Value, stop: Value | None) -> Value:
    if not isinstance(items, tuple):
        raise TypeError
    return items[whole(start) : None if stop is None else whole(stop)]


def _items(values: Sequence[Value]) -> tuple[Value, ...]:
    """The arguments of `min`, `max` and `sum`, given separately or as a list."""
    (only,) = values if len(values) == 1 else (values,)
    if not isinstance(only, tuple):
        raise TypeError
    return only


def _extreme(
    function: Callable[..., Value], of_sizes: Callable[[Dim, Dim], Dim]
) -> Callable[..., Value]:
    def extreme(*values: Value) -> Value:
        numbers = [_number(value) for value in _items(values)]
        if not any(map(_is_exact, numbers)) or not all(isinstance(n, SIZES) for n in numbers):
            return function(numbers)
        return reduce(of_sizes, numbers)  # type: ignore[arg-type]

    return extreme


def _sum(*values: Value) -> Value:
    total: Value = 0
    for value in _items(values):
        total = _add(total, _number(value))
    return total


def _cumsum(items: Value) -> Value:
    return tuple(accumulate(map(_number, _lists([items])[0]), _add))


def _log(value: Value) -> Value:
    number = _number(value)
    if _is_exact(number):
        raise Undecided(f"the logarithm of {number}")
    if number <= 0:  # type: ignore[operator]
        raise ValueError("only a number above 0 has a logarithm")
    return math.log(number)  # type: ignore[arg-type]


def _range(*values: Value) -> Value:
    numbers = range(*map(whole, values))
    if len(numbers) > MAXIMUM_LENGTH:
        help = f"{MAXIMUM_LENGTH:,} items are allowed"
        raise Refused("E0710", "this list is too long", help=help)
    return tuple(numbers)


def _lists(values: Sequence[Value]) -> Sequence[tuple[Value, ...]]:
    lists = [value for value in values if isinstance(value, tuple)]
    if len(lists) < len(values):
        raise TypeError
    return lists


def _enumerate(items: Value, start: Value = 0) -> Value:
    return tuple(enumerate(_lists([items])[0], whole(start)))


def _rounding(function: Callable[..., int]) -> Callable[..., Value]:
    # A size is whole for all values of its symbols.
    return lambda value: value if _is_exact(value) else function(_number(value))


def _round(value: Value, digits: Value = 0) -> Value:
    if _is_exact(value):
        return value
    rounded: float = round(_number(value), whole(digits))  # type: ignore[arg-type]
    return rounded if digits else int(rounded)


def _divisible(value: Value, by: Value) -> Value:
    number, step = _number(value), whole(by)
    if _is_exact(number):
        raise Undecided(f"the multiple of {step} next to {number}")
    if step < 1:
        raise ValueError("`divisible` needs a step of 1 or more")
    return divisible(number, step)  # type: ignore[arg-type]


OPERATIONS: dict[str, Callable[..., Value]] = {
    "+": _add,
    "-": _numeric(python.sub),
    "*": _numeric(python.mul),
    "/": _numeric(python.truediv),
    "//": _numeric(python.floordiv),
    "%": _numeric(python.mod),
    "**": _power,
    "neg": _numeric(python.neg),
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "<": _compared(python.lt),
    "<=": _compared(python.le),
    ">": _compared(python.gt),
    ">=": _compared(python.ge),
    "and": _truth(lambda *values: all(values)),
    "or": _truth(lambda *values: any(values)),
    "not": _truth(python.not_),
    "if": lambda condition, then, otherwise: then if condition else otherwise,
    "[]": _index,
    "[a:b]": _part,
    "[a:]": lambda items, start: _part(items, start, None),
    "[:b]": lambda items, stop: _part(items, 0, stop),
    "list": lambda *values: values,
    "product": _numeric(lambda *values: math.prod(values)),
    "int": whole,
    "float": lambda value: float(_number(value)),  # type: ignore[arg-type]
    "min": _extreme(min, least),
    "max": _extreme(max, greatest),
    "sum": _sum,
    "cumsum": _cumsum,
    "log": _log,
    "abs": _numeric(abs),
    "floor": _rounding(math.floor),
    "ceil": _rounding(math.ceil),
    "round": _round,
    "len": lambda items: len(_lists([items])[0]),
    "range": _range,
    "zip": lambda *lists: tuple(zip(*_lists(lists), strict=False)),
    "enumerate": _enumerate,
    "divisible": _divisible,
}


def _shown(operator: str) -> str:
    return "[…]" if operator.startswith("[") else {"neg": "-"}.get(operator, operator)


def _reason(error: Exception) -> str:
    match error:
        case ZeroDivisionError():
            return "this divides by zero"
        case IndexError():
            return "the list has no item with this index"
        case OverflowError():
            return "this number is too large"
    text = str(error)
    return "an empty list has no minimum or maximum" if "empty" in text else text
