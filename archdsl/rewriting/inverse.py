"""Weight maps backwards: where weights were only moved, the old ones follow from the new ones."""

from __future__ import annotations

from collections.abc import Mapping

from archdsl.rewriting.formulas import Either, Formula, Joined, Key, Slice

Sizes = Mapping[str, tuple[int, ...]]


def inverse(weights: Mapping[str, Formula], old: Sizes) -> tuple[dict[str, Formula] | None, str]:
    """The old weights by formulas over the new ones; None, with the reason, where there are none.

    `old` has the sizes of the old weights.
    """
    found: dict[str, Formula] = {}
    for key, formula in weights.items():
        if not _undone(formula, Key(key), old, found):
            return None, f"`{key}` is computed from {_some(formula.keys)}"
    lost = [key for key in old if key not in found]
    if lost:
        return None, f"{_some(lost)} {'is' if len(lost) == 1 else 'are'} gone"
    return {key: found[key] for key in old}, ""


def _undone(formula: Formula, new: Formula, old: Sizes, found: dict[str, Formula]) -> bool:
    """Store what the keys in a formula are, where it is `new`; whether that can be said."""
    match formula:
        case Key(name):
            found[name] = new
            return True
        case Either(several):
            return all(_undone(each, new, old, found) for each in several)
        case Joined(several, axis):
            start = 0
            for each in several:
                size = _size(each, axis, old)
                part = Slice(new, start, start + (size or 0), axis)
                if size is None or not _undone(each, part, old, found):
                    return False
                start += size
            return True
    return False


def _size(formula: Formula, axis: int, old: Sizes) -> int | None:
    match formula:
        case Key(name):
            return old[name][axis]
        case Joined(several, along):
            sizes = [_size(each, axis, old) for each in several]
            known = [size for size in sizes if size is not None]
            if len(known) < len(sizes):
                return None
            return sum(known) if along == axis else known[0]
    return None


def _some(keys: object) -> str:
    names = [f"`{key}`" for key in keys]  # type: ignore[attr-defined]
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown
