"""The parameters of a class's constructor, and the numbers that it computes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from archdsl.arithmetic import Value
from archdsl.backends.torch import python, traversal
from archdsl.backends.torch.families import Family
from archdsl.backends.torch.fresh_parameters import FreshParameter
from archdsl.backends.torch.interface import ConstructorParameter
from archdsl.backends.torch.layers import is_partial, layer_argument
from archdsl.backends.torch.names import variable_name
from archdsl.backends.torch.python import PyCode, PyExpression, PyName, PyStatement, PySubscript
from archdsl.backends.torch.rows import Occurrence, Row
from archdsl.backends.torch.writer import Writer
from archdsl.provenance import Symbol, Term
from archdsl.tree import Block, LayerValue, Parameter


@dataclass
class Parameters:
    """Sorts the symbols that a class's text reads into parameters and local variables."""

    writer: Writer
    family: Family
    definitions: dict[str, PyExpression] = field(default_factory=dict)

    def locals(self) -> list[PyStatement]:
        """The statements that define the local numbers, in the order of the spec."""
        while waiting := [
            n for n in self.writer.used if self._is_local(n) and n not in self.definitions
        ]:
            for name in waiting:
                self.definitions[name] = self.writer.value(self._local_terms(name), name)
        order = [name for row in self._rows() for name in row.occurrence.instance.locals]
        names = [name for name in dict.fromkeys(order) if name in self.definitions]
        return [python.assign(variable_name(name), self.definitions[name]) for name in names]

    def _rows(self) -> list[Row]:
        return list(self.writer.correspondence.own.frames)

    def _is_local(self, name: str) -> bool:
        """Whether all occurrences that know a number compute it; otherwise it is a parameter."""
        known = [a for i in self.family.occurrences if name in (a := i.instance).frame.definitions]
        return bool(known) and all(name in instance.locals for instance in known)

    def _local_terms(self, name: str) -> dict[Row, Term]:
        frames = self.writer.correspondence.own.frames
        return {row: f.definitions[name] for row, f in frames.items() if name in f.definitions}

    def all(self) -> list[ConstructorParameter]:
        """The parameters: sizes, then required ones, then those with a default."""
        own = {parameter.name: parameter for parameter in self.family.block.parameters}
        used = [name for name in self.writer.used if name not in self.definitions]
        sizes = [self._size(name) for name in self._in_order(used) if name not in own]
        written = [self._own(own[name]) for name in own if name in used]
        fresh = [self._fresh(parameter) for parameter in self.writer.numbers.fresh.all]
        required = [parameter for parameter in written if parameter.default is None]
        optional = [parameter for parameter in written if parameter.default is not None]
        return [*sizes, *required, *fresh, *optional]

    def _in_order(self, used: list[str]) -> list[str]:
        names = [n for i in self.family.occurrences for n in i.instance.frame.definitions]
        return [name for name in dict.fromkeys(names) if name in used]

    def _terms(self, name: str) -> dict[Occurrence, Term]:
        result = {}
        for occurrence in self.family.occurrences:
            frame = occurrence.instance.frame
            if name in frame.definitions:
                outer = self.writer.correspondence.outer(occurrence, Symbol(frame, name))
                result[occurrence] = Term(frame.definitions[name].value, outer)
        return result

    def _size(self, name: str) -> ConstructorParameter:
        result = self._parameter(variable_name(name), self._terms(name))
        result.is_size = True
        return result

    def _fresh(self, fresh: FreshParameter) -> ConstructorParameter:
        result = self._parameter(fresh.name, fresh.terms)
        result.is_size = fresh.is_size
        return result

    def _parameter(
        self, name: str, terms: dict[Occurrence, Term], default: Value | None = None
    ) -> ConstructorParameter:
        values = [term.value for term in terms.values()]
        values += [] if default is None else [default]
        is_tuple = name in self.writer.tuples or is_mixed(values)
        kind = annotation(values, is_tuple)
        result = ConstructorParameter(name, kind, terms, is_tuple=is_tuple)
        if default is not None:
            result.default_value = default
            result.default, result.annotation = default_of(default, kind)
        return result

    def _own(self, parameter: Parameter) -> ConstructorParameter:
        layers = {
            i: v for i in self.family.occurrences if (v := i.instance.layers.get(parameter.name))
        }
        if layers:
            return self._layer(parameter, layers)
        default = parameter.default.value if parameter.default else None
        return self._parameter(variable_name(parameter.name), self._terms(parameter.name), default)

    def _layer(
        self, parameter: Parameter, layers: dict[Occurrence, LayerValue]
    ) -> ConstructorParameter:
        families = self.writer.interfaces.families
        uses = {i: families.uses(i.instance, parameter.name) for i in layers}
        result = ConstructorParameter(
            variable_name(parameter.name), LAYER, layers=layers, uses=uses
        )
        defaults = {
            row: layers[row.occurrence]
            for row in self._rows()
            if parameter.name not in row.occurrence.instance.arguments
        }
        if defaults and all(map(self._can_be_default, defaults.values())):
            of = {row: uses[row.occurrence] for row in defaults}
            layer = layer_argument(self.writer, defaults, of)
            # All calls would share a `partial`, and linters reject it.
            result.default = None if is_partial(layer) else layer
        return result

    def _can_be_default(self, value: LayerValue) -> bool:
        """Whether a layer can be a default in a `def`: its class must be defined before."""
        if isinstance(value.callee, Block) and value.callee.order >= self.family.block.order:
            return False
        frames = [occurrence.instance.frame for occurrence in self.family.occurrences]
        if value.origin is not None and any(value.origin.frame is frame for frame in frames):
            return False  # another parameter, which a `def` does not know yet
        return not any(
            isinstance(b, Term) and b.expression.symbols for b in value.bindings.values()
        )


