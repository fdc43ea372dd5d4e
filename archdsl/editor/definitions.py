"""What names stand for, and where which of them can be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from archdsl.source import Span, whole_of

Kind: TypeAlias = Literal[
    "block", "network", "extern", "function", "value", "import", "parameter", "size", "input",
    "label", "variable", "module", "op", "builtin",
]  # fmt: skip
LANGUAGE = whole_of("<language>")
"""Where the language declares its words: in no text."""


@dataclass(frozen=True)
class Definition:
    """What a name stands for: the name where it is declared, within the whole that declares it.

    An `extern` is somebody else's class; a `value` is that of a `let`; a signature names `size` and
    `input`, a comprehension `variable`; an `import` is another name that an import gives to
    something, and a `module` a whole text. The language itself has each `op` and `builtin`, whose
    place is `LANGUAGE`. `parameters` are those of what can be called, as written.
    """

    name: str
    kind: Kind
    span: Span = field(repr=False)
    whole: Span = field(repr=False)
    doc: str = field(default="", repr=False)
    parameters: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Reference:
    """A name in use, and what it stands for, which may stand in another file."""

    span: Span = field(repr=False)
    definition: Definition


Scope: TypeAlias = "Mapping[str, Definition]"


@dataclass(frozen=True)
class Visible:
    """A part of a text, the names that are bound in it, and the labels that its wires can read.

    A whole declaration goes up to the end of the text: others lie behind it.
    """

    span: Span
    names: Scope
    labels: Mapping[str, list[Definition]]


@dataclass
class Names:
    """What a file declares, the names in it that stand for something, and what else could.

    Of `scopes`, those within another come behind it.
    """

    definitions: list[Definition]
    references: list[Reference]
    scopes: list[Visible]
    everywhere: Scope

    def at(self, offset: int) -> tuple[Definition, ...]:
        """What can be named at an offset, the innermost first, and what wires there can read."""
        around = [each for each in self.scopes if each.span.start <= offset <= each.span.end]
        if not around:
            return tuple(self.everywhere.values())
        inner = max(reversed(around), key=lambda each: each.span.start)
        own = [*inner.names.values()][::-1]
        labels = [each for several in inner.labels.values() for each in several]
        rest = [each for name, each in self.everywhere.items() if name not in inner.names]
        return (*own, *labels, *rest)
