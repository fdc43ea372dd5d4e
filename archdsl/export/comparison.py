"""Exports that were compared with the module they come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from archdsl.diagnostics import Diagnostic, error, first_line
from archdsl.export.formats import FORMS, Call, quiet, results_of
from archdsl.export.inputs import Inputs, Shapes, random_images
from archdsl.source import whole_of

TOLERANCE = 1e-4
"""The largest allowed difference, relative to the largest result.

Kernels add in different orders. In float32 this makes 1e-7 to 1e-5 of the largest result, as much
as the module itself differs from its results in float64; a wrong operator makes more than 1e-2.
"""


@dataclass(frozen=True)
class Exported:
    """An exported network, and the difference between its results and the module's.

    `spread` is the largest difference between results for several images, as a part of the largest
    result.
    """

    content: bytes
    absolute: float
    relative: float
    spread: float

    @property
    def says_little(self) -> bool:
        """Whether images hardly matter to the results, so that wrong ones would look right."""
        return self.spread <= TOLERANCE


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
        with quiet(), torch.no_grad():
            content, inputs = _written(write, module, inputs)
            call = read(content)
            differences = [_difference(module, call, *each) for each in inputs.compared]
    except Exception as fault:
        # Exporters raise many types of errors.
        message = f"`{network}` cannot be exported as {form}: {first_line(fault)}"
        fixed = ",".join(f"{name}={value}" for name, value in inputs.usual.items())
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
        # It gives up on some joins; then more sizes are compared.
        if not inputs.least:
            raise
    inputs = replace(inputs, is_proved=False)
    return write(module, inputs), inputs


def _difference(
    module: nn.Module, call: Call, batch: int, inputs: Shapes
) -> tuple[float, float, float]:
    """The largest difference between results, and its ratio to the largest; and the spread.

    Of several results the one counts that differs most, and the one that images matter to least.
    """
    expected = results_of(module(*random_images(inputs, batch)))
    found = call(random_images(inputs, batch))
    each = [_differences(*pair) for pair in zip(expected, found, strict=True)]
    absolute, relative, spread = zip(*each, strict=True)
    return max(absolute), max(relative), min(spread)


def _differences(expected: Tensor, found: Tensor) -> tuple[float, float, float]:
    if found.shape != expected.shape:
        message = f"its result is {list(found.shape)} instead of {list(expected.shape)}"
        raise ValueError(message)
    absolute = (found - expected).abs().max().item()
    largest = expected.abs().max().item()
    spread = (expected - expected[:1]).abs().max().item()
    unit = largest or 1.0
    return absolute, absolute / unit, spread / unit


def _refusal(network: str, form: str, exported: Exported) -> list[Diagnostic]:
    """An error if the results differ, or if the difference is not a number."""
    if exported.relative <= TOLERANCE:
        return []
    message = (
        f"`{network}` as {form} differs from the module by {exported.absolute:.2g},"
        f" {exported.relative:.2g} of the largest result; {TOLERANCE:.0e} is allowed"
    )
    return [error("E0974", message, whole_of(network))]
