"""What a caller must know of a generated class."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from archdsl.arithmetic import Value
from archdsl.backends.torch.families import Families, Family
from archdsl.backends.torch.initialize import Plan
from archdsl.backends.torch.python import PyExpression, PyParameter
from archdsl.backends.torch.rows import Instance
from archdsl.provenance import Term
from archdsl.tree import Activation, LayerValue


@dataclass(eq=False)
class ConstructorParameter:
    """A parameter of `__init__`.

    `terms` are the instances' values in their callers' terms; for a parameter that takes a layer
    `layers` are, and `uses` are the instances of blocks that are made of it. `default` is the
    default in Python, and `default_value` what it means.
    """

    name: str
    annotation: PyExpression
    terms: dict[Instance, Term] = field(default_factory=dict)
    layers: dict[Instance, LayerValue] = field(default_factory=dict)
    uses: dict[Instance, list[Activation]] = field(default_factory=dict)
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
    wires: dict[str, dict[Instance, int]] = field(default_factory=dict)
    takes_input: bool = True
    """Whether `forward` reads the tensor that comes in; else it takes its wires alone."""
    heads: list[str] = field(default_factory=list)
    given: dict[str, dict[Instance, int]] = field(default_factory=dict)


@dataclass(eq=False)
class Interfaces:
    """The classes that were made so far, and the instances of every activation."""

    families: Families
    starts: Plan
    sized: Mapping[str, Set[str]] = field(default_factory=dict)
    """The parameters of networks whose lists have always the same length."""
    made: dict[Family, Interface] = field(default_factory=dict)

    def of(self, activation: Activation) -> Interface | None:
        """The class of an activation; None while it is not made (a block that calls itself)."""
        family = self.families.of.get(activation)
        return self.made.get(family) if family else None

    def instance(self, activation: Activation) -> Instance:
        """The instance that an activation is."""
        return self.families.instances[activation]
