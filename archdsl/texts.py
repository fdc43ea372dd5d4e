"""Specs that are texts and no files: what is imported is given by name, or comes with archdsl."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archdsl.diagnostics import Diagnostic, note
from archdsl.shipped import SUFFIX
from archdsl.source import Source, whole_of

if TYPE_CHECKING:
    from archdsl.syntax.program import Find, Refusal

MAIN = "main.arch"
"""What messages call a text that was given no name."""


@dataclass(frozen=True)
class TextFinder:
    """Finds imports among texts, by the dotted names that imports call them by, then `beyond`.

    As among files, a module `a.b` may call its neighbour `a.c` just `c`.
    """

    main: str
    texts: Mapping[str, str]
    beyond: Find

    def __call__(self, importer: str, module: tuple[str, ...]) -> Source | Refusal | None:
        """The text of a module, None if it does not exist; without importer one of the library."""
        for name in self._names(importer, ".".join(module)):
            if name in self.texts:
                return Source(_file(name), self.texts[name])
        return self.beyond(importer, module)

    def modules(self, importer: str) -> list[str]:
        """The modules that could be imported: for a suggestion."""
        others = {name for name in self.texts if _file(name) != importer}
        return sorted(others.union(self.beyond.modules(importer)))

    def _names(self, importer: str, name: str) -> list[str]:
        """The possible names of a module here; empty for modules of archdsl."""
        package = {self.main: "", **{_file(each): each.rpartition(".")[0] for each in self.texts}}
        if importer not in package:
            return []
        return [f"{package[importer]}.{name}", name] if package[importer] else [name]


def open_text(
    text: str, modules: Mapping[str, str], name: str, beyond: Find
) -> tuple[Source, TextFinder]:
    """A text that messages call `name`, and what finds its imports.

    Raises `TypeError` for what is no text, and `ValueError` for names that nothing could have.
    """
    source, finder, notes = open_any_text(text, modules, name, beyond)
    for each in notes:
        raise ValueError("; ".join(filter(None, [each.message, each.help])))
    return source, finder


def open_any_text(
    text: str, modules: Mapping[str, str], name: str, beyond: Find
) -> tuple[Source, TextFinder, list[Diagnostic]]:
    """The same, whatever the names are: with notes on those that nothing can have.

    Modules without a possible name are left out, and the text is then called `MAIN`.
    """
    for what, given in [("`text`", text), ("`name`", name), *_described(modules)]:
        if not isinstance(given, str):
            raise TypeError(f"{what} must be a string, not {type(given).__name__}")
    notes = {module: note for module in modules for note in _of_module(module)}
    known = {module: text for module, text in modules.items() if module not in notes}
    found = [*notes.values()]
    if not name or name.startswith("<"):
        message = f"a text cannot have the name {name!r}"
        found.append(note("N0602", message, whole_of(name), help=f"`{MAIN}` is one that it can"))
        name = MAIN
    for module in [each for each in known if _file(each) == name]:
        del known[module]
        message = f"the text and a module are both called `{name}`"
        found.append(note("N0602", message, whole_of(module), help="pass another `name`"))
    return Source(name, text.removeprefix("\ufeff")), TextFinder(name, known, beyond), found


def _of_module(name: str) -> Iterator[Diagnostic]:
    """The note on a name that no import can have."""
    if name.endswith(SUFFIX) or not all(map(str.isidentifier, name.split("."))):
        message = f"`modules` cannot have the name {name!r}"
        help = "name it as imports do: `blocks`, or `folder.blocks`"
        yield note("N0602", message, whole_of(name), help=help)


def _described(modules: Mapping[str, str]) -> list[tuple[str, object]]:
    if not isinstance(modules, Mapping):
        raise TypeError(
            f"`modules` must map names to texts, and is of the type {type(modules).__name__}"
        )
    return [
        *[("a name in `modules`", each) for each in modules],
        *[(f"the text of `{each}` in `modules`", modules[each]) for each in modules],
    ]


def _file(module: str) -> str:
    """The name of a module's source, as that of a file would be."""
    return module.replace(".", "/") + SUFFIX
