"""The inputs on which two networks are compared: of usual sizes, if memory has room for them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from torch import Generator, Tensor

from archdsl.analysis.given import at_sizes, symbols
from archdsl.analysis.layer_costs import Costs
from archdsl.analysis.memory import live
from archdsl.analysis.pixels import USUAL, usual_sizes
from archdsl.examples import random_inputs, sized
from archdsl.graph import Graph
from archdsl.importing.refusal import Refusal
from archdsl.ops.memory import NUMBER_BYTES
from archdsl.shapes import Unknown, evaluate

SAMPLES = 2
SIDES = (USUAL, 112, 56, 28, 14, 1)
"""What sides of images are tried for open sizes, until memory has room."""
MOST_BYTES = 2**31
"""The memory for whose sake smaller sizes are tried; a network without open sizes may have all."""
DOUBLE = 2
"""How much larger a number is in double precision."""


def inputs_of(graph: Graph) -> tuple[Tensor, ...]:
    """Random inputs in double precision; raises `Refusal` (E0994) where memory is too small."""
    sizes, needed = _sizes(graph)
    if needed > (present := _memory()):
        raise _refusal(f"it takes {_gib(needed)}, and there are {_gib(present)}")
    shapes = [sized(graph.shape(port), sizes) for port in graph.inputs.values()]
    drawn = random_inputs(shapes, SAMPLES, Generator().manual_seed(0))
    return tuple([each.double() if each.is_floating_point() else each for each in drawn])


@contextmanager
def within_memory() -> Iterator[None]:
    """Raise `Refusal` (E0994) where PyTorch gets no more memory."""
    try:
        yield
    except (MemoryError, RuntimeError) as fault:
        if isinstance(fault, RuntimeError) and "allocate memory" not in str(fault):
            raise
        raise _refusal("the system gives no more") from fault


def _refusal(why: str) -> Refusal:
    message = f"too little memory to compare the networks: {why}"
    help = "leave sizes of the input open, as in `[3, h, w]`: smaller ones are compared then"
    return Refusal("E0994", message, help)


def _gib(count: int) -> str:
    return f"{count / 2**30:.1f} GiB"


def _sizes(graph: Graph) -> tuple[Mapping[str, int], int]:
    """The largest values for open sizes with which little memory is enough, and the bytes."""
    for side in SIDES:
        sizes = usual_sizes(graph, side)
        needed = _bytes(graph, sizes)
        if needed <= MOST_BYTES or not symbols(graph):
            break
    return sizes, needed


def _bytes(graph: Graph, sizes: Mapping[str, int]) -> int:
    """The bytes of a run in double precision, about, as far as they are known.

    PyTorch has no convolution of such numbers but as a matrix product, of all windows side by side.
    """
    costs = Costs(at_sizes(graph, sizes)[0])
    held = live(costs, SAMPLES)
    found = [0]
    for node, layer in costs:
        bytes = held.get(node.id, 0)
        if not isinstance(bytes, int) or isinstance(layer.macs, Unknown):
            continue
        windows = 0
        if node.op is not None and node.op.family == "convolution":
            breadth = node.shape.breadth
            windows = SAMPLES * NUMBER_BYTES * evaluate(layer.macs, {}) // evaluate(breadth, {})
        found.append(DOUBLE * (bytes + windows))
    return max(found)


def _memory() -> int:
    """The bytes of the machine's memory, if the system says them."""
    if not hasattr(os, "sysconf"):
        return sys.maxsize
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
