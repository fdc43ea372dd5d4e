"""Names: of blocks after their classes, of parameters after those of the class's constructor."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from archdsl.importing.terms import ABSENT
from archdsl.ops import OPS
from archdsl.resolve.words import BUILTINS

LONG = {
    "out_channels": "out", "out_features": "out", "out_planes": "out", "planes": "width",
    "in_channels": "c", "inplanes": "c", "kernel_size": "kernel", "padding": "pad",
    "num_classes": "classes", "num_heads": "heads",
}  # fmt: skip
"""What the language calls the usual parameters of constructors."""


def snake(name: str) -> str:
    """A class's name in small letters: `InvertedResidual` is `inverted_residual`."""
    name = name.strip("_").replace("ReLU", "Relu").replace("-", "_")
    parts = re.split(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_+", name)
    word = "_".join(part.lower() for part in parts if part) or "block"
    word = re.sub(r"\W", "_", word)
    return word if word[0].isalpha() else f"block_{word}"


def unused(name: str, taken: Collection[str]) -> str:
    """A name, with a number behind it if it is taken."""
    number, candidate = 2, name
    while candidate in taken or candidate in RESERVED:
        candidate = f"{name}{number}"
        number += 1
    return candidate


RESERVED = frozenset(
    "network block let default assert from import if else for in and or not true false share extern"
    " identity".split()
)


def parameter_name(
    rows: Sequence[Mapping[str, object]],
    argument: str,
    column: tuple[Any, ...],
    known: set[str],
    is_result: bool,
) -> str:
    """The name of a new parameter: the constructor's with its values, else the argument's.

    `rows` are what the constructor was given for every instance.
    """
    taken = known | {"c", "i"}
    for name in _settings(rows, column):
        plain = LONG.get(name, name)
        if plain not in taken and plain not in RESERVED and plain not in OPS:
            return plain
    if argument == "out" and not is_result:
        # What comes out at the end is `out`; what is wide in between is not.
        argument = "width"
    if argument in OPS and any(isinstance(value, bool) for value in column):
        # A label says whether its layer is there; the op of that name is meant in the block.
        argument = f"has_{argument}"
    return unused(argument or "activation", taken)


def _settings(rows: Sequence[Mapping[str, object]], column: tuple[Any, ...]) -> list[str]:
    return [
        name
        for name in rows[0]
        if all(
            value is ABSENT or (type(row.get(name)) is type(value) and row.get(name) == value)
            for row, value in zip(rows, column, strict=True)
        )
    ]


def is_free(name: str) -> bool:
    """Whether a declaration may have a name."""
    return name not in OPS and name not in RESERVED and name not in BUILTINS


def block_names(kinds: Sequence[str], others: Collection[str] = ()) -> list[str]:
    """Names of blocks by their classes, all different from each other and from `others`."""
    taken = {*others}
    names = []
    for kind in kinds:
        name = snake(kind)
        name = name if is_free(name) else "unit" if name == "block" else f"{name}_block"
        names.append(unused(name, taken))
        taken.add(names[-1])
    return names
