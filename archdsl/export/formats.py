"""The formats of exports: how each is written, and how users read it."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from io import BytesIO
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from archdsl.export.inputs import Inputs, random_images
from archdsl.export.pools import RoundedDown
from archdsl.export.recurrence import Looped
from archdsl.export.repetition import Repeated

Call: TypeAlias = Callable[[Sequence[Tensor]], Sequence[Tensor]]
"""Runs an exported network: from inputs to results."""

ONNX_MOST = 2**31 - 2**24
"""Maximum bytes of weights in an ONNX file.

Protocol Buffers are limited to 2 GiB, which includes the graph.
"""
TRACED = 2
"""Batch size of the captured example; PyTorch treats a batch of one as a constant."""
LOGGERS = ("torch.onnx", "torch.fx.experimental.symbolic_shapes")
"""Loggers of PyTorch whose messages do not concern users."""


def _onnx(module: nn.Module, inputs: Inputs) -> bytes:
    held = sum(tensor.nbytes for tensor in module.state_dict().values())
    if held > ONNX_MOST:
        raise ValueError(f"its weights take {held / 2**30:.1f} GiB, but a file is limited to 2 GiB")
    with Repeated():
        captured = _program(module, inputs)
    program = torch.onnx.export(
        captured,
        random_images(inputs.example, TRACED),
        dynamo=True,
        verbose=False,
        input_names=[*inputs.shapes],
        output_names=[*inputs.results],
        dynamic_shapes=inputs.names(),
    )
    assert program is not None
    content: bytes = program.model_proto.SerializeToString()
    return content


def _run_onnx(content: bytes) -> Call:
    from onnxruntime import InferenceSession

    session = InferenceSession(content, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]

    def call(tensors: Sequence[Tensor]) -> list[Tensor]:
        arrays = [tensor.numpy() for tensor in tensors]
        results = session.run(None, dict(zip(names, arrays, strict=True)))
        return [*map(torch.from_numpy, results)]

    return call


def _torchscript(module: nn.Module, inputs: Inputs) -> bytes:
    buffer = BytesIO()
    torch.jit.save(torch.jit.script(module), buffer)
    return buffer.getvalue()


def _run_torchscript(content: bytes) -> Call:
    module = torch.jit.load(BytesIO(content))  # type: ignore[no-untyped-call]
    return lambda tensors: results_of(module(*tensors))


def _torch_export(module: nn.Module, inputs: Inputs) -> bytes:
    buffer = BytesIO()
    torch.export.save(_program(module, inputs), buffer)
    return buffer.getvalue()


def _run_torch_export(content: bytes) -> Call:
    module = torch.export.load(BytesIO(content)).module()
    return lambda tensors: results_of(module(*tensors))


def results_of(found: Any) -> list[Tensor]:
    """The results of a network, without heads, which are None in inference."""
    if isinstance(found, Tensor):
        return [found]
    several = found.values() if isinstance(found, dict) else found
    return [each for each in several if each is not None]


FORMS: dict[str, tuple[Callable[[nn.Module, Inputs], bytes], Callable[[bytes], Call]]] = {
    "onnx": (_onnx, _run_onnx),
    "torchscript": (_torchscript, _run_torchscript),
    "torch-export": (_torch_export, _run_torch_export),
}
"""The writer and the reader of each format."""


def _program(module: nn.Module, inputs: Inputs) -> torch.export.ExportedProgram:
    """The module captured by PyTorch, with a dynamic batch and open sizes."""
    example, shapes = random_images(inputs.example, TRACED), inputs.dynamic()
    rounded = RoundedDown() if inputs.least else nullcontext()
    with rounded, Looped(), _results_by_name(module):
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


@contextmanager
def _results_by_name(module: nn.Module) -> Iterator[None]:
    """Let a module give several results as a dictionary, which needs no class of ours to load."""

    def by_name(_: nn.Module, __: object, found: Any) -> Any:
        if isinstance(found, Tensor):
            return found
        return {name: each for name, each in found._asdict().items() if each is not None}

    handle = module.register_forward_hook(by_name)
    try:
        yield
    finally:
        handle.remove()


@contextmanager
def quiet() -> Iterator[None]:
    """Silence the exporters' own messages, mostly deprecation warnings."""
    levels = {logging.getLogger(name): logging.getLogger(name).level for name in LOGGERS}
    for logger in levels:
        logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in levels.items():
            logger.setLevel(level)
