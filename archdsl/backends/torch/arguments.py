"""Calls of generated classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archdsl.backends.torch import python
from archdsl.backends.torch.calls import equals_default
from archdsl.backends.torch.interface import ConstructorParameter, Interface
from archdsl.backends.torch.layers import layer_argument
from archdsl.backends.torch.names import variable_name
from archdsl.backends.torch.parameters import is_list
from archdsl.backends.torch.python import PyArgument, PyCall, PyConstant, PyExpression, PyName
from archdsl.backends.torch.rows import Row
from archdsl.backends.torch.writer import Writer
from archdsl.tree import Instance

POSITIONAL = 3
"""Maximum number of positional arguments; the others are keywords."""


@dataclass
class Arguments:
    """The arguments of a call of a generated class."""

    writer: Writer

    def call(
        self,
        interface: Interface,
        rows: Mapping[Row, Instance],
        layers: Sequence[PyArgument] | None = None,
    ) -> PyCall:
        """`Bottleneck(256, 64, stride=2)`; `layers` are for a class that takes a list of layers."""
        before: list[PyArgument] = []
        behind: list[PyArgument] = []
        for parameter in interface.parameters:
            value = self._value(parameter, rows)
            if value is None:
                continue
            is_late = len(before) >= POSITIONAL and layers is None
            if parameter.default is not None or is_late:
                behind.append(PyArgument(value, parameter.name))
            else:
                before.append(PyArgument(value))
        arguments = (*before, *(layers or ()), *behind)
        return PyCall(PyName(interface.name), arguments)

    def _value(
        self, parameter: ConstructorParameter, rows: Mapping[Row, Instance]
    ) -> PyExpression | None:
        of = {row: self.writer.interfaces.occurrence(instance) for row, instance in rows.items()}
        if parameter.layers:
            layers = {row: parameter.layers[i] for row, i in of.items()}
            uses = {row: parameter.uses[i] for row, i in of.items()}
            layer = layer_argument(self.writer, layers, uses)
            return None if layer == parameter.default else layer
        terms = {row: parameter.terms[i] for row, i in of.items() if i in parameter.terms}
        if not terms:
            # Only the body of a loop reads it, and the loop has no iteration here.
            return PyConstant(1)
        if parameter.default is not None and all(
            equals_default(term, parameter) for term in terms.values()
        ):
            return None
        sequence: python.SequenceKind = "tuple" if parameter.is_tuple else "list"
        block = next(iter(rows.values())).block.name
        value = self.writer.value(terms, parameter.name, parameter.is_size, sequence, block)
        # A parameter with a default accepts any sequence, and a `range` is not a list.
        is_other = _is_range(value) or value in self._with_default()
        return python.call("list", value) if is_other and is_list(parameter.annotation) else value

    def _with_default(self) -> set[PyExpression]:
        """The parameters of the calling class whose default is a sequence."""
        row = next(iter(self.writer.correspondence.own.frames))
        parameters = row.occurrence.instance.block.parameters
        defaults = {variable_name(p.name): p.default for p in parameters if p.default}
        return {
            PyName(name) for name, default in defaults.items() if isinstance(default.value, tuple)
        }


def _is_range(value: PyExpression) -> bool:
    return isinstance(value, PyCall) and value.callee == PyName("range")
