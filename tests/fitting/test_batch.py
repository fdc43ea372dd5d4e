"""The largest batch, and the memory of a step held against the storages of PyTorch."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

import archdsl
from archdsl import SpecError
from archdsl.analysis.segments import segments_of
from archdsl.analysis.training_memory import Step, TrainingMemory, training_memory
from archdsl.bench.memory import estimated
from archdsl.bench.ways import WAYS
from archdsl.examples import random_inputs, sized
from tests.helpers.living import Make, peak_of_step
from tests.helpers.saving import seen_by_hooks

BATCH = 3
END = "global_avgpool -> flatten -> linear(5)"
NETWORKS = {
    "chain": f"[3, 12, 12] = conv(8, 3) -> bn -> relu -> maxpool(2) -> conv(9, 3) -> relu -> {END}",
    "residual": f"""[3, 16, 16] =
    conv(8, 3) -> bn -> relu -> unit(8) -> unit(8) -> unit(16, stride=2) -> {END}
block unit(w, stride=1): [c, _, _] = add(
    conv(w, 3, stride) -> bn -> relu -> conv(w, 3) -> bn,
    (conv(w, 1, stride) if c != w or stride > 1)) -> relu""",
    "dense": f"""[3, 16, 16] = conv(8, 3) -> repeat(3, unit) -> bn -> relu -> {END}
block unit: [c, _, _] = concat(identity, bn -> relu -> conv(4, 3))""",
    "sum": "[3, 16, 16] = conv(16, 3) -> add(identity, bn) -> flatten -> linear(5)",
    "concatenation": "[3, 16, 16] = conv(16, 3) -> concat(identity, bn) -> flatten -> linear(5)",
    "gates": f"""[3, 16, 16] = conv(8, 3) -> silu -> repeat(2, unit) -> {END}
block unit: [c, _, _] = mul(conv(c, 3) -> gelu, global_avgpool -> conv(c, 1) -> sigmoid)""",
    "tokens": """[8; 16] = repeat(2, unit) -> layernorm -> linear(5) -> rearrange("n; c -> c n")
block unit: [n; d] = add(identity, layernorm -> linear(4 * d) -> gelu -> linear(d))""",
    "shared weights": f"""[3, 4, 4] = conv(64, 3) -> bn
    -> (share c = conv(64, 3) in c -> relu -> c -> relu -> c) -> {END}""",
    "a tied head": """[9] < 500 = share e = embedding(16) in
    e -> layernorm -> linear(64) -> gelu -> linear(16) -> tied(e)""",
    "blocks that end in a sum": f"""[3, 12, 12] = conv(8, 3) -> unit -> bn -> unit -> {END}
block unit: [c, _, _] = add(identity, conv(c, 3) -> bn -> relu -> conv(c, 3) -> bn)""",
}


def spec(name: str) -> str:
    return f"network n: {NETWORKS[name]}\n"


def predicted(name: str, step: Step) -> TrainingMemory:
    graph = archdsl.read(text=spec(name))["n"].graph
    return training_memory(graph, step, segments_of(graph, step.recomputed))


def ready(name: str) -> tuple[nn.Module, Tensor]:
    graph = archdsl.read(text=spec(name))["n"].graph
    shapes = [sized(graph.shape(port), {}) for port in graph.inputs.values()]
    (inputs,) = random_inputs(shapes, BATCH, torch.Generator().manual_seed(0))
    return archdsl.load(text=spec(name)).train(), inputs


SGD = partial(torch.optim.SGD, lr=0.1, momentum=0.9)
PLAIN = partial(torch.optim.SGD, lr=0.1)
ADAM = partial(torch.optim.AdamW, foreach=True)
SMALL = 4096
"""Bytes that are left out: targets, losses and counters."""


@pytest.mark.parametrize("name", NETWORKS)
def test_the_peak_is_that_of_all_storages_that_live(name: str) -> None:
    module, inputs = ready(name)
    found = peak_of_step(module, [inputs], SGD)
    expected = predicted(name, Step(BATCH))
    assert abs(found - expected.peak) <= SMALL, (found, expected)
    _, saved = seen_by_hooks(module, inputs)
    assert saved == expected.saved


@pytest.mark.parametrize(("make", "optimizer"), [(ADAM, "adamw"), (PLAIN, "sgd-without-momentum")])
def test_an_optimizer_keeps_and_takes_what_is_said(make: Make, optimizer: str) -> None:
    """Of a network whose weights outweigh its tensors, the optimizer's step is the peak."""
    text = "network n: [64] = linear(400) -> relu -> linear(300)\n"
    graph = archdsl.read(text=text)["n"].graph
    module = archdsl.load(text=text).train()
    found = peak_of_step(module, [torch.randn(BATCH, 64)], make)
    assert abs(found - training_memory(graph, Step(BATCH, optimizer)).peak) <= 3 * SMALL


