"""The classes of a file, callees first; what is assumed of those that call themselves."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field

from archdsl.backends.torch.classes import write_class
from archdsl.backends.torch.families import Family
from archdsl.backends.torch.generated import GeneratedClass, outputs_name
from archdsl.backends.torch.interface import Interface, Interfaces
from archdsl.backends.torch.names import class_name, unused
from archdsl.backends.torch.networks import CannotFollow
from archdsl.backends.torch.python import PyParameter
from archdsl.backends.torch.rows import Split, Wired

MOST_ROUNDS = 8
"""So often a class that calls itself is written until its parameters no longer change."""


def write_classes(
    interfaces: Interfaces, wired: Wired, taken: Set[str]
) -> dict[Family, GeneratedClass]:
    """Every class of a file; what cannot be one class is divided.

    `taken` are names that no class may have. Raises `CannotFollow` and `Unprintable`.
    """
    classes = _Classes(interfaces, wired, set(taken))
    classes.write()
    return classes.texts


@dataclass
class _Classes:
    """The classes that are written so far. `names` are also of those that are only assumed.

    A network's class has the name that its network gives it, or it could not be found; a block
    whose class would have it too gets a number.
    """

    interfaces: Interfaces
    wired: Wired
    taken: set[str]
    names: dict[Family, str] = field(default_factory=dict)
    texts: dict[Family, GeneratedClass] = field(default_factory=dict)

    def __post_init__(self) -> None:
        roots = {family.block for family in self.interfaces.families.roots}
        self.networks = {block: class_name(block.name) for block in roots if block.is_network}
        self.taken |= {*self.networks.values(), *map(outputs_name, self.networks.values())}

    def write(self) -> None:
        families = self.interfaces.families
        while not all(self._write_group(group) for group in families.callees_first()):
            # A class was divided: now there are others.
            pass

    def _write_group(self, group: list[Family]) -> bool:
        """Write classes that call each other, or one; false where one had to be divided."""
        if all(family in self.texts for family in group):
            return True
        is_recursive = len(group) > 1 or group[0] in self.interfaces.families.called_by(group[0])
        if is_recursive:
            self._assume(group)
        for _ in range(MOST_ROUNDS if is_recursive else 1):
            before = self._signatures(group)
            if not all(self._write(family) for family in group):
                self._forget(group)
                return False
            if self._signatures(group) == before:
                break
        return True

    def _assume(self, group: list[Family]) -> None:
        for family in group:
            # What its text reads becomes a parameter, round by round.
            self.interfaces.made[family] = Interface(family, self._name(family))

    def _write(self, family: Family) -> bool:
        """Write a class; false where it had to be divided."""
        try:
            self.texts[family] = write_class(
                self.interfaces, family, self._name(family), self.wired
            )
        except Split as split:
            parts = {row.occurrence: part for row, part in split.parts.items()}
            if len({*parts.values()}) < 2:
                raise CannotFollow(f"the uses of `{family.block.name}` differ") from split
            self.interfaces.families.divide(family, parts)
            return False
        return True

    def _name(self, family: Family) -> str:
        if family not in self.names:
            wanted = self.networks.get(family.block, "")
            if not wanted or wanted in self.names.values():
                wanted = unused(class_name(family.block.name), self.taken)
            self.names[family] = wanted
            self.taken.add(self.names[family])
        return self.names[family]

    def _forget(self, group: list[Family]) -> None:
        for family in group:
            name = self.names.pop(family, "")
            self.taken -= {name} - {*self.networks.values()}
            self.texts.pop(family, None)
            self.interfaces.made.pop(family, None)

    def _signatures(self, group: list[Family]) -> list[list[PyParameter]]:
        """The parameters of the classes, so that two versions can be compared."""
        made = [self.interfaces.made.get(family) for family in group]
        return [[p.signature for p in each.parameters] if each else [] for each in made]
