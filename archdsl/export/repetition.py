"""Positions repeated to a given size as PyTorch repeats them, to the last of them.

`F.interpolate(x, size=…)` reads at i the position floor(i * scale), with scale = old size / new
size in float32. ONNX's Resize divides by new size / old size instead, and where that is rounded it
reads another position: of 14 enlarged to 32, for example.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode


class Repeated(TorchFunctionMode):
    """While it is entered, positions that are repeated to a size are traced as a selection."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Calls of PyTorch, of which some go to the function below."""
        given = kwargs or {}
        size = given.get("size")
        if func is functional.interpolate and size is not None and given["mode"] == "nearest":
            return _repeated(args[0], size)
        return func(*args, **given)


def _repeated(image: Tensor, size: Sequence[int]) -> Tensor:
    """The image with other sizes behind its channels."""
    for axis, wanted in enumerate(size, 2):
        known = torch.full((1,), image.shape[axis], dtype=torch.float32)
        scale = known / torch.full((1,), wanted, dtype=torch.float32)
        places = (torch.arange(wanted, dtype=torch.float32) * scale).floor().long()
        image = image.index_select(axis, places.clamp(max=image.shape[axis] - 1))
    return image
