"""Claims about architectures that only training can show: `benchmarks/claims.md`.

Every claim is a small spec in `benchmarks/specs`, whose networks are trained on scikit-learn's
digits with the default recipe, once for every seed. `python benchmarks/claims.py` writes the page,
which takes about half an hour on one core; `--runs FOLDER` keeps finished runs for another time.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from measure import Spread

if TYPE_CHECKING:
    from torch import Tensor

FOLDER = Path(__file__).parent
PAGE = FOLDER / "claims.md"
SEEDS = 5
SCALES = (12, 16, 20)
"""Sides of the images on which one network is tested; it is trained on the middle one."""
HEAD = """\
# Claims, shown by training

Claims about architectures that counting cannot check ([generated/claims.md](../generated/claims.md)
has those that it can). Every network is trained with the recipe of `archdsl train` for
scikit-learn's 1,797 digits of 8x8 pixels, 12 epochs, once for every seed; a run takes half a minute
of one core at most. *wrong in training* is the share of wrong answers in the last epoch, with what
training changes in images and leaves out of networks; *wrong* is that of the 360 digits that are
held out, where one digit is 0.28 %, after the last epoch. Both are medians over the seeds, with the
least and the most of them. Headings say what is claimed, and the line below each what came of it
here. `python benchmarks/claims.py` writes this page.

A comparison counts as shown if its better network has fewer wrong answers with every seed, on the
digits held out. Between networks that are equally good, {seeds} seeds do that at most once in
{times} times: of the {pairs} comparisons of this page, chance shows {accidents:.1f} on average.
The digits held out are the same for all seeds, so that the spread is that of training alone. That
an effect does not show is no proof that there is none: a network that is wrong about three of 360
digits leaves little to improve, and one that is worse after 12 epochs may only learn more slowly.

