"""The classes of a file, callees first; recursive ones are rewritten until they are stable."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from pathlib import PurePath

from archdsl.backends.torch.alike import unlike
from archdsl.backends.torch.classes import ClassWriter
from archdsl.backends.torch.families import Family
from archdsl.backends.torch.generated import GeneratedClass, outputs_name
from archdsl.backends.torch.interface import Interface, Interfaces
from archdsl.backends.torch.names import class_name, unused
from archdsl.backends.torch.networks import CannotFollow
from archdsl.backends.torch.python import PyParameter
from archdsl.backends.torch.rows import Split, Unprintable, Wired, conflicting
from archdsl.tree import Block

MOST_ROUNDS = 8
"""Maximum number of times a recursive class is rewritten until its parameters are stable."""


def write_classes(
    interfaces: Interfaces, wired: Wired, taken: Set[str]
) -> dict[Family, GeneratedClass]:
    """Every class of a file; families that cannot be one class are divided.

    `taken` are names that no class may have. Raises `CannotFollow` and `Unprintable`.
    """
    classes = _Classes(interfaces, wired, set(taken))
    classes.write()
    return classes.texts


@dataclass
class _Classes:
    """The classes written so far. `names` includes those not written yet.

    A network's class keeps the network's name, so that it can be found; a block whose class would
    have the same name gets a number.
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
            # A class was divided, so the list of classes has changed.
            pass

    def _write_group(self, group: list[Family]) -> bool:
        """Write a class, or mutually recursive ones; false if one had to be divided."""
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
            # Symbols that the text reads become parameters, round by round.
            self.interfaces.made[family] = Interface(family, self._name(family))

    def _write(self, family: Family) -> bool:
        """Write a class; false if it had to be divided."""
        try:
            self.texts[family] = _class(self.interfaces, family, self._name(family), self.wired)
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
                wanted = self._unused(family.block)
            self.names[family] = wanted
            self.taken.add(self.names[family])
        return self.names[family]

    def _unused(self, block: Block) -> str:
        """A name that no class has; one that a block of another file has gets its file's before."""
        name, source = class_name(block.name), block.span.source.name
        named = [each.block for each, known in self.names.items() if known == name]
        if any(each.span.source.name != source for each in named):
            name = f"{class_name(PurePath(source).stem)}{name}"
        return unused(name, self.taken)

    def _forget(self, group: list[Family]) -> None:
        for family in group:
            name = self.names.pop(family, "")
            self.taken -= {name} - {*self.networks.values()}
            self.texts.pop(family, None)
            self.interfaces.made.pop(family, None)

    def _signatures(self, group: list[Family]) -> list[list[PyParameter]]:
        """The parameters of the classes, to compare two versions."""
        made = [self.interfaces.made.get(family) for family in group]
        return [[p.signature for p in each.parameters] if each else [] for each in made]


def _class(interfaces: Interfaces, family: Family, name: str, wired: Wired) -> GeneratedClass:
    """The class of a family, whose interface is stored in `interfaces`.

    Raises `Split` if no single class can stand for the occurrences.
    """
    if (few := _from_few(interfaces, family, name, wired)) is not None:
        return few
    every = family.occurrences
    try:
        return ClassWriter(interfaces, family, name, wired, every).write()
    except (Split, Unprintable) as error:
        # If the iterations of one loop differ, dividing the class would not help.
        helps = isinstance(error, Unprintable) or conflicting(error.parts)
        if family.unroll or not helps:
            raise
        family.unroll = True
        return ClassWriter(interfaces, family, name, wired, every).write()


def _from_few(
    interfaces: Interfaces, family: Family, name: str, wired: Wired
) -> GeneratedClass | None:
    """The class from one of each kind of occurrence; None if it depends on all of them."""
    if family in interfaces.made:
        # Recursive classes are not known to those that call them.
        return None
    few = unlike(interfaces, family, wired)
    if len(few) == len(family.occurrences):
        return None
    writer = ClassWriter(interfaces, family, name, wired, few)
    try:
        text = writer.write()
    except (Split, Unprintable):
        interfaces.made.pop(family, None)
        return None
    if writer.asks_all:
        interfaces.made.pop(family)
        return None
    return text
