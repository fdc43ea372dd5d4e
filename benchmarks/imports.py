"""How many models of torchvision and timm `archdsl import` takes, and why it refuses the others.

Usage: `python -m benchmarks.imports [PATTERN…] [--side 64] [--timm 3] [--limit 300] [--most 120]
[--results FILE] [--again HOW]`, with torchvision and timm beside. A pattern chooses models:
`torchvision/*`, `segmentation/fcn*`, `timm/*/resnet*`. What `--results` has already is not tried
again, but for rows of the result `--again`, so a run can be in parts: `--most 0` first, which is
quick, then `--again shapes`. `--page DATE` prints the page of it, with a `--note` of how it was
made. Small models come first, or without numbers any, by chance.

`--side` is that of the images of models that take several sizes, instead of the recorded one, which
takes less time; `--timm` is how many models of each family of timm are drawn. A model of more than
`--most` million weights is made on the meta device, where it has keys and shapes but no numbers:
that row says so. Every model is imported by a process of its own, which `--limit` seconds of a core
end; one that takes longer by its numbers keeps its row of shapes.

A model counts as exact if the command would write a spec: keys, shapes, results in evaluation and
in training without dropout, and gradients are equal then.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import signal
import subprocess
import sys
import textwrap
import time
import warnings
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatch
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archdsl.importing.building import Built

FIXED = ("vit", "swin", "maxvit", "inception_v3", "mvit", "s3d")
"""Names of models that take images of one size, or no small ones."""
VIDEO = "3,8,64,64"
SIZES = {"s3d": "3,16,224,224", "mvit_v1_b": "3,16,224,224", "mvit_v2_s": "3,16,224,224"}


@dataclass(frozen=True)
class Case:
    """A model, with the arguments of the command for it."""

    family: str
    name: str
    target: str
    arguments: tuple[str, ...] = ()
    shape: str = ""

    def shapes(self, side: int | None) -> list[str]:
        """The sizes of its input; none where the library says them."""
        is_free = side and not self.shape and not self.name.startswith(FIXED)
        shape = f"3,{side},{side}" if is_free else self.shape
        return [shape] if shape else []

    def fits(self, pattern: str) -> bool:
        """Whether a pattern names it."""
        return fnmatch(f"{self.family.replace(' ', '/')}/{self.name}", pattern)


@dataclass(frozen=True)
class Row:
    """What became of a model: `exact`, `shapes` (on meta), `refused`, or `undone` in time."""

    family: str
    name: str
    how: str
    what: str
    seconds: float
    commit: str = ""
    """The importer's."""


def cases(count: int) -> Iterator[Case]:
    """All models that are tried."""
    from torchvision import models

    for name in models.list_models(module=models):
        options = ("init_weights=False",) if name in ("googlenet", "inception_v3") else ()
        yield Case("torchvision", name, f"torchvision.models:{name}", options)
    for name in models.list_models(module=models.segmentation):
        options = ("weights_backbone=None", "num_classes=21")
        options += () if "lraspp" in name else ("aux_loss=True",)
        target = f"torchvision.models.segmentation:{name}"
        yield Case("segmentation", name, target, options, "3,224,224")
    for name in models.list_models(module=models.video):
        shape = SIZES.get(name, VIDEO)
        yield Case("video", name, f"torchvision.models.video:{name}", (), shape)
    yield from _of_timm(count)


