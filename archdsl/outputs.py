"""Writing files: whole or not at all, and never over somebody's own work."""

from __future__ import annotations

import hashlib
import keyword
import os
import re
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Literal, get_args

from archdsl import integrity
from archdsl.diagnostics import Diagnostic, error
from archdsl.shipped import SUFFIX
from archdsl.source import whole_of
from archdsl.version import __version__

SEAL = re.compile(r"\A# Generated from [^\n]+\n# sha256 of the lines below: ([0-9a-f]{64})\n")
IMPORTED = frozenset({"collections", "functools", "math", "torch", "typing"})
"""Modules that generated files import; a generated file of that name would hide one."""

FigureForm = Literal["svg", "png", "pdf", "dot"]
PageForm = Literal["html", "json"]
Form = FigureForm | PageForm
"""The formats of a diagram, chosen by the suffix of its file: figures, and what is looked into."""
FORMS: tuple[Form, ...] = (*get_args(FigureForm), *get_args(PageForm))
BEGINNINGS: dict[str, re.Pattern[bytes]] = {
    "svg": re.compile(rb"(\xef\xbb\xbf)?\s*(<\?xml|<!--|<!DOCTYPE svg|<svg)"),
    "png": re.compile(rb"\x89PNG\r\n"),
    "pdf": re.compile(rb"%PDF-"),
    "dot": re.compile(rb"(?>\s+|//.*|#.*|/\*[\s\S]*?\*/)*+(strict\s+)?(di)?graph\b"),
    "html": re.compile(rb'<!doctype html>\n<html lang="en" data-theme='),
    "json": re.compile(rb'\{"version":[0-9]+,"name":'),
    # The first field of a model is the version of the format.
    "onnx": re.compile(rb"\x08[\x03-\x1f]"),
    "pt": re.compile(rb"PK\x03\x04"),
    "pt2": re.compile(rb"PK\x03\x04"),
}
"""How a file of every form begins."""
SUFFIXES = {"onnx": ".onnx", "torchscript": ".pt", "torch-export": ".pt2"}
"""The export formats, each with the suffix of its files."""
SEAL_LINE = 2
"""The line of a generated file that has its hash."""
OVERWRITE = "move it away, or overwrite it with --force"
"""The way out where a file was edited by hand."""
END, SHOWN = "the end of the file", 80
"""The text for a missing line, and the maximum length shown of a line."""
LOOKED_AT = 4096
"""Number of bytes read to recognise a picture."""


def save(path: Path, text: str, source_name: str, force: bool = False) -> list[Diagnostic]:
    """Write the code of a spec to a file `NAME.py`, below its seal."""
    diagnostics = check_name(path.stem)
    return diagnostics or write(path.parent, path.name, seal(text, source_name), force)


def check_current(path: Path, text: str, source_name: str, shown: str = "") -> list[Diagnostic]:
    """An error where `save` would write another file than there is; nothing is written.

    `shown` is what messages call the file.
    """
    diagnostics = check_name(path.stem)
    if diagnostics:
        return diagnostics
    try:
        difference = _difference(path, seal(text, source_name))
    except (OSError, ValueError) as refused:
        difference = _Difference((getattr(refused, "strerror", None) or str(refused)).lower())
    if difference is None:
        return []
    shown = shown or path.name
    message = f"`{shown}` is not what `{source_name}` compiles to: {difference.reason}"
    expected, found = difference.expected, difference.found
    help = "run compile again, without --check"
    if difference.is_edited:
        help = f"it was edited by hand: {OVERWRITE}"
    span = whole_of(shown)
    return [error("E0928", message, span, help=help, expected=expected, found=found)]


