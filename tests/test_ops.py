"""Every op held against PyTorch: its examples, what it refuses, and windows at random."""

from __future__ import annotations

import copy
import inspect
import subprocess
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor, fx, nn
from torch.utils.flop_counter import FlopCounterMode

from archdsl.arithmetic import Value
from archdsl.ops import OPS
from archdsl.ops.base import Op, Window
from archdsl.ops.forms import TorchCall, TorchForm
from archdsl.ops.parameters import Initializer
from archdsl.provenance import Expression, Symbol, evaluate
from archdsl.source import Source
from archdsl.syntax import ast
from archdsl.syntax.parser import parse

BATCH = 2
NAMES = """
    conv conv_transpose linear bn layernorm groupnorm lrn relu relu6 leaky_relu prelu elu selu gelu
    silu hardswish hardsigmoid sigmoid tanh softmax maxpool avgpool adaptive_avgpool global_avgpool
    global_maxpool flatten dropout drop_path pad pad_channels slice channel_shuffle scale affine rbf
    upsample add mul mean concat
"""
FAMILIES = """
    convolution linear normalization activation pooling merge reshape regularization
"""
SCHEMES = {"normal": "std", "kaiming_normal": "fan"}
"""Initialisations that examples use, with their parameter."""

WHOLE_NUMBERS = (
    "[8, 5, 4] | elu(2) -> [8, 5, 4]",
    "[8, 5, 4] | leaky_relu(1) -> [8, 5, 4]",
    "[8, 5, 4] | bn(eps=1, momentum=1) -> [8, 5, 4]",
    "[8, 5, 4] | layernorm(eps=1) -> [8, 5, 4]",
    "[8] | layernorm(eps=1) -> [8]",
    "[8, 5, 4] | groupnorm(2, eps=1) -> [8, 5, 4]",
    "[8, 5, 4] | lrn(3, alpha=1, beta=1, k=2) -> [8, 5, 4]",
    "[8, 5, 4] | scale(3) -> [8, 5, 4]",
    "[8, 5, 4] | pad(1, value=1) -> [8, 7, 6]",
    "[8, 5, 4] | dropout(0) -> [8, 5, 4]",
    "[8, 5, 4] | dropout(1) -> [8, 5, 4]",
    "[8, 5, 4] | drop_path(0) -> [8, 5, 4]",
)
"""Whole numbers where PyTorch has floats, which TorchScript tells apart."""

EDGES = (
    "[8, 5, 4] | elu(-1) -> [8, 5, 4]",
    "[8, 5, 4] | leaky_relu(-0.5) -> [8, 5, 4]",
    "[2, 3, 3] | maxpool(4, ceil=true) -> [2, 1, 1]",
    "[2, 5, 5] | avgpool(2, ceil=true) -> [2, 3, 3]",
    "[2, 5, 5] | avgpool(2, pad=1, ceil=true, count_pad=false) -> [2, 3, 3]",
    "[2, 3, 4] | adaptive_avgpool(7) -> [2, 7, 7]",
    "[2, 12, 9] | adaptive_avgpool([4, 3]) -> [2, 4, 3]",
    '[2, 5, 4] | upsample(3, mode="bilinear") -> [2, 15, 12]',
    "[2, 5, 4] | upsample([1, 4]) -> [2, 5, 16]",
    "[3] | pad_channels(5) -> [5]",
    "[8, 5, 5] | conv_transpose(4, [2, 3], stride=[3, 2], dilation=2, pad=1) -> [4, 13, 11]",
)


# --- examples as values ---


