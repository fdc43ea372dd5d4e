"""The files that a spec is read from: bounded, regular, and never outside of three folders."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from archdsl import shipped
from archdsl.diagnostics import Diagnostic, error
from archdsl.shipped import LIBRARY, NETWORKS, SUFFIX
from archdsl.source import Source, whole_of
from archdsl.syntax.program import Refusal

LIBRARY_NAME = "<library>"
"""Stands for the packaged folder in messages; no path that somebody types can equal it."""
NETWORKS_NAME = "<networks>"
"""Stands for the folder of the networks that ship."""
NETWORKS_MODULE = "networks"
"""The name of that folder in imports, as in `from networks.resnet import resnet50`."""
STDIN_NAME = "<stdin>"
"""Standard input, in messages."""
MAXIMUM_BYTES = 4_000_000
"""No text of the longest length that the parser accepts has more bytes."""
MAXIMUM_LISTED = 1000

Stamp: TypeAlias = "tuple[int, int, int] | None"
"""The time of the last change of a file, its size, and its number; None of one that is absent."""


def stamp(path: Path) -> Stamp:
    """What is another if a file has changed."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


@dataclass
class Finder:
    """Finds imports: in the importing file's folder, in the library, or among shipped networks.

    A link may stand for a file, but not lead out of the folder of the main file. Messages name a
    file by its path below that folder, behind `prefix`.
    """

    folder: Path
    prefix: str = ""
    places: dict[str, tuple[Path, Path]] = field(default_factory=dict)
    """Of the modules that were read, by the names of their sources: the folder that nothing may
    lead out of, and the folder of the file."""
    looked_for: dict[Path, Stamp] = field(default_factory=dict)
    """All files that were tried, those that do not exist included, as they were then."""

    def __call__(self, importer: str, module: tuple[str, ...]) -> Source | Refusal | None:
        """The text of a module, None if it does not exist; without importer one of the library."""
        for root, path in self._candidates(importer, module):
            self.looked_for[path] = stamp(path)
            if os.path.lexists(path):
                return self._open(path, root)
        return None

    def modules(self, importer: str) -> list[str]:
        """The modules that could be imported, of folders only `networks`: for a suggestion."""
        found = {path.stem for path in listed(self._place(importer)[1])}
        found -= {Path(importer).stem}
        found |= {path.stem for path in listed(LIBRARY)}
        return sorted(found | {f"{NETWORKS_MODULE}.{name}" for name in shipped.modules()})

    def _place(self, importer: str) -> tuple[Path, Path]:
        """The folder that nothing may lead out of, and in it the folder of an importing file."""
        return self.places.get(importer, (self.folder, self.folder))

    def _candidates(self, importer: str, module: tuple[str, ...]) -> Iterator[tuple[Path, Path]]:
        """Where a module may be, each behind the folder that nothing may lead out of."""
        below = Path(*module[:-1], module[-1] + SUFFIX)
        if importer:
            root, folder = self._place(importer)
            yield root, folder / below
        yield LIBRARY, LIBRARY / below
        if importer and len(module) > 1 and module[0] == NETWORKS_MODULE:
            yield NETWORKS, NETWORKS / below.relative_to(NETWORKS_MODULE)

    def _open(self, path: Path, root: Path) -> Source | Refusal:
        try:
            resolved = path.resolve(strict=True)
        except (OSError, RuntimeError) as error:
            return Refusal("E0604", f"`{path.name}` cannot be read: {_reason(error)}")
        if not resolved.is_relative_to(root):
            message = f"`{path.name}` is a link that leads out of the folder of the importing file"
            return Refusal("E0605", message, "copy the file there")
        home, prefix = self._home(resolved)
        name = _below(prefix, resolved.relative_to(home).as_posix())
        text = read_text(resolved)
        if isinstance(text, Refusal):
            return text
        self.places[name] = (home, resolved.parent)
        return Source(name, text, is_library=prefix in (LIBRARY_NAME, NETWORKS_NAME))

    def _home(self, resolved: Path) -> tuple[Path, str]:
        """The folder that a file is named below, and that folder's name.

        A file has one name, however it is imported.
        """
        if resolved.is_relative_to(LIBRARY):
            return LIBRARY, LIBRARY_NAME
        if resolved.is_relative_to(NETWORKS) and self.folder != NETWORKS:
            return NETWORKS, NETWORKS_NAME
        return self.folder, self.prefix


