"""Export of a live module, as bytes, which are read back and compared with the module."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from archdsl.diagnostics import Diagnostic, error, first_line
from archdsl.ops.base import Shape
from archdsl.shapes import Symbolic, evaluate
from archdsl.source import whole_of

Shapes: TypeAlias = "Mapping[str, tuple[int, ...]]"
"""Input shapes of a network by name, without the batch."""
Sizes: TypeAlias = "Mapping[int, Any]"
"""The dynamic dimensions of an input, the batch included, as PyTorch is told of them."""
Call: TypeAlias = Callable[[Sequence[Tensor]], Tensor]
"""Runs an exported network: from inputs to the output."""

TOLERANCE = 1e-4
"""The largest allowed difference, relative to the largest result.

Kernels add in different orders. In float32 this makes 1e-7 to 1e-5 of the largest result, as much
as the module itself differs from its results in float64; a wrong operator makes more than 1e-2.
"""
ONNX_MOST = 2**31 - 2**24
"""Maximum bytes of weights in an ONNX file.

Protocol Buffers are limited to 2 GiB, which includes the graph.
"""
BATCH = "batch"
"""The name of the number of images."""
TRACED = 2
"""Batch size of the captured example; PyTorch treats a batch of one as a constant."""
COMPARED = (1, 3)
"""Batch sizes for which results are compared; the example has another one."""
BEYOND = 4, 3
"""By how much the first and the second open size of the example exceed their least values."""
COMPARED_BEYOND = ((0, 0), (1, 0), (0, 1), (3, 2), (2, 5))
"""The same for the sizes at which results are compared."""


@dataclass(frozen=True)
class Exported:
    """An exported network, and the difference between its results and the module's."""

    content: bytes
    absolute: float
    relative: float


@dataclass(frozen=True)
class Inputs:
    """The shapes of a network's inputs, and the least value of every symbol in them.

    A symbol must keep every tensor at least 2 wide: PyTorch treats 1 as a constant.
    """

    shapes: Mapping[str, Shape]
    least: Mapping[str, int] = field(default_factory=dict)
    is_proved: bool = True
    """Whether PyTorch must prove that a traced program works for all sizes."""

    def at(self, beyond: tuple[int, int] = BEYOND) -> Shapes:
        """The shapes in numbers, with symbols so much beyond their least values."""
        values = {
            name: least + beyond[number % 2] + number // 2
            for number, (name, least) in enumerate(self.least.items())
        }
        return {
            name: tuple(evaluate(size, values) for size in shape.sizes)
            for name, shape in self.shapes.items()
        }

    @property
    def compared(self) -> Iterator[tuple[int, Shapes]]:
        """The batch sizes and shapes for which results are compared."""
        beyond: tuple[tuple[int, int], ...]
        beyond = COMPARED_BEYOND if self.least else COMPARED_BEYOND[:1] * 2
        if not self.is_proved:
            # Remainders of powers of 2 decide what strides round up.
            beyond += tuple((number, (5 * number) % 16) for number in range(4, 20))
        for number, each in enumerate(beyond):
            yield COMPARED[number % 2], self.at(each)

    def dynamic(self) -> tuple[Sizes, ...]:
        """For every input, its open dimensions."""
        batch = torch.export.Dim("images" if BATCH in self.least else BATCH)
        symbols = {name: torch.export.Dim(name, min=least) for name, least in self.least.items()}
        return tuple(
            {0: batch}
            | {
                number: _dimension(size, symbols[size.symbol])
                for number, size in enumerate(shape.sizes, 1)
                if isinstance(size, Symbolic)
            }
            for shape in self.shapes.values()
        )

    def names(self) -> tuple[dict[int, str], ...]:
        """The names of the open dimensions."""
        return tuple(
            {number: str(size.__name__) for number, size in sizes.items()}
            for sizes in self.dynamic()
        )


def _dimension(size: Symbolic, dimension: Any) -> Any:
    """A size of an input in terms of PyTorch's dimension; raises `ValueError`."""
    rise = size.function.rise
    first, second, third = (evaluate(size, {size.symbol: value}) for value in (0, 1, 2))
    if second - first != rise or third - second != rise:
        raise ValueError(f"PyTorch cannot keep the size {size} open")
    dimension = dimension if rise == 1 else rise * dimension
    return dimension + first if first else dimension


def export(
    module: nn.Module, network: str, inputs: Inputs, form: str
) -> tuple[Exported | None, list[Diagnostic]]:
    """Export a network as `onnx`, `torchscript` or `torch-export`, for batches of any size.

    The network is in inference mode. Returns None, with the reason, if the format cannot hold it or
    if its results differ from the module's.
    """
    write, read = FORMS[form]
    was_training = module.training
    module.eval()
    try:
        with _quiet(), torch.no_grad():
            content, inputs = _written(write, module, inputs)
            call = read(content)
            differences = [_difference(module, call, *each) for each in inputs.compared]
    except Exception as fault:
        # Exporters raise many types of errors.
        message = f"`{network}` cannot be exported as {form}: {first_line(fault)}"
        fixed = ",".join(f"{name}=224" for name in inputs.least)
        help = f"for one size, give it as in `--at {fixed}`" if fixed else ""
        return None, [error("E0973", message, whole_of(network), help=help)]
    finally:
        module.train(was_training)
    exported = Exported(content, *map(max, zip(*differences, strict=True)))
    refused = _refusal(network, form, exported)
    return (None if refused else exported), refused


