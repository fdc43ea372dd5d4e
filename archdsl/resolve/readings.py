"""The two ways to read a call: by the op's own parameters, and in PyTorch's order.

Doubts decide between them: arguments that a parameter does not take or that bear another's name,
and what nobody would write (`Op.is_usual`), such as a kernel of 64.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from archdsl.ops.base import Op
from archdsl.ops.parameters import Whole
from archdsl.resolve.foreign import parameter_of
from archdsl.syntax import ast
from archdsl.syntax.literals import literal_of

INFERRED = ""
"""What the channels of the input are for: they are no parameter here."""
FEWEST_CHANNELS = 8
"""A smaller number is seldom a width."""


@dataclass(frozen=True)
class CalledOp:
    """An op that is called: the text of the callee, and the parameters without an argument yet.

    It takes fewer arguments by position where `most` says so.
    """

    op: type[Op]
    written: str
    free: Sequence[str]
    most: int = 100

    @property
    def first(self) -> Sequence[str]:
        """The parameters that may be given by position, whether they have an argument or not."""
        return [*self.op.parameters()][: min(self.most, self.op.positional)]


Reading: TypeAlias = "list[tuple[str, ast.Argument]]"
"""Arguments by position, each with the parameter that it is for, or `INFERRED`."""


def pytorch_reading(
    called: CalledOp, written: Sequence[ast.Argument], keywords: Sequence[ast.Argument]
) -> Reading | None:
    """The call in PyTorch's order, if it can be read so: with the channels, and nothing missing."""
    op = called.op
    order = pytorch_order(op)
    behind = order[order.index(INFERRED) + 1 :] if order else ()
    if any(name not in called.free and name not in op.defaults() for name in behind):
        return None
    free = [name for name in order if name in {*called.free, INFERRED}]
    if len(written) > len(free):
        return None
    reading = [*zip(free, written, strict=False)]
    given = own_names(op, keywords)
    filled = {parameter for parameter, _ in reading}
    missing = {*called.free} - {*op.defaults()} - filled.union(given)
    is_whole = INFERRED in filled and not missing and filled.isdisjoint(given)
    return reading if is_whole and not any(is_refused(*pair, op) for pair in reading) else None


def is_plainly(
    theirs: Reading, own: Reading, keywords: Sequence[ast.Argument], op: type[Op]
) -> bool:
    """Whether a call with few arguments is in PyTorch's order beyond doubt.

    So say names, such as `conv(c, out, 3)` or `conv(width, width, 3)`, or a keyword that is
    PyTorch's, or for what has an argument already.
    """
    if doubts(theirs, keywords, op):
        return False
    if any(_is_misnamed(*pair, op) for pair in own) or _is_repeated(own):
        return True
    is_twice = not {parameter for parameter, _ in own}.isdisjoint(own_names(op, keywords))
    is_theirs = own_names(op, keywords) != names_of(keywords)
    is_doubtful = len(own) == 1 or doubts(own, keywords, op) > 0
    return (is_twice or is_theirs) and is_doubtful


def is_rather(
    theirs: Reading, own: Reading, keywords: Sequence[ast.Argument], op: type[Op]
) -> bool:
    """Whether a call with too many arguments is rather in PyTorch's order than in the op's own."""
    in_theirs, in_own = doubts(theirs, keywords, op), doubts(own, keywords, op)
    in_own += 1 if len(own) < len(theirs) else 0
    if in_theirs != in_own:
        return in_theirs < in_own
    match [literal_of(argument.value) for _, argument in theirs[:2]]:
        case [int(first), int(second)]:
            return first < second
        case [_, int(second)]:
            return second >= FEWEST_CHANNELS
    return True


def doubts(reading: Reading, keywords: Sequence[ast.Argument], op: type[Op]) -> int:
    """How many things speak against a reading."""
    misfits = sum([_is_misnamed(*pair, op) or is_refused(*pair, op) for pair in reading])
    pairs = [*zip(own_names(op, keywords), keywords, strict=True), *reading]
    values = {name: literal_of(each.value) for name, each in pairs}
    return misfits + (not is_usual(op, values))


def is_usual(op: type[Op], values: Mapping[str, Any]) -> bool:
    """Whether people write such arguments; with `INFERRED` they are in PyTorch's order."""
    defaults = {**op.defaults(), **(op.pytorch_defaults if INFERRED in values else {})}
    return op.is_usual({**defaults, **values})


def _is_misnamed(parameter: str, argument: ast.Argument, op: type[Op]) -> bool:
    """Whether an argument is a name that says that it is for another parameter: `out`, `k`."""
    if not isinstance(argument.value, ast.Name):
        return False
    name = argument.value.name
    initials = {each[:1]: each for each in reversed(op.parameters())}
    meanings = {**initials, **{each: each for each in op.parameters()}}
    meanings |= zip(op.pytorch, pytorch_order(op), strict=True)
    return meanings.get(name, parameter) != parameter


def _is_repeated(own: Reading) -> bool:
    """Whether the first two arguments are the same, and no numbers that are written out."""
    first, second = [argument.value for _, argument in [*own, *own][:2]]
    is_open = literal_of(first) is None
    return len(own) > 1 and is_open and first.span.text.split() == second.span.text.split()


def is_refused(parameter: str, argument: ast.Argument, op: type[Op]) -> bool:
    """Whether an argument is written out that its parameter does not take."""
    value = literal_of(argument.value)
    if value is None:
        return False
    kind = Whole(1, (1, 2, 3)) if parameter == INFERRED else op.parameters()[parameter]
    try:
        kind.read(value)
    except TypeError:
        return True
    return False


def is_same(parameter: str, argument: ast.Argument) -> bool:
    """Whether an argument is a name, and that of its parameter."""
    return isinstance(argument.value, ast.Name) and argument.value.name == parameter


def pytorch_order(op: type[Op]) -> tuple[str, ...]:
    """The parameters in PyTorch's order, by their names here, or `INFERRED`."""
    return _order(tuple(op.pytorch), tuple(op.parameters()))


@cache
def _order(theirs: tuple[str, ...], ours: tuple[str, ...]) -> tuple[str, ...]:
    return tuple([parameter_of(name, ours) or INFERRED for name in theirs])


def own_names(op: type[Op], keywords: Sequence[ast.Argument]) -> list[str]:
    """The parameters of an op that keywords mean; those that mean none, as they are written."""
    names = names_of(keywords)
    return [parameter_of(name, [*op.parameters()]) or name for name in names]


def names_of(keywords: Sequence[ast.Argument]) -> list[str]:
    """The names of arguments that are given by keyword."""
    return [argument.name.name for argument in keywords if argument.name is not None]
