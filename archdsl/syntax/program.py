"""Files to a program: every module that a text needs, imported ones first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Protocol

from archdsl.diagnostics import Diagnostic, Diagnostics, error, nearest, suggestion
from archdsl.fixes import Help
from archdsl.source import Source, Span
from archdsl.syntax import ast
from archdsl.syntax.parser import Own, Parsed, read
from archdsl.syntax.walk import descendants

PRELUDE = "prelude"
PRELUDE_KEY = f"<{PRELUDE}>"
"""No text can have this name."""
MAXIMUM_FILES = 100


@dataclass(frozen=True)
class Refusal:
    """Why a file that is there was not read."""

    code: str
    message: str
    help: str = ""


class Find(Protocol):
    """Finds imported modules; `archdsl.files` finds them in folders.

    A module's key is its source's name, so a file must always be found under one name. The key of
    the main text is its source's name; the empty key asks for a module of the packaged library.
    """

    def __call__(self, importer: str, module: tuple[str, ...]) -> Source | Refusal | None:
        """The text of a module by its dotted name, for the module with a key; None without one."""

    def modules(self, importer: str) -> Iterable[str]:
        """The dotted names that a module could import: for a suggestion."""


@dataclass(frozen=True)
class Module:
    """A file that takes part. `imports` maps the dotted names that it imports to keys."""

    key: str
    parsed: Parsed
    imports: dict[str, str]

    @property
    def file(self) -> ast.File:
        """Its syntax tree."""
        return self.parsed.file

    @property
    def partial(self) -> tuple[Own, ...]:
        """What declarations with a syntax error say before it."""
        return self.parsed.partial


@dataclass(frozen=True)
class Program:
    """Everything that a text needs; a module comes after those that it imports."""

    main: str
    modules: dict[str, Module]

    @property
    def file(self) -> ast.File:
        """The syntax tree of the main text."""
        return self.modules[self.main].file

    @cached_property
    def files(self) -> dict[Source, ast.File]:
        """The files by their texts, and by the earlier versions that they have something of."""
        files = [module.file for module in self.modules.values()]
        earlier = {version: file for file in files for version in file.places.shifts}
        return {**earlier, **{file.source: file for file in files}}

    @property
    def is_fresh(self) -> bool:
        """Whether nothing of it was read in an earlier version."""
        return not any(module.file.earlier for module in self.modules.values())

    def placed(self, span: Span) -> Span:
        """Where a span lies now that a text may have had in an earlier version."""
        file = self.files.get(span.source)
        return span if file is None else file.placed(span)


def resolve(
    main: Source, find: Find, before: Program | None = None
) -> tuple[Program, list[Diagnostic]]:
    """Parse a text and everything it imports, including the prelude.

    What an earlier program has already is not read again.
    """
    resolver = _Resolver(find, before.modules if before is not None else {})
    prelude = find("", (PRELUDE,))
    if isinstance(prelude, Source):
        resolver.keys[prelude.name] = PRELUDE_KEY
        resolver.visit(prelude)
    resolver.visit(main)
    key = resolver.keys.get(main.name, main.name)
    return Program(key, resolver.done), list(resolver.diagnostics)


def _nearest(dotted: str, known: list[str]) -> str:
    """A suggestion for a module: one of that name in a folder, else one spelled alike."""
    same = [name for name in known if name.rpartition(".")[2] == dotted]
    return Help(f"did you mean `{same[0]}`?", same[0]) if same else suggestion(dotted, known)


def _right_name(imported: ast.ImportedName, declared: Iterable[str], file: ast.File) -> str:
    """A suggestion for an imported name; one that the file uses as it is remains its alias."""
    wrong, right = imported.name.name, nearest(imported.name.name, declared)
    imports = [each for each in file.declarations if isinstance(each, ast.Import)]
    own = [each for each in file.declarations if not isinstance(each, ast.Import)]
    nodes = [node for each in own for node in descendants(each)]
    used = {node.name for node in nodes if isinstance(node, ast.Name)}
    if not right or imported.alias is not None or wrong not in used:
        return suggestion(wrong, declared)
    bound = {(name.alias or name.name).name for each in imports for name in each.names}
    both = f"{right}, " if right in used - bound else ""
    return Help(f"did you mean `{right}`?", f"{both}{right} as {wrong}")


def _parsed(source: Source, before: Module | None) -> Parsed:
    """A text read, as far as it was not read before."""
    if before is not None and _is_same(source, before.file.source):
        return before.parsed
    if source.is_library:
        return _of_library(source.name, source.text)
    return read(source, None if before is None else before.parsed)


def _is_same(one: Source, other: Source) -> bool:
    return (one.name, one.text, one.is_library) == (other.name, other.text, other.is_library)


@lru_cache(maxsize=64)
def _of_library(name: str, text: str) -> Parsed:
    """A text that ships with the compiler, which a process reads once."""
    return read(Source(name, text, is_library=True))


@dataclass
class _Resolver:
    find: Find
    before: Mapping[str, Module]
    keys: dict[str, str] = field(default_factory=dict)
    """The keys that are not their source's name."""
    under_way: dict[str, ast.File] = field(default_factory=dict)
    done: dict[str, Module] = field(default_factory=dict)
    diagnostics: Diagnostics = field(default_factory=Diagnostics)

    def visit(self, source: Source) -> None:
        """Parse a module, after its imports."""
        key = self.keys.get(source.name, source.name)
        if key in self.done:
            return
        parsed = _parsed(source, self.before.get(key))
        file = parsed.file
        self.diagnostics.extend(parsed.diagnostics)
        self.under_way[key] = file
        imports: dict[str, str] = {}
        for declaration in file.declarations:
            if isinstance(declaration, ast.Import):
                self._import(key, declaration, imports)
        del self.under_way[key]
        self.done[key] = Module(key, parsed, imports)

    def _import(self, key: str, declaration: ast.Import, imports: dict[str, str]) -> None:
        parts = tuple(name.name for name in declaration.module)
        dotted = ".".join(parts)
        if dotted not in imports:
            found = self._open(
                key, parts, declaration.module[0].span.to(declaration.module[-1].span)
            )
            if found is None:
                return
            imports[dotted] = found
        self._check_names(declaration, imports[dotted], self.under_way[key])

    def _open(self, importer: str, parts: tuple[str, ...], span: Span) -> str | None:
        """The key of an imported module, which is read if need be; None after a mistake."""
        source = self.find(importer, parts)
        if source is None:
            near = _nearest(".".join(parts), [*self.find.modules(importer)])
            file = f"{'/'.join(parts)}.arch"
            help = near or f"a module is a spec: `{file}` beside this file, or in the library"
            message = f"there is no module `{'.'.join(parts)}`"
            self.diagnostics.add(error("E0601", message, span, help=help))
            return None
        if isinstance(source, Refusal):
            self.diagnostics.add(error(source.code, source.message, span, help=source.help))
            return None
        key = self.keys.get(source.name, source.name)
        if key in self.under_way:
            path = [*self.under_way][[*self.under_way].index(key) :]
            chain = " imports ".join(f"`{name}`" for name in [*path, key])
            help = "move what they share to a module of its own"
            message = f"these modules import each other: {chain}"
            self.diagnostics.add(error("E0602", message, span, help=help))
            return None
        if key not in self.done and len(self.done) + len(self.under_way) >= MAXIMUM_FILES:
            message = f"more than {MAXIMUM_FILES} files are needed"
            self.diagnostics.add(error("E0704", message, span))
            return None
        self.visit(source)
        return key

    def _check_names(self, declaration: ast.Import, key: str, importer: ast.File) -> None:
        file = self.done[key].file
        declared = {d.name.name for d in file.declarations if isinstance(d, ast.Named)}
        known = declared.union(file.unread)
        for imported in declaration.names:
            name = imported.name.name
            if name not in known:
                module = ".".join(part.name for part in declaration.module)
                message = f"module `{module}` does not declare `{name}`"
                help = _right_name(imported, declared, importer)
                self.diagnostics.add(error("E0603", message, imported.name.span, help=help))