@pytest.mark.parametrize("name", ["residual", "blocks that end in a sum"])
def test_blocks_that_are_computed_again_keep_only_what_comes_in(name: str) -> None:
    module, inputs = ready(name)
    for each in module.modules():
        if type(each).__name__ == "Unit":
            each.forward = partial(checkpoint, each.forward, use_reentrant=False)  # type: ignore
    found = peak_of_step(module, [inputs], SGD)
    again = predicted(name, Step(BATCH, recomputed=("unit",)))
    assert abs(found - again.peak) <= SMALL
    assert again.saved < predicted(name, Step(BATCH)).saved


@pytest.mark.parametrize(
    "asked",
    [
        {"train_memory": "2MiB"},
        {"train_memory": "1MB", "optimizer": "adamw", "precision": "bf16"},
        {"train_memory": "2MiB", "checkpoint": ["unit"]},
        {"peak": "1MiB"},
    ],
)
def test_one_image_more_does_not_fit(asked: dict[str, Any]) -> None:
    found = archdsl.largest_batch(text=spec("residual"), **asked)
    assert found.peak <= found.limit < found.above
    assert found.batch > 1
    if "peak" in asked:
        memory = archdsl.read(text=spec("residual"))["n"].memory(found.batch)
        assert found.peak == memory.weights + memory.live
    if recomputing := found.recomputing:
        assert recomputing.batch < found.batch
        assert recomputing.peak > found.limit
        macs = [each.macs for each in archdsl.read(text=spec("residual"))["n"].layers]
        assert recomputing.macs == sum(map(int, map(str, macs[3:-3])))


def test_what_is_too_large_or_not_there_is_refused() -> None:
    with pytest.raises(SpecError, match=r"E0954(?s:.)*it takes"):
        archdsl.largest_batch(text=spec("residual"), train_memory=1000)
    with pytest.raises(SpecError, match=r"E0957(?s:.)*Its blocks are `unit`"):
        archdsl.largest_batch(text=spec("residual"), train_memory="1MiB", checkpoint="units")


def test_bfloat16_halves_what_it_computes() -> None:
    """Copies of weights and inputs included; autocast of a CPU has the same list for these ops."""
    module, inputs = ready("residual")
    with torch.autocast("cpu", torch.bfloat16):
        _, found = seen_by_hooks(module, inputs)
    graph = archdsl.read(text=spec("residual"))["n"].graph
    way = next(w for w in WAYS if (w.task, w.mode, w.precision) == ("training", "eager", "bf16"))
    expected = estimated(graph, way, BATCH, is_gpu=False)
    assert expected is not None
    assert expected == pytest.approx(found, rel=0.05)


def test_compiled_code_has_no_estimate() -> None:
    graph = archdsl.read(text=spec("chain"))["n"].graph
    known = {way: estimated(graph, way, BATCH, is_gpu=True) for way in WAYS}
    assert {way.mode for way, size in known.items() if size is None} == {"compile", "eager"}
    assert all(size is None for way, size in known.items() if way.mode == "compile")
    training = next(way for way in WAYS if (way.task, way.mode) == ("training", "eager"))
    assert known[training] == training_memory(graph, Step(BATCH)).peak