{date}, Python {python}, {packages}, on a CPU; {seeds} seeds."""


@dataclass(frozen=True)
class Run:
    """What came of a training: shares of wrong answers from 0 to 1."""

    training: float | None
    held_out: float


@dataclass(frozen=True)
class Pair:
    """Two rows of a table, of which the first should be better."""

    better: str
    worse: str


@dataclass(frozen=True)
class Claim:
    """A spec in `benchmarks/specs`, its networks, and what should be better than what."""

    name: str
    networks: tuple[str, ...]
    pairs: tuple[Pair, ...]

    @property
    def spec(self) -> Path:
        """The file of the spec."""
        return FOLDER / "specs" / f"{self.name}.arch"


KINDS, DEPTHS = ("plain", "v1", "v2"), (10, 26, 50)
SCALED = "the mean of all three"
CLAIMS = {
    claim.name: claim
    for claim in (
        Claim(
            "squeeze",
            ("without", "before_the_sum", "after_the_sum"),
            (
                Pair("before_the_sum", "without"),
                Pair("after_the_sum", "without"),
                Pair("before_the_sum", "after_the_sum"),
            ),
        ),
        Claim(
            "depth",
            tuple(f"{kind}_{depth}" for kind in KINDS for depth in DEPTHS),
            (
                Pair("plain_10", "plain_50"),
                Pair("v1_50", "plain_50"),
                Pair("v1_50", "v1_10"),
                Pair("v2_50", "v2_10"),
                Pair("v2_50", "v1_50"),
            ),
        ),
        Claim(
            "stochastic_depth",
            ("never", "up_to_a_fifth", "up_to_a_half"),
            (Pair("up_to_a_fifth", "never"), Pair("up_to_a_half", "never")),
        ),
        Claim(
            "branches",
            ("none", "one_of_seven", "one_of_three"),
            (Pair("one_of_seven", "none"), Pair("one_of_three", "none")),
        ),
        Claim("scales", ("digits",), tuple(Pair(SCALED, f"{side} pixels") for side in SCALES)),
        Claim("heads", ("one_head", "three_heads"), (Pair("three_heads", "one_head"),)),
    )
}


def page(claims: Sequence[Claim], seeds: int, runs: Path, epochs: int | None = None) -> str:
    """The page; networks are trained in folders below `runs`, unless they are there already."""
    head = HEAD.format(
        seeds=seeds,
        times=2**seeds,
        pairs=(pairs := sum(len(claim.pairs) for claim in claims)),
        accidents=pairs / 2**seeds,
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        python=platform.python_version(),
        packages=", ".join(f"{name} {version(name)}" for name in ("torch", "scikit-learn")),
    )
    sections = [section(claim, seeds, runs, epochs) for claim in claims]
    return "\n\n".join([head, *sections]) + "\n"


def section(claim: Claim, seeds: int, runs: Path, epochs: int | None = None) -> str:
    """A claim with its networks, the command, the table, and what the table says."""
    said, _, spec = claim.spec.read_text(encoding="utf-8").partition("\n\n")
    title, *words = [line.removeprefix("##").strip() for line in said.splitlines()]
    folders = {name: trained(claim, name, seeds, runs, epochs) for name in claim.networks}
    rows = {name: [measured(folder) for folder in each] for name, each in folders.items()}
    if claim.name == "scales":
        rows = by_scale(claim, folders["digits"])
    text = "\n".join(filter(None, words))
    head = [f"## {title.rstrip('.')}", f"**{_summary(claim, rows)}**", text]
    return "\n\n".join([*head, *_body(claim, rows), f"```arch\n{spec.strip()}\n```"])


def _summary(claim: Claim, rows: Mapping[str, Sequence[Run]]) -> str:
    """What became of a claim here, in a few words."""
    counts = [tally(pair, rows) for pair in claim.pairs]
    seeds = len(next(iter(rows.values())))
    shown, opposed = sum(w == seeds for w, _ in counts), sum(n == seeds for _, n in counts)
    if shown == len(counts):
        return "Shown."
    found = f"Shown in {shown} of {len(counts)} comparisons" if shown else "Not shown at this size"
    return f"{found}; the opposite shows in {opposed}." if opposed else f"{found}."


def _body(claim: Claim, rows: Mapping[str, Sequence[Run]]) -> Iterator[str]:
    """The command, the table, and what it says."""
    network = claim.networks[0]
    at = f" --at {_at(SCALES[1])}" if claim.name == "scales" else ""
    yield f"    archdsl train benchmarks/specs/{claim.name}.arch:{network}{at} --seed 0"
    yield "\n".join(_table(rows))
    yield "\n".join(f"- {verdict(pair, rows)}" for pair in claim.pairs)


def _table(rows: Mapping[str, Sequence[Run]]) -> Iterator[str]:
    has_training = all(run.training is not None for runs in rows.values() for run in runs)
    yield "| | wrong in training, % | wrong, % |" if has_training else "| | wrong, % |"
    yield "|---|--:|--:|" if has_training else "|---|--:|"
    for name, runs in rows.items():
        shares = [[run.training or 0.0 for run in runs]] if has_training else []
        shares.append([run.held_out for run in runs])
        cells = [f"{Spread.of(100 * share for share in column):.2f}" for column in shares]
        yield f"| {' | '.join([_shown(name), *cells])} |"


def tally(pair: Pair, rows: Mapping[str, Sequence[Run]]) -> tuple[int, int]:
    """With how many seeds the first row of a pair is better, and with how many it is worse."""
    better, worse = ([run.held_out for run in rows[name]] for name in (pair.better, pair.worse))
    gains = [before - after for after, before in zip(better, worse, strict=True)]
    return sum(gain > 0 for gain in gains), sum(gain < 0 for gain in gains)


def verdict(pair: Pair, rows: Mapping[str, Sequence[Run]]) -> str:
    """Whether one row is better than another with every seed, in a sentence."""
    wins, losses = tally(pair, rows)
    seeds = len(rows[pair.better])
    compared = f"{_shown(pair.better)} against {_shown(pair.worse)}"
    if wins == seeds:
        return f"{compared}: better with every seed."
    if losses == seeds:
        return f"{compared}: **worse with every seed**, so the opposite shows here."
    how = f"better with {wins} of {seeds} seeds, worse with {losses}"
    return f"{compared}: {how}; **the effect does not show at this size**."


def _shown(name: str) -> str:
    return name if " " in name else f"`{name}`"


def trained(claim: Claim, network: str, seeds: int, runs: Path, epochs: int | None) -> list[Path]:
    """The folders of a network's runs, one for each seed."""
    folders = [runs / claim.name / network / str(seed) for seed in range(seeds)]
    for seed, folder in enumerate(folders):
        if not (folder / "weights.safetensors").exists():
            print(f"{claim.name}:{network}, seed {seed}", flush=True)
            _train(claim, network, seed, folder, epochs)
    return folders


