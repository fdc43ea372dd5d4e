"""The figures of a network that targets are about, as numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from archdsl.analysis import cost, memory
from archdsl.analysis.given import symbols
from archdsl.analysis.layer_costs import Costs, Layers
from archdsl.analysis.segments import blocks_of, segments_of
from archdsl.analysis.training_memory import Step, training_memory
from archdsl.fitting.question import option
from archdsl.fitting.refusals import no_block, open_sizes, unmeasured
from archdsl.graph import Graph
from archdsl.shapes import Unknown


@dataclass
class Measuring:
    """Figures for a step; layers that are equal are counted once for all networks."""

    step: Step
    layers: Layers = field(default_factory=Layers)

    def figure(self, graph: Graph, name: str) -> int:
        """A figure; raises `Unanswered` where it is no number."""
        if name == "train_memory":
            self._check_training(graph)
        found = FIGURES[name](self, graph)
        if isinstance(found, Unknown):
            raise unmeasured(graph, option(name), "not known: it depends on an `extern`")
        if not isinstance(found, int):
            raise open_sizes(graph, option(name), f"{found}")
        return found

    def known(self, graph: Graph, name: str) -> int | None:
        """A figure if it is a number."""
        found = FIGURES[name](self, graph)
        return found if isinstance(found, int) else None

    def costs(self, graph: Graph) -> Costs:
        """The costs of the layers of a network."""
        return Costs(graph, self.layers)

    def peak(self, graph: Graph) -> object:
        """Bytes of weights, and the most that results take at once, in inference."""
        costs = self.costs(graph)
        most = memory.largest(memory.live(costs, self.step.batch).values())
        return cost.weight_bytes(costs) + most if isinstance(most, int) else most

    def training(self, graph: Graph) -> int:
        """Bytes of a step."""
        segments = segments_of(graph, self.step.recomputed)
        return training_memory(self.costs(graph), self.step, segments).peak

    def _check_training(self, graph: Graph) -> None:
        if symbols(graph):
            listed = ", ".join(symbols(graph))
            raise open_sizes(graph, option("train_memory"), listed)
        if cost.foreign_nodes(graph):
            reason = "not known: it depends on an `extern`"
            raise unmeasured(graph, option("train_memory"), reason)
        known = blocks_of(graph)
        if absent := [name for name in self.step.recomputed if name not in known]:
            raise no_block(graph, absent)


FIGURES: dict[str, Callable[[Measuring, Graph], object]] = {
    "params": lambda self, graph: cost.params(self.costs(graph)),
    "macs": lambda self, graph: cost.macs(self.costs(graph)),
    "peak": Measuring.peak,
    "train_memory": Measuring.training,
}
