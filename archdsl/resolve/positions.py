"""Arguments by position, of which an op takes few, and calls in PyTorch's order.

`conv(3, 64, 7, 2, 3)` can be read in two ways:

- by the op's own parameters: 3 filters of 64x64, a stride of 7, 2 pixels of padding, 3 groups;
- in PyTorch's order: 3 channels come in, 64 filters of 7x7, a stride of 2, 3 pixels of padding.

`readings.py` decides between them. No call passes in silence that has more arguments by position
than its op takes, whichever reading is right. An argument may stand behind those if it is a name,
and that of its parameter: `conv(out, kernel, stride, pad)`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archdsl.arithmetic import Value
from archdsl.fixes import Help
from archdsl.ops.base import Op, Reject
from archdsl.ops.initializers import SCHEMES
from archdsl.ops.parameters import Whole
from archdsl.resolve.readings import (
    FEWEST_CHANNELS,
    INFERRED,
    CalledOp,
    Reading,
    doubts,
    is_plainly,
    is_rather,
    is_refused,
    is_same,
    own_names,
    pytorch_reading,
)
from archdsl.source import Span
from archdsl.syntax import ast
from archdsl.syntax.literals import literal_of

LONGEST_CALL = 200
"""No longer call is written out in a help."""


@dataclass(frozen=True)
class Misfit:
    """An argument that does not fit, and why."""

    code: str
    message: str
    span: Span
    help: str = ""


def misplaced(called: CalledOp, arguments: Sequence[ast.Argument]) -> Misfit | None:
    """The misfit of a call with too many positional arguments, or in PyTorch's order.

    None where an argument has no parameter at all, and nothing else can be said of that.
    """
    written = [argument for argument in arguments if argument.name is None]
    keywords = [argument for argument in arguments if argument.name is not None]
    if not written:
        return None
    own = [*zip(called.free, written, strict=False)]
    theirs = pytorch_reading(called, written, keywords)
    surplus = [pair for pair in own if pair[0] not in called.first and not is_same(*pair)]
    judge = is_rather if surplus or len(written) > len(called.free) else is_plainly
    if theirs is not None and judge(theirs, own, keywords, called.op):
        return channels_given(called, theirs, keywords)
    if len(written) > len(called.free):
        behind, help = written[len(called.free)], as_list(called, written)
        message = f"too many arguments for `{called.op.name}`"
        return Misfit("E0204", message, behind.span, help) if help else None
    if not surplus:
        return None
    return _keyword_needed(called, own, surplus, keywords, theirs)


def mean_given(name: str, arguments: Sequence[ast.Argument]) -> Misfit | None:
    """The misfit of an initialisation with PyTorch's mean or lower limit, or with two numbers.

    It takes one argument by position.
    """
    scheme, written = SCHEMES[name], [each for each in arguments if each.name is None]
    if len(written) < 2:
        return None
    first, second, texts = *written[:2], [_text(each.value) for each in written]
    most, value = next(iter(scheme.parameters), ""), literal_of(first.value)
    if scheme.is_centred and isinstance(value, int | float) and value <= 0:
        message = f"`{name}` has mean 0, and its first argument is `{most}`"
        return Misfit("E0217", message, first.span, _write([f"{name}({texts[1]})"]))
    if len(written) > len(scheme.parameters):
        return None
    pairs = list(zip(scheme.parameters, texts, strict=False))
    behind = ", ".join(f"{key}={text}" for key, text in pairs[1:])
    help = _write([f"{name}({texts[0]}, {behind})"])
    return Misfit("E0216", f"arguments after the {most} need a keyword", second.span, help)


def channels_given(
    called: CalledOp, reading: Reading, keywords: Sequence[ast.Argument] = ()
) -> Misfit:
    """The channels of the input are an argument, which are inferred."""
    (channels,) = [argument for parameter, argument in reading if parameter == INFERRED]
    message = f"`{called.op.name}` infers the channels of its input"
    rest = [pair for pair in reading if pair[0] != INFERRED]
    return Misfit("E0217", message, channels.span, _instead(called, rest, keywords))


def keyword_call(
    called: CalledOp,
    reading: Reading,
    keywords: Sequence[ast.Argument],
    more: Mapping[str, Value] | None = None,
) -> str:
    """The call as it is right: few arguments by position, then those with a keyword."""
    texts: list[str] = []
    is_behind = False
    for parameter, argument in reading:
        is_behind = is_behind or parameter not in called.first
        texts.append(f"{parameter}={_text(argument.value)}" if is_behind else _text(argument.value))
    for name, argument in zip(own_names(called.op, keywords), keywords, strict=True):
        texts.append(f"{name}={_text(argument.value)}")
    texts += [f"{name}={value}" for name, value in (more or {}).items()]
    return f"{called.written}({', '.join(texts)})" if texts else called.written


def _keyword_needed(
    called: CalledOp,
    own: Reading,
    surplus: Reading,
    keywords: Sequence[ast.Argument],
    theirs: Reading | None,
) -> Misfit:
    """An argument stands by position that needs its keyword."""
    last = called.first[-1] if called.first else ""
    shown = f"the {last}" if len(last) > 1 else f"`{last}`"
    message = (
        f"arguments after {shown} need a keyword"
        if last
        else f"`{called.op.name}` only takes keyword arguments"
    )
    span = surplus[0][1].span
    if any(is_refused(*pair, called.op) for pair in surplus):
        if listed := as_list(called, [argument for _, argument in own]):
            return Misfit("E0216", message, span, listed)
        names = ", ".join(f"`{name}`" for name in called.free if name not in called.first)
        return Misfit("E0216", message, span, f"the keywords are {names}")
    call = keyword_call(called, own, keywords)
    if len(call) > LONGEST_CALL:
        return Misfit("E0216", message, span, f"write `{surplus[0][0]}=` before it")
    help = _write([call])
    if theirs is not None and _may_be_channels(theirs) and not doubts(theirs, keywords, called.op):
        channels = next(_text(each.value) for name, each in theirs if name == INFERRED)
        rest = [pair for pair in theirs if pair[0] != INFERRED]
        other = _translated(called, rest, keywords)[0]
        help = Help(f"{help}; or, if {channels} channels come in, `{other}`", calls=[call, other])
    return Misfit("E0216", message, span, help)


def _may_be_channels(theirs: Reading) -> bool:
    """Whether what PyTorch's order has behind the channels of the input may be a width too."""
    value = literal_of(theirs[1][1].value) if len(theirs) > 1 else None
    return isinstance(value, int) and value >= FEWEST_CHANNELS


