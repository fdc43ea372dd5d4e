"""The parameters of a class's constructor, and the numbers that it computes for itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from archdsl.arithmetic import Value
from archdsl.backends.torch.families import Family
from archdsl.backends.torch.interface import ConstructorParameter
from archdsl.backends.torch.layers import layer_text
from archdsl.backends.torch.names import variable_name
from archdsl.backends.torch.numbers import Fresh
from archdsl.backends.torch.printer import value_text
from archdsl.backends.torch.rows import Instance, Row
from archdsl.backends.torch.writer import Writer
from archdsl.provenance import Symbol, Term
from archdsl.tree import Block, LayerValue, Parameter


@dataclass
class Parameters:
    """Sorts the symbols that a class's text reads into parameters and local variables."""

    writer: Writer
    family: Family
    definitions: dict[str, str] = field(default_factory=dict)

    def locals(self) -> list[str]:
        """The statements that define the local numbers, in the order of the spec."""
        while waiting := [
            n for n in self.writer.used if self._is_local(n) and n not in self.definitions
        ]:
            for name in waiting:
                self.definitions[name] = self.writer.text(self._local_terms(name), name)
        order = [name for row in self._rows() for name in row.instance.activation.locals]
        names = [name for name in dict.fromkeys(order) if name in self.definitions]
        return [f"{variable_name(name)} = {self.definitions[name]}" for name in names]

    def _rows(self) -> list[Row]:
        return list(self.writer.witness.own.frames)

    def _is_local(self, name: str) -> bool:
        """Whether all instances that know a number compute it; else it is a parameter."""
        known = [a for i in self.family.instances if name in (a := i.activation).frame.definitions]
        return bool(known) and all(name in activation.locals for activation in known)

    def _local_terms(self, name: str) -> dict[Row, Term]:
        frames = self.writer.witness.own.frames
        return {row: f.definitions[name] for row, f in frames.items() if name in f.definitions}

    def all(self) -> list[ConstructorParameter]:
        """The parameters: sizes, then what every call must give, then what has a default."""
        own = {parameter.name: parameter for parameter in self.family.block.parameters}
        used = [name for name in self.writer.used if name not in self.definitions]
        sizes = [self._size(name) for name in self._in_order(used) if name not in own]
        written = [self._own(own[name]) for name in own if name in used]
        fresh = [self._fresh(parameter) for parameter in self.writer.numbers.fresh]
        required = [parameter for parameter in written if not parameter.default]
        optional = [parameter for parameter in written if parameter.default]
        return [*sizes, *required, *fresh, *optional]

    def _in_order(self, used: list[str]) -> list[str]:
        names = [n for i in self.family.instances for n in i.activation.frame.definitions]
        return [name for name in dict.fromkeys(names) if name in used]

    def _terms(self, name: str) -> dict[Instance, Term]:
        result = {}
        for instance in self.family.instances:
            frame = instance.activation.frame
            if name in frame.definitions:
                outer = self.writer.witness.outer(instance, Symbol(frame, name))
                result[instance] = Term(frame.definitions[name].value, outer)
        return result

    def _size(self, name: str) -> ConstructorParameter:
        terms = self._terms(name)
        return ConstructorParameter(
            variable_name(name), annotation(terms.values()), terms, is_size=True
        )

    def _fresh(self, fresh: Fresh) -> ConstructorParameter:
        result = ConstructorParameter(fresh.name, annotation(fresh.terms.values()), fresh.terms)
        result.is_size = fresh.is_size
        return result

    def _own(self, parameter: Parameter) -> ConstructorParameter:
        layers = {
            i: v for i in self.family.instances if (v := i.activation.layers.get(parameter.name))
        }
        if layers:
            return self._layer(parameter, layers)
        terms = self._terms(parameter.name)
        result = ConstructorParameter(
            variable_name(parameter.name), annotation(terms.values()), terms
        )
        if parameter.default is not None:
            result.default_value = parameter.default.value
            result.default, result.annotation = default_text(parameter.default, terms.values())
        return result

    def _layer(
        self, parameter: Parameter, layers: dict[Instance, LayerValue]
    ) -> ConstructorParameter:
        result = ConstructorParameter(parameter.name, "Callable[..., nn.Module]", layers=layers)
        defaults = {
            row: layers[row.instance]
            for row in self._rows()
            if parameter.name not in row.instance.activation.arguments
        }
        if defaults and all(map(self._can_be_default, defaults.values())):
            result.default = layer_text(self.writer, defaults)
        return result

    def _can_be_default(self, value: LayerValue) -> bool:
        """Whether a layer can stand in the head of `def`: its class must stand before."""
        if isinstance(value.callee, Block) and value.callee.order >= self.family.block.order:
            return False
        return not any(
            isinstance(b, Term) and b.expression.symbols for b in value.bindings.values()
        )


def annotation(terms: Iterable[Term]) -> str:
    """The Python type of a parameter's values."""
    types = {type_text(term.value) for term in terms}
    if types == {"int", "float"}:
        return "float"
    if len(types) > 1 and all(t.startswith("list") for t in types):
        types -= {"list"}
    return " | ".join(sorted(types)) or "int"


def default_text(default: Term, terms: Iterable[Term] = ()) -> tuple[str, str]:
    """A default and its type in Python, where a list would be shared by all calls."""
    kind = annotation([*terms, default])
    return value_text(default.value, "tuple"), kind.replace("list[", "Sequence[")


def type_text(value: Value) -> str:
    """The type of one value as an annotation."""
    if isinstance(value, tuple):
        inner = {type_text(item) for item in value}
        if inner == {"int", "float"}:
            inner = {"float"}
        return f"list[{' | '.join(sorted(inner))}]" if inner else "list[int]"
    return type(value).__name__
