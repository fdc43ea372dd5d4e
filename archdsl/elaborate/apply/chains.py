"""Chains, stations and heads applied."""

from __future__ import annotations

from archdsl import tree
from archdsl.elaborate.apply.dispatch import Result, apply
from archdsl.elaborate.apply.fitting import postpone
from archdsl.elaborate.apply.joins import one_of, span_of
from archdsl.elaborate.apply.labels import named, splice
from archdsl.elaborate.apply.place import Place, text_of
from archdsl.elaborate.apply.refusals import several_tensors
from archdsl.elaborate.apply.wires import read_wire, spliced_wire
from archdsl.elaborate.pending import PendingCondition
from archdsl.elaborate.report import Failure
from archdsl.elaborate.tensors import UNKNOWN, Flow, Several, Tensor
from archdsl.elaborate.values import (
    Applicable,
    AuxLayer,
    Broken,
    BundleLayer,
    ChainLayer,
    ConditionalLayer,
    LabelledLayer,
    Layer,
    OpCallee,
    SharedLayer,
    SharingLayer,
    Spliced,
    Station,
    WireLayer,
)
from archdsl.graph import Port
from archdsl.provenance import Term
from archdsl.shapes import Undecided, same
from archdsl.shapes.fits import Pair
from archdsl.syntax import ast
from archdsl.tree import Sizes


def chain(layer: ChainLayer, entry: Flow, place: Place) -> Result:
    """Layers one after another."""
    children = []
    for index, link in enumerate(layer.links):
        if index and (source := _source(link)) is not None:
            _check_place(source, entry, place)
        first = place.body.network.count
        entry, child = apply(link, entry, place)
        children.append(child)
        if index in layer.lets and place.body.network.has_weights(first):
            _note_two_sets(layer, layer.lets[index], place)
    return entry, tree.SequenceNode(layer.site, tuple(children))


def _note_two_sets(layer: ChainLayer, name: ast.Name, place: Place) -> None:
    """Remark on a `let` that is applied to several inputs, each time with weights of its own."""
    (wire, *_) = layer.links
    assert isinstance(wire, WireLayer)
    if place.body.fed.setdefault(name.name, wire.label.value) == wire.label.value:
        return
    message = f"two sets of weights of `{name.name}`; `share` makes one"
    shared = f"write `share {name.name} = {name.name} in …` around both"
    help = f"{shared}, or labels if two are meant: `{wire.label.value}_{name.name}: {name.name}`"
    place.body.note("N0402", message, name.span, help)


def _source(link: Layer) -> Applicable | WireLayer | None:
    """The learned tensor or wire that a link begins with, which reads nothing of what comes in."""
    while True:
        match link:
            case LabelledLayer(layer=inner) | Spliced(layer=inner) | ConditionalLayer(layer=inner):
                link = inner
            case ChainLayer(links=(first, *_)):
                link = first
            case SharedLayer(weights=weights):
                link = weights.labelled.layer
            case SharingLayer(layer=inner):
                link = inner
            case Applicable(callee=OpCallee(op=op)) if op.is_bare and op.reads_shape_only:
                return link
            case WireLayer():
                return link
            case _:
                return None


def _check_place(source: Applicable | WireLayer, entry: Flow, place: Place) -> None:
    """Refuse what discards the layers before it; a wire may read one of several tensors."""
    if entry == UNKNOWN:
        return
    name, help = "a wire", "it must come first in a chain, or in a branch of `add`, `concat`, …"
    if isinstance(source, Applicable):
        name = f"`{source.callee.name}`"
    elif isinstance(entry, Several) and not entry.are_inputs:
        if read_wire(source, place).node in [tensor.node for tensor in entry.parts.values()]:
            return
        parts = ", ".join(f"`{part}`" for part in entry.parts)
        help = f"begin with a wire to one of the tensors that come in here: {parts}"
    message = f"{name} here discards the result of the layers before it"
    failure = place.body.fail("E0403", message, source.site, help=help)
    if isinstance(source, Applicable):
        raise failure


