"""Classes made up for modules of which only the paths are known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from archdsl.importing.files.flat import Flat, weights_of
from archdsl.importing.files.scopes import SEQUENTIAL
from archdsl.importing.regions import kind_of
from archdsl.importing.trace import Node


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


def with_common_kinds(flat: Flat) -> None:
    """Give modules of one form one class, where classes are made up.

    A class of Python has the name of its module before it.
    """
    forms: dict[str, list[tuple[str, str]]] = {}
    kinds: dict[str, str] = {}
    for node, levels in flat.levels.items():
        for level in levels:
            if "." not in level.kind:
                inner = (node.path or levels[-1].path)[len(level.path) :]
                forms.setdefault(level.path, []).append((inner, form_of(node)))
                kinds[level.path] = level.kind
    of_form: dict[tuple[tuple[str, str], ...], str] = {}
    known = {path: of_form.setdefault(tuple(form), kinds[path]) for path, form in forms.items()}
    for node, levels in flat.levels.items():
        flat.levels[node] = tuple(
            [replace(level, kind=known.get(level.path, level.kind)) for level in levels]
        )


def form_of(node: Node) -> str:
    """What a layer has in common with those of other sizes."""
    module = node.module
    kernel = getattr(module, "kernel_size", None)
    groups = getattr(module, "groups", 1)
    if not weights_of(node) or not isinstance(kernel, tuple):
        return node.name
    is_point = all(size == 1 for size in kernel)
    is_each = groups > 1 and groups == getattr(module, "in_channels", 0)
    return f"{node.name}{' of points' * is_point}{' of each' * is_each}"
