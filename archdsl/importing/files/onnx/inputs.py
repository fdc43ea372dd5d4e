"""What goes into an ONNX file: random tensors of the sizes that it says, or that are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import torch
from torch import Tensor

from archdsl.importing.building import BATCH, sizes_in
from archdsl.importing.files.onnx.graph import Call, Graph
from archdsl.importing.refusal import Refusal

FLOATS, WHOLE = {1, 10, 11, 16}, {6, 7}
MOST_ELEMENTS = 2**28
BELOW = 2
"""Every table has that many rows, unless it is known how many."""


def example(graph: Graph, shapes: Sequence[str]) -> dict[str, Tensor]:
    """A batch of random inputs by name; raises `Refusal` where sizes are open."""
    if shapes and len(shapes) != len(graph.inputs):
        count = len(graph.inputs)
        raise Refusal("E0985", f"the file has {count} inputs, and --input is given {len(shapes)}")
    given = [*shapes] or [""] * len(graph.inputs)
    generator = torch.Generator().manual_seed(0)
    return {
        info.name: _drawn(graph, info, text, generator)
        for info, text in zip(graph.inputs, given, strict=True)
    }


def _drawn(graph: Graph, info: Any, text: str, generator: torch.Generator) -> Tensor:
    wanted, below = sizes_in(text) if text else ([], 0)
    sizes = _sizes(info, wanted if text else None)
    if prod(sizes) > MOST_ELEMENTS:
        raise Refusal("E0985", f"the input `{info.name}` has {prod(sizes):,} numbers")
    kind = info.type.tensor_type.elem_type
    if kind in FLOATS:
        return torch.randn(sizes, generator=generator)
    if kind not in WHOLE:
        raise Refusal("E0987", f"the input `{info.name}` has neither numbers nor whole numbers")
    dtype = torch.int32 if kind == min(WHOLE) else torch.int64
    return torch.randint(below or _rows(graph, info.name), sizes, generator=generator, dtype=dtype)


def _sizes(info: Any, given: list[int] | None) -> list[int]:
    """The sizes of an input, with the batch."""
    described = info.type.tensor_type
    if not described.HasField("shape") or not described.shape.dim:
        raise Refusal("E0985", f"the input `{info.name}` has no sizes")
    batch, *said = [max(0, dim.dim_value) for dim in described.shape.dim]
    wanted = said if given is None else given
    if len(wanted) != len(said):
        raise Refusal("E0985", f"the input `{info.name}` has {len(said)} sizes without the batch")
    sizes = [one or other for one, other in zip(said, wanted, strict=True)]
    if sizes != wanted or not all(sizes):
        listed = ",".join(str(size) if size else "?" for size in said)
        help = "give its sizes without the batch: `--input 3,224,224`"
        raise Refusal("E0985", f"the input `{info.name}` is of sizes {listed}", help)
    return [batch or BATCH, *sizes]


def _rows(graph: Graph, name: str) -> int:
    """How many rows the tables have that an input picks from."""
    found = []
    waiting: list[Call] = [*graph.readers.get(name, [])]
    while waiting:
        call = waiting.pop()
        if call.op == "Gather" and call.inputs[0] in graph.fixed:
            found.append(graph.fixed[call.inputs[0]].shape[0])
        elif call.op in ("Cast", "Identity", "Reshape", "Unsqueeze", "Squeeze"):
            waiting += graph.readers.get(call.outputs[0], [])
    return min(found, default=BELOW)


def other_batch(inputs: Mapping[str, Tensor], graph: Graph) -> dict[str, Tensor] | None:
    """The same inputs in a batch of another size; None where the file has a fixed one."""
    if any(info.type.tensor_type.shape.dim[0].dim_value for info in graph.inputs):
        return None
    return {
        name: torch.cat([each, each[:1] * 2 if each.is_floating_point() else each[:1]])
        for name, each in inputs.items()
    }
