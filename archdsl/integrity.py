"""Whole files: written at once or not at all, and checked for damage by their checksums."""

from __future__ import annotations

import errno
import json
import os
import tempfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

SUFFIX = ".partial"
"""How the names of temporary files end; between the file's name and this are eight characters."""
METADATA, CHECKSUM = "archdsl", "crc32"
"""The key of our metadata in a safetensors file, and in them that of the file's checksum.

There is one key because safetensors writes several in any order. The checksum is the CRC-32 of all
bytes after the header.
"""
CHUNK = 2**20


def write(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """Fill a new file, then rename it: at every moment the old file is complete, or the new one.

    A file that is replaced keeps its permissions. Raises `OSError`, also for one that may only be
    read, and what `fill` raises.
    """
    if path.exists() and not os.access(path, os.W_OK):
        # To rename, one needs no permission for what is replaced.
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
    handle, temporary = tempfile.mkstemp(SUFFIX, f".{path.name}.", path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
        _settle(path.parent)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _settle(folder: Path) -> None:
    """Flush a folder to disk, so that a rename survives a crash; not all systems can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def is_intact_archive(path: Path) -> bool:
    """Whether the entries of a PyTorch file match their checksums, which `torch.load` ignores.

    Files of older formats, compressed entries and entries without a checksum are not checked.
    """
    try:
        with ZipFile(path) as archive:
            entries = [e for e in archive.infolist() if e.compress_type == ZIP_STORED and e.CRC]
            if sum(entry.file_size for entry in entries) > path.stat().st_size:
                # Entries that overlap are somebody's trick, and could take any time to read.
                return True
            return all(_is_intact(archive, entry) for entry in entries)
    except (BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        # What this reader does not know, PyTorch may.
        return True


def _is_intact(archive: ZipFile, entry: ZipInfo) -> bool:
    """Whether an entry is as long as it says, and has its checksum."""
    with archive.open(entry) as file:
        try:
            while file.read(CHUNK):
                pass
        except (BadZipFile, EOFError):
            return False
    return True


def checksum(path: Path) -> str:
    """The checksum of a safetensors file, in eight hexadecimal digits."""
    found = 0
    with path.open("rb") as file:
        file.seek(8 + int.from_bytes(file.read(8), "little"))
        while chunk := file.read(CHUNK):
            found = zlib.crc32(chunk, found)
    return f"{found:08x}"


def told_checksum(metadata: Mapping[str, str] | None) -> str | None:
    """The checksum in the metadata of a safetensors file; None without one."""
    try:
        found = json.loads((metadata or {}).get(METADATA, "{}"))
    except ValueError:
        return None
    return found.get(CHECKSUM) if isinstance(found, dict) else None


def checksum_of(content: bytes) -> str:
    """The checksum of a safetensors file with this content."""
    begin = 8 + int.from_bytes(content[:8], "little")
    return f"{zlib.crc32(memoryview(content)[begin:]):08x}"
