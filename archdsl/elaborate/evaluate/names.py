"""Names in use: parameters and local names, declarations, ops and builtin functions."""

from __future__ import annotations

from functools import cache

from archdsl import tree
from archdsl.elaborate.evaluate.dispatch import evaluate, number
from archdsl.elaborate.evaluate.externs import foreign_callee
from archdsl.elaborate.namespaces import Namespace
from archdsl.elaborate.report import step
from archdsl.elaborate.scope import Scope, Session, aside, constants
from archdsl.elaborate.values import (
    BROKEN,
    Applicable,
    Bindings,
    BlockCallee,
    Bound,
    Broken,
    Builtin,
    Callee,
    ChainLayer,
    Datum,
    FunctionCallee,
    OpCallee,
    SharedLayer,
    Spliced,
)
from archdsl.ops import OPS
from archdsl.provenance import Term
from archdsl.resolve.foreign import instead_of
from archdsl.resolve.words import BUILTINS
from archdsl.source import Span
from archdsl.syntax import ast


def lookup(node: ast.Name, scope: Scope) -> Datum:
    """The value of a name where it is written."""
    datum = scope.find(node.name)
    if datum is None:
        return _declared(node, scope)
    if isinstance(datum, Broken):
        raise scope.broken()
    return used(datum, node.span, scope)


def used(datum: Datum, span: Span, scope: Scope) -> Datum:
    """A value at the place where it is used, so that errors lead there."""
    if isinstance(datum, Spliced):
        layer = used(datum.layer, span, scope)
        return Spliced(layer, datum.origin, span)  # type: ignore[arg-type]
    if isinstance(datum, Applicable) and not datum.branches:
        return Applicable(datum.callee, datum.bindings, datum.defaults, span, scope.trace)
    if isinstance(datum, SharedLayer):
        return SharedLayer(datum.weights, span)
    return datum


def _declared(node: ast.Name, scope: Scope) -> Datum:
    name = node.name
    found = scope.namespace.names.get(name)
    if found is not None:
        namespace, declaration = found
        if isinstance(declaration, ast.Let) and declaration.parameters is None:
            return used(_let(declaration, namespace, node, scope), node.span, scope)
        callee = callee_of(declaration, namespace, scope.body.session)
        return applied_by_name(callee, name, node.span, scope)
    if name in scope.namespace.unread or name == ast.HOLE:
        raise scope.broken()
    if name == "identity":
        return ChainLayer((), node.span)
    if name in BUILTINS:
        return Builtin(name)
    if name in OPS:
        return applied_by_name(op_callee(name), name, node.span, scope)
    known = [*scope.visible(), *scope.namespace.names, *OPS, *BUILTINS, "identity"]
    message = f"unknown name `{name}`"
    raise scope.fail("E0201", message, node.span, help=instead_of(name, known))


def _let(declaration: ast.Let, namespace: Namespace, node: ast.Name, scope: Scope) -> Datum:
    """The value of `let name = ...` of a file, computed once for every body that uses it."""
    body = scope.body
    if declaration in body.session.under_way:
        message = f"`{declaration.name.name}` is defined in terms of itself"
        raise scope.fail("E0208", message, declaration.name.span)
    if declaration in body.lets:
        datum = body.lets[declaration]
        if isinstance(datum, Broken):
            raise scope.broken()
        return datum
    body.session.under_way.add(declaration)
    trace = step(declaration.name.name, node.span, scope.trace, declaration=declaration)
    inner = Scope(body, namespace, {}, None, trace)
    body.lets[declaration] = BROKEN
    try:
        body.lets[declaration] = evaluate(declaration.value, inner)
    finally:
        body.session.under_way.discard(declaration)
    return body.lets[declaration]


@cache
def op_callee(name: str, sizes: tuple[str, ...] = ()) -> OpCallee:
    """An op as something to call; one that is open has parameters for further `sizes`."""
    op = OPS[name].with_sizes(sizes) if sizes else OPS[name]
    parameters = tuple(op.parameters())
    return OpCallee(name, op, parameters, frozenset(parameters) - op.defaults().keys())


def callee_of(declaration: ast.Named, namespace: Namespace, session: Session) -> Callee:
    """A declaration with parameters as something to call; one object for all its uses."""
    if declaration not in session.callees:
        with aside(session):
            session.callees[declaration] = _callee(declaration, namespace, session)
    return session.callees[declaration]


def _callee(declaration: ast.Named, namespace: Namespace, session: Session) -> Callee:
    if isinstance(declaration, ast.Extern):
        return foreign_callee(declaration, constants(session, namespace))
    name = declaration.name.name
    parameters = tuple([p.name.name for p in declaration.parameters or ()])
    required = frozenset(p.name.name for p in declaration.parameters or () if p.default is None)
    if isinstance(declaration, ast.Let):
        return FunctionCallee(name, declaration, namespace, parameters, required)
    block = _described(declaration, namespace, session)
    return BlockCallee(name, declaration, namespace, block, parameters, required)


def _described(
    declaration: ast.BlockDeclaration, namespace: Namespace, session: Session
) -> tree.Block:
    """A block as the tree names it: one object for all its instances."""
    # One with a syntax error has no place among the others.
    place = namespace.positions.get(declaration, len(namespace.positions))
    name, order = declaration.name, (namespace.order, place)
    parameters = tuple(
        [tree.Parameter(p.name.name, _literal_default(p, session)) for p in declaration.parameters]
    )
    return tree.Block(
        name.name, declaration.doc, parameters, declaration.is_network, name.span, order
    )


def _literal_default(parameter: ast.ParameterDeclaration, session: Session) -> Term | None:
    """A default that is written as a plain number or string, or as a list of such."""
    if parameter.default is None or not is_literal(parameter.default):
        return None
    return number(parameter.default, constants(session))


def is_literal(node: ast.Expression) -> bool:
    """Whether an expression is a number, a string, a negated number, or a list of such."""
    if isinstance(node, ast.List):
        return all(is_literal(item) for item in node.items)
    if isinstance(node, ast.Negation):
        return isinstance(node.operand, ast.Number)
    return isinstance(node, ast.Number | ast.Boolean | ast.String)


def applied_by_name(callee: Callee, name: str, span: Span, scope: Scope) -> Applicable:
    """The named op or block, with the arguments of `default` declarations in the file."""
    gathered: dict[str, Bound] = {}
    for declaration in scope.namespace.defaults.get(name, ()):
        if scope.placed(declaration.span).end <= scope.placed(span).start:
            gathered.update(_default(declaration, scope))
    # A name that is no parameter has been reported where the default is declared.
    known = {name: bound for name, bound in gathered.items() if name in callee.parameters}
    return Applicable(callee, Bindings(), known, span, scope.trace)


def _default(declaration: ast.Default, scope: Scope) -> dict[str, Bound]:
    session = scope.body.session
    known = session.defaults.get(declaration)
    if known is None:
        inner = constants(session, scope.namespace)
        with aside(session):
            known = session.defaults[declaration] = {
                argument.name.name: Bound(argument.span, None, evaluate(argument.value, inner))
                for argument in declaration.arguments
                if argument.name is not None
            }
    return known
