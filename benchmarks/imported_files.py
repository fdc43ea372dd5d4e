"""Which networks in files `archdsl import` takes, of models of torchvision, and why not the others.

Usage: `python -m benchmarks.imported_files [PATTERN…] [--limit 600] [--results FILE]`, with
torchvision beside. A pattern chooses files: `resnet*/pt2`. What `--results` has already is not
tried again; `--page DATE` prints the page of it.

Every model is exported in three ways: by `torch.export` (pt2), and as ONNX by PyTorch's exporter of
today (dynamo) and by that of TorchScript (legacy). A file counts as exact if the command would
write a spec: keys, shapes and results, with the weights of the file and with others, are equal.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from benchmarks.imports import Row, in_process, results, without_compiled_ops

CLASSIFIERS = (
    "alexnet squeezenet1_1 mobilenet_v2 mobilenet_v3_small mnasnet0_5 shufflenet_v2_x0_5"
    " efficientnet_b0 efficientnet_v2_s regnet_y_400mf resnet18 resnext50_32x4d densenet121"
    " googlenet inception_v3 convnext_tiny swin_t swin_v2_t maxvit_t vit_b_16"
).split()
SEGMENTATION = "lraspp_mobilenet_v3_large deeplabv3_mobilenet_v3_large".split()
VIDEO = ("mc3_18",)
SIDES = {
    "alexnet": 224,
    "inception_v3": 299,
    "swin_t": 224,
    "swin_v2_t": 256,
    "maxvit_t": 224,
    "vit_b_16": 224,
}
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "googlenet": {"init_weights": False},
    "inception_v3": {"init_weights": False},
    **{name: {"weights_backbone": None, "num_classes": 21} for name in SEGMENTATION},
}


def _program(model: Any, inputs: Any, path: Path) -> None:
    import torch

    torch.export.save(torch.export.export(model, (inputs,)), path)


def _onnx(is_dynamo: bool) -> Callable[[Any, Any, Path], None]:
    def write(model: Any, inputs: Any, path: Path) -> None:
        import torch

        torch.onnx.export(model, (inputs,), str(path), dynamo=is_dynamo, verbose=False)

    return write


KINDS: Mapping[str, tuple[str, Callable[[Any, Any, Path], None]]] = {
    "pt2": (".pt2", _program),
    "dynamo": (".onnx", _onnx(True)),
    "legacy": (".onnx", _onnx(False)),
}


def cases() -> Iterator[tuple[str, str]]:
    """All models, with the kinds of file."""
    for name in (*CLASSIFIERS, *SEGMENTATION, *VIDEO):
        for kind in KINDS:
            yield name, kind


def imported(name: str, kind: str, folder: Path) -> tuple[str, str]:
    """What becomes of a file: how, and the lines of its text or the reason."""
    import torch
    from torchvision import models

    from archdsl.importing.command import run

    side = SIDES.get(name, 64)
    sizes = (3, 8, side, side) if name in VIDEO else (3, side, side)
    torch.manual_seed(0)
    model = models.get_model(name, weights=None, **SETTINGS.get(name, {})).eval()
    suffix, write = KINDS[kind]
    path = folder / f"{name}{suffix}"
    try:
        write(model, torch.randn(2, *sizes), path)
    except Exception as fault:
        return "refused", f"PyTorch does not export it: {type(fault).__name__}"
    found, diagnostics = run(str(path), (), ())
    if found is None:
        return "refused", f"{diagnostics[-1].code}: {diagnostics[-1].message}"
    return "exact", f"{len(found.text.splitlines())} lines"


def tried(name: str, kind: str, limit: int) -> Row:
    """A file imported by a process of its own."""

    def act() -> tuple[str, str]:
        with tempfile.TemporaryDirectory() as folder:
            return imported(name, kind, Path(folder))

    return Row(kind, name, *in_process(act, limit))


HEAD = """\
Made by `benchmarks/imported_files.py`, which says what is compared. The number is that of the lines
of the text; below are the reasons where there is none. What is empty was not
tried, or not done in time. Several rows are of an importer an hour older than the last."""


def page(rows: Sequence[Row], date: str) -> str:
    """A row for every model, a column for every kind of file; then the reasons of refusals."""
    lines = [f"# Files that `archdsl import` takes ({date})", "", HEAD, ""]
    counts = {kind: [row for row in rows if row.family == kind] for kind in KINDS}
    exact = {kind: sum(row.how == "exact" for row in each) for kind, each in counts.items()}
    lines += [f"| model | {' | '.join(KINDS)} |", "|---|" + "--:|" * len(KINDS)]
    found = {(row.name, row.family): row for row in rows}
    for name in dict.fromkeys(row.name for row in rows):
        several = [found.get((name, kind)) for kind in KINDS]
        lines.append(f"| {name} | {' | '.join(_cell(row) for row in several)} |")
    sums = [f"{exact[kind]} of {len(counts[kind])}" for kind in KINDS]
    lines += [f"| exact | {' | '.join(sums)} |", ""]
    refused = [row for row in rows if row.how != "exact"]
    if refused:
        lines += ["| model | file | reason |", "|---|---|---|"]
    for row in refused:
        reason = " ".join(row.what.replace("|", "\\|").split())[:300]
        lines.append(f"| {row.name} | {row.family} | {reason} |")
    return "\n".join(lines) + "\n"


def _cell(row: Row | None) -> str:
    if row is None:
        return ""
    return row.what.removesuffix(" lines") if row.how == "exact" else "refused"


def main() -> None:
    """Import files one after another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("patterns", nargs="*", default=["*"])
    parser.add_argument("--limit", type=int, default=600)
    parser.add_argument("--results", type=Path)
    parser.add_argument("--page", metavar="DATE", help="print the page of the results")
    given = parser.parse_args()
    if given.page:
        sys.stdout.write(page(results(given.results), given.page))
        return
    _try_all(given)


def _try_all(given: argparse.Namespace) -> None:
    warnings.simplefilter("ignore")
    library = without_compiled_ops()
    done = {(row.name, row.family) for row in results(given.results)} if given.results else set()
    for name, kind in cases():
        is_wanted = any(fnmatch(f"{name}/{kind}", each) for each in given.patterns)
        if not is_wanted or (name, kind) in done:
            continue
        row = tried(name, kind, given.limit)
        print(row.name, row.family, row.how, row.what, f"{row.seconds:.0f} s", flush=True)
        if given.results:
            with given.results.open("a") as file:
                file.write(json.dumps(asdict(row)) + "\n")
    del library


if __name__ == "__main__":
    main()
