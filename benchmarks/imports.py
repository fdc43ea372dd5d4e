"""How many models of torchvision and timm `archdsl import` takes, and why it refuses the others.

Usage: `python -m benchmarks.imports [PATTERN…] [--side 64] [--timm 3] [--limit 600]`, with
torchvision and timm beside. A pattern chooses models: `torchvision/*`, `segmentation/fcn*`,
`timm/resnet*`.
`--side` is that of the images of models that take several sizes, instead of the recorded one, which
takes less time; `--timm` is how many models of each family of timm are drawn. Every model is
imported by a process of its own, which `--limit` seconds end. Rows of Markdown are printed as they
come, then the counts by family.

A model counts as exact if the command writes a spec: keys, shapes, results in evaluation and in
training without dropout, and gradients are equal then.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch

FIXED = ("vit", "swin", "maxvit", "inception_v3", "mvit", "s3d")
"""Names of models that take images of one size, or no small ones."""
VIDEO = "3,16,112,112"
SIZES = {"s3d": "3,16,224,224", "mvit_v1_b": "3,16,224,224", "mvit_v2_s": "3,16,224,224"}


@dataclass(frozen=True)
class Case:
    """A model, with the arguments of the command for it."""

    family: str
    name: str
    target: str
    arguments: tuple[str, ...] = ()
    shape: str = ""

    def command(self, side: int | None) -> list[str]:
        """The command line that imports it."""
        shape = self.shape
        if side and not shape and not self.name.startswith(FIXED):
            shape = f"3,{side},{side}"
        given = [word for each in self.arguments for word in ("--args", each)]
        shaped = ["--input", shape] if shape else []
        return ["import", self.target, *given, *shaped, "-o", "-", "-q"]


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


START = """
import torch
library = torch.library.Library("torchvision", "DEF")
for name in ("nms", "qnms"):
    library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
from archdsl.cli import main
main(prog_name="archdsl")
"""
"""torchvision's compiled ops cannot load beside a PyTorch for the CPU."""


def tried(case: Case, side: int | None, limit: float) -> tuple[bool, str]:
    """Whether a model is imported, and the lines of its text or the reason."""
    command = [sys.executable, "-c", START, *case.command(side)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return False, f"not done within {limit:.0f} s"
    if done.returncode == 0:
        return True, f"{len(done.stdout.splitlines())} lines"
    errors = [line for line in done.stderr.splitlines() if "error[" in line]
    last = done.stderr.strip().splitlines()[-1:] or ["no output"]
    return False, (errors or last)[0].partition("error[")[2] or last[0]


def main() -> None:
    """Import models one after another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("patterns", nargs="*", default=["*"])
    parser.add_argument("--side", type=int)
    parser.add_argument("--timm", type=int, default=3)
    parser.add_argument("--limit", type=float, default=600)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    exact: Counter[str] = Counter()
    total: Counter[str] = Counter()
    print("| family | model | exact | text, or reason | s |\n|---|---|---|---|--:|")
    for case in cases(given.timm):
        if not any(fnmatch(f"{case.family}/{case.name}", each) for each in given.patterns):
            continue
        start = time.perf_counter()
        is_exact, what = tried(case, given.side, given.limit)
        exact[case.family] += is_exact
        total[case.family] += 1
        cell = what.replace("|", "\\|")[:160]
        spent = time.perf_counter() - start
        mark = "yes" if is_exact else "no"
        print(f"| {case.family} | {case.name} | {mark} | {cell} | {spent:.0f} |", flush=True)
    for family in total:
        print(f"{family}: {exact[family]} of {total[family]}")


if __name__ == "__main__":
    main()
