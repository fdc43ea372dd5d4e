"""Other arguments for a network's class or function: values for all parameters at once."""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from archdsl.arithmetic import Value
from archdsl.backends.torch.names import variable_name
from archdsl.generalize.decisions import decisions, literals
from archdsl.generalize.variants import WORDS
from archdsl.graph import Graph

WIDTHS = (4, 8, 12, 16, 20)
FRACTIONS = (0.0, 0.1, 0.25, 0.5, 0.75, 1)
"""Numbers for a float, for which the language also takes whole ones."""


@dataclass(frozen=True)
class Movable:
    """A parameter of generated code: its default, nearby values, and if its length is fixed."""

    name: str
    default: Value
    near: tuple[Value, ...]
    keeps_length: bool


def movables(graph: Graph, make: Callable[..., object]) -> list[Movable]:
    """The parameters of a network that its code has too; fixed ones have no other values."""
    definitions = graph.tree.frame.definitions
    signature = inspect.signature(make).parameters
    near = _near(graph)
    found = []
    for parameter in graph.tree.block.parameters:
        known = signature.get(variable_name(parameter.name))
        if known is not None and parameter.name in definitions:
            annotation = str(known.annotation)
            keeps = "tuple[" in annotation and "..." not in annotation
            default = definitions[parameter.name].value
            values = tuple(near.get(parameter.name, ()))
            found.append(Movable(parameter.name, default, values, keeps))
    return found


def joint_values(parameters: list[Movable], seed: int) -> Iterator[dict[str, Value]]:
    """Endless sets of values for all parameters; most values differ from the defaults."""
    chance = random.Random(seed)  # noqa: S311 (nothing is kept secret by it)
    while True:
        yield {each.name: _other(each, chance) for each in parameters}


def as_arguments(values: Mapping[str, Value]) -> dict[str, Value]:
    """Values by the names that they have in Python."""
    return {variable_name(name): value for name, value in values.items()}


def _near(graph: Graph) -> dict[str, list[Value]]:
    """The values that each parameter is compared with."""
    near: dict[str, list[Value]] = {}
    for decision in decisions(graph):
        for name in sorted(decision.reads):
            near.setdefault(name, []).extend(literals(decision.expression))
    return near


def _other(parameter: Movable, chance: random.Random) -> Value:
    value = parameter.default
    if not isinstance(value, tuple):
        return _scalar(value, parameter.near, chance)
    length = len(value)
    if not parameter.keeps_length and value:
        length = max(0, length + chance.choice((-1, 0, 0, 1, 1, 2)))
    return tuple([_item(value[i % len(value)], parameter.near, chance) for i in range(length)])


def _item(value: Value, near: tuple[Value, ...], chance: random.Random) -> Value:
    if isinstance(value, tuple):
        return tuple([_item(item, near, chance) for item in value])
    return _scalar(value, near, chance)


def _scalar(value: Value, near: tuple[Value, ...], chance: random.Random) -> Value:
    match value:
        case bool():
            return chance.random() < 0.3 if value else chance.random() < 0.7
        case int():
            return _whole(value, [n for n in near if type(n) is int], chance)
        case float():
            return chance.choice([*FRACTIONS, *[n for n in near if type(n) is float]])
        case str():
            return chance.choice([value, *[w for w in near if isinstance(w, str)] * 3, *WORDS])
    return value


def _whole(value: int, near: list[int], chance: random.Random) -> int:
    """A number of the same kind: of channels, or a small one."""
    if near and chance.random() < 0.4:
        return max(0, chance.choice(near) + chance.choice((-1, 0, 0, 1)))
    if chance.random() < 0.1:
        return value + chance.choice((-1, 1, 2))
    if value % 4 == 0 and value >= 4:
        return chance.choice([value + 4, 2 * value, *WIDTHS])
    if value % 2 == 1:
        return chance.choice([1, 3, 5, value + 2, 2, 4])
    return chance.choice([0, 1, 2, 3, 4])
