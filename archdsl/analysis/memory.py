"""Memory of a network in bytes: state, tensors kept for the gradient, and inference.

Numbers are float32, except whole numbers, indices and counts, which are int64 in PyTorch. Sizes are
those of the tensors passed between the layers of the graph; temporary memory inside a PyTorch
operation is not counted. If sizes are symbolic, bytes are polynomials.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archdsl.analysis.cost import total
from archdsl.analysis.layer_costs import Amount, Costed, Costs, costs_of
from archdsl.analysis.storage import may_work_in_place, owners
from archdsl.graph import Graph, Node
from archdsl.ops.base import Shape
from archdsl.ops.memory import INDEX_BYTES, NUMBER_BYTES, Saves
from archdsl.shapes import UNKNOWN, Count, Polynomial, Unknown, product

MOST_COUNTS = 20


@dataclass(frozen=True)
class Largest:
    """The maximum of several counts, if which one is the largest depends on the sizes.

    Empty if they are more than `MOST_COUNTS`: such a long formula would be useless.
    """

    counts: tuple[Count, ...]

    def __str__(self) -> str:
        return f"max({', '.join(map(str, self.counts)) or '...'})"


def activations(network: Costed, batch: int = 1) -> dict[int, Amount]:
    """By node, the bytes newly allocated for its result in inference.

    Views and in-place layers allocate none, nor do heads that exist only in training, nor the
    network's inputs, which are not its results.
    """
    costs = costs_of(network)
    owner = owners(costs, training=False)
    found: dict[int, Amount] = {}
    for node, layer in costs:
        is_new = owner[node.id] == node.id and node.op and not node.training_only
        known = allocated(node, batch) if is_new else 0
        found[node.id] = UNKNOWN if layer.is_foreign and not node.training_only else known
    return found


def saved(network: Costed, batch: int = 1) -> dict[int, Amount]:
    """By node, the bytes kept for its gradient that earlier nodes do not keep already.

    This matches what `torch.autograd.graph.saved_tensors_hooks` sees of the generated module on a
    CPU in training, each storage once and as a whole, without weights and buffers. Only tensors on
    a path to a weight have a gradient: the image has none. It is not exact if an activation that
    keeps its result in place (`leaky_relu`, `elu`, `selu`) is not written in place, if layers that
    run on a permuted tensor copy it (`layernorm` of an image, then `flatten`), or if many equal
    branches are multiplied as a stack.
    """
    costs = costs_of(network)
    graph = costs.graph
    owner = owners(costs, training=True)
    requires = requiring(costs)
    done: set[int] = set()
    result: dict[int, Amount] = {}
    for node, layer in costs:
        result[node.id] = 0
        if node.id in requires and node.op is not None:
            in_place = may_work_in_place(costs, node)
            kept = {owner[id] for id in kept_inputs(node, layer.saves, in_place, requires)} - done
            done |= kept
            result[node.id] = total(
                [
                    *[allocated(graph[id], batch) for id in sorted(kept)],
                    *[tensor.size(batch) for tensor in layer.saves.own],
                    *[_bytes(node.shape, batch)] * copies_input(layer.saves, in_place),
                ]
            )
        if layer.is_foreign:
            result[node.id] = UNKNOWN
    return result


def saved_bytes(network: Costed) -> Amount:
    """The bytes kept for the gradient of one image; see `saved`."""
    return total(saved(network).values())


def live(network: Costed, batch: int = 1) -> dict[int, Amount]:
    """By node, the bytes of all results in memory while it runs in inference.

    A result lives from its computation to its last use, in the order of the text; views and
    in-place results share the memory of the result they are made from. The network's inputs live to
    their last use, its output to the end. State is not counted.
    """
    costs = costs_of(network)
    graph = costs.graph
    owner = owners(costs, training=False)
    ends = _ends(graph, owner)
    result: dict[int, Amount] = {}
    now: Amount = 0
    for node, layer in costs:
        if node.training_only:
            continue
        if layer.is_foreign:
            # What it takes, and whether its result shares memory, is not known.
            now = UNKNOWN
        if owner[node.id] == node.id:
            now += allocated(node, batch)
        result[node.id] = now
        now = total([now, *[allocated(graph[id], -batch) for id in ends.get(node.id, ())]])
    return result


def largest(counts: Iterable[Amount]) -> Amount | Largest:
    """The largest count for all sizes, or all counts that are the largest for some."""
    kept: list[Count] = []
    for count in dict.fromkeys(counts):
        if isinstance(count, Unknown):
            return UNKNOWN
        if len(kept) > MOST_COUNTS:
            return Largest(())
        if not any(_is_at_least(other, count) for other in kept):
            kept = [other for other in kept if not _is_at_least(count, other)] + [count]
    return kept[0] if len(kept) == 1 else Largest(tuple(kept)) if kept else 0


def _bytes(shape: Shape, batch: int) -> Count:
    """The bytes of a result: of float32, or of whole numbers as int64."""
    each = NUMBER_BYTES if shape.below is None else INDEX_BYTES
    return product(each * batch, *shape.sizes)


def allocated(node: Node, batch: int) -> Count:
    """The bytes of a result; that of a learned tensor is a view of the weight.

    A negative batch counts what is freed.
    """
    op = node.op
    if op is not None and op.reads_batch_only:
        return 0
    # What is the same for every sample is there once.
    samples = batch if op is None or not op.is_repeated else (batch > 0) - (batch < 0)
    return _bytes(node.shape, samples)


def requiring(costs: Costs) -> set[int]:
    """The nodes whose results depend on a weight."""
    requires: set[int] = set()
    for node, layer in costs:
        if node.op is None or node.shape.below is not None:
            # Whole numbers have no gradient.
            continue
        if layer.learns or any(port.node in requires for port in node.sources):
            requires.add(node.id)
    return requires


def kept_inputs(node: Node, saves: Saves, in_place: bool, requires: set[int]) -> Iterator[int]:
    """The nodes whose results are read by a node's gradient."""
    if saves.output or (in_place and saves.output_in_place):
        yield node.id
    if not saves.inputs or in_place:
        return
    learning = sum([port.node in requires for port in node.inputs])
    for port in node.inputs[: saves.first]:
        # Crosswise, what is kept is read by the gradients of the other inputs.
        if not saves.crosswise or learning > (port.node in requires):
            yield port.node


def copies_input(saves: Saves, in_place: bool) -> bool:
    """Whether an input is copied before it is overwritten."""
    return in_place and saves.inputs and not saves.output_in_place


def _ends(graph: Graph, owner: dict[int, int]) -> dict[int, list[int]]:
    """By node, the results read for the last time there in inference."""
    last = {owner[node.id]: node.id for node in graph if not node.training_only}
    for node in graph:
        if not node.training_only:
            last |= {owner[port.node]: node.id for port in node.inputs}
    ends: dict[int, list[int]] = {}
    for made, end in last.items():
        ends.setdefault(end, []).append(made)
    return ends


def _is_at_least(first: Count, second: Count) -> bool:
    """Whether a count is at least another for all sizes, judging by its terms."""
    more, less = _terms(first), _terms(second)
    return all(more.get(factors, 0) >= number for factors, number in less.items()) and all(
        number >= 0 for factors, number in more.items() if factors not in less
    )


def _terms(count: Count) -> dict[object, int]:
    return dict(count.terms) if isinstance(count, Polynomial) else {(): count}
