"""Expressions that give layers: chains, labels and wires."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.elaborate.evaluate.calls import completed
from archdsl.elaborate.evaluate.dispatch import as_size, evaluate, number, text, wrong_kind
from archdsl.elaborate.evaluate.lists import items_of
from archdsl.elaborate.patterns import Part, Pattern
from archdsl.elaborate.report import Failure
from archdsl.elaborate.scope import Scope
from archdsl.elaborate.values import (
    BROKEN,
    LAYERS,
    Anything,
    Builtin,
    ChainLayer,
    Datum,
    Features,
    Items,
    LabelledLayer,
    Layer,
    SharedLayer,
    SharedWeights,
    SharingLayer,
    Spliced,
    Station,
    WireLayer,
)
from archdsl.ops import OPS
from archdsl.provenance import Format, Literal, Term, literal
from archdsl.source import Span
from archdsl.syntax import ast


def link(node: ast.Expression, scope: Scope) -> Layer:
    """The layer that an expression denotes; `Broken` after a mistake, so that others are found."""
    try:
        if isinstance(node, ast.Comparison) and isinstance(node.left, ast.List | ast.Shape):
            return _counted(node, node.left, scope)
        spans = [item.span for item in node.items] if isinstance(node, ast.List) else []
        return as_layer(evaluate(node, scope), node.span, scope, spans)
    except Failure:
        scope.body.network.failed = True
        return BROKEN


def as_layer(datum: Datum, span: Span, scope: Scope, spans: Sequence[Span] = ()) -> Layer:
    """A value where a layer is wanted: a list of sizes, written at `spans`, is a station."""
    if isinstance(datum, LAYERS):
        return completed(datum, span, scope)
    if isinstance(datum, Term) and isinstance(datum.value, tuple):
        return _station(items_of(datum, span, scope), span, scope, spans)
    if isinstance(datum, Features):
        return Station(datum.pattern, span)
    if isinstance(datum, Items) and is_station(datum):
        return _station(datum.items, span, scope, spans)
    is_join = isinstance(datum, Builtin) and datum.name in OPS
    help = f"it joins branches: `{span.text}(@first, @second)`" if is_join else ""
    raise wrong_kind(datum, "a layer", span, scope, help)


def is_station(datum: Items) -> bool:
    """Whether a list is one of sizes, some of which may be any."""
    return any(isinstance(item, Anything) for item in datum.items)


def _station(sizes: Sequence[Datum], span: Span, scope: Scope, spans: Sequence[Span]) -> Station:
    each_span = spans if len(spans) == len(sizes) else [span] * len(sizes)
    each = zip(sizes, each_span, strict=True)
    return Station(Pattern(tuple([_part(size, place, scope) for size, place in each])), span)


def features(node: ast.Shape, scope: Scope) -> Datum:
    """`[n; d]`: as a link a station, as an argument a shape."""
    parts = [_part(evaluate(size, scope), size.span, scope) for size in node.sizes]
    return Features(Pattern(tuple(parts), is_last=True), node.span)


def _counted(node: ast.Comparison, sizes: ast.List | ast.Shape, scope: Scope) -> Station:
    """`[n] < 1000` as a link: a station for whole numbers."""
    inner = sizes.items if isinstance(sizes, ast.List) else ()
    if node.operator != "<" or isinstance(sizes, ast.Shape):
        raise wrong_kind(evaluate(node, scope), "a layer", node.span, scope)
    parts = [_part(evaluate(each, scope), each.span, scope) for each in (*inner, node.right)]
    return Station(Pattern(tuple(parts), is_counted=True), node.span)


def _part(datum: Datum, span: Span, scope: Scope) -> Part:
    if isinstance(datum, Anything):
        return ... if datum.is_rest else None
    if isinstance(datum, Term):
        return as_size(datum, span, scope)
    raise wrong_kind(datum, "a size", span, scope)


def wire(node: ast.Wire, scope: Scope) -> Datum:
    """`@label`."""
    return WireLayer(label(node.label, scope), scope.body.labels, node.span)


def part_of_wire(wire: ast.Wire, node: ast.Attribute, scope: Scope) -> Datum:
    """`@label.name`: one of several results."""
    name = label(wire.label, scope)
    return WireLayer(name, scope.body.labels, node.span, node.name.name)


def label(node: ast.Label, scope: Scope) -> Term:
    """The text of a label, its names filled in."""
    if all(isinstance(part, str) for part in node.parts):
        return literal("".join(part for part in node.parts if isinstance(part, str)))
    terms = [
        literal(part) if isinstance(part, str) else _label_part(part, scope) for part in node.parts
    ]
    value = "".join(str(term.value) for term in terms)
    if all(isinstance(term.expression, Literal) for term in terms):
        return literal(value)
    return Term(value, Format(tuple(term.expression for term in terms)))


def _label_part(node: ast.Name, scope: Scope) -> Term:
    term = number(node, scope)
    value = term.value
    if isinstance(value, float) and value.is_integer():
        return literal(int(value))
    if isinstance(value, int | str) and not isinstance(value, bool):
        return term
    message = "a label is made of whole numbers and strings"
    raise scope.fail("E0505", message, node.span, found=text(term))


def labelled(node: ast.Labelled, scope: Scope) -> Datum:
    """A layer with a label."""
    name = label(node.label, scope)
    return LabelledLayer(
        name, link(node.layer, scope), scope.body.labels, node.label.span, node.span
    )


def share_in(node: ast.ShareIn, scope: Scope) -> Datum:
    """`share name = layer in body`: each use of the name is one of the same layer."""
    inner, shared = scope, []
    for bound in node.bindings:
        name, labels = bound.name, scope.body.labels
        made = link(bound.value, inner)
        if made is BROKEN:
            inner = inner.inner({name.name: BROKEN}, is_body=scope.is_body)
            continue
        layer = LabelledLayer(literal(name.name), made, labels, name.span, bound.span)
        shared.append(weights := SharedWeights(layer))
        inner = inner.inner({name.name: SharedLayer(weights, name.span)}, is_body=scope.is_body)
    return SharingLayer(tuple(shared), link(node.body, inner), node.span)


def chain(node: ast.Chain, scope: Scope) -> Datum:
    """Layers with arrows between them."""
    links = [(link(part, scope), part) for part in node.links]
    # `a -> identity -> b` is `a -> b`.
    kept = [(layer, part) for layer, part in links if not is_identity(layer)]
    if len(kept) == 1:
        return kept[0][0]
    lets = {}
    if _is_input(kept[:1], scope):
        numbered = enumerate([part for _, part in kept])
        lets = {
            i: part for i, part in numbered if isinstance(part, ast.Name) and _is_let(part, scope)
        }
    return ChainLayer(tuple([layer for layer, _ in kept]), node.span, lets=lets)


def _is_input(links: Sequence[tuple[Layer, ast.Expression]], scope: Scope) -> bool:
    """Whether the first link is one of several inputs of the network."""
    names = scope.body.instance.input_names
    return any(isinstance(layer, WireLayer) and layer.label.value in names for layer, _ in links)


def _is_let(name: ast.Name, scope: Scope) -> bool:
    """Whether a name is that of a `let`, of this body or of a file."""
    known = scope.find(name.name)
    if known is not None:
        return not isinstance(known, Spliced | SharedLayer)
    _, declared = scope.namespace.names.get(name.name, (None, None))
    return isinstance(declared, ast.Let) and declared.parameters is None


def is_identity(layer: Layer) -> bool:
    """Whether a layer is a plain `identity`."""
    return isinstance(layer, ChainLayer) and not layer.links and not layer.is_call
