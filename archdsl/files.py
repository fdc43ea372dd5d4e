"""The files that a spec is read from: bounded, regular, and never outside of two folders."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from archdsl.diagnostics import Diagnostic, error
from archdsl.source import Source, whole_of
from archdsl.syntax.program import Refusal

LIBRARY = Path(__file__).resolve().parent / "library"
LIBRARY_NAME = "<library>"
"""Stands for the packaged folder in messages; no path that somebody types can equal it."""
SUFFIX = ".arch"
MAXIMUM_BYTES = 4_000_000
"""No text of the longest length that the parser accepts has more bytes."""
MAXIMUM_LISTED = 1000


@dataclass
class Finder:
    """Finds imports: in the importing file's folder, else in the packaged library.

    A link may stand for a file, but not lead out of the folder of the main file. Messages name a
    file by its path below that folder, behind `prefix`.
    """

    folder: Path
    prefix: str = ""
    folders: dict[str, Path] = field(default_factory=dict)
    """The folders of the modules that were read, by the names of their sources."""

    def __call__(self, importer: str, module: tuple[str, ...]) -> Source | Refusal | None:
        """The text of a module, None where there is none; without importer one of the library."""
        for root, folder in self._places(importer):
            path = folder.joinpath(*module[:-1], module[-1] + SUFFIX)
            if os.path.lexists(path):
                return self._open(path, root)
        return None

    def modules(self, importer: str) -> list[str]:
        """The modules that could be imported without a dotted name: for a suggestion."""
        paths = [p for _, folder in self._places(importer) for p in _listed(folder)]
        return sorted({path.stem for path in paths})

    def _places(self, importer: str) -> list[tuple[Path, Path]]:
        """The folders to look in, each behind the one that nothing may lead out of."""
        library = (LIBRARY, LIBRARY)
        if not importer:
            return [library]
        folder = self.folders.get(importer, self.folder)
        root = LIBRARY if folder.is_relative_to(LIBRARY) else self.folder
        return [(root, folder), library]

    def _open(self, path: Path, root: Path) -> Source | Refusal:
        try:
            resolved = path.resolve(strict=True)
        except (OSError, RuntimeError) as error:
            return Refusal("E0604", f"`{path.name}` cannot be read: {_reason(error)}")
        if not resolved.is_relative_to(root):
            message = f"`{path.name}` is a link that leads out of the folder of the importing file"
            return Refusal("E0605", message, "copy the file there")
        prefix = LIBRARY_NAME if root == LIBRARY else self.prefix
        name = _below(prefix, resolved.relative_to(root).as_posix())
        text = read_text(resolved)
        if isinstance(text, Refusal):
            return text
        self.folders[name] = resolved.parent
        return Source(name, text, is_library=root == LIBRARY)


def finder(folder: Path, prefix: str = "") -> Finder:
    """A finder for the imports of a file in `folder`."""
    return Finder(Path(os.path.realpath(folder)), prefix)


def open_main(path: Path) -> tuple[Source, Finder, list[Diagnostic]]:
    """The text of a spec, and what finds its imports."""
    # `Path.resolve` raises for a link that leads to itself.
    resolved = Path(os.path.realpath(path))
    if resolved.is_relative_to(LIBRARY):
        name = _below(LIBRARY_NAME, resolved.relative_to(LIBRARY).as_posix())
        find = finder(LIBRARY, LIBRARY_NAME)
    else:
        name = _shown(path)
        find = finder(path.parent, name.rpartition("/")[0])
    text = read_text(path)
    if isinstance(text, Refusal):
        return Source(name, ""), find, [_about(name, text)]
    return Source(name, text), find, []


def read_text(path: Path) -> str | Refusal:
    """A text, or why there is none: absent, no regular file, too large, or not UTF-8."""
    name = _name(path)
    try:
        data = _read_bytes(path)
    except (OSError, ValueError) as error:
        return Refusal("E0604", f"`{name}` cannot be read: {_reason(error)}")
    if isinstance(data, Refusal):
        return data
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"`{name}` is not UTF-8: byte {error.start} is 0x{data[error.start]:02x}"
        return Refusal("E0604", message, "save it as UTF-8")


def _read_bytes(path: Path) -> bytes | Refusal:
    # Without O_NONBLOCK a pipe that nobody writes to would block for ever.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return Refusal("E0604", f"`{path.name}` is not a regular file")
        data = file.read(MAXIMUM_BYTES + 1)
    if len(data) > MAXIMUM_BYTES:
        return Refusal("E0702", f"`{path.name}` has more than {MAXIMUM_BYTES:,} bytes")
    return data


def _about(name: str, refusal: Refusal) -> Diagnostic:
    return error(refusal.code, refusal.message, whole_of(name), help=refusal.help)


def _shown(path: Path) -> str:
    """A path as messages show it: as it was typed, or below the working folder, never absolute."""
    if not path.is_absolute():
        return path.as_posix()
    working = Path.cwd()
    return path.relative_to(working).as_posix() if path.is_relative_to(working) else _name(path)


def _name(path: Path) -> str:
    """The last part of a path; `.` and `/` have none."""
    return path.name or str(path)


def _below(prefix: str, name: str) -> str:
    return f"{prefix}/{name}" if prefix else name


def _reason(error: Exception) -> str:
    return (error.strerror or "").lower() if isinstance(error, OSError) else str(error)


def _listed(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry, _ in zip(entries, range(MAXIMUM_LISTED), strict=False)]
    except OSError:
        return []
    return [Path(name) for name in names if name.endswith(SUFFIX)]
