"""From blocks to the text of a spec."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from archdsl.importing.definitions import Definition
from archdsl.importing.foreign import Extern
from archdsl.importing.rates import Rate
from archdsl.importing.terms import ABSENT, PREFIX, Kind, Layer, Read, Term, Text
from archdsl.ops import OPS
from archdsl.ops.parameters import Initializer, shown

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
READABLE = 8
"""A number with more digits is one that was computed."""
ROW_STARTS = frozenset({"convolution", "linear", "attention", "recurrent", "pooling"})
"""The families of ops that begin a row of a chain: norms and activations follow in it."""


@dataclass
class Printer:
    """Prints terms; `defaults` are the values of arguments that calls do not give."""

    defaults: dict[tuple[str, str], Any] = field(default_factory=dict)
    rate: Rate | None = None
    externs: Mapping[Extern, str] = field(default_factory=dict)
    """The names of declarations of others' classes."""

    def layer(self, term: Term) -> str:
        """A layer as the language writes it."""
        return PRINTED[term.kind](self, term)

    def _op(self, term: Term) -> str:
        if not term.head:
            return self.value(term.arguments[0][1])
        return self._applied(term.head, self._arguments(term))

    def _arguments(self, term: Term) -> list[str]:
        op = OPS[term.head]
        if op.is_open:
            return [
                self._given(name, value, place == 0)
                for place, (name, value) in enumerate(term.arguments)
            ]
        required = [name for name in op.parameters() if name not in op.defaults()]
        written: list[str] = []
        for place, (name, value) in enumerate(term.arguments):
            is_own_name = value == name and isinstance(value, Text) and place < op.positional
            if name in required or (is_own_name and place == len(written)):
                written.append(self._given(name, value, op.arity == 1))
            elif isinstance(value, Text) or not is_same(value, self._default(term.head, name)):
                is_first = place == 0 and op.positional > 0 and op.arity == 1
                written.append(self._given(name, value, is_first))
        return written

    def _default(self, op: str, name: str) -> Any:
        return self.defaults.get((op, name), OPS[op].defaults()[name])

    def _given(self, name: str, value: Any, is_positional: bool) -> str:
        text = self.value(value)
        return text if is_positional else f"{name}={text}"

    def value(self, value: Any) -> str:
        """An argument as the language writes it."""
        if isinstance(value, Text):
            return str(value)
        if isinstance(value, Layer):
            return self.layer(value.term)
        match value:
            case Initializer(scheme="default"):
                # A word of its own, which a name may not be.
                return '"default"'
            case float() if self.rate is not None and len(str(value)) > READABLE:
                step = self.rate.step(value)
                return str(value) if step is None else self.rate.text(step)
            case (tuple() as positions, channels):
                return f"[{', '.join(map(shown, positions))}; {channels}]"
        return shown(value)

    def _applied(self, name: str, arguments: Sequence[str]) -> str:
        return f"{name}({', '.join(arguments)})" if arguments else name

    def _call(self, term: Term) -> str:
        definition: Definition = term.head
        known = {each.name: each for each in definition.parameters}
        written = []
        for name, value in term.arguments:
            parameter = known[name]
            if not parameter.has_default:
                written.append(self.value(value))
            elif value is ABSENT:
                continue
            elif isinstance(value, Text) or not is_same(value, parameter.default):
                written.append(self._given(name, value, False))
        return self._applied(definition.name, written)

    def _join(self, term: Term) -> str:
        op = OPS[term.head]
        given = dict(term.arguments)
        words = [word for word in op.keyword_branches if given.get(word) is True]
        count = len(term.parts) - len(words)
        parts, named = term.parts[:count], term.parts[count:]
        equal = [_part(count, index) for index in range(count)]
        branches = [self.layer(part) for part in parts]
        if [(part.head, part.arguments) for part in parts] == equal:
            branches = [f"split({count})"]
        rest = replace(term, arguments=tuple([(n, v) for n, v in term.arguments if n not in words]))
        keywords = [f"{word}={self.layer(part)}" for word, part in zip(words, named, strict=True)]
        return self._applied(term.head, [*branches, *self._arguments(rest), *keywords])

    def _bundle(self, term: Term) -> str:
        ending = "," if len(term.parts) == 1 else ""
        return f"({', '.join(self.layer(part) for part in term.parts)}{ending})"

    def _chain(self, term: Term) -> str:
        if term.is_identity:
            return "identity"
        texts: list[str] = []
        for part in term.parts:
            text = self.layer(part)
            texts.append(f"({text})" if part.kind in ("if", "skip", "share") else text)
            starts = starts_row(part)
            texts[-1] = f"\n{texts[-1]}" if starts and len(texts) > 1 else texts[-1]
        return " -> ".join(texts).replace(" -> \n", "\n-> ")

    def _label(self, term: Term) -> str:
        (inner,) = term.parts
        text = self.layer(inner)
        if (inner.kind == "chain" and not inner.is_identity) or inner.kind in (
            "label",
            "if",
            "skip",
            "share",
        ):
            text = f"({text})"
        return f"{self._name(term)}: {text}"

    def _name(self, term: Term) -> str:
        """The label of a layer, which may begin with an argument."""
        before = dict(term.arguments).get(PREFIX, "")
        if isinstance(before, Text):
            return f'"{{{before}}}{term.head}"'
        return label_text(Text(term.head) if isinstance(term.head, Text) else before + term.head)

    def _extern(self, term: Term) -> str:
        return self._applied(self.externs[term.head], [self.layer(part) for part in term.parts])

    def _use(self, term: Term) -> str:
        return str(term.head)

    def _share(self, term: Term) -> str:
        *layers, body = term.parts
        written = [f"({self.layer(x)})" if x.kind == "share" else self.layer(x) for x in layers]
        texts = [f"{name} = {text}" for name, text in zip(term.head, written, strict=True)]
        return f"share {', '.join(texts)} in {self.layer(body)}"

    def _wire(self, term: Term) -> str:
        if isinstance(term.head, Read):
            return f"@{label_text(term.head.label)}.{term.head.result}"
        return f"@{label_text(term.head)}"

    def _aux(self, term: Term) -> str:
        return f"aux({self.layer(term.parts[0])})"

    def _if(self, term: Term) -> str:
        then, otherwise = [self._operand(part) for part in term.parts]
        condition = self.value(term.arguments[0][1])
        if term.parts[1].is_identity:
            return f"{then} if {condition}"
        return f"{then} if {condition} else {otherwise}"

    def _operand(self, term: Term) -> str:
        """A layer beside `if`."""
        text = self.layer(term)
        is_open = (term.kind == "chain" and not term.is_identity) or term.kind in ("if", "skip")
        return f"({text})" if is_open else text

    def _skip(self, term: Term) -> str:
        body, condition = self.layer(term.parts[0]), self.value(term.arguments[0][1])
        return f"let body = {body} in add(body, identity) if {condition} else body"

    def _repeat(self, term: Term) -> str:
        return f"repeat({self.value(term.arguments[0][1])}, {self.layer(term.parts[0])})"

    def _loop(self, term: Term) -> str:
        return f"chain({self._counted(term)})"

    def _branches(self, term: Term) -> str:
        if term.head:
            return f"[{self._counted(term)}]"
        return f"[{self.layer(term.parts[0])} for _ in range({self.value(term.arguments[1][1])})]"

    def _counted(self, term: Term) -> str:
        """A layer for each of some numbers `i`."""
        (_, start), (_, count) = term.arguments
        if isinstance(start, Text):
            stop = f"{start} + {self.value(count)}"
        else:
            stop = f"{count} + {start}" if isinstance(count, Text) else str(count + start)
        bounds = self.value(count) if start == 0 else f"{start}, {stop}"
        return f"{self.layer(term.parts[0])} for i in range({bounds})"

    def _listed(self, values: Sequence[Any]) -> str:
        texts = [self._listed(v) if isinstance(v, tuple) else self.value(v) for v in values]
        return f"[{', '.join(texts)}]"

    def _table(self, term: Term) -> str:
        names, number = term.head
        rows = term.arguments[0][1]
        listed = rows if isinstance(rows, Text) else self._listed(rows)
        body = self.layer(term.parts[0])
        if number is None:
            return f"chain({body} for {', '.join(names)} in {listed})"
        start = f", {number}" if number else ""
        return f"chain({body} for i, {names[0]} in enumerate({listed}{start}))"


