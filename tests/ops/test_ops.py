"""Every op held against PyTorch: shape, state, costs, forms, window, and what gradients need."""

from __future__ import annotations

import copy
import inspect
import subprocess
import sys
import warnings
from collections.abc import Sequence
from itertools import product

import pytest
import torch
from torch import Tensor, fx, nn
from torch.utils.flop_counter import FlopCounterMode

from archdsl.ops import OPS
from archdsl.ops.axes import Window
from archdsl.ops.base import Op
from tests.helpers.op_examples import BATCH, CASES, Example, literal, made, read
from tests.helpers.op_forms import HEADER, definitions, file, module_of, modules_of, run

PARTLY = {
    "maxpool", "global_maxpool", "channel_max", "relu", "relu6", "hardswish", "hardsigmoid", "roll",
    "grn", "window_attention_v2",
}  # fmt: skip
"""Ops whose gradient shows only some of the pixels that they may read."""
MOVING = {"rearrange", "take"}
"""Ops whose result has other axes than their input."""

SPATIAL = [
    case
    for case in CASES
    if len(case.inputs) == 1 and case.output.positions and case.inputs[0].positions
    if case.op.name not in MOVING
    if not case.op.reads_shape_only and case.inputs[0].below is None
    # A window is that of an image without borders.
    if getattr(case.op, "mode", "") not in ("reflect", "replicate")
]
"""Examples with a window."""


def each(cases: Sequence[Example]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=str)


each_op = pytest.mark.parametrize("op", OPS.values(), ids=list(OPS))
each_case = each(CASES)
each_layer = each([case for case in CASES if case.form.module or case.form.weights])
each_class = each([case for case in CASES if case.form.module and not case.form.module.template])
each_function = each([case for case in CASES if case.form.function])
each_definition = each([case for case in CASES if case.form.definition and case.form.module])


@each_op
def test_examples_use_every_parameter(op: type[Op]) -> None:
    examples = [read(text) for text in op.examples]
    assert all(isinstance(example.op, op) for example in examples)
    for name, default in op.defaults().items():
        assert any(getattr(example.op, name) != default for example in examples), name


@each([case for case in CASES if "init=" not in case.text])
def test_an_op_is_written_as_it_is_read(case: Example) -> None:
    assert made(literal(str(case.op))) == case.op


@each_case
def test_shape(case: Example) -> None:
    assert case.op.output(*case.inputs) == case.output
    assert case.op.sources(*case.inputs).map(case.value) == case.output


@each_case
def test_pytorch_agrees(case: Example) -> None:
    for module in modules_of(case):
        module = module.to("meta").eval()
        result = module(*case.tensors("meta"))
        assert tuple(result.shape) == (BATCH, *case.output.sizes)
        with FlopCounterMode(display=False) as counter:
            module(*[x[:1] for x in case.tensors("meta")])
        assert counter.get_total_flops() == 2 * case.op.macs(*case.inputs)


@each_layer
def test_state(case: Example) -> None:
    module = module_of(case)
    trainable = dict(module.named_parameters())
    state = [
        (key, tuple(entry.shape), key in trainable, entry.itemsize)
        for key, entry in module.state_dict().items()
    ]
    path = "m" if case.form.call or case.form.weights else ""
    assert state == [
        (w.key(path) if path else w.name, w.shape, w.trainable, w.number_bytes)
        for w in case.op.weights(*case.inputs)
    ]


@each_function
@pytest.mark.parametrize("training", [False, True])
def test_all_forms_are_one_function(case: Example, training: bool) -> None:
    first, *others = [run(module.train(training), case) for module in modules_of(case)]
    assert all(torch.equal(first, other) for other in others)


def signature_of(kind: type) -> dict[str, inspect.Parameter]:
    """The parameters of a class; those of recurrent layers are named by the class below them."""
    base = nn.RNNBase if issubclass(kind, nn.RNNBase) else kind
    parameters = dict(inspect.signature(base).parameters)
    parameters.pop("mode", None) if base is nn.RNNBase else None
    return parameters


@each_class
def test_defaults_are_those_of_pytorch(case: Example) -> None:
    call = case.form.module
    assert call is not None
    parameters = signature_of(eval(call.callee, vars(file())))
    for place, argument in enumerate(call.arguments):
        name = argument.keyword or [*parameters][place]
        if argument.default is not None:
            assert parameters[name].default == argument.default
    positive = getattr(case.op, "slope", getattr(case.op, "alpha", 0)) >= 0
    assert case.form.inplace == ("inplace" in parameters and positive)


