"""The texts that are open in the editor, each analysed when somebody asks, once for a version."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from lsprotocol.types import Location, Position, Range
from pygls.uris import from_fs_path, to_fs_path

from archdsl.editor.analysis import Analysis
from archdsl.editor.definitions import LANGUAGE, Definition
from archdsl.files import (
    LIBRARY_NAME,
    NETWORKS_NAME,
    Finder,
    Stamp,
    finder,
    listed,
    read_text,
    stamp,
)
from archdsl.server.positions import Positions
from archdsl.shipped import LIBRARY, NETWORKS, SUFFIX
from archdsl.source import Source, Span
from archdsl.syntax import ast
from archdsl.syntax.program import Refusal

UNTITLED = "untitled.arch"


@dataclass(frozen=True)
class OpenFinder:
    """Finds imports as files, but with the texts that are open in the editor."""

    files: Finder
    text_of: Callable[[Path], str | None]
    asked: dict[Path, str | None] = field(default_factory=dict)
    """The texts that were asked for, as they were then; None of those that were not open."""

    def __call__(self, importer: str, module: tuple[str, ...]) -> Source | Refusal | None:
        """The text of a module, as far as nobody has changed it in the editor."""
        found = self.files(importer, module)
        if found is None:
            # A file that was never saved.
            name = "/".join(module) + SUFFIX
            text = self._text_of(self.files.folder / name)
            return None if text is None else Source(name, text)
        if not isinstance(found, Source) or found.is_library:
            return found
        text = self._text_of(self.files.folder / found.name)
        return found if text in (None, found.text) else Source(found.name, text or "")

    def modules(self, importer: str) -> list[str]:
        """The modules that could be imported."""
        return self.files.modules(importer)

    def _text_of(self, path: Path) -> str | None:
        return self.asked.setdefault(path, self.text_of(path))

    def is_current(self) -> bool:
        """Whether the texts that were asked for are still what they were."""
        return all(self.text_of(path) == text for path, text in self.asked.items())


@dataclass(frozen=True, eq=False)
class Document:
    """One version of an open text."""

    uri: str
    analysis: Analysis
    positions: Positions
    folder: Path
    find: OpenFinder
    uri_at: Callable[[Path], str]
    """The name that the client has for a file."""

    @property
    def source(self) -> Source:
        """The text."""
        return self.analysis.source

    @property
    def declarations(self) -> tuple[ast.Declaration, ...]:
        """The declarations that could be read."""
        return self.analysis.file.declarations

    def placed(self, span: Span) -> Span:
        """Where a span of a declaration lies in the text."""
        return self.analysis.file.placed(span)

    def module(self, name: tuple[str, ...]) -> str:
        """Where an imported module is; empty if it is nowhere."""
        found = self.find(self.source.name, name)
        return self.uri_of(found.name) if isinstance(found, Source) else ""

    def is_current(self) -> bool:
        """Whether its imports are as they were when it was read."""
        files = self.find.files.looked_for
        return self.find.is_current() and all(stamp(path) == then for path, then in files.items())

    def offset(self, place: Position) -> int:
        """The offset of a place in the text."""
        return self.positions.offset(self.source, place)

    def range(self, span: Span) -> Range:
        """Where a span is, in whichever file."""
        return self.positions.range(span)

    def uri_of(self, name: str) -> str:
        """Where a text of the program is, by its name."""
        if name == self.source.name:
            return self.uri
        for prefix, folder in ((LIBRARY_NAME, LIBRARY), (NETWORKS_NAME, NETWORKS)):
            if name.startswith(f"{prefix}/"):
                return self.uri_at(folder / name.removeprefix(f"{prefix}/"))
        return self.uri_at(self.folder / name)

    def location(self, span: Span) -> Location:
        """A span with the file that has it."""
        return Location(self.uri_of(span.source.name), self.range(span))

    def named(self, offset: int) -> Definition | None:
        """What the name at an offset stands for; of names within a label, the innermost."""
        known = [(each.span, each) for each in self.analysis.definitions]
        known += [(each.span, each.definition) for each in self.analysis.references]
        around = [each for each in known if each[0].start <= offset <= each[0].end]
        return min(around, key=lambda each: each[0].end - each[0].start, default=(None, None))[1]

    @cached_property
    def names_by_place(self) -> dict[tuple[str, int], list[Span]]:
        """All spans of every name, by where it is declared."""
        found: dict[tuple[str, int], list[Span]] = {}
        for each in self.analysis.definitions:
            found.setdefault(_place(each), []).append(each.span)
        for reference in self.analysis.references:
            found.setdefault(_place(reference.definition), []).append(reference.span)
        return found

    def reads(self, uri: str) -> bool:
        """Whether the text imports another one, through others or itself."""
        return any(self.uri_at(path) == uri for path in self.find.asked)

    def spans_of(self, uri: str, start: int) -> list[Span]:
        """Where the text has the name that is declared in a file at an offset."""
        found = [
            span
            for (name, place), spans in self.names_by_place.items()
            if place == start and self.uri_of(name) == uri
            for span in spans
            if span.source.name == self.source.name
        ]
        return sorted(found, key=lambda span: span.start)

    def uses_of_language(self, name: str) -> list[Span]:
        """Where the text has a name of the language itself, which is declared in no text."""
        return [
            each.span
            for each in self.analysis.references
            if each.definition.name == name and each.definition.span.source is LANGUAGE.source
        ]


def _place(definition: Definition) -> tuple[str, int]:
    return definition.span.source.name, definition.span.start


@dataclass
class Documents:
    """All open texts."""

    positions: Positions = field(default_factory=Positions)
    texts: dict[str, str] = field(default_factory=dict)
    known: dict[str, tuple[int, Document]] = field(default_factory=dict)
    """The last version of every text that was asked for, and how many changes of files it knows."""
    changes: int = 0
    """How often files beside the texts have changed."""
    closed: dict[Path, tuple[tuple[Stamp, int], Document]] = field(default_factory=dict)
    """Specs beside the texts that are not open, with what may have changed since they were read."""
    files: dict[Path, str] = field(default_factory=dict)
    """The texts by their files: clients do not all write the name of a file in the same way."""

    def put(self, uri: str, text: str) -> None:
        """Take a new version of a text. Nothing is computed before somebody asks."""
        self.texts[uri] = text
        if (path := _path(uri)) is not None:
            self.files[_resolved(path)] = uri

    def files_changed(self) -> None:
        """Read all files anew that texts import, once somebody asks."""
        self.changes += 1

    def close(self, uri: str) -> None:
        """Forget a text."""
        self.texts.pop(uri, None)
        self.known.pop(uri, None)
        self.files = {path: each for path, each in self.files.items() if each != uri}

    def outdated(self) -> list[str]:
        """The texts about which something was said that may no longer hold, by other texts."""
        return [uri for uri, (_, document) in self.known.items() if not document.find.is_current()]

    def __iter__(self) -> Iterator[Document]:
        return iter([each for uri in [*self.texts] if (each := self.get(uri)) is not None])

    def around(self) -> list[Document]:
        """All open texts, and the specs beside them."""
        opened = [*self]
        beside = {each.uri: each for one in opened for each in self.beside(one)}
        return [*opened, *beside.values()]

    def found(self, uri: str) -> Document | None:
        """A document, be it open or not."""
        path = _path(uri)
        return self.get(uri) or (None if path is None else self._closed(uri, path))

    def beside(self, document: Document) -> Iterator[Document]:
        """The specs that are not open in the folder of a document, or that it imports."""
        if _path(document.uri) is None:
            return
        paths = [document.folder / name for name in listed(document.folder)]
        imported = [path for path in document.find.asked if path.parent != document.folder]
        for path in [*paths, *imported]:
            uri = self._uri_at(path)
            if uri not in self.texts and (found := self._closed(uri, path)) is not None:
                yield found

    def _closed(self, uri: str, path: Path) -> Document | None:
        """A spec that is not open, read again only if it or an import of it has changed."""
        changed = stamp(path)
        before = self.closed.get(path)
        if before is None or before[0] != (changed, self.changes) or not before[1].is_current():
            text = read_text(path)
            if not isinstance(text, str):
                return None
            before = (changed, self.changes), self._analysed(uri, text, None)
            self.closed[path] = before
        return before[1]

    def changed(self, document: Document, text: str) -> Document:
        """A document as it would be with another text."""
        return self._analysed(document.uri, text, document.analysis)

    def with_texts(self, texts: dict[str, str]) -> dict[str, Document]:
        """Documents as they would be if all of them had other texts at once."""
        other = replace(self, texts={**self.texts}, known={**self.known}, files={**self.files})
        # What is known looks at our texts, so none of it is current.
        other.changes += 1
        for uri, text in texts.items():
            other.put(uri, text)
        return {uri: document for uri in texts if (document := other.get(uri)) is not None}

    def get(self, uri: str) -> Document | None:
        """The document as it is now; None of one that is not open."""
        text = self.texts.get(uri)
        if text is None:
            return None
        changes, before = self.known.get(uri, (0, None))
        # Not all editors watch files.
        is_known = before is not None and before.source.text == text and before.is_current()
        if before is None or not is_known or changes != self.changes:
            before = self._analysed(uri, text, before.analysis if before else None)
            self.known[uri] = self.changes, before
        return before

    def _analysed(self, uri: str, text: str, before: Analysis | None) -> Document:
        path = _path(uri)
        if path is None:
            files, name, folder = finder(LIBRARY, LIBRARY_NAME), UNTITLED, LIBRARY
        else:
            files, name = finder(path.parent), path.name
            folder = files.folder
        find = OpenFinder(files, self._text_at)
        analysis = Analysis(Source(name, text), find, before)
        return Document(uri, analysis, self.positions, folder, find, self._uri_at)

    def _text_at(self, path: Path) -> str | None:
        """The text of a file that is open."""
        uri = self.files.get(_resolved(path))
        return None if uri is None else self.texts.get(uri)

    def _uri_at(self, path: Path) -> str:
        return self.files.get(_resolved(path)) or from_fs_path(str(path)) or ""


def _path(uri: str) -> Path | None:
    """The file that a text is of; None if it was never saved, or can be of none."""
    path = to_fs_path(uri) if uri.startswith("file:") else None
    return None if not path or "\0" in path else Path(path)


def _resolved(path: Path) -> Path:
    return Path(os.path.realpath(path))
