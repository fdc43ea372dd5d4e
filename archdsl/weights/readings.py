"""The ways to read a file as a state dict: which entry, and which prefix of its keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from archdsl.diagnostics import several, suggestion
from archdsl.weights.file import Unreadable
from archdsl.weights.selection import Selection

DEEPEST = 3
"""Maximum nesting of the entries that are looked at."""
MOST_ENTRIES = 64
"""Maximum number of entries that are taken for state dicts."""
LONGEST_PREFIX = 8
"""Maximum number of names in a prefix that is found."""
SHOWN = 60
"""Maximum length of a key in a message."""


@dataclass(frozen=True)
class Reading:
    """One way to read a file.

    `entries` has the keys without `prefix`; `outside` the keys that do not begin with it.
    """

    key: str
    prefix: str
    entries: Mapping[str, object]
    outside: tuple[str, ...]

    @property
    def how(self) -> str:
        """How the file is read, in words; empty where it is taken as it is."""
        entry = f"entry `{shown(self.key)}`" if self.key else ""
        prefix = f"keys without the prefix `{shown(self.prefix)}`" if self.prefix else ""
        return ", ".join(filter(None, [entry, prefix]))


def readings(content: object, wanted: Collection[str], selection: Selection) -> list[Reading]:
    """The ways to read a file for a network with the keys `wanted`; raises `Unreadable`."""
    found = dict(zip(range(MOST_ENTRIES), _state_dicts(content, ()), strict=False))
    state_dicts = {".".join(path): state for path, state in found.values()}
    if selection.key is not None:
        state_dicts = {selection.key: _chosen(content, state_dicts, selection.key)}
    if not state_dicts:
        raise _without(content)
    return [_reading(key, state, wanted, selection) for key, state in state_dicts.items()]


def _state_dicts(
    content: object, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Mapping[str, object]]]:
    """Every mapping from text to tensors in a file, with the entries that lead to it."""
    if not isinstance(content, Mapping):
        return
    inner = {k: v for k, v in content.items() if isinstance(v, Mapping) and isinstance(k, str)}
    is_named = all(isinstance(key, str) for key in content)
    has_tensors = any(isinstance(value, Tensor) for value in content.values())
    # A network without weights has an empty state dict.
    if is_named and (has_tensors or (not content and not path)):
        yield path, content
    if len(path) < DEEPEST:
        for key, value in inner.items():
            yield from _state_dicts(value, (*path, key))


def _chosen(
    content: object, state_dicts: Mapping[str, Mapping[str, object]], key: str
) -> Mapping[str, object]:
    if key in state_dicts:
        return state_dicts[key]
    if not key:
        raise _without(content)
    named = [name for name in state_dicts if name]
    help = suggestion(key, named) or (f"it has {listed(named)}" if named else "")
    raise Unreadable(f"it has no state dict `{shown(key)}`", help)


def _without(content: object) -> Unreadable:
    """Why a file has no state dict at its top."""
    if not isinstance(content, Mapping):
        return Unreadable(f"it holds a `{type(content).__name__}`, and not a state dict")
    strange = [key for key in content if not isinstance(key, str)]
    if strange:
        return Unreadable(f"`{shown(repr(strange[0]))}` is a key in it, and keys are text")
    names = listed([*content]) or "nothing"
    return Unreadable(f"it has no state dict, a mapping from keys to tensors, but {names}")


def _reading(
    key: str, state: Mapping[str, object], wanted: Collection[str], selection: Selection
) -> Reading:
    prefix = selection.whole_prefix
    prefix = _likely_prefix(state, wanted) if prefix is None else prefix
    entries = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
    if state and not entries:
        names = listed(sorted({k.partition(".")[0] + "." for k in state}))
        raise Unreadable(f"none of its keys begins with `{shown(prefix)}`", f"they have {names}")
    outside = tuple(k for k in state if not k.startswith(prefix))
    return Reading(key, prefix, entries, outside)


def _likely_prefix(state: Mapping[str, Any], wanted: Collection[str]) -> str:
    """The prefix without which most keys are the network's; the shortest of several."""
    counts = Counter({"": 0})
    for key in state:
        names = key.split(".", LONGEST_PREFIX + 1)
        for length in range(min(len(names), LONGEST_PREFIX + 1)):
            if ".".join(names[length:]) in wanted:
                counts[".".join([*names[:length], ""]) if length else ""] += 1
    return min(counts, key=lambda prefix: (-counts[prefix], len(prefix)))


def shown(name: str) -> str:
    """A name as messages have it, not too long."""
    return name if len(name) <= SHOWN else f"{name[: SHOWN - 1]}…"


def listed(names: Collection[str], most: int = 6) -> str:
    """Names in a message, none too long: the first few, and how many more there are."""
    return several([shown(name) for name in names], most) if names else ""