def _of_timm(count: int) -> Iterator[Case]:
    """Some models of every family of timm: those at equal distances in the list."""
    import timm

    families: dict[str, list[str]] = defaultdict(list)
    for name in timm.list_models():
        families[timm.models.model_entrypoint(name).__module__.rpartition(".")[2]].append(name)
    for family, names in sorted(families.items()):
        step = max(1, len(names) // count)
        for name in names[::step][:count]:
            yield Case(f"timm {family}", name, "timm:create_model", (name,))


def without_compiled_ops() -> object:
    """Torchvision's compiled ops cannot load beside a PyTorch for the CPU."""
    import torch

    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return library


def _weights(case: Case) -> int:
    """How many weights a model has."""
    import torch

    from archdsl.importing.refusal import Refusal

    try:
        with torch.device("meta"):
            model = _built_on_meta(case).model
    except Refusal:
        return 0
    return sum(each.numel() for each in model.parameters())


def imported(case: Case, side: int | None, most: int) -> tuple[str, str]:
    """What becomes of a model: how, and the lines of its text or the reason."""
    from archdsl.importing.command import run

    if not most or _weights(case) > most * 1_000_000:
        return _on_meta(case, side)
    found, diagnostics = run(case.target, case.arguments, case.shapes(side))
    if found is None and side and not case.shape:
        return imported(case, None, most)
    if found is None:
        first = diagnostics[-1]
        return "refused", f"{first.code}: {first.message}"
    return "exact", f"{len(found.text.splitlines())} lines"


def _on_meta(case: Case, side: int | None) -> tuple[str, str]:
    """Import a model without numbers: its text must have the model's keys and shapes."""
    import torch

    from archdsl.importing.building import inputs_of
    from archdsl.importing.model import shaped
    from archdsl.importing.refusal import Refusal

    try:
        with torch.device("meta"):
            made = _built_on_meta(case)
            inputs = inputs_of(made.model, case.target, case.shapes(side))
            text = shaped(made.model, inputs, made.name, settings=made.settings)
    except Refusal as refusal:
        if side and not case.shape:
            # It does not run on images of this size, or does more there, such as padding.
            return _on_meta(case, None)
        return "refused", f"{refusal.code}: {refusal.message}"
    return "shapes", f"{len(text.splitlines())} lines"


def _built_on_meta(case: Case) -> Built:
    """A model on the meta device; some constructors need numbers, and are called elsewhere."""
    import torch

    from archdsl.importing.building import built
    from archdsl.importing.refusal import Refusal

    try:
        return built(case.target, case.arguments)
    except Refusal:
        with torch.device("cpu"):
            made = built(case.target, case.arguments)
        made.model.to("meta")
        return made


def _answer(connection: Connection, act: Callable[[], tuple[str, str]], limit: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
    try:
        connection.send(act())
    except Exception as fault:
        connection.send(("refused", f"{type(fault).__name__}: {fault}"))


def tried(case: Case, side: int | None, most: int, limit: int, commit: str) -> Row:
    """A model imported by a process of its own."""
    found = in_process(lambda: imported(case, side, most), limit)
    return Row(case.family, case.name, *found, commit)


def in_process(act: Callable[[], tuple[str, str]], limit: int) -> tuple[str, str, float]:
    """What a process of its own makes of an import, in so many seconds of a core, and its time."""
    start = time.perf_counter()
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_answer, args=(theirs, act, limit))
    process.start()
    theirs.close()
    how, what = "undone", f"not done within {limit} s"
    try:
        if ours.poll(PATIENCE * limit):
            how, what = ours.recv()
    except EOFError:
        process.join()
        if process.exitcode != -signal.SIGXCPU:
            what = "out of memory"
    process.kill()
    process.join()
    return how, what, round(time.perf_counter() - start, 1)


PATIENCE = 20
"""How many times as long as it may use a core a process may take, where others run too."""


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def page(rows: Sequence[Row], date: str, note: str) -> str:
    """The results by family, then every model; a note says how they were made."""
    counts: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        counts[_library(row)].append(row)
    lines = [f"# Models that `archdsl import` takes ({date})", "", HEAD, ""]
    lines += [*textwrap.wrap(note, 100), ""] * bool(note)
    lines += [
        f"| models | tried | {' | '.join(HOW.values())} |",
        "|---|--:" + "|--:" * len(HOW) + "|",
    ]
    for family, several in counts.items():
        numbers = [sum(row.how == how for row in several) for how in HOW]
        lines.append(f"| {family} | {len(several)} | {' | '.join(map(str, numbers))} |")
    lines += [
        "",
        "| family | model | result | text, or reason | importer |",
        "|---|---|---|---|---|",
    ]
    for row in sorted(rows, key=lambda row: ([*counts].index(_library(row)), row.family)):
        cell = " ".join(row.what.replace("|", "\\|").split())[:200]
        lines.append(f"| {row.family} | {row.name} | {row.how} | {cell} | {row.commit} |")
    return "\n".join(lines) + "\n"


def _library(row: Row) -> str:
    return row.family.partition(" ")[0]


HOW = {"exact": "exact", "shapes": "shapes alone", "refused": "refused", "undone": "not done"}
HEAD = """\
Made by `benchmarks/imports.py`, which says what the columns mean: *exact* has equal keys, shapes,
results in evaluation and in training without dropout, and gradients; *shapes* was made on the meta
device, without numbers: its text has the model's keys and shapes, and no more is known. No text was
written for any other."""


def results(path: Path) -> list[Row]:
    """The rows of a file, the last of each model."""
    found = {}
    for line in path.read_text().splitlines() if path.exists() else ():
        row = Row(**json.loads(line))
        found[row.family, row.name] = row
    return [*found.values()]


def main() -> None:
    """Import models one after another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("patterns", nargs="*", default=["*"])
    parser.add_argument("--side", type=int)
    parser.add_argument("--timm", type=int, default=3)
    parser.add_argument("--limit", type=int, default=300)
    parser.add_argument("--most", type=int, default=120)
    parser.add_argument("--results", type=Path)
    parser.add_argument("--again", metavar="HOW", help="try the models of this result again")
    parser.add_argument("--page", metavar="DATE", help="print the page of the results")
    parser.add_argument("--note", default="", help="what the page says of the run")
    given = parser.parse_args()
    if given.page:
        sys.stdout.write(page(results(given.results), given.page, given.note))
        return
    _try_all(given)


def _try_all(given: argparse.Namespace) -> None:
    warnings.simplefilter("ignore")
    library = without_compiled_ops()
    from archdsl.importing.modules.table import readings

    readings()
    commit = _commit()
    for case, before in _wanted(given):
        row = tried(case, given.side, given.most, given.limit, commit)
        if before is not None and row.how == "undone":
            what = f"{before.what.partition(';')[0]}; numbers: {row.what}"
            row = replace(before, what=what)
        print(row.family, row.name, row.how, row.what, f"{row.seconds:.0f} s", flush=True)
        if given.results:
            with given.results.open("a") as file:
                file.write(json.dumps(asdict(row)) + "\n")
    del library


def _wanted(given: argparse.Namespace) -> list[tuple[Case, Row | None]]:
    """The models that are to be tried, small ones first, each with its row that is tried again."""
    rows = results(given.results) if given.results else []
    done = {(row.family, row.name): row for row in rows}
    several = []
    for case in cases(given.timm):
        before = done.get((case.family, case.name))
        is_done = before is not None and before.how != given.again
        if not is_done and any(case.fits(each) for each in given.patterns):
            several.append((case, before))
    if given.most:
        return sorted(several, key=lambda pair: _weights(pair[0]))
    # In an order by chance, a part of the run is a fair sample.
    return sorted(several, key=lambda pair: zlib.crc32(pair[0].name.encode()))


if __name__ == "__main__":
    main()
