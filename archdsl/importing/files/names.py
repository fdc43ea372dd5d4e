"""Classes made up for modules of which only the paths are known."""

from __future__ import annotations

import re
from collections.abc import Iterable

from archdsl.importing.files.scopes import SEQUENTIAL

UNNAMED = {"": "unit", "block": "unit", "blocks": "unit"}
"""Words that are no names of blocks."""


def kinds_of(paths: Iterable[tuple[str, ...]]) -> dict[str, str]:
    """The class of every module on some paths, by its whole path.

    A module whose children all have numbers is a container.
    """
    children: dict[tuple[str, ...], set[str]] = {}
    for path in paths:
        for place in range(len(path)):
            children.setdefault(path[: place + 1], set())
            children.setdefault(path[:place], set()).add(path[place])
    found = {}
    for path, names in children.items():
        is_container = bool(names) and all(map(str.isdecimal, names))
        found[".".join(path)] = SEQUENTIAL if is_container else kind_of(path)
    return found


def kind_of(path: tuple[str, ...]) -> str:
    """A name for the class of a module, after its own: `layer` for `layer1.0`."""
    words = [word for word in path if not word.isdecimal()]
    stem = re.sub(r"[\d_]+\Z", "", words[-1]) if words else ""
    return UNNAMED.get(stem, stem)
