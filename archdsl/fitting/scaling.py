"""Compound scaling: several parameters that grow with one variable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from fractions import Fraction
from math import floor, isfinite

from archdsl.arithmetic import Value
from archdsl.diagnostics import Diagnostic, error, errors
from archdsl.elaborate import Elaboration
from archdsl.elaborate.evaluate.dispatch import number
from archdsl.elaborate.report import Failure, LimitExceeded
from archdsl.elaborate.scope import constants
from archdsl.fitting.question import Scaling
from archdsl.fitting.refusals import Unanswered
from archdsl.source import Source, whole_of
from archdsl.syntax import ast
from archdsl.syntax.program import resolve


def scaled(
    scaling: Scaling, defaults: Mapping[str, int | float], point: Fraction
) -> dict[str, Value]:
    """The values of all parameters at a point: the default times its factor there.

    Of a whole default the result is the nearest whole number, upwards from a half. Raises
    `Unanswered` for a factor without a value.
    """
    found: dict[str, Value] = {}
    for name, expression in scaling.factors.items():
        default = defaults[name]
        product = float(default * factor(expression, scaling.variable, point))
        if not isfinite(product):
            raise Unanswered(_refusal(expression, scaling.variable, []))
        found[name] = floor(product + 0.5) if isinstance(default, int) else product
    return found


def factor(expression: str, variable: str, point: Fraction) -> float:
    """The value of an expression of the language, where its variable has one."""
    at = int(point) if point.denominator == 1 else float(point)
    source = Source("--vary", f"let {variable} = {at}\nlet _factor = {expression}\n")
    program, diagnostics = resolve(source, _Nowhere())
    value: object = None
    if not errors(diagnostics):
        value, diagnostics = _value(Elaboration(program, {}))
    if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
        return value
    raise Unanswered(_refusal(expression, variable, errors(diagnostics)))


def _value(run: Elaboration) -> tuple[object, list[Diagnostic]]:
    """The value of the second `let` of a text, which has no more."""
    declarations = run.namespace.file.declarations
    if len(declarations) != 2 or not isinstance(declarations[1], ast.Let):
        # A factor with lines of its own declares more.
        return None, run.diagnostics
    value: object = None
    with run.session.reporter.apart() as reports, suppress(Failure, LimitExceeded):
        value = number(declarations[1].value, constants(run.session, run.namespace)).value
    found = [each.diagnostic for each in reports.values()]
    return value, [*run.diagnostics, *found]


def _refusal(expression: str, variable: str, found: list[Diagnostic]) -> Diagnostic:
    why = f": {found[0].message}" if found else ""
    message = f"the factor `{expression}` is no number for a value of `{variable}`{why}"
    help = f"it is an expression of `{variable}`, such as 1.2**{variable}"
    return error("E0953", message, whole_of("--vary"), help=help)


class _Nowhere:
    """Finds no module: a factor imports nothing."""

    def __call__(self, importer: str, module: tuple[str, ...]) -> None:
        return None

    def modules(self, importer: str) -> Iterable[str]:
        """None."""
        return ()
