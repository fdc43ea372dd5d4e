"""A long search: random texts with comments at random places, formatted.

usage: python -m tools.random_forms [--seeds 0:20000]

A seed makes a text, the same in every run. It must mean the same, have the same comments and stay
as it is when it is formatted again. Prints the seeds of which this does not hold, and how many
texts were formatted. Exit code 1 if there was one.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence

from tests.helpers.formatted import holds
from tests.helpers.random_texts import text

EVERY = 1000
"""After so many texts, it says how far it is."""


def main(arguments: Sequence[str]) -> int:
    """Run the search."""
    parser = argparse.ArgumentParser(prog="python -m tools.random_forms")
    parser.add_argument("--seeds", default="0:20000")
    first, last = map(int, parser.parse_args(arguments).seeds.split(":"))
    start, wrong = time.process_time(), 0
    for seed in range(first, last):
        try:
            holds(text(random.Random(seed)))  # noqa: S311
        except AssertionError:
            wrong += 1
            print(f"seed {seed} does not hold", flush=True)
        if not (seed - first + 1) % EVERY:
            print(f"{seed - first + 1} texts", flush=True)
    print(f"{last - first} texts in {time.process_time() - start:.0f} s of CPU, {wrong} wrong")
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
