"""Memory as it is measured, and as the analysis has it without running anything.

On a GPU both are the peak of a step. A CPU has no such counter: there both are the bytes that
autograd keeps, as its hooks see them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from archdsl.analysis.cost import foreign_nodes, weight_bytes
from archdsl.analysis.memory import largest, live
from archdsl.analysis.precision import PRECISIONS
from archdsl.analysis.training_memory import Step, training_memory
from archdsl.bench.device import IS_GPU

if TYPE_CHECKING:
    from archdsl.bench.ways import Way
    from archdsl.graph import Graph


def saved_bytes(module: nn.Module, run: Callable[[], object]) -> int:
    """The bytes that a run keeps for the gradient: each storage once, without weights and buffers.

    Storages are identified by their objects, because they have no address on the meta device.
    """
    state = [*module.parameters(), *module.buffers()]
    owned = {tensor.untyped_storage()._cdata for tensor in state}
    storages: dict[int, torch.UntypedStorage] = {}

    def pack(tensor: Tensor) -> Tensor:
        # Held until all are counted, so that no other storage takes its place.
        storages[tensor.untyped_storage()._cdata] = tensor.untyped_storage()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        kept = run()
    del kept
    return sum(storage.nbytes() for key, storage in storages.items() if key not in owned)


def estimated(graph: Graph, way: Way, batch: int, is_gpu: bool = IS_GPU) -> int | None:
    """The bytes that are to be expected; None where nothing is known of them.

    What PyTorch compiles keeps and allocates as its compiler decides.
    """
    is_training = way.task == "training"
    if way.mode == "compile" or foreign_nodes(graph):
        return None
    if is_training:
        memory = training_memory(graph, Step(batch, "sgd", PRECISIONS[way.precision]))
        # Hooks see the copies of weights that autocast makes, too.
        copies = memory.weights if memory.masters else 0
        return memory.peak if is_gpu else memory.saved + copies
    if way.precision != "fp32" or not is_gpu:
        return None
    weights, results = weight_bytes(graph), largest(live(graph, batch).values())
    return weights + results if isinstance(weights, int) and isinstance(results, int) else None
