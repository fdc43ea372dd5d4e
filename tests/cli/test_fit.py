"""`archdsl fit` as people and programs read it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archdsl.cli import main

SPEC = """\
network small(width=1.0, n=1, kind="max"): [3, 8, 8] =
    repeat(n, conv(divisible(16 * width, 8), 3)) -> (relu if kind == "max")
    -> global_avgpool -> flatten -> linear(4)
network other(w=8): [3, h, v] = block_of(w)
block block_of(w): [c, ...] = conv(w, 3)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.arch").write_text(SPEC)


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def fit(*arguments: str) -> Result:
    return run("fit", *arguments)


def test_the_option_gives_other_commands_the_network() -> None:
    result = fit("net.arch:small", "--params", "3k", "--vary", "width=0.5..3/0.5", "--set", "n=2")
    assert result.exit_code == 0, result.output
    last = result.output.splitlines()[-1]
    assert last == "--set n=2,width=1.0"
    found = json.loads(fit(
        "net.arch:small(n=2)", "--params", "3k", "--vary", "width=0.5..3/0.5", "--format", "json"
    ).output)  # fmt: skip
    assert found["set"] == last
    assert [each["values"] for each in found["trials"] if not each["exceeded"]] == [
        {"width": width} for width in (1.0, 0.5)
    ]
    summary = run("summary", "net.arch:small", *last.split(), "--format", "json")
    assert json.loads(summary.output)["networks"][0]["params"] == found["best"]["params"]


def test_csv_has_all_rows_and_text_those_around_the_limit() -> None:
    arguments = ["net.arch:small", "--params", "20k", "--vary", "width=0.5..4"]
    rows = [*csv.DictReader(io.StringIO(fit(*arguments, "--format", "csv").output))]
    assert {row["width"] for row in rows} == {f"{each / 20}" for each in range(10, 81)}
    numbers = [int(row["params"]) for row in rows]
    assert numbers == sorted(numbers, reverse=True)
    text = fit(*arguments).output
    assert "47 more rows are in csv and json" in text
    assert text.count("largest that fits") == 1


def test_a_batch_is_found_with_all_rows() -> None:
    arguments = ["net.arch:small", "--batch", "max", "--train-memory", "1MiB"]
    text = fit(*arguments, "--optimizer", "adamw", "--precision", "bf16").output
    rows = ["weights", "master copies", "gradients", "optimizer states", "saved tensors", "peak"]
    assert all(f"\n{row} " in text for row in rows), text
    found = json.loads(fit(*arguments, "--format", "json").output)
    assert found["memory_bytes"]["peak"] <= 2**20 < found["above_bytes"]
    assert f"batch {found['batch']:,}" in fit(*arguments).output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["net.arch:small", "--params", "9", "--vary", "width"], "error[E0954]"),
        (["net.arch:small", "--params", "9", "--vary", "kind"], "are `width`, `n`"),
        (["net.arch:other", "--macs", "9M", "--vary", "w"], "error[E0955]"),
        (["net.arch:other", "--macs", "9M", "--vary", "w", "--at", "x=3"], "error[E0915]"),
        (["net.arch:small", "--params", "9k", "--vary", "n", "--set", "x=3"], "error[E0912]"),
        (["net.arch", "--params", "9k", "--vary", "n"], "has 2 networks"),
        (["net.arch:small", "--params", "9k"], "name what may change"),
        (["net.arch:small", "--peak", "1MiB", "--batch", "max", "--vary", "n"], "no --vary"),
        (["net.arch:small", "--peak", "1MiB", "--precision", "bf16", "--vary", "n"], "is for"),
    ],
)
def test_what_cannot_be_answered_is_one_error(arguments: list[str], said: str) -> None:
    result = fit(*arguments)
    assert (result.exit_code, said in result.output) == (2, True), result.output
    assert result.output.count("rror") <= 2
