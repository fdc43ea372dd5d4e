"""The ways to run a network in: every task, mode, layout and precision."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product


@dataclass(frozen=True)
class Way:
    """A configuration to run a network in."""

    task: str
    mode: str
    layout: str
    precision: str


WAYS = [
    Way(*each)
    for each in product(
        ("forward", "training"),
        ("eager", "compile"),
        ("contiguous", "channels_last"),
        ("fp32", "bf16"),
    )
]
