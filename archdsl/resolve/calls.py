"""Checks of calls whose callee is known by name: keywords, and the number of arguments."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import fields
from typing import TypeAlias

from archdsl.fixes import Help, fixes_of
from archdsl.ops.initializers import SCHEMES
from archdsl.ops.parameters import Kind
from archdsl.resolve.arguments import fill, given_twice
from archdsl.resolve.edits import keywords_last, with_keywords, without_surplus
from archdsl.resolve.foreign import instead_of, parameter_instead, parameter_of
from archdsl.resolve.positions import Misfit, mean_given, misplaced
from archdsl.resolve.readings import CalledOp
from archdsl.resolve.report import Report
from archdsl.resolve.scopes import Globals
from archdsl.resolve.words import BUILTINS, FORMS, JOINS
from archdsl.syntax import ast


def check_call(
    call: ast.Call,
    names: Globals | None,
    report: Report,
    unknown: Container[ast.Expression] = (),
) -> None:
    """Check the arguments of a call; without `names` the callee is not known.

    Of the `unknown` arguments another message shows the keyword.
    """
    _order(call, names, report)
    if names is None or not isinstance(call.callee, ast.Name):
        _keywords(call, None, report)
    elif _is_builtin(call.callee.name, names) and not _parameters(call.callee.name, names):
        _only_positional(call, report)
        _keywords(call, None, report)
    else:
        name = call.callee.name
        wrong = _order_of(call, name, names)
        if wrong is not None and wrong.code == "E0216" and _blamed(wrong, call) in unknown:
            wrong = None
        _keywords(call, _taken(call, name, names), report, _has_branches(call, names), wrong)


def check_default(default: ast.Default, names: Globals, report: Report) -> None:
    """Check a `default` declaration: keywords only, of an op or block."""
    name = default.callee.name
    if not names.knows(name):
        help = instead_of(name, names.visible(), 0)
        report.refuse("E0201", f"unknown name `{name}`", default.callee.span, help)
        return
    parameters = _parameters(name, names)
    is_op = name in names.ops and (name not in BUILTINS or bool(parameters))
    if (name not in names.declared and not is_op) or _is_let(name, names):
        message = f"`{name}` is not an op or block, so it has no defaults to change"
        report.refuse("E0215", message, default.callee.span)
        return
    for argument in [each for each in default.arguments if each.name is None][:1]:
        help = _default_help(default, names)
        fixes = fixes_of(help, argument.span, default.span)
        if name in names.declared:
            fixes = with_keywords(default.arguments, parameters or ())
        report.refuse("E0215", "`default` takes keywords only", argument.span, help, fixes)
    _keywords(default, parameters, report)


def _default_help(default: ast.Default, names: Globals) -> str:
    """The help for a `default` with positional arguments."""
    name = default.callee.name
    if name not in names.declared and name in names.ops:
        called = CalledOp(names.ops[name], f"default {name}", [*names.ops[name].parameters()], 0)
        wrong = misplaced(called, default.arguments)
        if wrong is not None and wrong.help:
            return wrong.help if "(" in wrong.help else f"delete it: {wrong.message}"
    return f"write which parameter of `{name}` it is for"


Filled: TypeAlias = "tuple[ast.Expression, str, Kind | None, bool]"
"""An argument, the parameter that it fills, what that takes, and whether it has a default.