def bundle(layer: BundleLayer, entry: Flow, place: Place) -> Result:
    """Layers side by side, and all of their results."""
    results = [apply(branch, entry, place) for branch in layer.branches]
    spans = [span_of(branch, layer.site) for branch in layer.branches]
    tensors = [one_of(result, s, place) for s, (result, _) in zip(spans, results, strict=True)]
    made = Several(dict(zip(layer.names, tensors, strict=True)))
    return made, tree.BundleNode(layer.site, tuple([node for _, node in results]), made.nodes)


def broken(layer: Broken, entry: Flow, place: Place) -> Result:
    """A layer whose error was reported where it was evaluated; raises `Failure`."""
    raise Failure


def spliced(layer: Spliced, entry: Flow, place: Place) -> Result:
    """A layer that came through a parameter."""
    if isinstance(layer.layer, WireLayer):
        result, child = spliced_wire(layer, layer.layer, place)
    else:
        result, child = apply(layer.layer, entry, place)
    return result, splice(layer, child)


def station(layer: Station, tensor: Flow, place: Place) -> Result:
    """A check of the shape, which passes the tensor on."""
    if isinstance(tensor, Several):
        raise several_tensors(tensor, layer.site, place)
    node = tree.SequenceNode(layer.site, ())
    if tensor.sizes is None:
        return tensor, node
    expected, found = str(layer.pattern), text_of(tensor)
    unequal: list[Pair] = []
    if not _passes(layer, tensor.sizes, unequal):
        message, help = "shape mismatch at this station", _instead_of_reshape(layer, tensor)
        place.body.fail("E0304", message, layer.site, expected=expected, found=found, help=help)
        # What follows was written for the shape that was meant.
        return (UNKNOWN if help else tensor), node
    if unequal:
        demand, trace = "a station needs the sizes that it shows", place.body.trace
        pairs = tuple(unequal)
        pending = PendingCondition("E0308", demand, layer.site, trace, pairs, expected, found)
        postpone(place.body, pending)
    return tensor, node


CHECK = "a list of sizes checks the shape and changes nothing"


def _instead_of_reshape(layer: Station, tensor: Tensor) -> str:
    """The help for a station that was meant as a reshape."""
    parts = layer.pattern.parts
    wanted = [part.value if isinstance(part, Term) else None for part in parts]
    while len(wanted) > 1 and wanted[0] == -1:
        # Others write the batch too.
        wanted = wanted[1:]
    shape = tensor.shape
    if layer.pattern.is_counted or shape.below is not None:
        return ""
    if shape.rank > 1 and len(wanted) == 1:
        if wanted[0] == shape.channels and any(size != 1 for size in shape.positions):
            return f"write `global_avgpool -> flatten`; {CHECK}"
        return f"write `flatten`; {CHECK}"
    is_form = (len(wanted) != shape.rank and ... not in parts) or -1 in wanted
    return f"{CHECK}; `rearrange` splits and joins sizes" if is_form else ""


def _passes(layer: Station, sizes: Sizes, unequal: list[Pair]) -> bool:
    """Whether a shape is that of a station; `unequal` are sizes that are for some inputs only."""
    expected = layer.pattern.of(sizes)
    if expected is None:
        return False
    for wanted, found in zip(expected, sizes.parts, strict=True):
        if wanted is None:
            continue
        pair: Pair = (wanted.value, found.value)  # type: ignore[assignment]
        try:
            if not same(*pair):
                return False
        except Undecided:
            unequal.append(pair)
    return True


def aux(layer: AuxLayer, entry: Flow, place: Place) -> Result:
    """A training-only head; what comes in passes through."""
    head, network = layer.head, place.body.network
    name = str(head.label.value)
    made, child = named(head, entry, place.in_training())
    result = one_of(made, head.site, place)
    if name in network.graph.heads or name == "output":
        message = f"duplicate output `{name}`"
        raise place.body.fail("E0410", message, head.label_site, help="rename one of them")
    network.graph.heads[name] = Port(result.node)
    place.body.instance.heads.append(name)
    return entry, tree.AuxNode(layer.site, head.label, child, result.node)
