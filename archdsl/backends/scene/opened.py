"""Which boxes of a scene are open at first."""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.backends.scene.containers import Container
from archdsl.outline.fold import Folding
from archdsl.outline.runs import Strength

FEWEST_BOXES = 7
"""A page that begins with fewer boxes says little of a network."""

Place = tuple[int, ...]
"""A box by its places from the outside in."""


def opened(top: Container, folding: Folding, is_automatic: bool) -> list[Place]:
    """The boxes that are open, from the outside in."""
    found = dict(_opened(top, folding, ()))
    while is_automatic and len(closed := [*_closed(top, found, ())]) < FEWEST_BOXES:
        scopes = [each for each in closed if _may_be_opened(each[1])]
        if not scopes:
            break
        place, largest = max(scopes, key=lambda each: (len(each[1].nodes), -len(each[0])))
        found[place] = largest
    return [*found]


def _may_be_opened(box: Container) -> bool:
    """Whether more is seen when it is open, and not just the same many times."""
    return not box.is_step and (box.run is None or len(box.children) <= FEWEST_BOXES)


def _opened(box: Container, folding: Folding, place: Place) -> Iterator[tuple[Place, Container]]:
    for index, child in enumerate(box.children):
        inside = (*place, index)
        if not child.is_step and _is_open(child, box, folding):
            yield inside, child
            yield from _opened(child, folding, inside)


def _is_open(child: Container, around: Container, folding: Folding) -> bool:
    """Whether a scope is open, or a card, which is if one of its copies or all are."""
    if folding.strength is Strength.NONE or child.scope in folding.opened:
        return child.run is None or child.scope is None or _opens_card(child, folding)
    if child.scope is not None:
        return False
    return around.scope in folding.apart or _opens_card(child, folding)


def _opens_card(card: Container, folding: Folding) -> bool:
    is_all = folding.strength is Strength.NONE or card.scope in folding.apart
    return is_all or any(copy.scope in folding.opened for copy in card.children)


def _closed(
    box: Container, found: dict[Place, Container], place: Place
) -> Iterator[tuple[Place, Container]]:
    """The boxes that are seen."""
    for index, child in enumerate(box.children):
        inside = (*place, index)
        if inside in found:
            yield from _closed(child, found, inside)
        else:
            yield inside, child
