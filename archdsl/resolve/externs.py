"""Checks of an `extern` by itself: the path of its class, and what its signature may say."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Sequence

from archdsl.resolve.calls import check_call
from archdsl.resolve.report import Report
from archdsl.resolve.scopes import Globals
from archdsl.resolve.words import NUMBERS
from archdsl.syntax import ast
from archdsl.syntax.walk import children

LONGEST_NAME = 60
"""So many characters of a class go into a line of code."""
WEIGHTS = "weights"
"""The keyword of the number of weights, behind the class."""
ALLOWED = (
    ast.Argument,
    ast.Arithmetic,
    ast.Boolean,
    ast.Comparison,
    ast.Index,
    ast.List,
    ast.Logical,
    ast.Name,
    ast.Negation,
    ast.Not,
    ast.Number,
    ast.String,
    ast.Wildcard,
)
"""Expressions that may stand in an `extern`, beside calls of functions of numbers, and `if`."""
WITHOUT_LAYERS = {
    "collections",
    "collections.abc",
    "functools",
    "math",
    "torch",
    "torch.nn.functional",
    "typing",
}
"""Modules that generated code imports for something else."""
EXAMPLE = '"torchvision.ops.DeformConv2d"'


def check_extern(extern: ast.Extern, names: Globals, report: Report) -> None:
    """Refuse what cannot be the class, the signature or an argument of an `extern`."""
    _path(extern.made.path, report)
    _result(extern, report)
    _arguments(extern.made, report)
    parameters = {each.name.name for each in extern.parameters}
    known = parameters | names.declared.keys()
    for node in _values(extern):
        wrong = next(_wrong(node, known), None)
        if wrong is not None:
            message = "an `extern` is made of numbers, strings and lists of them"
            help = "use parameters, sizes of the signature, and functions such as `max`"
            report.refuse("E0219", message, wrong.span, help)


def _path(path: ast.String, report: Report) -> None:
    *modules, class_name = path.value.split(".")
    if modules and all(map(_is_identifier, (*modules, class_name))):
        if len(class_name) > LONGEST_NAME:
            report.refuse("E0705", "the name of this class is too long", path.span)
        module = ".".join(modules)
        if module in WITHOUT_LAYERS:
            message = f"`{module}` has no classes of layers"
            help = "PyTorch's are in `torch.nn`" if module.startswith("torch") else ""
            report.refuse("E0220", message, path.span, help)
        return
    message = f"`{path.value}` is not the path of a class"
    help = f"name its package, modules and the class, with dots between them: `{EXAMPLE}`"
    report.refuse("E0220", message, path.span, help)


def _is_identifier(part: str) -> bool:
    is_name = part.isascii() and part.isidentifier() and not keyword.iskeyword(part)
    return is_name and not part.startswith("__")


def _result(extern: ast.Extern, report: Report) -> None:
    """One result, whose sizes follow from the inputs and the parameters."""
    first, *more = extern.signature.results
    if more or first.name is not None:
        wrong = more[0] if more else first
        message = "an `extern` gives one tensor, without a name"
        report.refuse("E0219", message, wrong.span, "write `-> [out, h, w]`")
        return
    rests = [size for each in extern.signature.inputs for size in each.parts if _is_rest(size)]
    for size in first.parts:
        if type(size) is ast.Wildcard or (_is_rest(size) and not rests):
            message = f"`{size.span.text}` does not say what this size of the result is"
            help = "name the size at the entry: `[c, h, w] -> [64, h, w]`"
            if _is_rest(size):
                help = "it stands for those that `...` stands for at the entry: `[c, ...]`"
            report.refuse("E0310", message, size.span, help)


def _is_rest(size: ast.Expression) -> bool:
    return isinstance(size, ast.Rest)


def _arguments(made: ast.ForeignClass, report: Report) -> None:
    check_call(ast.Call(made.span, made.path, made.arguments), None, report)
    for argument in made.arguments:
        if argument.name is not None and keyword.iskeyword(argument.name.name):
            message = f"`{argument.name.name}` is a keyword of Python, and no argument of a class"
            report.refuse("E0219", message, argument.name.span)
    further = made.further
    if further is not None and (further.name is None or further.name.name != WEIGHTS):
        span = further.span if further.name is None else further.name.span
        message = f"only `{WEIGHTS}=` may stand behind the class"
        help = f"arguments of the class are in brackets: `{EXAMPLE}(…), {WEIGHTS}=out * c`"
        report.refuse("E0219", message, span, help)


def _values(extern: ast.Extern) -> Iterator[ast.SyntaxNode]:
    """The expressions in an `extern`."""
    tensors: Sequence[ast.Input] = (*extern.signature.inputs, *extern.signature.results)
    yield from [size for each in tensors for size in each.parts]
    yield from [each.default for each in extern.parameters if each.default is not None]
    yield from [each.value for each in extern.made.arguments]
    if extern.made.further is not None:
        yield extern.made.further.value


def _wrong(node: ast.SyntaxNode, known: set[str]) -> Iterator[ast.SyntaxNode]:
    """The parts of an expression that are no numbers."""
    match node:
        case ast.Conditional(otherwise=otherwise):
            is_right = otherwise is not None
        case ast.Call(callee=ast.Name(name=name), arguments=arguments):
            is_named = any(each.name is not None for each in arguments)
            is_right = name in NUMBERS and name not in known and not is_named
        case _:
            is_right = isinstance(node, ALLOWED)
    if not is_right:
        yield node
        return
    for child in children(node):
        yield from _wrong(child, known)
