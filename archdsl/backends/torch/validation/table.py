"""The calls of a graph."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from archdsl.backends.torch.validation.forms import Form
from archdsl.backends.torch.validation.values import CallKey
from archdsl.graph import Node


@dataclass(eq=False)
class TableEntry:
    """A node of the graph with the numbers of its inputs and of its result.

    Nodes with the same result are one entry.
    """

    node: Node
    form: Form
    inputs: list[int]
    number: int

    @property
    def is_counted(self) -> bool:
        """Whether the number of its applications matters."""
        if self.form.op.reads_batch_only:
            # A sum may repeat the weight itself.
            return False
        return bool(self.form.weights) or self.form.is_random

    def __str__(self) -> str:
        """`layer1.conv (conv(64, 3))`."""
        op = str(self.form.op)
        return f"{self.node.path} ({op})" if self.form.weights else op


@dataclass(eq=False)
class Table:
    """The numbers of calls, each with its entry.

    The last of an entry's calls gives the entry's number. Calls with an existing result have no
    entry. `times` counts the applications of counted entries, in training (True) and in evaluation
    (False). Of the `outputs`, the `heads` exist only in training.
    """

    results: dict[CallKey, tuple[int, TableEntry | None]] = field(default_factory=dict)
    entries: dict[int, TableEntry] = field(default_factory=dict)
    paths: dict[str, TableEntry] = field(default_factory=dict)
    times: dict[bool, Counter[int]] = field(
        default_factory=lambda: {True: Counter(), False: Counter()}
    )
    inputs: list[int] = field(default_factory=list)
    bare: dict[int, int] = field(default_factory=dict)
    """Learned tensors by the number of their repetition for the batch."""
    outputs: dict[str, int] = field(default_factory=dict)
    heads: frozenset[str] = frozenset()
    count: int = 0

    def fresh(self) -> int:
        """A new number."""
        self.count += 1
        return self.count

    @property
    def is_random(self) -> bool:
        """Whether training and evaluation may differ."""
        return self.times[True] != self.times[False] or any(
            entry.form.is_random for entry in self.entries.values()
        )
