"""A long search: random networks with random rewrites, each proved in double precision.

usage: python -m tools.random_rewrites --seeds 0:2000 [--training]

Even seeds draw networks with much to rewrite, odd ones any specs. A failure is printed with its
text; at the end there is a line with what became of all. A seed gives the same in every run.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from random import Random

import torch

from archdsl import Network, read
from archdsl.driver import compile
from archdsl.errors import SpecError
from archdsl.files import finder
from archdsl.importing.refusal import Refusal
from archdsl.rewriting.optimize import Optimized, optimized
from archdsl.rewriting.proof import filled
from archdsl.rewriting.table import NAMES
from archdsl.runtime import reproducible
from archdsl.shipped import LIBRARY
from archdsl.source import Source
from archdsl.testing import seeded
from tests.helpers.rewritable_networks import network_of

INVALID = "not valid"
OWN = ("archdsl.testing",)
"""Where the classes of others of random specs are."""


def spec_of(seed: int, chance: Random) -> str:
    """The text of a seed."""
    if seed % 2:
        return seeded(seed).text
    return network_of(chance)


def outcome_of(seed: int, training: bool = False) -> tuple[str, str]:
    """What becomes of the networks of a seed, in a word, and the reason."""
    chance = Random(seed)  # noqa: S311
    text = spec_of(seed, chance)
    only = chance.sample(NAMES, chance.randint(1, len(NAMES))) if chance.random() < 0.5 else ()
    try:
        networks = read(text=text)
    except SpecError as error:
        return INVALID, str(error)
    *_, network = networks.values()
    try:
        return _rewritten(text, network, only, training)
    except Refusal as refusal:
        is_wrong = refusal.code in ("E0989", "E0998")
        return (
            "wrong" if is_wrong else "refused",
            f"{refusal.code}: {refusal.message}\n{only}\n{text}",
        )
    except Exception as fault:
        return "crashed", f"{type(fault).__name__}: {fault}\n{only}\n{text}"


def _rewritten(text: str, network: Network, only: object, training: bool) -> tuple[str, str]:
    code, diagnostics = compile(Source("main.arch", text), finder(LIBRARY), network.name)
    if not code:
        return INVALID, diagnostics[0].message
    with torch.no_grad():
        # Code has the classes that other arguments would need.
        module = reproducible(code, network.name, OWN)
        filled(module)
        made = optimized(network.graph, module, network.name, only, training, OWN)  # type: ignore[arg-type]
    if not isinstance(made, Optimized):
        return "as it was", ""
    return "proved", ", ".join(sorted({each.rewrite for each in made.outcome.changes}))


def main() -> int:
    """Print failures, and how many there are of each outcome."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="0:200")
    parser.add_argument("--training", action="store_true")
    given = parser.parse_args()
    start, stop = map(int, given.seeds.split(":"))
    counts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for seed in range(start, stop):
        name, why = outcome_of(seed, given.training)
        counts[name] += 1
        kinds.update(why.split(", ") if name == "proved" else ())
        if name in ("wrong", "refused", "crashed"):
            print(f"seed {seed}: {name}: {why}", flush=True)
    print(dict(counts), dict(kinds))
    return int(counts["wrong"] + counts["crashed"] > 0)


if __name__ == "__main__":
    sys.exit(main())
