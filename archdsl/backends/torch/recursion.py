"""Blocks that call themselves: what is assumed of a class before it is written."""

from __future__ import annotations

from archdsl.backends.torch.families import Family
from archdsl.backends.torch.interface import Interface, Interfaces
from archdsl.backends.torch.numbers import Numbers
from archdsl.backends.torch.parameters import Parameters
from archdsl.backends.torch.rows import Row, Witness
from archdsl.backends.torch.writer import Writer


def provisional(interfaces: Interfaces, family: Family, name: str) -> Interface:
    """A class with every number of its block as a parameter."""
    witness = Witness()
    for instance in family.instances:
        witness.register_instance(Row(instance))
    writer = Writer(interfaces, witness, Numbers(witness, [], set()), set())
    for instance in family.instances:
        activation = instance.activation
        given = [n for n in activation.frame.definitions if n not in activation.locals]
        writer.used.update(dict.fromkeys(given))
    return Interface(family, name, Parameters(writer, family).all())


def signature(interface: Interface | None) -> list[str]:
    """The parameters of a class, so that two versions can be compared."""
    return [parameter.signature for parameter in interface.parameters] if interface else []
