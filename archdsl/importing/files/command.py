"""Imports a network from a file, by the suffix of the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from archdsl.importing.files import exported
from archdsl.importing.files.flat import Flat
from archdsl.importing.files.proof import Original
from archdsl.importing.files.written import imported
from archdsl.importing.model import Imported
from archdsl.importing.refusal import Refusal

Read: TypeAlias = tuple[Flat, Original]
"""The network of a file, and what runs it."""


def import_file(path: Path, shapes: Sequence[str] = ()) -> Imported:
    """The text of the network in a file; raises `Refusal`.

    `shapes` are the sizes of its inputs without the batch, where the file leaves some open.
    """
    if not path.is_file():
        raise Refusal("E0991", f"there is no file `{path.name}`")
    try:
        flat, original = FILES[path.suffix](path, shapes)
    except (AssertionError, LookupError, TypeError, ValueError, RecursionError) as fault:
        # A damaged file may say what no check has thought of. A fault after reading is our own.
        name = type(fault).__name__
        message = f"`{path.name}` says something that the importer does not expect ({name})"
        raise Refusal("E0991", message) from fault
    return imported(flat, path.name, original)


def _program(path: Path, shapes: Sequence[str]) -> Read:
    if shapes:
        raise Refusal("E0991", "an exported program says itself what goes into it, without --input")
    program = exported.program_of(path)
    flat = exported.flat_of(program)
    return flat, exported.original_of(program, flat)


def _onnx(path: Path, shapes: Sequence[str]) -> Read:
    from archdsl.importing.files.onnx.command import read_onnx

    return read_onnx(path, shapes)


FILES: Mapping[str, Callable[[Path, Sequence[str]], Read]] = {".pt2": _program, ".onnx": _onnx}