def _written(
    write: Callable[[nn.Module, Inputs], bytes], module: nn.Module, inputs: Inputs
) -> tuple[bytes, Inputs]:
    """An exported network; if PyTorch cannot prove that it works for all sizes, unproved."""
    try:
        return write(module, inputs), inputs
    except Exception:
        # It gives up on pools that round up, for example; then more sizes are compared.
        if not inputs.least:
            raise
    inputs = replace(inputs, is_proved=False)
    return write(module, inputs), inputs


def _onnx(module: nn.Module, inputs: Inputs) -> bytes:
    held = sum(tensor.nbytes for tensor in module.state_dict().values())
    if held > ONNX_MOST:
        raise ValueError(f"its weights take {held / 2**30:.1f} GiB, but a file is limited to 2 GiB")
    program = torch.onnx.export(
        _program(module, inputs),
        _random(inputs.at(), TRACED),
        dynamo=True,
        verbose=False,
        input_names=[*inputs.shapes],
        output_names=["output"],
        dynamic_shapes=inputs.names(),
    )
    assert program is not None
    content: bytes = program.model_proto.SerializeToString()
    return content


def _run_onnx(content: bytes) -> Call:
    from onnxruntime import InferenceSession

    session = InferenceSession(content, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]

    def call(tensors: Sequence[Tensor]) -> Tensor:
        arrays = [tensor.numpy() for tensor in tensors]
        (result,) = session.run(None, dict(zip(names, arrays, strict=True)))
        return torch.from_numpy(result)

    return call


def _torchscript(module: nn.Module, inputs: Inputs) -> bytes:
    buffer = BytesIO()
    torch.jit.save(torch.jit.script(module), buffer)
    return buffer.getvalue()


def _run_torchscript(content: bytes) -> Call:
    module = torch.jit.load(BytesIO(content))  # type: ignore[no-untyped-call]
    return lambda tensors: module(*tensors)


def _torch_export(module: nn.Module, inputs: Inputs) -> bytes:
    buffer = BytesIO()
    torch.export.save(_program(module, inputs), buffer)
    return buffer.getvalue()


def _run_torch_export(content: bytes) -> Call:
    module = torch.export.load(BytesIO(content)).module()
    return lambda tensors: module(*tensors)


FORMS: dict[str, tuple[Callable[[nn.Module, Inputs], bytes], Callable[[bytes], Call]]] = {
    "onnx": (_onnx, _run_onnx),
    "torchscript": (_torchscript, _run_torchscript),
    "torch-export": (_torch_export, _run_torch_export),
}
"""The writer and the reader of each format."""


def _program(module: nn.Module, inputs: Inputs) -> torch.export.ExportedProgram:
    """The module captured by PyTorch, with a dynamic batch and open sizes."""
    example, shapes = _random(inputs.at(), TRACED), inputs.dynamic()
    program = torch.export.export(
        module,
        example,
        dynamic_shapes=shapes,
        prefer_deferred_runtime_asserts_over_guards=not inputs.is_proved,
    )
    for node in program.graph.nodes:
        # Stack traces contain paths of this machine.
        node.meta.pop("stack_trace", None)
    return program


def _random(inputs: Shapes, batch: int) -> tuple[Tensor, ...]:
    """Random images, the same in every run."""
    generator = torch.Generator().manual_seed(batch)
    return tuple(torch.randn(batch, *shape, generator=generator) for shape in inputs.values())


def _difference(module: nn.Module, call: Call, batch: int, inputs: Shapes) -> tuple[float, float]:
    """The largest absolute difference between two results, and its ratio to the largest result."""
    expected, found = module(*_random(inputs, batch)), call(_random(inputs, batch))
    if found.shape != expected.shape:
        message = f"its result is {list(found.shape)} instead of {list(expected.shape)}"
        raise ValueError(message)
    absolute = (found - expected).abs().max().item()
    largest = expected.abs().max().item()
    return absolute, absolute / largest if largest else absolute


def _refusal(network: str, form: str, exported: Exported) -> list[Diagnostic]:
    """An error if the results differ, or if the difference is not a number."""
    if exported.relative <= TOLERANCE:
        return []
    message = (
        f"`{network}` as {form} differs from the module by {exported.absolute:.2g},"
        f" {exported.relative:.2g} of the largest result; {TOLERANCE:.0e} is allowed"
    )
    return [error("E0974", message, whole_of(network))]


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the exporters' own messages, mostly deprecation warnings."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
