"""A text analysed: what is wrong with it, what it denotes, and what its names stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property, partial

from archdsl.diagnostics import Diagnostic
from archdsl.editor.definitions import Definition, Names, Reference
from archdsl.editor.graphs import Lazily, moved
from archdsl.editor.hints import Hint, hints, nodes_at
from archdsl.editor.imports import import_of
from archdsl.editor.names import enclosing, names_of
from archdsl.editor.values import values_in
from archdsl.elaborate import Limits
from archdsl.findings import Findings
from archdsl.graph import Graph
from archdsl.network import Network
from archdsl.source import Source, Span
from archdsl.syntax import ast
from archdsl.syntax.program import Find


class Analysis:
    """What is known of a text, a value: each part is computed when it is first asked for.

    All spans lie in `source`, or in the text of an import: `span.start` and `span.end` count code
    points, `span.range` counts as editors do. `find` finds imports.
    """

    def __init__(
        self,
        source: Source,
        find: Find,
        previous: Analysis | None = None,
        notes: Iterable[Diagnostic] = (),
        limits: Limits | None = None,
    ) -> None:
        self.find, self._notes = find, tuple(notes)
        before: Findings | None = previous._findings if previous else None
        self._findings: Findings = Findings(source, find, before=before, limits=limits)

    def __repr__(self) -> str:
        return f"<analysis of {self.source.name}>"

    @property
    def source(self) -> Source:
        """The text, with its name."""
        return self._findings.program.file.source

    @property
    def file(self) -> ast.File:
        """The syntax tree of the text; what could not be read is left out."""
        return self._findings.program.file

    @cached_property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All that `check` says of the text; asserts are verified."""
        return (*self._notes, *self._findings.diagnostics)

    @cached_property
    def graphs(self) -> Mapping[str, Graph]:
        """The graph of every network by name; after a mistake, as far as it could be built."""
        program = self._findings.program
        built = self._findings.begun
        return built if program.is_fresh else Lazily(built, partial(moved, placed=program.placed))

    @cached_property
    def networks(self) -> Mapping[str, Network]:
        """The networks without a mistake, by name."""
        names = {name: name for name in self._findings.graphs}
        return Lazily(names, lambda name: Network(name, self.graphs[name]))

    @cached_property
    def hints(self) -> tuple[Hint, ...]:
        """The shapes that come out of the layers of the text, in its order."""
        return hints(self._findings.begun.values(), self._findings.program)

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """All that the text declares, in its order."""
        return tuple(self._names.definitions)

    @property
    def references(self) -> tuple[Reference, ...]:
        """All names in it that stand for something, in its order."""
        return tuple(self._names.references)

    def names_at(self, offset: int) -> tuple[Definition, ...]:
        """What can be named at an offset, in code points: the innermost first.

        Labels and inputs are what a wire can read there. What a file imports is what it declares.
        """
        return self._names.at(offset)

    def enclosing(self, offset: int) -> tuple[Span, ...]:
        """The parts of the text around an offset that mean something, the innermost first."""
        return enclosing(self._findings.program, offset)

    def nodes(self, hint: Hint) -> dict[str, tuple[int, ...]]:
        """The nodes that hold what comes out of the layer of a hint, by the networks' names."""
        built = self._findings.begun
        found = {name: nodes_at(graph, hint.site) for name, graph in built.items()}
        return {name: nodes for name, nodes in found.items() if nodes}

    def values(self, definition: Definition) -> tuple[str, ...]:
        """What a parameter, a size or a `let` of the text is, as text, in all applications."""
        run = self._findings.elaboration
        for each in self.file.declarations if run is not None else ():
            if isinstance(each, ast.Let) and self.file.placed(each.name.span) == definition.span:
                value = run.value_of(each) if run is not None and each.parameters is None else ""
                return (value,) if value else ()
        graphs = self._findings.begun.values()
        return values_in(graphs, self._findings.program, definition, self.definitions)

    def import_of(self, name: str) -> Span | None:
        """The import of the text that leads to the text of this name, through others or itself."""
        return import_of(self._findings.program, name)

    def code(self, network: str | None = None) -> str:
        """The PyTorch code of the text, or of one of its networks.

        Raises `SpecError`, as `archdsl.compile` does.
        """
        from archdsl import driver
        from archdsl.errors import raise_errors

        code, diagnostics = driver.compile(self.source, self.find, network)
        raise_errors(diagnostics)
        return code

    @cached_property
    def _names(self) -> Names:
        program = self._findings.program
        return names_of(program, self._findings.names)
