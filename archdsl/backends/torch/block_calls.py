"""Calls of blocks in `forward` that take or return more than one tensor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from archdsl.backends.torch import python
from archdsl.backends.torch.body import ForwardBody
from archdsl.backends.torch.interface import Interface, Interfaces
from archdsl.backends.torch.merged import MergedCall
from archdsl.backends.torch.names import variable_name
from archdsl.backends.torch.python import (
    TRAINING,
    PyAssign,
    PyChoice,
    PyDisplay,
    PyExpression,
    PyName,
)
from archdsl.backends.torch.rows import Occurrence, Split
from archdsl.backends.torch.variables import (
    NamedTensor,
    SeveralTensors,
    TensorExpression,
    held,
    several,
)
from archdsl.tree import CallNode


@dataclass
class BlockCalls:
    """The calls of blocks in a `forward` with this body."""

    interfaces: Interfaces
    body: ForwardBody

    def interface(self, node: MergedCall) -> Interface:
        """The interface of a called block."""
        return self.interfaces.made[node.family]

    def with_more(self, node: MergedCall, result: PyExpression) -> TensorExpression:
        """A call that returns several tensors: its results, those of heads, and inner ones."""
        interface = self.interface(node)
        heads = interface.heads
        if interface.results:
            return self._with_results(node, result)
        variables = self._more(node)
        self.body.name_target()
        if self.interfaces.families.is_root(node.family):
            # A network returns its heads only in training.
            alone = PyDisplay("tuple", (result, *[python.NONE] * len(heads)))
            result = PyChoice(TRAINING, result, alone)
        names = map(PyName, [self.body.target.name, *variables])
        targets = PyDisplay("bare", tuple(names))
        self.body.statements.append(PyAssign(targets, result))
        return held(self.body.target.name)

    def _more(self, node: MergedCall) -> list[str]:
        """The variables of what a call returns behind its results."""
        interface = self.interface(node)
        present = {head for call in node.rows.values() for head in call.instance.heads}
        variables = [self.body.head(head) if head in present else "_" for head in interface.heads]
        return [
            *variables,
            *[self._inner(node, name, of) for name, of in interface.given.items()],
        ]

    def _with_results(self, node: MergedCall, result: PyExpression) -> SeveralTensors:
        """A call of a block with several results, each in a variable of its name."""
        parts = []
        for index, name in enumerate(self.interface(node).results):
            nodes = {row: call.results[index][1] for row, call in node.rows.items()}
            variable = self.body.variables.labelled(name, nodes)
            parts.append(NamedTensor(name, nodes, held(variable)))
        variables = [*[part.value.code for part in parts], *map(PyName, self._more(node))]
        self.body.statements.append(PyAssign(PyDisplay("bare", tuple(variables)), result))
        return several(parts)

    def _inner(self, node: MergedCall, name: str, given: Mapping[Occurrence, int]) -> str:
        """The variable of an inner tensor that a call returns."""
        occurrence = self.interfaces.occurrence
        nodes = {row: given[occurrence(call.instance)] for row, call in node.rows.items()}
        return self.body.variables.labelled(name, nodes)

    def wires(self, node: MergedCall) -> list[PyExpression]:
        """The tensors of this body, or of enclosing bodies, that the called class reads."""
        tensors: list[PyExpression] = []
        for name, by_occurrence in self.interface(node).wires.items():
            given = {
                row: self._wire_of(call, name, by_occurrence) for row, call in node.rows.items()
            }
            nodes = {row: id for row, id in given.items() if id is not None}
            if len(nodes) < len(given):
                raise Split({row: row in nodes for row in given})
            tensors.append(PyName(self.body.variables.tensor(name, nodes)))
        return tensors

    def _wire_of(
        self, call: CallNode, name: str, by_occurrence: Mapping[Occurrence, int]
    ) -> int | None:
        """The tensor that a call passes under a name, even if it is not read; None without one."""
        occurrence = self.interfaces.occurrence(call.instance)
        given = {variable_name(wire): id for wire, id in call.instance.wires.items()}
        return by_occurrence.get(occurrence, given.get(name))
