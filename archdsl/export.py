"""A live module in another form, as bytes, which are read back and held against the module."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from archdsl.diagnostics import Diagnostic, error, first_line
from archdsl.source import whole_of

Shapes: TypeAlias = "Mapping[str, tuple[int, ...]]"
"""The shapes of the inputs of a network by name, without the batch."""
Call: TypeAlias = Callable[[Sequence[Tensor]], Tensor]
"""What is given inputs, and gives the result for them."""

TOLERANCE = 1e-4
"""How large the largest difference may be, measured by the largest result.

Kernels add in another order. In float32 that makes 1e-7 to 1e-5 of the largest result, as much as
the module itself differs from its results in float64; a wrong operator makes more than 1e-2.
"""
ONNX_MOST = 2**31 - 2**24
"""The most bytes of weights in an ONNX file: Protocol Buffers end at 2 GiB, the graph included."""
TRACED = 2
"""The images in an example: PyTorch takes a batch of one for a constant."""
COMPARED = (1, 3)
"""The batches that results are compared for; neither is that of the example."""


@dataclass(frozen=True)
class Exported:
    """A network in another form, and by how much its results differ from those of the module."""

    content: bytes
    absolute: float
    relative: float


def export(
    module: nn.Module, network: str, inputs: Shapes, form: str
) -> tuple[Exported | None, list[Diagnostic]]:
    """A network as `onnx`, `torchscript` or `torch-export`, for batches of any size.

    It is the network of inference. None, with the reason, where the form cannot hold it, or where
    it computes something else than the module.
    """
    write, read = FORMS[form]
    was_training = module.training
    module.eval()
    try:
        with _quiet(), torch.no_grad():
            content = write(module, inputs)
            differences = [_difference(module, read(content), inputs, n) for n in COMPARED]
    except Exception as fault:
        # Exporters raise whatever they stumble over.
        message = f"`{network}` cannot be exported as {form}: {first_line(fault)}"
        return None, [error("E0973", message, whole_of(network))]
    finally:
        module.train(was_training)
    exported = Exported(content, *map(max, zip(*differences, strict=True)))
    refused = _refusal(network, form, exported)
    return (None if refused else exported), refused


def _onnx(module: nn.Module, inputs: Shapes) -> bytes:
    held = sum(tensor.nbytes for tensor in module.state_dict().values())
    if held > ONNX_MOST:
        raise ValueError(f"its weights take {held / 2**30:.1f} GiB, and one file holds 2 GiB")
    program = torch.onnx.export(
        _program(module, inputs),
        _random(inputs, TRACED),
        dynamo=True,
        verbose=False,
        input_names=[*inputs],
        output_names=["output"],
        dynamic_shapes=_open_batch(inputs, "batch"),
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


def _torchscript(module: nn.Module, inputs: Shapes) -> bytes:
    buffer = BytesIO()
    torch.jit.save(torch.jit.script(module), buffer)
    return buffer.getvalue()


def _run_torchscript(content: bytes) -> Call:
    module = torch.jit.load(BytesIO(content))  # type: ignore[no-untyped-call]
    return lambda tensors: module(*tensors)


def _torch_export(module: nn.Module, inputs: Shapes) -> bytes:
    buffer = BytesIO()
    torch.export.save(_program(module, inputs), buffer)
    return buffer.getvalue()


def _run_torch_export(content: bytes) -> Call:
    module = torch.export.load(BytesIO(content)).module()
    return lambda tensors: module(*tensors)


FORMS: dict[str, tuple[Callable[[nn.Module, Shapes], bytes], Callable[[bytes], Call]]] = {
    "onnx": (_onnx, _run_onnx),
    "torchscript": (_torchscript, _run_torchscript),
    "torch-export": (_torch_export, _run_torch_export),
}
"""What writes each form, and what makes such bytes run."""


def _program(module: nn.Module, inputs: Shapes) -> torch.export.ExportedProgram:
    """The module as PyTorch captures it, with an open batch."""
    shapes = _open_batch(inputs, torch.export.Dim("batch"))
    program = torch.export.export(module, _random(inputs, TRACED), dynamic_shapes=shapes)
    for node in program.graph.nodes:
        # It names the files of this machine.
        node.meta.pop("stack_trace", None)
    return program


def _open_batch(inputs: Shapes, name: Any) -> tuple[dict[int, Any], ...]:
    return tuple({0: name} for _ in inputs)


def _random(inputs: Shapes, batch: int) -> tuple[Tensor, ...]:
    """Random images, the same in every run."""
    generator = torch.Generator().manual_seed(batch)
    return tuple(torch.randn(batch, *shape, generator=generator) for shape in inputs.values())


def _difference(module: nn.Module, call: Call, inputs: Shapes, batch: int) -> tuple[float, float]:
    """The largest difference of two results, and that measured by the largest result."""
    expected, found = module(*_random(inputs, batch)), call(_random(inputs, batch))
    if found.shape != expected.shape:
        message = f"its result is {list(found.shape)} instead of {list(expected.shape)}"
        raise ValueError(message)
    absolute = (found - expected).abs().max().item()
    largest = expected.abs().max().item()
    return absolute, absolute / largest if largest else absolute


def _refusal(network: str, form: str, exported: Exported) -> list[Diagnostic]:
    """An error where the results differ; a difference that is no number counts as one."""
    if exported.relative <= TOLERANCE:
        return []
    message = (
        f"`{network}` as {form} differs from the module by {exported.absolute:.2g},"
        f" {exported.relative:.2g} of the largest result; {TOLERANCE:.0e} are allowed"
    )
    return [error("E0974", message, whole_of(network))]


@contextmanager
def _quiet() -> Iterator[None]:
    """What exporters say of themselves, their own deprecation above all, is not the user's."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