def _train(claim: Claim, network: str, seed: int, folder: Path, epochs: int | None) -> None:
    """Run `archdsl train` in this process."""
    from archdsl.cli import main

    arguments = ["train", f"{claim.spec}:{network}", "--seed", str(seed), "-o", str(folder)]
    arguments += ["--force", "--quiet"]
    arguments += ["--at", _at(SCALES[1])] if claim.name == "scales" else []
    arguments += ["--epochs", str(epochs)] if epochs else []
    try:
        main(arguments)
    except SystemExit as ended:
        if ended.code:
            raise


def measured(folder: Path) -> Run:
    """What the log of a run says of its last epoch."""
    text = (folder / "log.jsonl").read_text(encoding="utf-8")
    records = [json.loads(line) for line in text.splitlines()]
    last = [record for record in records if record["kind"] == "epoch"][-1]
    return Run(1 - last["accuracy"], 1 - last["val_accuracy"])


def by_scale(claim: Claim, folders: Sequence[Path]) -> dict[str, list[Run]]:
    """One network tested on images of several sides, and on the mean of its answers for all."""
    rows: dict[str, list[Run]] = {f"{side} pixels": [] for side in SCALES} | {SCALED: []}
    for folder in folders:
        answers = [probabilities(claim, folder / "weights.safetensors", side) for side in SCALES]
        labels = answers[0][1]
        found = [each for each, _ in answers]
        for runs, each in zip(rows.values(), [*found, sum(found)], strict=True):
            runs.append(Run(None, 1 - (each.argmax(1) == labels).double().mean().item()))
    return rows


def probabilities(claim: Claim, weights: Path, side: int) -> tuple[Tensor, Tensor]:
    """The probabilities [360, 10] of the digits that are held out, and their labels [360]."""
    import torch

    import archdsl
    from archdsl.training.engine import Engine, World
    from archdsl.training.evaluation import digits_of
    from archdsl.training.preparation import stored
    from archdsl.training.recipe import DIGITS
    from archdsl.training.step import EVALUATED, Setting, answers

    how = stored(weights)
    assert how is not None
    module = archdsl.load(claim.spec, claim.networks[0], weights=weights)
    world = World(device=torch.device("cpu"))
    setting = Setting(digits_of(how), DIGITS, Engine(), world, 1, is_distance=False)
    found = [*answers(module, setting, (1, side, side), EVALUATED)]
    return torch.cat([each.softmax(1) for each, _, _ in found]), torch.cat([b for _, b, _ in found])


def _at(side: int) -> str:
    return f"h={side},w={side}"


def main() -> None:
    """Train what is not yet trained, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(CLAIMS)}")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--runs", type=Path, help="Keep the runs in this folder.")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in CLAIMS]:
        parser.error(f"there is no claim {unknown[0]}")
    chosen = [CLAIMS[name] for name in options.names] or [*CLAIMS.values()]
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as folder:
        text = page(chosen, options.seeds, options.runs or Path(folder))
    if options.names:
        print(text)
    else:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
