"""The outcome of a random spec: fine, refused, or one of several failures."""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass, field

from archdsl.testing import Disagreement, Spec, held, seeded
from archdsl.testing.compare import SETS

FINE, REFUSED = "fine", "refused"
NAMES = {
    "keys": "wrong keys",
    "counts": "wrong numbers",
    "shapes": "wrong numbers",
    "numbers": "wrong numbers",
    "starts": "wrong starts",
    "training": "wrong in training",
    "gradients": "wrong gradients",
    "arguments": "wrong with other arguments",
    "crash": "does not run",
}


@dataclass(frozen=True)
class Outcome:
    """The outcome of a spec, and its CPU time in seconds.

    `compared` and `refused` count its sets of other arguments.
    """

    seed: int
    name: str
    message: str = ""
    kinds: frozenset[str] = field(default_factory=frozenset)
    compared: int = 0
    refused: int = 0
    seconds: float = 0.0

    @property
    def has_failed(self) -> bool:
        """Whether the spec revealed a bug in archdsl."""
        return self.name not in (FINE, REFUSED)


def outcome_of(seed: int) -> Outcome:
    """The outcome of the random spec of a seed."""
    start, spec = time.process_time(), seeded(seed)
    name, message, compared, refused = judged(spec)
    return Outcome(seed, name, message, spec.kinds, compared, refused, time.process_time() - start)


def judged(spec: Spec, sets: int = SETS) -> tuple[str, str, int, int]:
    """The name of a spec's outcome, a message, and the numbers of sets compared and refused."""
    try:
        result = held(spec, sets)
    except Disagreement as found:
        is_refused = found.kind[0] == "E" and not found.kind.startswith("E090")
        name = REFUSED if is_refused else NAMES.get(found.kind, found.kind)
        return name, found.message, 0, 0
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        text = f"{type(error).__name__}: {error} ({place.name}:{place.lineno})"
        return "traceback", text, 0, 0
    return FINE, "", result.compared, result.refused
