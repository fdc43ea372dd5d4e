"""The declarations of a text: its defaults, its blocks and its network."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archdsl.diagnostics import Diagnostic
from archdsl.formatting import formatted
from archdsl.importing.definitions import Definition
from archdsl.importing.expressions import Parameter
from archdsl.importing.foreign import Extern
from archdsl.importing.naming import is_free, snake, unused
from archdsl.importing.printing import Printer, is_same
from archdsl.importing.rates import Rate
from archdsl.importing.terms import IMPORTED, Layer, Term, Text, imported
from archdsl.ops import OPS
from archdsl.ops.base import Shape
from archdsl.ops.parameters import shown
from archdsl.source import Source


def defaults_of(bodies: Sequence[Term]) -> dict[tuple[str, str], Any]:
    """The arguments that most uses of an op give, and give alike."""
    given: dict[tuple[str, str], Counter[Any]] = defaultdict(Counter)
    for term in _ops(bodies):
        for name, value in term.arguments:
            if term.head and name in OPS[term.head].defaults():
                given[term.head, name][value if not isinstance(value, Text) else None] += 1
    found = {}
    for key, counted in given.items():
        value, count = counted.most_common(1)[0]
        usual = OPS[key[0]].defaults()[key[1]]
        is_worth = count > 1 and 2 * count > counted.total()
        if value is not None and is_worth and not is_same(value, usual) and key in SHARED:
            found[key] = value
    return found


SHARED = frozenset(
    {(op, name) for op in ("conv", "linear") for name in ("bias", "init")}
    | {("bn", "eps"), ("bn", "momentum"), ("layernorm", "eps")}
)
"""What is a habit of a whole network, and said once."""


def _ops(bodies: Sequence[Term]) -> Iterator[Term]:
    for body in bodies:
        for term in body.walk():
            if term.kind in ("op", "join"):
                yield term
            for _, value in term.arguments:
                if isinstance(value, Layer):
                    yield from _ops([value.term])


@dataclass
class Spec:
    """All that a text says."""

    name: str
    docs: list[str]
    definitions: list[Definition]
    body: Term
    inputs: dict[str, Shape]
    rate: Rate | None = None
    parameters: Mapping[str, int] = field(default_factory=dict)
    """Those of the network, with their defaults."""

    def externs(self) -> dict[Extern, str]:
        """The names of the classes of others."""
        taken = {each.name for each in self.definitions} | {self.name}
        found: dict[Extern, str] = {}
        for body in [*[each.body for each in self.definitions], self.body]:
            for each in body.walk():
                if each.kind == "extern" and each.head not in found:
                    plain = snake(each.head.kind)
                    name = plain if is_free(plain) else f"{plain}_layer"
                    found[each.head] = unused(name, taken | {*found.values()})
        return found

    def text(self) -> str:
        """The text, before it is formatted."""
        bodies = [each.body for each in self.definitions] + [self.body]
        externs = self.externs()
        printer = Printer(defaults_of(bodies), self.rate, externs)
        lines = [f"## {line}".rstrip() for line in self.docs] + [""]
        lines += [f"from {IMPORTED[name]} import {name}" for name in imported(bodies)]
        lines += [_default(op, name, value) for (op, name), value in printer.defaults.items()]
        lines += [each.text(name) for each, name in externs.items()]
        for definition in [each for each in self.definitions if not each.is_library]:
            lines += ["", _block(printer, definition)]
        given = ", ".join(f"{name}={value}" for name, value in self.parameters.items())
        head = f"{self.name}({given})" if given else self.name
        lines += ["", f"network {head}: {_inputs(self.inputs)} = {printer.layer(self.body)}"]
        return "\n".join(lines) + "\n"


def _default(op: str, name: str, value: Any) -> str:
    return f"default {op}({name}={shown(value)})"


def _inputs(inputs: dict[str, Shape]) -> str:
    if len(inputs) == 1:
        return str(next(iter(inputs.values())))
    return f"({', '.join(f'{name}: {shape}' for name, shape in inputs.items())})"


def _block(printer: Printer, definition: Definition) -> str:
    body = printer.layer(definition.body)
    if definition.body.kind == "skip":
        term = definition.body
        condition = printer.value(term.arguments[0][1])
        body = f"residual({printer.layer(term.parts[0])}, when={condition})"
    written = [_parameter(printer, each) for each in definition.ordered]
    parameters = f"({', '.join(written)})" if written else ""
    head = f"block {definition.name}{parameters}{_signature(definition)}"
    return f"{head} = {body}"


def _parameter(printer: Printer, parameter: Parameter) -> str:
    if not parameter.has_default:
        return parameter.name
    return f"{parameter.name}={printer.value(parameter.default)}"


def _signature(definition: Definition) -> str:
    scope = definition.scopes[0]
    several = [step.port.type for step in scope.inputs]
    if len(several) != 1:
        names = zip(scope.input_names, several, strict=True)
        uses = [definition.uses_channels, *[False] * len(several)]
        given = [f"{n}: {_pattern(each, use)}" for (n, each), use in zip(names, uses, strict=False)]
        return f": ({', '.join(given)})"
    if not definition.uses_channels:
        return ""
    result = f" -> {_result(scope.results[0].type, definition.result)}" if definition.result else ""
    return f": {_pattern(several[0], True)}{result}"


def _result(shape: Shape, channels: str) -> str:
    if shape.below is not None:
        return f"[...] < {channels}"
    if shape.rank == 1:
        return f"[{channels}]"
    return f"[...; {channels}]" if shape.is_last else f"[{channels}, ...]"


def _pattern(shape: Shape, uses_channels: bool) -> str:
    channels = "c" if uses_channels else "_"
    if shape.below is not None:
        return f"[...] < {channels}"
    if shape.rank == 1:
        return f"[{channels}]"
    return f"[...; {channels}]" if shape.is_last else f"[{channels}, ...]"


def laid_out(text: str) -> tuple[str | None, list[Diagnostic]]:
    """A text as `archdsl fmt` writes it."""
    return formatted(Source("imported.arch", text))