def seal(text: str, source_name: str) -> str:
    """The text below two lines that say where it comes from, and that it is unchanged."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    # A name of a file may hold what ends a line of Python.
    name = "".join(each if each.isprintable() else "?" for each in source_name)
    origin = f"# Generated from {name} by archdsl {__version__}. Do not edit."
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
        message = f"Python cannot import a file called `{name}.py`"
    elif name in IMPORTED:
        message = f"a file `{name}.py` would hide the module `{name}` that it imports"
    else:
        return []
    help = f"rename it, to `{_importable(name)}` for instance"
    return [error("E0923", message, whole_of(name), help=help)]


def _importable(name: str) -> str:
    """A name like another that Python can import."""
    allowed = re.sub(r"[^A-Za-z0-9_]", "_", name)
    if not allowed.isidentifier():
        allowed = f"net_{allowed}".rstrip("_")
    return f"{allowed}_net" if keyword.iskeyword(allowed) or allowed in IMPORTED else allowed


def write(folder: Path, name: str, text: str, force: bool = False) -> list[Diagnostic]:
    """Write a sealed text to `name` in `folder`, which is made if need be.

    A file edited by hand, or not generated by archdsl, is only replaced with `force`.
    """
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if _in_the_way(path):
            return [_irregular(name)]
        before = path.read_bytes() if path.exists() else b""
        if before == text.encode():
            return []
        if before and not force and not is_sealed(before.decode("utf-8", "replace")):
            message = f"`{name}` was edited by hand since it was generated"
            return [error("E0921", message, whole_of(name), help=OVERWRITE)]
        integrity.write(path, lambda file: file.write(text.encode()))
    except OSError as refused:
        return [_unwritable(name, refused)]
    return []


@dataclass(frozen=True)
class _Difference:
    """How a file differs from what it should be, with the first line that does.

    One that `is_edited` is replaced only by force.
    """

    reason: str
    expected: str = ""
    found: str = ""
    is_edited: bool = False


def _difference(path: Path, text: str) -> _Difference | None:
    """How a file differs from a text; None where it does not."""
    if not os.path.lexists(path):
        return _Difference("there is no such file")
    if _in_the_way(path):
        return _Difference("it is not a regular file")
    data = path.read_bytes()
    if data == text.encode():
        return None
    there = data.decode("utf-8", "replace")
    is_edited = bool(data) and not is_sealed(there)
    ours, theirs = text.splitlines(), there.splitlines()
    pairs = zip_longest(ours, theirs, fillvalue=END)
    for number, (expected, found) in enumerate(pairs, 1):
        # The second line is a hash of all the others: it says nothing of its own.
        if expected != found and number != SEAL_LINE:
            texts = _shortened(expected), _shortened(found)
            return _Difference(f"line {number} differs", *texts, is_edited)
    reason = "the ends of its lines differ" if ours == theirs else "its hash differs"
    return _Difference(reason, is_edited=is_edited)


def _shortened(line: str) -> str:
    line = line.strip() or "an empty line"
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}…"


def picture_form(path: Path) -> tuple[Form | None, list[Diagnostic]]:
    """The form that the suffix of a file names, or an error."""
    for form in FORMS:
        if path.suffix.lower() == f".{form}":
            return form, []
    listed = ", ".join(f".{form}" for form in FORMS)
    message = f"`{path.name}` does not end in a diagram format"
    return None, [error("E0924", message, whole_of(path.name), help=f"the formats are {listed}")]


def check_plot(path: Path, forms: tuple[str, ...] = ("svg",)) -> list[Diagnostic]:
    """An error where a plot cannot be written to a file of that name."""
    if path.suffix.lower()[1:] in forms:
        return []
    message = f"`{path.name}` does not end in a plot format"
    known = " or ".join(f".{form}" for form in forms)
    return [
        error("E0926", message, whole_of(path.name), help=f"write to a file that ends in {known}")
    ]


def check_export(path: Path, form: str) -> list[Diagnostic]:
    """An error where the name of a file does not end as those of an exported form do."""
    suffix = SUFFIXES[form]
    if path.suffix.lower() == suffix:
        return []
    message = f"`{path.name}` does not end in {suffix}, the suffix of {form}"
    help = f"call it `{path.stem or 'net'}{suffix}`"
    return [error("E0927", message, whole_of(path.name), help=help)]


def save_file(path: Path, content: bytes) -> list[Diagnostic]:
    """Write a picture or an exported network to a file, whose folder is made if need be.

    It replaces nothing but an older one: what begins as a file with its suffix does.
    """
    name = path.name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if _in_the_way(path):
            return [_irregular(name)]
        if path.exists() and not _begins_well(path):
            message = f"`{name}` already exists and is not of the format {path.suffix[1:].upper()}"
            help = "move it away, or write to another file"
            return [error("E0925", message, whole_of(name), help=help)]
        integrity.write(path, lambda file: file.write(content))
    except (OSError, ValueError) as refused:
        return [_unwritable(name, refused)]
    return []


def rewrite(path: Path, text: str) -> list[Diagnostic]:
    """Write the text of a file anew, whole or not at all; links and what is no file are refused."""
    return replace(path, text.encode())


def replace(path: Path, content: bytes) -> list[Diagnostic]:
    """Write the bytes of a file anew, as `rewrite` does."""
    name = path.name
    try:
        if _in_the_way(path):
            return [_irregular(name)]
        integrity.write(path, lambda file: file.write(content))
    except (OSError, ValueError) as refused:
        return [_unwritable(name, refused)]
    return []


def save_spec(path: Path, text: str, force: bool = False) -> list[Diagnostic]:
    """Write a spec to a file that is new, or with `force` over an older one."""
    if path.suffix != SUFFIX:
        message = f"`{path.name}` does not end in {SUFFIX}, the suffix of specs"
        return [error("E0927", message, whole_of(path.name), help=f"call it `{path.stem}{SUFFIX}`")]
    if path.exists() and not force:
        message = f"`{path.name}` already exists"
        help = "write to another file, or overwrite it with --force"
        return [error("E0990", message, whole_of(path.name), help=help)]
    return rewrite(path, text)


def _begins_well(path: Path) -> bool:
    """Whether a file is empty, or begins as its suffix says."""
    with path.open("rb") as file:
        head = file.read(LOOKED_AT)
    beginning = BEGINNINGS.get(path.suffix[1:].lower())
    return not head or (beginning is not None and beginning.match(head) is not None)


def _in_the_way(path: Path) -> bool:
    """Whether something other than a regular file has the name."""
    return path.is_symlink() or (path.exists() and not path.is_file())


def _irregular(name: str) -> Diagnostic:
    message = f"`{name}` already exists and is not a regular file"
    return error("E0922", message, whole_of(name))


def _unwritable(name: str, refused: Exception) -> Diagnostic:
    reason = (getattr(refused, "strerror", None) or str(refused)).lower()
    return error("E0922", f"`{name}` cannot be written: {reason}", whole_of(name))