def finder(folder: Path, prefix: str = "") -> Finder:
    """A finder for the imports of a file in `folder`."""
    return Finder(Path(os.path.realpath(folder)), prefix)


def open_main(path: Path, is_shipped: bool = False) -> tuple[Source, Finder, list[Diagnostic]]:
    """The text of a spec, and what finds its imports."""
    # `Path.resolve` raises for a link that leads to itself.
    resolved = Path(os.path.realpath(path))
    if resolved.is_relative_to(LIBRARY):
        name = _below(LIBRARY_NAME, resolved.relative_to(LIBRARY).as_posix())
        find = finder(LIBRARY, LIBRARY_NAME)
    elif is_shipped:
        name = _below(NETWORKS_NAME, path.name)
        find = finder(NETWORKS, NETWORKS_NAME)
    else:
        name = shown(path)
        find = finder(path.parent, name.rpartition("/")[0])
    return _opened(name, read_text(path), find)


def open_stdin(path: Path | None = None) -> tuple[Source, Finder, list[Diagnostic]]:
    """The text of standard input, with the name and the imports of a file if it stands for one."""
    if path is None:
        return _opened(STDIN_NAME, read_stdin(), finder(Path()))
    name = shown(path)
    return _opened(name, read_stdin(), finder(path.parent, name.rpartition("/")[0]))


def _opened(
    name: str, text: str | Refusal, find: Finder
) -> tuple[Source, Finder, list[Diagnostic]]:
    if isinstance(text, Refusal):
        about = error(text.code, text.message, whole_of(name), help=text.help)
        return Source(name, ""), find, [about]
    return Source(name, text), find, []


def read_text(path: Path) -> str | Refusal:
    """A text, or the error: absent, not a regular file, too large, or not UTF-8."""
    name = _name(path)
    try:
        data = _read_bytes(path)
    except (OSError, ValueError) as error:
        return Refusal("E0604", f"`{name}` cannot be read: {_reason(error)}")
    return data if isinstance(data, Refusal) else _decoded(f"`{name}`", data)


def read_stdin() -> str | Refusal:
    """The text of standard input, of which no more is read than of a file."""
    try:
        if sys.stdin is None:
            return Refusal("E0604", "standard input cannot be read: it is closed")
        data = sys.stdin.buffer.read(MAXIMUM_BYTES + 1)
    except (OSError, ValueError) as error:
        return Refusal("E0604", f"standard input cannot be read: {_reason(error)}")
    if len(data) > MAXIMUM_BYTES:
        return Refusal("E0702", f"standard input has more than {MAXIMUM_BYTES:,} bytes")
    return _decoded("standard input", data)


def _decoded(name: str, data: bytes) -> str | Refusal:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{name} is not UTF-8: byte {error.start} is 0x{data[error.start]:02x}"
        return Refusal("E0604", message, "save it as UTF-8")


def _read_bytes(path: Path) -> bytes | Refusal:
    # Without O_NONBLOCK a pipe that nobody writes to would block for ever.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if not stat.S_ISREG(mode):
            help = "`-` reads standard input" if stat.S_ISFIFO(mode) else ""
            return Refusal("E0604", f"`{path.name}` is not a regular file", help)
        data = file.read(MAXIMUM_BYTES + 1)
    if len(data) > MAXIMUM_BYTES:
        return Refusal("E0702", f"`{path.name}` has more than {MAXIMUM_BYTES:,} bytes")
    return data


def shown(path: Path) -> str:
    """A path as messages show it: as it was typed, or below the working folder, never absolute."""
    if not path.is_absolute():
        return _below("", path.as_posix())
    working = Path.cwd()
    below = path.relative_to(working).as_posix() if path.is_relative_to(working) else _name(path)
    return _below("", below)


def _name(path: Path) -> str:
    """The last part of a path; `.` and `/` have none."""
    return path.name or str(path)


def _below(prefix: str, name: str) -> str:
    # Names of files need not be text, and a folder of somebody's may be called `<library>`.
    name = name.encode(errors="backslashreplace").decode()
    prefix = prefix or ("." if name.startswith("<") else "")
    return f"{prefix}/{name}" if prefix else name


def _reason(error: Exception) -> str:
    return (error.strerror or "").lower() if isinstance(error, OSError) else str(error)


def listed(folder: Path) -> list[Path]:
    """The specs of a folder, by their names alone; of very many only some."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry, _ in zip(entries, range(MAXIMUM_LISTED), strict=False)]
    except (OSError, ValueError):
        return []
    return [Path(name) for name in names if name.endswith(SUFFIX)]
