"""The largest batch that memory has room for, and what takes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from archdsl.analysis.cost import macs, macs_of, weight_bytes
from archdsl.analysis.given import at_sizes
from archdsl.analysis.segments import segments_of
from archdsl.analysis.training_memory import Step, TrainingMemory, training_memory
from archdsl.diagnostics import errors
from archdsl.fitting.largest_batch import LargestBatch, Recomputing
from archdsl.fitting.measuring import Measuring
from archdsl.fitting.question import Question, option
from archdsl.fitting.refusals import Unanswered, infeasible
from archdsl.graph import Graph
from archdsl.work import long_work

LARGEST_BATCH = 2**31
"""No batch is larger, as in `--at batch=`."""


@long_work()
def largest_batch(graph: Graph, question: Question) -> LargestBatch:
    """The largest batch within the one limit of a question; raises `Unanswered` for none."""
    ((figure, limit),) = question.limits.items()
    graph, refused = at_sizes(graph, question.sizes)
    if errors(refused):
        raise Unanswered(*errors(refused))
    needed = _Needed(graph, figure, question.step)
    batch = _largest(needed, limit)
    if batch == 0:
        message = f"a batch of 1 for `{graph.name}` exceeds {option(figure)} {limit:,}"
        raise infeasible(message, f"it takes {needed(1):,} bytes")
    step = replace(question.step, batch=batch)
    above = needed(batch + 1)
    if figure == "peak":
        state = weight_bytes(graph)
        assert isinstance(state, int)
        rows = {"weights": state, "results": needed(batch) - state, "peak": needed(batch)}
        return LargestBatch(graph.name, figure, limit, step, rows, above)
    memory = needed.training(step)
    recomputing = _recomputing(needed, limit, step) if step.recomputed else None
    return LargestBatch(
        graph.name, figure, limit, step, _rows(memory), above, _when(memory), recomputing
    )


@dataclass
class _Needed:
    """The bytes that a network needs, by batch."""

    graph: Graph
    figure: str
    step: Step

    def __post_init__(self) -> None:
        self.measuring = Measuring(self.step)
        self.costs = self.measuring.costs(self.graph)

    def __call__(self, batch: int) -> int:
        self.measuring.step = replace(self.step, batch=batch)
        return self.measuring.figure(self.graph, self.figure)

    def training(self, step: Step) -> TrainingMemory:
        """The memory of a step."""
        return training_memory(self.costs, step, segments_of(self.graph, step.recomputed))


def _largest(needed: Callable[[int], int], limit: int) -> int:
    """The largest batch within a limit, 0 for none: bytes grow with the batch."""
    low, high = 0, 1
    while high < LARGEST_BATCH and needed(high) <= limit:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if needed(middle) <= limit else (low, middle)
    return low


def _rows(memory: TrainingMemory) -> dict[str, int]:
    return {
        "weights": memory.weights,
        "master copies": memory.masters,
        "gradients": memory.gradients,
        "optimizer states": memory.optimizer,
        "saved tensors": memory.saved,
        "peak": memory.peak,
    }


def _when(memory: TrainingMemory) -> str:
    """What runs when the most is there."""
    if memory.at is None:
        return "in the step of the optimizer"
    way = "backward" if memory.is_backward else "forward"
    return f"in the {way} of `{memory.at.path or memory.at.op}`"


def _recomputing(needed: _Needed, limit: int, step: Step) -> Recomputing:
    """The same without it."""
    kept = replace(step, recomputed=())
    again = [id for segment in segments_of(needed.graph, step.recomputed) for id in segment]
    more, whole = macs_of(needed.costs, again), macs(needed.costs)
    assert isinstance(more, int)
    assert isinstance(whole, int)
    memory = needed.training(kept)
    largest = _largest(_Needed(needed.graph, needed.figure, kept), limit)
    return Recomputing(step.recomputed, largest, memory.peak, memory.saved, more, whole)
