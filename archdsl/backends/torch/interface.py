"""What a caller must know about a generated class."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from archdsl.arithmetic import Value
from archdsl.backends.torch.families import Families, Family
from archdsl.backends.torch.initialize import Plan
from archdsl.backends.torch.python import PyExpression, PyParameter
from archdsl.backends.torch.rows import Occurrence
from archdsl.provenance import Term
from archdsl.tree import Instance, LayerValue


@dataclass(eq=False)
class ConstructorParameter:
    """A parameter of `__init__`.

    `terms` are the occurrences' values in their callers' terms. For a layer parameter, `layers` are
    its values, and `uses` the occurrences of blocks made from it. `default` is the default in
    Python, and `default_value` its value.
    """

    name: str
    annotation: PyExpression
    terms: dict[Occurrence, Term] = field(default_factory=dict)
    layers: dict[Occurrence, LayerValue] = field(default_factory=dict)
    uses: dict[Occurrence, list[Instance]] = field(default_factory=dict)
    default: PyExpression | None = None
    default_value: Value | None = None
    is_size: bool = False
    is_tuple: bool = False
    """Whether its sequences are tuples."""

    @property
    def signature(self) -> PyParameter:
        """The parameter as written in a `def`."""
        return PyParameter(self.name, self.annotation, self.default)


@dataclass(eq=False)
class Interface:
    """A class as seen by its callers.

    `wires` are additional parameters of `forward`: tensors of other bodies, by node of the graph.
    `results` are the names of its results if there are several. `heads` are additional results,
    None in evaluation; `given` are tensors read outside, by node of the graph, and follow the
    heads.
    """

    family: Family
    name: str
    parameters: list[ConstructorParameter] = field(default_factory=list)
    wires: dict[str, dict[Occurrence, int]] = field(default_factory=dict)
    takes_input: bool = True
    """Whether `forward` reads its incoming tensor; otherwise it only takes wires."""
    results: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    given: dict[str, dict[Occurrence, int]] = field(default_factory=dict)


def has_more(interface: Interface) -> bool:
    """Whether a class returns more than one tensor."""
    return bool(interface.results or interface.heads or interface.given)


@dataclass(eq=False)
class Interfaces:
    """The classes written so far, and the occurrences of every instance."""

    families: Families
    starts: Plan
    sized: Mapping[str, Set[str]] = field(default_factory=dict)
    """The parameters of networks whose lists always have the same length."""
    made: dict[Family, Interface] = field(default_factory=dict)

    def of(self, instance: Instance) -> Interface | None:
        """The class of an instance; None if it is not written yet (a recursive block)."""
        family = self.families.of.get(instance)
        return self.made.get(family) if family else None

    def occurrence(self, instance: Instance) -> Occurrence:
        """The occurrence that an instance belongs to."""
        return self.families.occurrences[instance]