What it takes and has is only known of ops and initialisations.
"""


def kinds_of(call: ast.Call, names: Globals | None) -> list[Filled]:
    """The arguments of a call; without `names` the callee is not known."""
    if names is None or not isinstance(call.callee, ast.Name):
        return [(each.value, each.name.name, None, False) for each in call.arguments if each.name]
    name = call.callee.name
    kinds: Mapping[str, Kind] = {}
    defaults: Mapping[str, object] = {}
    if name in SCHEMES and name not in names.declared:
        kinds, defaults = SCHEMES[name].parameters, SCHEMES[name].defaults
    elif name in names.ops and name not in names.declared:
        kinds, defaults = names.ops[name].parameters(), names.ops[name].defaults()
    own = _parameters(name, names) or ()
    meant = [(each, _meant(each, own) or key) for each, key in fill(name, own, call.arguments)]
    pairs = [(each.value, key) for each, key in meant if isinstance(key, str)]
    return [(value, key, kinds.get(key), key in defaults) for value, key in pairs]


def _meant(argument: ast.Argument, parameters: Sequence[str]) -> str:
    """The parameter that a keyword means, by whatever name; may be empty."""
    return parameter_of(argument.name.name, parameters) if argument.name else ""


def _is_let(name: str, names: Globals) -> bool:
    return isinstance(names.declared.get(name), ast.Let)


def _parameters(name: str, names: Globals) -> tuple[str, ...] | None:
    """The parameters of the callee, None if it is unknown."""
    if name in names.declared:
        declaration = names.declared[name]
        if declaration is None or declaration.parameters is None:
            return None
        return tuple(parameter.name.name for parameter in declaration.parameters)
    if name in SCHEMES:
        return tuple(SCHEMES[name].parameters)
    if name in names.ops:
        return tuple(field.name for field in fields(names.ops[name]))
    return None


def _taken(call: ast.Call, name: str, names: Globals) -> tuple[str, ...] | None:
    """The parameters of the callee; of an op that is open, all keywords of the call too."""
    own = _parameters(name, names)
    is_op = name in names.ops and name not in names.declared
    if own is None or not is_op or not names.ops[name].is_open:
        return own
    return tuple(dict.fromkeys([*own, *[each.name.name for each in call.arguments if each.name]]))


def _is_builtin(name: str, names: Globals) -> bool:
    """Whether a name is a function of the language, and none that starts weights."""
    return name not in names.declared and name in BUILTINS and name not in SCHEMES


def _has_branches(call: ast.Call, names: Globals) -> bool:
    """Whether the positional arguments of a call are layers, which an op joins."""
    assert isinstance(call.callee, ast.Name)
    declared = names.declared.get(call.callee.name)
    if isinstance(declared, ast.Extern):
        return len(declared.signature.inputs) > 1
    return _is_builtin(call.callee.name, names) and call.callee.name in JOINS


def _order_of(call: ast.Call, name: str, names: Globals) -> Misfit | None:
    """The misfit of the positional arguments of an op or a scheme."""
    if name in names.declared:
        return None
    if name in SCHEMES:
        return mean_given(name, call.arguments)
    op = names.ops.get(name)
    if op is None or op.arity != 1:
        return None
    return misplaced(CalledOp(op, name, [*op.parameters()]), call.arguments)


def _blamed(wrong: Misfit, call: ast.Call) -> ast.Expression | None:
    """The argument by position that a message about a call is about."""
    return next((each.value for each in call.arguments if each.span is wrong.span), None)


def _order(call: ast.Call, names: Globals | None, report: Report) -> None:
    """Positional arguments come first."""
    keyword = None
    for argument in call.arguments:
        keyword = keyword or argument.name
        if keyword is not None and argument.name is None:
            message = f"a positional argument after the keyword `{keyword.name}`"
            is_known = names is not None and isinstance(call.callee, ast.Name)
            parameters = _parameters(call.callee.span.text, names) if names and is_known else None
            fixes = keywords_last(call, parameters or ())
            help = "positional arguments come first"
            report.refuse("E0207", message, argument.span, help, fixes)
            return


def _only_positional(call: ast.Call, report: Report) -> None:
    """The functions of the language take no keywords, but for initialisations and some joins."""
    for argument in call.arguments:
        if argument.name is not None:
            name = call.callee.span.text
            help = parameter_instead(argument.name.name, ()) or FORMS.get(name, "")
            report.refuse("E0202", f"`{name}` takes no keywords", argument.name.span, help)
            return


def _keywords(
    call: ast.Call | ast.Default,
    parameters: tuple[str, ...] | None,
    report: Report,
    has_branches: bool = False,
    wrong: Misfit | None = None,
) -> None:
    """Every argument fills a parameter of its own, but for the branches of a join."""
    if parameters is None:
        _only_once(call, report)
        return
    only_keywords = has_branches or isinstance(call, ast.Default)
    arguments = [each for each in call.arguments if each.name is not None or not only_keywords]
    filled = fill(call.callee.span.text, parameters, arguments, wrong=wrong)
    misfits = [(argument, found) for argument, found in filled if isinstance(found, Misfit)]
    for argument, found in misfits:
        help = _applied(call, argument) or found.help
        fixes = fixes_of(help, found.span, call.span)
        if found.code == "E0204" and not help:
            fixes = without_surplus(call, found.span)
        report.refuse(found.code, found.message, found.span, help, fixes)
    for argument, found in misfits:
        if found.code in NEEDLESS and not _is_renamed(argument, parameters):
            report.drop(argument.span)
        if found.code == "E0204":
            report.drop(argument.span.to(call.arguments[-1].span))


NEEDLESS = {"E0202", "E0204", "E0217"}
"""Codes of arguments that no parameter takes."""
LONGEST_LAYER = 40


def _is_renamed(argument: ast.Argument, parameters: Sequence[str]) -> bool:
    """Whether an argument only needs another keyword."""
    return bool(_meant(argument, parameters))


def _applied(call: ast.Call | ast.Default, argument: ast.Argument) -> str:
    """The help for `relu(conv(8, 3))`, which applies a layer as a function."""
    is_layer = isinstance(argument.value, ast.Call | ast.Wire | ast.Chain | ast.Labelled)
    if argument.name is not None or not is_layer or len(call.arguments) > 1:
        return ""
    layer = argument.span.text
    callee = call.callee.span.text
    short = layer if len(layer) <= LONGEST_LAYER and "\n" not in layer else "…"
    message = f"layers take no tensor: write `{short} -> {callee}`"
    return Help(message, calls=[f"{layer} -> {callee}"])


def _only_once(call: ast.Call | ast.Default, report: Report) -> None:
    """No keyword stands twice in a call of what is not known by name."""
    filled: set[str] = set()
    for keyword in [each.name for each in call.arguments if each.name is not None]:
        if keyword.name in filled:
            found = given_twice(keyword)
            report.refuse(found.code, found.message, found.span)
        filled.add(keyword.name)