def as_list(called: CalledOp, arguments: Sequence[ast.Argument]) -> str:
    """Several numbers for a parameter that takes them as a list, where a call has only these."""
    kind = called.op.parameters()[called.first[0]] if len(called.first) == 1 else None
    values = tuple([literal_of(argument.value) for argument in arguments])
    if not isinstance(kind, Whole) or len(values) not in kind.lists or None in values:
        return ""
    return _write([f"{called.written}([{', '.join(_text(each.value) for each in arguments)}])"])


def _instead(called: CalledOp, reading: Reading, keywords: Sequence[ast.Argument]) -> str:
    """The help for a call in PyTorch's order, with the effect of PyTorch's defaults."""
    plain, theirs = _translated(called, reading, keywords)
    if len(theirs) > LONGEST_CALL:
        return "leave them out"
    if theirs == plain:
        return _write([plain])
    both = f"write `{plain}`, or `{theirs}` as PyTorch has it by default"
    return Help(both, calls=[plain, theirs])


def _translated(
    called: CalledOp, reading: Reading, keywords: Sequence[ast.Argument]
) -> tuple[str, str]:
    """A call in our order, and as PyTorch has it by default; once where these are the same.

    The first may go without what PyTorch has by default, unless it is refused then.
    """
    op = called.op
    pairs = [*reading, *zip(own_names(op, keywords), keywords, strict=True)]
    values = {name: literal_of(each.value) for name, each in pairs}
    unsaid = {key: each for key, each in op.pytorch_defaults.items() if key not in values}
    plain, theirs = [keyword_call(called, reading, keywords, more) for more in ({}, unsaid)]
    ours = _window(op, values)
    if ours is None:
        return theirs, theirs
    return plain, plain if ours == _window(op, {**values, **unsaid}) else theirs


def _window(op: type[Op], values: Mapping[str, Any]) -> Any:
    """The window of an op with these arguments, None where they do not go together.

    An argument that is not written out is an odd number of more than 1.
    """
    filled = {name: 3 if value is None else value for name, value in values.items()}
    try:
        return op(**op.read(filled)).window()
    except (Reject, TypeError, KeyError):
        return None


def _write(calls: Sequence[str]) -> Help:
    """The help to write a call in another way."""
    return Help(f"write `{calls[0]}`", calls=calls)


def _text(node: ast.Expression) -> str:
    """An expression as it is written, in one line."""
    return " ".join(node.span.text.split())
