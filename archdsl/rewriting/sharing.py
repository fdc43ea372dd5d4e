"""Names for what is shared: a text shares layers of a scope, by a plain name.

A block with several results is taken apart in the new text (`scopes.py`). What was shared as a
part of it stands in another scope then, where `head.conv` is no name: it becomes `head_conv`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from archdsl.importing.naming import is_free, unused
from archdsl.rewriting.network import Home, Plan
from archdsl.rewriting.units import Units


def with_plain_names(plan: Plan) -> tuple[Plan, dict[str, str]]:
    """The plan in which all that is shared has a plain name, and the new paths by the old ones."""
    if not plan.shared:
        return plan, {}
    units = Units(plan)
    taken = {node.path for node in plan.nodes.values()} | {home.path for home in units.members}
    names: dict[str, str] = {}
    for home, path in _shared(units, units.root):
        start = f"{home.path}." if home.path else ""
        name = path.removeprefix(start)
        if not name.isidentifier() or not is_free(name):
            within = [each.removeprefix(start) for each in taken if each.startswith(start)]
            names[path] = start + unused(_plain(name), within)
            taken.add(names[path])
    return (_renamed(plan, names), names) if names else (plan, {})


def _shared(units: Units, home: Home) -> Iterator[tuple[Home, str]]:
    """The paths that are used more than once in a scope, or in one within it; each once."""
    found = [*units.within(home)]
    counts = Counter(map(units.path, found))
    yield from ((home, path) for path, count in counts.items() if path and count > 1)
    inner = {each.path: each for each, _ in found if each is not None}
    for each in inner.values():
        yield from _shared(units, each)


def _plain(name: str) -> str:
    words = name.replace(".", "_")
    return words if words.isidentifier() and is_free(words) else f"layer_{words}"


def _renamed(plan: Plan, names: dict[str, str]) -> Plan:
    """The plan with other paths, of scopes and of all in them."""
    homes: dict[Home, Home] = {}

    def home_of(home: Home) -> Home:
        if home not in homes:
            outer = home_of(home.outer) if home.outer is not None else None
            homes[home] = replace(home, path=_path(home.path, names), outer=outer)
        return homes[home]

    nodes = {
        number: replace(node, path=_path(node.path, names), home=home_of(node.home))
        for number, node in plan.nodes.items()
    }
    keys = {
        weight.key(_path(node.path, names)): weight.key(node.path)
        for number, node in plan.nodes.items()
        for weight in plan.entries(number)
    }
    return plan.changed(nodes=nodes, weights={new: plan.weights[old] for new, old in keys.items()})


def _path(path: str, names: dict[str, str]) -> str:
    # The inner ones first: they are named by what is around them as it was.
    for old, new in reversed(names.items()):
        if path == old or path.startswith(f"{old}."):
            path = new + path[len(old) :]
    return path