@dataclass(frozen=True)
class Example:
    """`inputs | op -> output`, read."""

    text: str
    op: Op
    inputs: tuple[tuple[int, ...], ...]
    output: tuple[int, ...]

    def __str__(self) -> str:
        return self.text

    @property
    def form(self) -> TorchForm:
        return self.op.torch(*self.inputs)

    def value(self, expression: Expression) -> Value:
        """What an expression comes to for this op and these inputs."""

        def value_of(symbol: Symbol) -> Any:
            if not symbol.name.startswith("input."):
                return getattr(self.op, symbol.name)
            _, index, dimension = symbol.name.split(".")
            return self.inputs[int(index)][int(dimension)]

        return evaluate(expression, value_of)

    def written(self, call: TorchCall, everything: bool = False) -> list[str]:
        """The arguments of a call as text; those at their default only on demand."""
        texts = []
        for argument in call.arguments:
            value = self.value(argument.source)
            if everything or argument.default is None or value != argument.default:
                keyword = f"{argument.keyword}=" if argument.keyword else ""
                texts.append(f"{keyword}{value!r}")
        return texts

    def tensors(self, device: str = "cpu") -> list[Tensor]:
        torch.manual_seed(0)
        return [torch.randn(BATCH, *shape, device=device) for shape in self.inputs]


def read(text: str) -> Example:
    """An example from its text; without `-> output` too."""
    inputs, _, rest = text.partition(" | ")
    layer, _, output = rest.partition(" -> ")
    op = made(literal(layer))
    return Example(text, op, literal(f"[{inputs}]"), literal(output) if output else ())


def literal(text: str) -> Any:
    """The value of an expression without names other than that of a call."""
    file, diagnostics = parse(Source("example", f"let it = {text}"))
    assert not diagnostics, text
    (declaration,) = file.declarations
    assert isinstance(declaration, ast.Let)
    return value_of(declaration.value)


def value_of(node: ast.Expression) -> Any:
    match node:
        case ast.Number() | ast.Boolean() | ast.String():
            return node.value
        case ast.Negation():
            return -value_of(node.operand)
        case ast.List():
            return tuple(map(value_of, node.items))
        case ast.Call() if isinstance(node.callee, ast.Name) and node.callee.name in SCHEMES:
            (argument,) = node.arguments
            given = ((SCHEMES[node.callee.name], value_of(argument.value)),)
            return Initializer(node.callee.name, given)
        case ast.Name() | ast.Call():
            return node
    raise AssertionError(node)


def made(node: ast.Name | ast.Call) -> Op:
    """The op that a call makes; the rules for its arguments are those of the language."""
    if isinstance(node, ast.Name):
        return OPS[node.name].make({})
    assert isinstance(node.callee, ast.Name)
    op = OPS[node.callee.name]
    free = iter(op.parameters())
    return op.make(
        {a.name.name if a.name else next(free): value_of(a.value) for a in node.arguments}
    )


EXAMPLES = [read(text) for op in OPS.values() for text in op.examples]
CASES = EXAMPLES + [read(text) for text in (*WHOLE_NUMBERS, *EDGES)]
each = pytest.mark.parametrize("case", CASES, ids=str)
each_join = pytest.mark.parametrize("case", [c for c in CASES if c.form.join], ids=str)
each_layer = pytest.mark.parametrize("case", [c for c in CASES if not c.form.join], ids=str)
each_function = pytest.mark.parametrize("case", [c for c in CASES if c.form.function], ids=str)
each_definition = pytest.mark.parametrize("case", [c for c in CASES if c.form.definition], ids=str)


# --- their forms in PyTorch, as a file ---

HEADER = """\
import torch
import torch.nn.functional as F
from torch import Tensor, nn
"""


def function_class(
    case: Example, name: str, inplace: bool = False, everything: bool = False
) -> str:
    """A module that calls the function form."""
    call = case.form.function
    assert call is not None
    arguments = case.written(call, everything)
    flags = ["training=self.training"] * case.form.training + ["inplace=True"] * inplace
    if call.template:
        body = call.template.format(*arguments, x="x")
    else:
        body = f"{call.callee}({', '.join(['x', *arguments, *flags])})"
    return module_class(name, ["x"], body)


def join_class(case: Example, name: str) -> str:
    """A module that joins its inputs."""
    join = case.form.join
    assert join is not None
    names = list("abc"[: len(case.inputs)])
    closing = join.closing.format(n=len(names))
    return module_class(name, names, join.opening + join.separator.join(names) + closing)


def module_class(name: str, names: Sequence[str], body: str) -> str:
    parameters = ", ".join(f"{each}: Tensor" for each in names)
    return f"class {name}(nn.Module):\n    def forward(self, {parameters}) -> Tensor:\n        return {body}\n"


