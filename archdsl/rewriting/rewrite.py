"""What a rewrite is: a function from a plan to a plan, which says what it did and what it left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from archdsl.rewriting.network import Plan

SHARED = "its weights are used more than once"
TRAINING_ONLY = "it exists in training only"
"""Why places are left, whichever the rewrite."""


@dataclass(frozen=True)
class Change:
    """A place that was rewritten: the path of what is new, and what became of what, in words."""

    rewrite: str
    where: str
    what: str


@dataclass(frozen=True)
class Left:
    """A place that a rewrite left as it is, and why."""

    rewrite: str
    where: str
    why: str


@dataclass(frozen=True)
class Rewritten:
    """A plan after a rewrite; the same plan where there are no changes."""

    plan: Plan
    changes: tuple[Change, ...] = ()
    left: tuple[Left, ...] = ()


@dataclass(frozen=True)
class Rewrite:
    """A rewrite by its name; `about` says in a few words what it does.

    `in_training` does so where every step of training stays as it is. Those without it are for
    inference: they rely on fixed statistics, or change what the optimizer sees.
    """

    name: str
    about: str
    function: Callable[[Plan], Rewritten]
    in_training: Callable[[Plan], Rewritten] | None = None
