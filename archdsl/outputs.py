"""Writing generated files: whole or not at all, and never over somebody's own work."""

from __future__ import annotations

import hashlib
import keyword
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

from archdsl.diagnostics import Diagnostic
from archdsl.source import Source, Span
from archdsl.version import __version__

SEAL = re.compile(r"\A# Generated from [^\n]+\n# sha256 of the lines below: ([0-9a-f]{64})\n")
IMPORTED = frozenset({"collections", "functools", "math", "torch", "typing"})
"""What generated files import: a file of such a name would be found in its place."""


def save(
    folder: Path, name: str, text: str, source_name: str, force: bool = False
) -> list[Diagnostic]:
    """Write the code of a spec to `name.py` in `folder`, below its seal."""
    diagnostics = check_name(Path(source_name).stem) or check_name(name)
    return diagnostics or write(folder, f"{name}.py", seal(text, source_name), force)


def seal(text: str, source_name: str) -> str:
    """The text below two lines that say where it comes from, and that it is unchanged."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    origin = f"# Generated from {source_name} by archdsl {__version__}; rather edit that than this."
    return f"{origin}\n# sha256 of the lines below: {digest}\n{text}"


def is_sealed(text: str) -> bool:
    """Whether nobody has changed a generated text."""
    match = SEAL.match(text)
    return (
        match is not None and hashlib.sha256(text[match.end() :].encode()).hexdigest() == match[1]
    )


def check_name(name: str) -> list[Diagnostic]:
    """An error where a file `name.py` could not be imported, or would hide what it imports."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) or keyword.iskeyword(name):
        allowed = re.sub(r"[^A-Za-z0-9_]", "_", name)
        help = f"rename it, to `{allowed}` for instance" if allowed.isidentifier() else "rename it"
        return [_error("E0923", f"Python cannot import a file called `{name}.py`", name, help)]
    if name in IMPORTED:
        message = f"a file `{name}.py` would hide the module `{name}` that it imports"
        return [_error("E0923", message, name, "rename the spec")]
    return []


def write(folder: Path, name: str, text: str, force: bool = False) -> list[Diagnostic]:
    """Write a sealed text to `name` in `folder`, which is made if need be.

    A file that was edited by hand, or that is none of ours, is only replaced with `force`.
    """
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.is_symlink() or (path.exists() and not path.is_file()):
            return [_error("E0922", f"`{name}` is there already and is not a regular file", name)]
        before = path.read_bytes() if path.exists() else b""
        if before == text.encode():
            return []
        if before and not force and not is_sealed(before.decode("utf-8", "replace")):
            message = f"`{name}` was edited by hand since it was generated"
            return [_error("E0921", message, name, "move it away, or overwrite it with --force")]
        _replace(path, text)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return [_error("E0922", f"`{name}` cannot be written: {reason}", name)]
    return []


def _replace(path: Path, text: str) -> None:
    """Write beside the file, then rename: who reads meanwhile sees the old text or the new one."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(temporary).unlink()
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _error(code: str, message: str, name: str, help: str = "") -> Diagnostic:
    return Diagnostic(code, message, Span(Source(name, ""), 0, 0), help=help)
