"""What a constructor keeps for `forward` beside modules: conditions as flags, and numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from archdsl.backends.torch import python
from archdsl.backends.torch.access import Access
from archdsl.backends.torch.calls import arguments
from archdsl.backends.torch.merged import If, Leaf
from archdsl.backends.torch.names import attribute_name, unused, variable_name
from archdsl.backends.torch.python import Expression
from archdsl.backends.torch.rows import Row
from archdsl.backends.torch.writer import Writer
from archdsl.ops.forms import TorchCall
from archdsl.provenance import Symbol


@dataclass
class Kept:
    """The attributes of a class that hold conditions and numbers.

    `flags` has the attribute of every condition that is kept, `numbers` that of every number.
    """

    writer: Writer
    access: Access
    flags: dict[Expression, python.Attribute] = field(default_factory=dict)
    numbers: dict[Expression, python.Attribute] = field(default_factory=dict)
    statements: list[python.Statement] = field(default_factory=list)

    def flag(self, node: If, test: Expression) -> Expression:
        """The condition of an `if` as `forward` reads it: an attribute, or its contrary.

        The attribute is named after a submodule that exists under it alone.
        """
        contrary = python.negated(test)
        if test in self.flags:
            return self.flags[test]
        if contrary in self.flags:
            return python.negated(self.flags[contrary])
        then, otherwise = (self.access.labels(side) for side in (node.then, node.otherwise))
        labels = [label for label in then if label not in otherwise]
        others = [label for label in otherwise if label not in then]
        is_negated = not labels and bool(others)
        name = next(iter([*labels, *others]), "")
        wanted = f"has_{name}" if name.isidentifier() else attribute_name(condition_name(node))
        condition = contrary if is_negated else test
        attribute = self._keep(wanted, condition)
        self.flags[condition] = attribute
        return python.negated(attribute) if is_negated else attribute

    def arguments(self, node: Leaf, calls: Mapping[Row, TorchCall]) -> Sequence[python.Argument]:
        """The arguments of an op in `forward`; what the class computes is kept in attributes."""
        writer = self.writer
        before, writer.used = writer.used, {}
        found = arguments(writer, node, calls)
        names = [*writer.used, *[fresh.name for fresh in writer.numbers.fresh]]
        writer.used = before | writer.used
        return [self._kept(argument, names) for argument in found]

    def _kept(self, argument: python.Argument, names: Iterable[str]) -> python.Argument:
        """An argument whose numbers are read from attributes instead of the constructor's names."""
        value = argument.value
        variables = set(map(variable_name, names))
        if not variables & python.names_read(value):
            return argument
        if value not in self.numbers:
            own = value.id if isinstance(value, python.Name) else ""
            wanted = own if own in variables else argument.keyword or "value"
            self.numbers[value] = self._keep(attribute_name(wanted), value)
        return replace(argument, value=self.numbers[value])

    def _keep(self, wanted: str, value: Expression) -> python.Attribute:
        name = unused(wanted, self.access.taken)
        self.access.taken.add(name)
        attribute = python.Attribute(python.SELF, name)
        self.statements.append(python.Assign(attribute, value))
        return attribute


def condition_name(node: If) -> str:
    """The name of the parameter that an `if` asks, if that is all it does."""
    expressions = [condition.condition.expression for condition in node.rows.values()]
    names = {e.name if isinstance(e, Symbol) else "" for e in expressions}
    return names.pop() if len(names) == 1 and "" not in names else "when"
