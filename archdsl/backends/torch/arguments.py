"""Calls of generated classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from archdsl.backends.torch.calls import equals_default
from archdsl.backends.torch.interface import ConstructorParameter, Interface
from archdsl.backends.torch.layers import layer_text
from archdsl.backends.torch.names import variable_name
from archdsl.backends.torch.rows import Row
from archdsl.backends.torch.writer import Writer
from archdsl.tree import Activation

POSITIONAL = 3
"""So many arguments are passed by position, the others by keyword."""


@dataclass
class Arguments:
    """The arguments of a call of a generated class."""

    writer: Writer

    def call(self, interface: Interface, rows: Mapping[Row, Activation]) -> str:
        """`Bottleneck(256, 64, stride=2)`."""
        texts: list[str] = []
        for parameter in interface.parameters:
            text = self._value(parameter, rows)
            if text is None:
                continue
            by_name = (
                bool(parameter.default) or len(texts) >= POSITIONAL or "=" in "".join(texts[-1:])
            )
            texts.append(f"{parameter.name}={text}" if by_name else text)
        return f"{interface.name}({', '.join(texts)})"

    def _value(self, parameter: ConstructorParameter, rows: Mapping[Row, Activation]) -> str | None:
        of = {row: self.writer.interfaces.instance(activation) for row, activation in rows.items()}
        if parameter.layers:
            layers = {row: parameter.layers[i] for row, i in of.items()}
            text = layer_text(
                self.writer, layers, {row: parameter.uses[i] for row, i in of.items()}
            )
            return None if text == parameter.default else text
        terms = {row: parameter.terms[i] for row, i in of.items() if i in parameter.terms}
        if not terms:
            # Only what a loop repeats reads it, and the loop has no turn here.
            return "1"
        if parameter.default and all(equals_default(t, parameter) for t in terms.values()):
            return None
        sequence = "tuple" if parameter.is_tuple else "list"
        text = self.writer.text(terms, parameter.name, parameter.is_size, sequence)
        # What has a default is any sequence.
        is_open = parameter.annotation.startswith("list[") and text in self._with_default()
        return f"list({text})" if is_open else text

    def _with_default(self) -> set[str]:
        """The parameters of the calling class whose default is a sequence."""
        parameters = next(iter(self.writer.witness.own.frames)).instance.activation.block.parameters
        defaults = {variable_name(p.name): p.default for p in parameters if p.default}
        return {name for name, default in defaults.items() if isinstance(default.value, tuple)}
