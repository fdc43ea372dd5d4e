"""What a caller must know of a generated class."""

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

    `terms` are the occurrences' values in their callers' terms; for a parameter that takes a layer
    `layers` are, and `uses` are the occurrences of blocks that are made of it. `default` is the
    default in Python, and `default_value` what it means.
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
        """The parameter as `def` writes it."""
        return PyParameter(self.name, self.annotation, self.default)


@dataclass(eq=False)
class Interface:
    """A class as its callers see it.

    `wires` are further parameters of `forward`: tensors of other bodies, by node of the graph.
    `heads` are further results, None in evaluation; `given` are tensors that are read outside, by
    node of the graph, which come behind them.
    """

    family: Family
    name: str
    parameters: list[ConstructorParameter] = field(default_factory=list)
    wires: dict[str, dict[Occurrence, int]] = field(default_factory=dict)
    takes_input: bool = True
    """Whether `forward` reads the tensor that comes in; else it takes its wires alone."""
    heads: list[str] = field(default_factory=list)
    given: dict[str, dict[Occurrence, int]] = field(default_factory=dict)


@dataclass(eq=False)
class Interfaces:
    """The classes that were made so far, and the occurrences of every instance."""

    families: Families
    starts: Plan
    sized: Mapping[str, Set[str]] = field(default_factory=dict)
    """The parameters of networks whose lists have always the same length."""
    made: dict[Family, Interface] = field(default_factory=dict)

    def of(self, instance: Instance) -> Interface | None:
        """The class of an instance; None while it is not made (a block that calls itself)."""
        family = self.families.of.get(instance)
        return self.made.get(family) if family else None

    def occurrence(self, instance: Instance) -> Occurrence:
        """The occurrence that an instance is."""
        return self.families.occurrences[instance]
