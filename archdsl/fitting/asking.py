"""A question from what somebody typed or passed: read, and refused where it makes no sense."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archdsl.analysis.precision import PRECISIONS
from archdsl.analysis.training_memory import OPTIMIZERS, Step
from archdsl.fitting.question import FIGURES, Question, limits_of, option, varied

LARGEST = "max"
"""The batch that is to be found."""
OF_BYTES = ("peak", "train_memory")
OF_TRAINING = ("optimizer", "precision", "checkpoint")
TARGETS = (*FIGURES, "batch", *OF_TRAINING)
"""What a question has a name for."""


def ask(
    asked: Mapping[str, object],
    vary: Sequence[str] = (),
    steps: str | None = None,
    sizes: Mapping[str, int] | None = None,
) -> Question:
    """The question of options by name: figures, `batch`, `optimizer`, `precision`, `checkpoint`.

    Without parameters to vary, it is for the largest batch. Raises `ValueError` for what is no
    question.
    """
    limits = limits_of({name: asked.get(name) for name in FIGURES})
    ranges, scalings = varied(vary, steps)
    if not limits:
        options = ", ".join(map(option, FIGURES))
        raise ValueError(f"name a target: one or more of {options}")
    _check(asked, limits)
    batch = asked.get("batch")
    if batch == LARGEST and (vary or len(limits) > 1 or not limits.keys() <= {*OF_BYTES}):
        raise ValueError("--batch max takes one of --peak and --train-memory, and no --vary")
    if batch != LARGEST and not vary:
        raise ValueError("name what may change: --vary NAME, or --batch max")
    return Question(limits, ranges, scalings, sizes or {}, _step(asked))


def _check(asked: Mapping[str, object], limits: Mapping[str, int]) -> None:
    """Refuse options that would change nothing."""
    if asked.get("batch") and not limits.keys() & {*OF_BYTES}:
        raise ValueError("--batch is for --peak and --train-memory")
    for name in OF_TRAINING:
        if asked.get(name) and "train_memory" not in limits:
            raise ValueError(f"{option(name)} is for --train-memory")


def _step(asked: Mapping[str, object]) -> Step:
    optimizer, precision = asked.get("optimizer") or "sgd", asked.get("precision") or "fp32"
    blocks = asked.get("checkpoint") or ()
    names = (blocks,) if isinstance(blocks, str) else tuple(dict.fromkeys(blocks))  # type: ignore[call-overload]
    if optimizer not in OPTIMIZERS:
        raise ValueError(f"the optimizers are {', '.join(OPTIMIZERS)}, not `{optimizer}`")
    if precision not in PRECISIONS:
        raise ValueError(f"the precisions are {', '.join(PRECISIONS)}, not `{precision}`")
    return Step(_batch(asked.get("batch")), str(optimizer), PRECISIONS[str(precision)], names)


def _batch(given: object) -> int:
    text = str(1 if given in (None, LARGEST) else given)
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) > 0):
        raise ValueError(f"--batch takes a number from 1, or max, not `{text}`")
    return int(text)
