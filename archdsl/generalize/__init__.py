"""Networks with other parameter values, which general code must also compute.

Code is written from a network's graph, and must be the network for all other arguments too.
`variants.py` changes parameters until every decision has had another outcome, `samples.py` changes
all of them at once, and `blame.py` finds what to fix where code cannot follow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import partial
from types import MappingProxyType

from archdsl.diagnostics import Diagnostic
from archdsl.elaborate import Elaboration, Overrides
from archdsl.generalize.samples import Samples
from archdsl.generalize.variants import (
    Fixed,
    Search,
    Values,
    Variant,
    computed,
    unmoved,
    variant_of,
)
from archdsl.graph import Graph
from archdsl.syntax.program import Program
from archdsl.work import long_work

__all__ = ["Fixed", "Generalization", "Variant", "computed", "unmoved", "with_variants"]

NOTHING_FIXED = Fixed()


@long_work()
def with_variants(
    program: Program,
    overrides: Overrides | None = None,
    only: str | None = None,
    fixed: Mapping[str, Fixed] | None = None,
) -> tuple[dict[str, Graph], list[Variant], list[Diagnostic]]:
    """The graphs, and more graphs with other values for the networks' parameters.

    `fixed` lists, per network name, what keeps its default.
    """
    run = Generalization(program, overrides or {}, only, fixed or {})
    return run.graphs, list(run.variants()), run.diagnostics


class Generalization:
    """The networks of one elaboration, each also with other values for its parameters.

    `fixed` lists, per network name, what keeps its default. After all samples were drawn, `unshown`
    lists what must keep it too, because no sample shows its effect.
    """

    def __init__(
        self,
        program: Program,
        overrides: Overrides,
        only: str | None,
        fixed: Mapping[str, Fixed] = MappingProxyType({}),
    ) -> None:
        parameters = {network: each.parameters for network, each in fixed.items()}
        self.elaboration = Elaboration(program, overrides, only, parameters)
        self.graphs, self.fixed = self.elaboration.graphs, fixed
        self.unshown: dict[str, Fixed] = {}

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """All diagnostics of the program."""
        return self.elaboration.diagnostics

    @property
    def lengths(self) -> dict[str, Set[str]]:
        """The parameters, by network name, whose lists always have the same length."""
        return {network: each.lengths for network, each in self.fixed.items()}

    def variants(self) -> Iterator[Variant]:
        """Networks with other values for one or two parameters, if the spec accepts them."""
        for name, graph in self.graphs.items():
            yield from Search(graph, self._builder(name), self._lengths(name)).run()

    def samples(self, variants: Sequence[Variant]) -> Iterator[Variant]:
        """Networks with joint values for all parameters, similar to the variants."""
        for name, graph in self.graphs.items():
            known = [variant for variant in variants if variant.network == name]
            samples = Samples(graph, known, self._builder(name), self._lengths(name))
            yield from samples.run()
            self.unshown[name] = samples.unshown()

    def variant(self, network: str, values: Values) -> Variant | None:
        """A network with other values for some parameters; None if the spec rejects them."""
        graph = self.elaboration.build(network, values)
        return None if graph is None else variant_of(self.graphs[network], values, graph)

    def _builder(self, name: str) -> Callable[[Values], Graph | None]:
        return partial(self.elaboration.build, name)

    def _lengths(self, name: str) -> Set[str]:
        return self.fixed.get(name, NOTHING_FIXED).lengths
