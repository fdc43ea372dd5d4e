"""`archdsl train`: what is learned, what is left behind, and what is refused."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest
import torch
from torch._dynamo.utils import counters

import archdsl
from archdsl.training import loop
from archdsl.training.chance import draws, order
from archdsl.training.data import Batch, BatchRequest, Split
from archdsl.training.digits import Digits
from archdsl.training.progress import Bar, read_log
from archdsl.training.recipe import chosen
from archdsl.training.schedule import rate, side
from tests.helpers.paths import ROOT
from tests.helpers.training_runs import RESNET, SAME, TINY, losses, records, train

PIXEL = "network n: [1, 8, 8] = conv(4, 8, pad=0) -> bn -> flatten -> linear(10)"


@pytest.fixture(autouse=True)
def folder(one_thread: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_small_residual_network_learns_digits() -> None:
    result = train(RESNET, "--epochs", "7")
    assert result.exit_code == 0, result.output
    assert records("runs/small", "end")[0]["best"] > 0.98
    # What is loaded is what was validated.
    network = archdsl.load("net.arch", "small", weights="runs/small/weights.safetensors")
    data = Digits()
    batch = data.fetch("val", torch.arange(360), BatchRequest((1, 12, 12)))
    images = torch.nn.functional.interpolate(
        batch.images, (12, 12), mode="bilinear", antialias=True
    )
    right = network.eval()((images - data.mean[0]) / data.deviation[0]).argmax(1) == batch.labels
    assert right.double().mean().item() == records("runs/small", "epoch")[-1]["val_accuracy"]


def test_of_distances_the_smallest_is_the_answer() -> None:
    spec = "network n: [1, 8, 8] = flatten -> linear(40) -> tanh -> linear(16) -> tanh -> rbf(10)"
    assert train(spec, "--epochs", "5", "-o", "out").exit_code == 0
    network = archdsl.load("net.arch", "n", weights="out/weights.safetensors").eval()
    data = Digits()
    batch = data.fetch("val", torch.arange(360), BatchRequest((1, 8, 8)))
    nearest = network((batch.images - data.mean[0]) / data.deviation[0]).argmin(1)
    accuracy = (nearest == batch.labels).double().mean().item()
    assert accuracy == records("out", "epoch")[-1]["val_accuracy"] > 0.5


def test_one_of_several_networks_has_to_be_named() -> None:
    result = train((ROOT / "specs/lenet.arch").read_text(), "-o", "out", "--epochs", "5")
    assert result.exit_code == 2
    assert "has 2 networks: name one, as in `net.arch:lenet5`" in result.output


def test_what_a_run_says_and_leaves(folder: Path) -> None:
    result = train(TINY, "--epochs", "2", "--every", "10", "-o", "out")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[:2] == [
        "network tiny: 1,442 parameters, on the CPU",
        "data digits: 1,437 images to train with, 360 to validate",
    ]
    assert lines[2].startswith("10 classes (images): 0 (143 + 35), 1 (149 + 33), ")
    assert lines[3] == "images are varied: moved by up to 0.06 of a side, zoomed by up to 0.08"
    assert lines[4].startswith(
        "preset digits (for a thousand small images): epochs 2, batch 64, lr 0.005, "
    )
    assert lines[5].startswith("step 10/44  epoch 1  loss ")
    assert "images/s" in lines[5]
    assert lines[5].endswith(" left")
    assert [line.split()[1] for line in lines if line.startswith("epoch ")][:2] == ["1/2", "2/2"]
    assert sum(line.endswith("  best") for line in lines) == 1
    assert lines[-1] == "wrote out/weights.safetensors, best.safetensors"
    assert str(folder) not in result.output
    names = {"best.safetensors", "last.pt", "log.jsonl", "weights.safetensors"}
    assert {path.name for path in Path("out").iterdir()} == names
    (start,) = records("out", "start")
    assert (start["network"], start["data"], start["recipe"]["batch"]) == ("tiny", "digits", 64)
    assert [record["step"] for record in records("out")] == [10, 20, 22, 30, 40, 44]


def test_precision_layout_and_optimizer_can_be_switched() -> None:
    flags = {
        "a": [],
        "b": ["--no-fused", "--channels-last", "--accumulate", "2"],
        "c": ["--bf16"],
    }
    for name, given in flags.items():
        assert train(SAME, "--epochs", "1", "--every", "1", "-o", name, *given).exit_code == 0
    assert losses("b")[:20] == pytest.approx(losses("a")[:20], abs=1e-5)
    assert losses("c")[0] == pytest.approx(losses("a")[0], abs=0.02)
    assert losses("c") != losses("a")
    # The format of finished weights knows no layout.
    archdsl.load("net.arch", "tiny", weights="b/weights.safetensors")


def test_the_same_seed_gives_the_same_losses() -> None:
    for name, seed in ("a", "1"), ("b", "1"), ("c", "2"):
        train(TINY, "--epochs", "1", "--every", "1", "--seed", seed, "-o", name)
    assert losses("a") == losses("b") != losses("c")


def test_classes_are_set_to_fit() -> None:
    assert train(TINY.replace("classes=10", "classes=1000"), "--epochs", "1").exit_code == 0


@pytest.mark.parametrize("preset", ["short", "best"])
def test_presets_change_what_is_learned(preset: str) -> None:
    result = train(TINY, "--preset", preset, "--epochs", "2", "--batch", "64", "--lr", "0.1")
    assert result.exit_code == 0, result.output
    assert records("runs/tiny", "start")[0]["recipe"]["smoothing"] == 0.1


def test_a_rate_follows_the_batch_unless_it_is_given() -> None:
    assert chosen("best", {"batch": 256}).lr == 0.125
    assert chosen("best", {"batch": 256, "lr": 0.3}).lr == 0.3
    assert chosen("best", {"batch": None, "lr": None}) == chosen("best", {})


def test_the_rate_rises_and_falls() -> None:
    recipe = chosen("best", {"epochs": 20})
    rates = [rate(recipe, step, 10) for step in range(200)]
    assert rates[0] == pytest.approx(0.01 * recipe.lr)
    assert rates.index(max(rates)) == 50
    assert max(rates) == recipe.lr
    assert rates[50:] == sorted(rates[50:], reverse=True)
    assert rates[-1] < 0.001 * recipe.lr


def test_images_grow() -> None:
    recipe = chosen("short", {})
    sides = [side(recipe, epoch, 224) for epoch in range(16)]
    assert (sides[0], sides[-1]) == (160, 224)
    assert sides == sorted(sides)
    assert side(recipe, 0, 8) == 8


def test_order_and_numbers_depend_on_the_place_alone() -> None:
    assert order(1, 2, 50).tolist() == order(1, 2, 50).tolist()
    assert order(1, 2, 50).tolist() != order(1, 3, 50).tolist()
    assert sorted(order(1, 2, 50).tolist()) == list(range(50))
    assert draws(1, 2, 3, 8).equal(draws(1, 2, 3, 8))
    assert not draws(1, 2, 3, 8).equal(draws(1, 2, 4, 8))


@pytest.mark.parametrize(
    ("spec", "arguments", "code", "part"),
    [
        ("network n: [1, 8, 8] = flatten -> linear(7)", [], "E0963", "expected [10]"),
        ("network n: [1, 8, 8] = conv(10, 3)", [], "E0963", "needs one score per class"),
        ("network n: [1, h, w] = global_avgpool -> flatten -> linear(10)", [], "E0963", "--at"),
        ("network n: [64] = linear(10)", [], "E0963", "does not take one image"),
        ("network n: [1, 8, 8] = flatten -> linear(10) -> softmax", [], "E0963", "`softmax`"),
        (TINY, ["--epochs", "1", "--lr", "1e30"], "E0966", "the loss is nan"),
        (TINY, ["--batch", "2", "--accumulate", "3"], "E0969", "2 images"),
        (TINY, ["--set", "width=3"], "E0912", "width"),
        (PIXEL, ["--batch", "1"], "E0982", "help: increase --batch"),
    ],
)
def test_what_cannot_be_trained(spec: str, arguments: list[str], code: str, part: str) -> None:
    result = train(spec, *arguments)
    assert result.exit_code == (1 if code in ("E0966", "E0982") else 2)
    assert f"error[{code}]" in result.output
    assert part in result.output


@pytest.mark.parametrize("rank", ["0", "1"])
def test_the_process_that_runs_out_of_memory_reports_it(
    rank: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def learn(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(loop, "learn", learn)
    monkeypatch.setenv("LOCAL_RANK", rank)
    result = train(TINY, "--accumulate", "2")
    assert (result.exit_code, "error[E0981]" in result.output) == (1, True)
    assert "out of GPU memory in a step of 32 images" in result.output


def test_what_fits_in_training_fits_in_validation(monkeypatch: pytest.MonkeyPatch) -> None:
    fetch, counts = Digits.fetch, set()

    def counted(self: Digits, split: Split, indices: torch.Tensor, look: BatchRequest) -> Batch:
        counts.add((split, len(indices)))
        return fetch(self, split, indices, look)

    monkeypatch.setattr(Digits, "fetch", counted)
    assert train(TINY, "--batch", "12", "--accumulate", "2", "--epochs", "1").exit_code == 0
    assert counts == {("train", 12), ("val", 6)}


# PyTorch warns itself where it traces divided weights.
@pytest.mark.filterwarnings("ignore:The .grad attribute:UserWarning")
@pytest.mark.parametrize("flags", [(), ("--shard",)])
def test_networks_are_compiled(flags: tuple[str], monkeypatch: pytest.MonkeyPatch) -> None:
    # Without the compiler for C++, which not every machine has.
    monkeypatch.setattr(torch, "compile", functools.partial(torch.compile, backend="aot_eager"))
    short = ["--epochs", "1", "--every", "1", *flags]
    train(SAME, *short, "-o", "eager")
    counters.clear()
    result = train(SAME, *short, "-o", "compiled", "--compile")
    assert result.exit_code == 0, result.output
    assert counters["stats"]["calls_captured"] >= 9
    assert losses("compiled")[:10] == pytest.approx(losses("eager")[:10], abs=1e-5)


def test_sizes_that_are_open_can_be_given() -> None:
    spec = "network n: [1, h, w] = global_avgpool -> flatten -> linear(10)"
    assert train(spec, "--at", "h=8,w=8", "--epochs", "1").exit_code == 0


def test_a_loss_that_is_no_number_is_not_saved() -> None:
    assert train(TINY, "--epochs", "1", "--lr", "1e30", "-o", "out").exit_code == 1
    assert {path.name for path in Path("out").iterdir()} == {"log.jsonl"}
    assert "NaN" not in Path("out/log.jsonl").read_text()


def test_without_scikit_learn_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    result = train(TINY)
    assert (result.exit_code, "error[E0964]" in result.output) == (2, True)


def test_more_processes_than_gpus_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    result = train(TINY, "--gpus", "2")
    assert (result.exit_code, "error[E0968]" in result.output) == (2, True)
    assert "this machine has 1 GPU, not 2" in result.output
    # All processes find out, and the first of the machine speaks, for which the others wait.
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "4")
    for rank, spoken in ("0", True), ("3", False):
        monkeypatch.setenv("LOCAL_RANK", rank)
        result = train(TINY)
        assert (result.exit_code, "1 GPU, not 4" in result.output) == (2, spoken)
        assert bool(waits) is not spoken


def test_curves_are_drawn_and_the_same_for_the_same_losses() -> None:
    for name in "ab":
        result = train(TINY, "--epochs", "2", "-o", name, "--plot", f"{name}.svg")
        assert result.exit_code == 0, result.output
    text = Path("a.svg").read_text()
    assert text == Path("b.svg").read_text()
    assert "<svg" in text
    result = train(TINY, "--plot", "curves.pdf")
    assert (result.exit_code, "error[E0926]" in result.output) == (2, True)


def test_a_bar_moves_on_a_terminal() -> None:
    train(TINY, "--epochs", "1", "-o", "out")
    stream = StringIO()
    with Bar(stream) as bar:
        for record in read_log(Path("out")):
            bar.told(record)
    assert "epoch 1/1  loss " in stream.getvalue()
    assert "images/s" in stream.getvalue()


def test_without_pytorch_it_is_said_how_to_get_it() -> None:
    program = "import sys; sys.modules['torch'] = None\nfrom archdsl.cli import main\nmain()"
    Path("net.arch").write_text(TINY)
    command = [sys.executable, "-c", program, "train", "net.arch"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, "E0971]: not installed: torch\n" in done.stderr) == (2, True)
    assert "pip install 'archdsl[train]'" in done.stderr


def test_every_line_of_the_log_is_json() -> None:
    train(TINY, "--epochs", "1", "-o", "out")
    kinds = [json.loads(line)["kind"] for line in Path("out/log.jsonl").read_text().splitlines()]
    assert kinds == ["start", "step", "step", "step", "epoch", "end"]