def forms() -> Iterator[str]:
    """The text of every definition, and of a class for every form in `forward`."""
    yield from dict.fromkeys(case.form.definition for case in CASES if case.form.definition)
    for place, case in enumerate(CASES):
        if case.form.join:
            yield join_class(case, f"Join{place}")
        if case.form.function:
            yield function_class(case, f"Function{place}")
            yield function_class(case, f"Full{place}", everything=True)
        if case.form.function and case.form.inplace:
            yield function_class(case, f"Inplace{place}", inplace=True)


@pytest.fixture(scope="session")
def names(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """A module that holds all forms; TorchScript reads its source, so it is a file."""
    path = tmp_path_factory.mktemp("ops") / "forms_of_ops.py"
    path.write_text("\n\n".join([HEADER, *forms()]), encoding="utf-8")
    module = ModuleType(path.stem)
    module.__file__ = str(path)
    sys.modules[path.stem] = module
    exec(compile(path.read_text(), path, "exec"), module.__dict__)
    return module


def module_of(case: Example, names: ModuleType, *flags: str, everything: bool = False) -> nn.Module:
    """The module form, built as generated code builds it."""
    call = case.form.module
    assert call is not None
    text = f"{call.callee}({', '.join([*case.written(call, everything), *flags])})"
    torch.manual_seed(1)
    return eval(text, dict(names.__dict__))


def class_of(case: Example, names: ModuleType, kind: str = "Function") -> nn.Module:
    """The form that a class of the file has."""
    return getattr(names, f"{kind}{CASES.index(case)}")()


def modules_of(case: Example, names: ModuleType) -> list[nn.Module]:
    """All forms of an op as modules; those in place come last."""
    if case.form.join:
        return [class_of(case, names, "Join")]
    modules = [module_of(case, names)]
    modules += [class_of(case, names)] if case.form.function else []
    modules += [module_of(case, names, "inplace=True")] if case.form.inplace else []
    modules += [class_of(case, names, "Inplace")] if case.form.inplace else []
    return modules


def run(module: nn.Module, case: Example) -> Tensor:
    """The result for always the same inputs, with always the same random numbers."""
    tensors = case.tensors()
    torch.manual_seed(2)
    return module(*tensors)


# --- what every op says is so ---


def test_the_table_is_that_of_the_language() -> None:
    assert OPS.keys() == set(NAMES.split())
    assert {op.family for op in OPS.values()} == set(FAMILIES.split())


@pytest.mark.parametrize("op", OPS.values(), ids=list(OPS))
def test_examples_use_every_parameter(op: type[Op]) -> None:
    examples = [read(text) for text in op.examples]
    assert {type(example.op) for example in examples} == {op}
    for name, default in op.defaults().items():
        assert any(getattr(example.op, name) != default for example in examples), name


@each
def test_shape(case: Example) -> None:
    assert case.op.output(*case.inputs) == case.output
    assert tuple(map(case.value, case.op.sources(*case.inputs))) == case.output


@each
def test_pytorch_agrees(case: Example, names: ModuleType) -> None:
    for module in modules_of(case, names):
        module = module.to("meta").eval()
        with FlopCounterMode(display=False) as counter:
            result = module(*case.tensors("meta"))
        assert tuple(result.shape) == (BATCH, *case.output)
        assert counter.get_total_flops() == 2 * BATCH * case.op.macs(*case.inputs)


@each_layer
def test_state(case: Example, names: ModuleType) -> None:
    module = module_of(case, names)
    trainable = dict(module.named_parameters())
    state = [(k, tuple(v.shape), k in trainable) for k, v in module.state_dict().items()]
    assert state == [(w.name, w.shape, w.trainable) for w in case.op.weights(*case.inputs)]


@each_function
@pytest.mark.parametrize("training", [False, True])
def test_all_forms_are_one_function(case: Example, names: ModuleType, training: bool) -> None:
    first, *others = [run(m.train(training), case) for m in modules_of(case, names)]
    assert all(torch.equal(first, other) for other in others)
    full = class_of(case, names, "Full").train(training)
    assert torch.equal(run(full, case), first)


@each_layer
def test_defaults_are_those_of_pytorch(case: Example, names: ModuleType) -> None:
    call = case.form.module
    assert call is not None
    parameters = inspect.signature(eval(call.callee, dict(names.__dict__))).parameters
    for place, argument in enumerate(call.arguments):
        name = argument.keyword or [*parameters][place]
        if argument.default is not None:
            assert parameters[name].default == argument.default
    positive = getattr(case.op, "slope", getattr(case.op, "alpha", 0)) >= 0
    assert case.form.inplace == ("inplace" in parameters and positive)


@each
def test_scripted_and_traced(case: Example, names: ModuleType) -> None:
    for module in modules_of(case, names):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            scripted = torch.jit.script(module)
        # What torch.nn has is never traced inside, but it may stand for a whole network here.
        network = module if case.form.join else nn.Sequential(module)
        for training in (True, False):
            expected = run(copy.deepcopy(module).train(training), case)
            assert torch.equal(run(copy.deepcopy(scripted).train(training), case), expected)
            traced = fx.symbolic_trace(copy.deepcopy(network).train(training))
            assert torch.equal(run(traced, case), expected)


@each_definition
def test_exported(case: Example, names: ModuleType) -> None:
    module = module_of(case, names).eval()
    exported = torch.export.export(module, tuple(case.tensors())).module()
    torch.testing.assert_close(run(exported, case), run(module, case))


def test_definitions_are_formatted(names: ModuleType) -> None:
    definitions = dict.fromkeys(case.form.definition for case in CASES if case.form.definition)
    text = "\n\n".join([HEADER, *definitions])
    for arguments in (["format", "--check"], ["check", "--extend-select=ANN,D1", "--ignore=D100"]):
        command = [sys.executable, "-m", "ruff", *arguments, "--isolated", "--line-length=100", "-"]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def is_overwritable(module: nn.Module, case: Example) -> bool:
    """Whether a gradient comes through after the result was overwritten."""
    inputs = [tensor.requires_grad_() * 1.0 for tensor in case.tensors()]
    result = module(*inputs)
    if any(result is each for each in inputs):
        return False
    result.mul_(2)
    try:
        result.sum().backward()
    except RuntimeError as error:
        assert "modified by an inplace operation" in str(error)
        return False
    return True


@each
def test_results_that_gradients_need(case: Example, names: ModuleType) -> None:
    free = [is_overwritable(module.train(), case) for module in modules_of(case, names)]
    assert case.form.saves_output != all(free)


READ_WHOLLY = {"maxpool", "global_maxpool", "relu", "relu6", "hardswish", "hardsigmoid", "dropout"}
"""Ops that read their whole window, but of which gradients show a part."""


@each
def test_window(case: Example, names: ModuleType) -> None:
    if len(case.inputs[0]) < 3 or len(case.output) < 3 or len(case.inputs) > 1:
        return
    module = modules_of(case, names)[0].eval()
    window = case.op.window(*case.inputs)
    heights, widths = [range(0, size, max(1, size // 3)) for size in case.output[1:]]
    for row, column in product(heights, widths):
        (image,) = case.tensors()
        image.requires_grad_()
        module(image)[:, :, row, column].square().sum().backward()
        assert image.grad is not None
        found = image.grad.abs().sum((0, 1)) > 0
        rows, columns = (
            reads(window, axis, place, size)
            for axis, (place, size) in enumerate(zip((row, column), case.inputs[0][1:]))
        )
        expected = torch.outer(rows, columns)
        assert not (found & ~expected).any()
        assert case.op.name in READ_WHOLLY or torch.equal(found, expected)


def reads(window: Window, axis: int, place: int, size: int) -> Tensor:
    """Which of the pixels along one axis an output reads, as `Window` says."""
    if window.covers:
        return torch.ones(size, dtype=torch.bool)
    start = place * window.stride[axis] - window.padding[axis]
    over = {start + window.dilation[axis] * step for step in range(window.kernel[axis])}
    return torch.tensor([pixel * window.upscale[axis] in over for pixel in range(size)])


def test_a_window_of_unknown_size_covers_all() -> None:
    assert read("[1, 8, 8] | adaptive_avgpool(4)").op.window() == Window(covers=True)
