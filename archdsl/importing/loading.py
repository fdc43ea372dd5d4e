"""The module of a text that was imported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn
from torch.overrides import TorchFunctionMode

from archdsl import driver
from archdsl.diagnostics import has_errors
from archdsl.files import finder
from archdsl.importing.refusal import Refusal
from archdsl.runtime import instantiate
from archdsl.shipped import LIBRARY
from archdsl.source import Source


def loaded(text: str, network: str, externs: Sequence[str] = ()) -> nn.Module:
    """The module of a text; raises `Refusal` where it does not compile."""
    source = Source("imported.arch", text)
    code, diagnostics = driver.compile(source, finder(LIBRARY), network)
    if has_errors(diagnostics):
        first = diagnostics[0]
        raise Refusal(
            "E0989", f"the text of the model does not compile: {first.code}, {first.message}"
        )
    with _WithoutBeginnings():
        return instantiate(code, network, externs)


BEGINNINGS = frozenset(
    "uniform_ normal_ trunc_normal_ kaiming_uniform_ kaiming_normal_ xavier_uniform_"
    " xavier_normal_ orthogonal_ constant_ zeros_ ones_ zero_ fill_".split()
)
"""Functions that fill a weight."""


class _WithoutBeginnings(TorchFunctionMode):
    """Weights are made without the numbers they begin with, which others take the place of."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call a function, unless it fills a weight."""
        name = getattr(func, "__name__", "")
        given = args[0] if args else (kwargs or {}).get("tensor")
        if name in BEGINNINGS and isinstance(given, nn.Parameter):
            return given
        return func(*args, **(kwargs or {}))
