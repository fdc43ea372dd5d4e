"""Bundles: several layers that read one tensor, and the names of what they give."""

from __future__ import annotations

from archdsl.elaborate.evaluate.branches import flattened
from archdsl.elaborate.evaluate.dispatch import brief, evaluate
from archdsl.elaborate.report import Failure
from archdsl.elaborate.scope import Scope
from archdsl.elaborate.values import (
    BROKEN,
    BundleLayer,
    ChainLayer,
    ConditionalLayer,
    Datum,
    LabelledLayer,
    Layer,
    Spliced,
    WireLayer,
)
from archdsl.provenance import Term
from archdsl.resolve.expressions import not_a_list
from archdsl.source import Span
from archdsl.syntax import ast


def bundle(node: ast.Bundle, scope: Scope) -> Datum:
    """`(mask: conv(2, 1), @dec1 -> coarse: conv(2, 1))`."""
    layers = [(layer, each) for each in node.branches for layer in _layers(each, node, scope)]
    if any(layer is BROKEN for layer, _ in layers):
        raise scope.broken()
    names = [_name(layer, written, scope) for layer, written in layers]
    return BundleLayer(tuple([layer for layer, _ in layers]), _distinct(names, scope), node.span)


def _layers(branch: ast.Expression, node: ast.Bundle, scope: Scope) -> list[Layer]:
    """A branch, or a list of branches."""
    datum = evaluate(branch, scope)
    if isinstance(datum, Term) and not isinstance(datum.value, tuple):
        message, help = not_a_list(node)
        raise scope.fail("E0502", message, node.span, help=help)
    return flattened(datum, branch, scope)


def _distinct(named: list[tuple[str, Span]], scope: Scope) -> tuple[str, ...]:
    """The names of the results, of which no two are alike."""
    names: dict[str, None] = {}
    for name, span in named:
        if name in names:
            message = f"two results of this bundle are called `{name}`"
            raise scope.fail("E0402", message, span, help="rename one of them")
        names[name] = None
    return tuple(names)


def _name(layer: Layer, written: ast.Expression, scope: Scope) -> tuple[str, Span]:
    """The name of a result, and where it stands: the label, or the wire, that a branch ends in."""
    last, is_certain = layer, True
    while True:
        match last:
            case LabelledLayer(label=label, label_site=site):
                return str(label.value), site
            case WireLayer(label=label, part=part, site=site) if is_certain:
                return part or str(label.value), site
            case ChainLayer(links=(*_, end)):
                last = end
            case Spliced(layer=inner) | ConditionalLayer(layer=inner):
                last, is_certain = inner, False
            case _:
                raise _unnamed(written, scope)


def _unnamed(written: ast.Expression, scope: Scope) -> Failure:
    message = "a result of a bundle needs a name: end this branch in a label"
    layer = brief(written.span)
    help = f"write `name: {layer}`"
    match written:
        case ast.Chain(links=(ast.Labelled(label=label, layer=first), *_)):
            label_text = label.span.text
            rest = written.span.text[first.span.start - written.span.start :]
            help = f"a label names one link: write `{label_text}: ({' '.join(rest.split())})`"
        case ast.Chain():
            help = f"write `{layer} -> name: identity`"
    return scope.fail("E0406", message, written.span, help=help)