PRINTED: dict[Kind, Callable[[Printer, Term], str]] = {
    "op": Printer._op,
    "call": Printer._call,
    "join": Printer._join,
    "chain": Printer._chain,
    "label": Printer._label,
    "wire": Printer._wire,
    "bundle": Printer._bundle,
    "aux": Printer._aux,
    "if": Printer._if,
    "skip": Printer._skip,
    "repeat": Printer._repeat,
    "loop": Printer._loop,
    "branches": Printer._branches,
    "table": Printer._table,
    "share": Printer._share,
    "use": Printer._use,
    "extern": Printer._extern,
}
"""How each kind of term is written."""


def _part(count: int, index: int) -> tuple[str, tuple[tuple[str, int], ...]]:
    """The op that takes one of so many equal parts of the channels."""
    return "part", (("parts", count), ("index", index))


def starts_row(term: Term) -> bool:
    """Whether a link begins a row of a chain."""
    if term.kind == "label":
        return starts_row(term.parts[0]) if term.parts[0].kind == "op" else True
    if term.kind == "op":
        return bool(term.head) and OPS[term.head].family in ROW_STARTS
    return term.kind not in ("wire",)


def label_text(name: Any) -> str:
    """A label as it is written: what is no name is quoted."""
    return str(name) if isinstance(name, Text) or NAME.match(name) else f'"{name}"'


def is_same(value: Any, other: Any) -> bool:
    """Whether two values are written alike; a truth is no number."""
    return bool(value == other) and isinstance(value, bool) == isinstance(other, bool)
