"""Memory of a training step: state, what the optimizer keeps, and the most that is there at once.

A step is followed from layer to layer: forward, the loss, backward, and the optimizer. A result
lives until its last reader, and longer if a gradient keeps it (`memory.saved`); the gradient of a
result lives until the layer that made it has computed those of its inputs. Memory that an operation
takes while it runs, and what an allocator adds, are not counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from archdsl.analysis.layer_costs import Costed, Costs, costs_of
from archdsl.analysis.precision import NARROW_BYTES, Precision, Widths
from archdsl.analysis.training_step import TrainingStep
from archdsl.graph import Node
from archdsl.ops.memory import NUMBER_BYTES

OPTIMIZERS = {
    "sgd": (1, 0),
    "sgd-without-momentum": (0, 0),
    "adam": (2, 1),
    "adamw": (2, 1),
    "rmsprop": (1, 1),
    "adagrad": (1, 1),
    "lion": (1, 1),
}
"""Tensors of the size of the weights: those that an optimizer keeps, and those of its step.

They are those of `torch.optim`; `sgd` has momentum, as `archdsl train` has it.
"""


@dataclass(frozen=True)
class Step:
    """How a network is trained: bytes are for a step with these.

    `recomputed` are names of blocks whose results are not kept but computed again
    (`torch.utils.checkpoint`).
    """

    batch: int = 1
    optimizer: str = "sgd"
    precision: Precision = "fp32"
    recomputed: tuple[str, ...] = ()


@dataclass(frozen=True)
class TrainingMemory:
    """Bytes of a training step.

    `peak` is the most that is there at once, `at` the layer that runs then: the other figures are
    not all there at that moment, and so are not its parts.
    """

    weights: int
    """As layers read them: float32, or the copies in bfloat16."""
    masters: int
    """The float32 weights, and buffers, behind copies in bfloat16."""
    gradients: int
    """Of weights, in float32."""
    optimizer: int
    """What the optimizer keeps from step to step."""
    saved: int
    """Kept for the gradient at the end of the forward pass, without weights."""
    peak: int
    at: Node | None
    is_backward: bool


def training_memory(
    network: Costed, step: Step, segments: Sequence[Sequence[int]] = ()
) -> TrainingMemory:
    """The memory of a network whose sizes are known; `segments` of its nodes are recomputed."""
    costs = costs_of(network)
    widths = Widths(costs, step.precision)
    state = sum([_known(layer.weight_bytes) for _, layer in costs])
    trained = sum([NUMBER_BYTES * _known(layer.params) for _, layer in costs])
    narrow = _narrow_copies(costs, widths)
    kept, used = OPTIMIZERS[step.optimizer]
    run = TrainingStep(costs, widths, step.batch, segments)
    run.storages.hold("state", state + narrow + kept * trained)
    run.run()
    if (end := run.storages.now - narrow + used * trained) > run.storages.peak:
        run.storages.peak, run.storages.at = end, None
    at = run.storages.at
    node, is_backward = at if isinstance(at, tuple) else (None, True)
    return TrainingMemory(
        weights=narrow or state,
        masters=state if narrow else 0,
        gradients=trained,
        optimizer=kept * trained,
        saved=run.saved,
        peak=run.storages.peak,
        at=node,
        is_backward=is_backward,
    )


def _narrow_copies(costs: Costs, widths: Widths) -> int:
    """The bytes of the copies that autocast makes of weights, one of each however often used."""
    copies = {
        weight.key(node.path): NARROW_BYTES * prod(weight.shape)
        for node, layer in costs
        if widths.is_narrow(layer)
        for weight in layer.read_weights
        if weight.trainable
    }
    return sum(copies.values())


def _known(number: object) -> int:
    assert isinstance(number, int), "somebody else's class has no known memory"
    return number
