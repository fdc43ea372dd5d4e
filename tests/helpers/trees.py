"""Trees of networks as text, in which equal trees are equal: frames are numbered as they appear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass

from archdsl import tree
from archdsl.graph import Graph
from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import Format, Frame, Literal, Operation, Symbol, Term
from archdsl.source import Span


def described(graph: Graph) -> str:
    """A graph with its tree: everything that code generation, diagrams and messages read."""
    nodes = [f"{node.id} {node} {node.span.start} {node.training_only}" for node in graph]
    ends = [f"{graph.inputs} {graph.outputs}"]
    return "\n".join([*nodes, *ends, _Described().text(graph.tree)])


@dataclass
class _Described:
    frames: dict[Frame, int] = field(default_factory=dict)

    def text(self, value: object) -> str:
        match value:
            case Term(number, expression):
                return f"{number!r} = {self.text(expression)}"
            case Literal(number):
                return f"{type(number).__name__} {number!r}"
            case Symbol(frame, name):
                return f"{self.text(frame)}.{name}"
            case Operation(operator, operands):
                return f"({operator} {self.text(operands)})"
            case Format(parts):
                return f"(format {self.text(parts)})"
            case Frame():
                return self._frame(value)
            case Span():
                return f"{value} to {value.end}"
            case tree.Block():
                return f"{value.name} {value.order}"
            case tree.Instance():
                return self._fields(value)
            case TensorType():
                return f"{self.text(value.sizes)} {value.is_last} {self.text(value.below)}"
            case tuple() | list():
                return f"[{', '.join(map(self.text, value))}]"
            case Mapping():
                return (
                    f"{{{', '.join(f'{key}: {self.text(each)}' for key, each in value.items())}}}"
                )
        is_record = is_dataclass(value) and not isinstance(value, type)
        return self._fields(value) if is_record else repr(value)

    def _frame(self, frame: Frame) -> str:
        if frame in self.frames:
            return f"#{self.frames[frame]}"
        number = self.frames[frame] = len(self.frames)
        return f"#{number} {frame.name} {self.text(frame.definitions)}"

    def _fields(self, value: object) -> str:
        # Which instances are known to be alike is no part of what they are.
        names = [each.name for each in fields(value) if each.name != "likeness"]  # type: ignore[arg-type]
        parts = [f"{name}={self.text(getattr(value, name))}" for name in names]
        return f"{type(value).__name__}({', '.join(parts)})"
