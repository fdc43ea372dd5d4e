"""The networks that ship: the specs of the package folder `networks`, found by a network's name."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
LIBRARY = PACKAGE / "library"
SUFFIX = ".arch"
INDEX = "networks.json"
"""The index behind `archdsl networks`; `python -m tools.survey` writes it."""

# `networks` is made of `specs` when a wheel is built. A clone, also one that is installed with
# `pip install -e`, has only `specs`.
NETWORKS = PACKAGE / "networks" if (PACKAGE / "networks").is_dir() else PACKAGE.parent / "specs"

DECLARED = re.compile(r"^[ \t]*network[ \t]+([A-Za-z_][A-Za-z0-9_]*)", re.MULTILINE)
"""A declaration in a text without syntax errors."""


def modules() -> tuple[str, ...]:
    """The files that ship, by the names that imports call them by, sorted."""
    return tuple(sorted(path.stem for path in NETWORKS.glob(f"*{SUFFIX}")))


def path_of(module: str) -> Path:
    """The file of a module, whether or not it is there."""
    return NETWORKS / f"{module}{SUFFIX}"


@cache
def networks() -> dict[str, tuple[str, ...]]:
    """The modules that declare a network, by its name: more than one where names are shared."""
    found: dict[str, tuple[str, ...]] = {}
    for module in modules():
        for name in declared(path_of(module).read_text(encoding="utf-8")):
            found[name] = (*found.get(name, ()), module)
    return found


def declared(text: str) -> list[str]:
    """The names of the networks that a text declares, in order."""
    return DECLARED.findall(text)


def digest() -> str:
    """The SHA-256 of all texts that ship, from which the figures of the index were counted."""
    known = hashlib.sha256()
    for path in sorted([*NETWORKS.glob(f"*{SUFFIX}"), *LIBRARY.glob(f"*{SUFFIX}")]):
        text = path.read_text(encoding="utf-8")
        known.update(f"{path.name} {len(text)}\n{text}".encode())
    return known.hexdigest()