def annotation(values: Iterable[Value], is_tuple: bool = False) -> PyExpression:
    """The Python type of a parameter's values; `is_tuple` says whether sequences are tuples."""
    values = list(values)
    types = {type(value).__name__ for value in values if not isinstance(value, tuple)}
    types = {"float"} if types == {"int", "float"} else types
    kinds: list[PyExpression] = [PyName(name) for name in sorted(types)]
    if sequences := [value for value in values if isinstance(value, tuple)]:
        # In alphabetical order, as formatters of unions expect.
        index = sum(name < ("tuple" if is_tuple else "list") for name in types)
        kinds.insert(index, _sequence(sequences, is_tuple))
    return python.union(kinds or [PyName("int")])


def _sequence(values: list[tuple[Value, ...]], is_tuple: bool) -> PyExpression:
    """The type of sequences; a sequence within one is a tuple."""
    items = annotation([item for value in values for item in value], is_tuple=True)
    if not is_tuple:
        return python.generic("list", items)
    if len({len(value) for value in values}) > 1 or not values[0]:
        return python.generic("tuple", items, PyName("..."))
    columns = [annotation(column, is_tuple=True) for column in zip(*values, strict=True)]
    return python.generic("tuple", *columns)


LAYER = python.generic("Callable", PyName("..."), python.dotted("nn.Module"))


def is_list(kind: PyExpression) -> bool:
    """Whether a type is that of lists."""
    return isinstance(kind, PySubscript) and kind.value == PyName("list")


def is_mixed(values: Iterable[Value]) -> bool:
    """Whether some values are sequences, such as the sides of a kernel, and others are not."""
    return len({isinstance(value, tuple) for value in values}) > 1


def default_of(default: Value, kind: PyExpression) -> tuple[PyExpression, PyExpression]:
    """A default and its type in Python; a tuple replaces a list, which all calls would share."""

    def sequence(code: PyCode) -> PyCode:
        return PyName("Sequence") if code == PyName("list") else code

    return python.constant(default, "tuple"), traversal.changed(kind, sequence)