# PyTorch cannot script its own module without biases.
@each([case for case in CASES if case.op.name != "multihead" or case.op.bias])
def test_scripted_and_traced(case: Example) -> None:
    for module in modules_of(case):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            scripted = torch.jit.script(module)
        # What torch.nn has is never traced inside, but it may stand for a whole network here.
        network = nn.Sequential(module) if len(case.inputs) == 1 else module
        for training in (True, False):
            expected = run(copy.deepcopy(module).train(training), case)
            assert torch.equal(run(copy.deepcopy(scripted).train(training), case), expected)
            traced = fx.symbolic_trace(copy.deepcopy(network).train(training))
            assert torch.equal(run(traced, case), expected)


@each_definition
def test_exported(case: Example) -> None:
    module = module_of(case).eval()
    exported = torch.export.export(module, tuple(case.tensors())).module()
    torch.testing.assert_close(run(exported, case), run(module, case))


def test_definitions_are_formatted() -> None:
    text = "\n\n".join([HEADER, *definitions()])
    for arguments in (["format", "--check"], ["check", "--extend-select=ANN,D101"]):
        command = [sys.executable, "-m", "ruff", *arguments, "--isolated", "--line-length=100", "-"]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def is_shared(op: Op) -> bool:
    """Whether PyTorch overwrites no result, whatever reads it: it is one of several views."""
    return op.reads_batch_only or op.is_repeated or op.name == "part"


@each([case for case in CASES if not is_shared(case.op)])
def test_results_that_gradients_need(case: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    # On some CPUs an LSTM has a kernel whose result is needed.
    monkeypatch.setattr(torch.backends.mkldnn, "enabled", case.op.family != "recurrent")
    free = [is_overwritable(module.train(), case) for module in modules_of(case)]
    saves = case.op.saves(*case.inputs)
    in_place = case.form.inplace and saves.output_in_place
    is_same = bool(case.form.join) and case.op.is_view(*case.inputs, training=True)
    assert (saves.output or in_place or is_same) != all(free)


def is_overwritable(module: nn.Module, case: Example) -> bool:
    """Whether a result is a tensor of its own, and not read again by its gradient."""
    inputs = case.reached()
    result = module(*inputs)
    if case.form.join and result is inputs[0]:
        return False
    if not result.requires_grad:
        assert case.op.reads_shape_only or case.inputs[0].below is not None
        return True
    result.mul_(2)
    try:
        result.sum().backward()
    except RuntimeError as error:
        if "modified by an inplace operation" not in str(error):
            raise
        return False
    return True


@each(SPATIAL)
def test_window(case: Example) -> None:
    module = modules_of(case)[0].eval()
    window = case.op.window(*case.inputs)
    sizes = case.inputs[0].positions
    is_bound = (
        case.op.name in PARTLY
        or getattr(case.op, "causal", False)
        or case.op.family == "recurrent"
        or (case.op.name == "adaptive_avgpool" and window.covers)
    )
    (image,) = case.tensors()
    result = module(image.requires_grad_())
    for place in product(*[{0, size // 2, size - 1} for size in case.output.positions]):
        allowed = torch.ones((), dtype=torch.bool)
        for axis, (position, size) in enumerate(zip(place, sizes, strict=True)):
            allowed = allowed[..., None] & reads(window, axis, position, size)
        one = result[:, *place] if case.output.is_last else result[:, :, *place]
        (gradient,) = torch.autograd.grad(one.square().sum(), image, retain_graph=True)
        found = gradient.abs().sum((0, -1 if case.output.is_last else 1)) > 0
        assert not (found & ~allowed).any()
        assert is_bound or torch.equal(found, allowed)


def reads(window: Window, axis: int, place: int, size: int) -> Tensor:
    """The positions along one axis that an output reads, as its window says."""
    if window.covers:
        return torch.ones(size, dtype=torch.bool)
    along = window.along(axis)
    start = place * along.stride - along.padding
    over = {start + along.dilation * step for step in range(along.kernel)}
    return torch.tensor([pixel * along.upscale in over for pixel in range(size)])


def test_a_window_of_unknown_size_covers_all() -> None:
    assert read("[1, 8, 8] | adaptive_avgpool(4)").op.window() == Window(covers=True)
