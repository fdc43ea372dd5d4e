"""What drops numbers at random, while models are compared: it drops nothing, and says how it would.

A random number of two models tells nothing. So a dropout multiplies by a number that follows from
its probability and its kind, and two models that drop in other ways differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from archdsl.importing.modules import rows, table

KINDS = ("dropout", "feature_dropout", "alpha_dropout", "feature_alpha_dropout")
"""The functions that drop numbers; those of one, two and three axes drop features."""
RECURRENT = frozenset({"lstm", "gru", "rnn_tanh", "rnn_relu"})
"""Functions that drop what is between their layers, in an order that is their own."""
PATHS = ("StochasticDepth", "DropPath")
"""Classes that drop samples; a stranger's class of such a name is run as it is."""
OTHERS = ("DropBlock2d", "DropBlock3d", "MultiheadAttention")
"""Classes whose rates are compared where they are read."""
ARGUMENTS = ("input", "p", "training", "inplace")
ATTENTION = ("query", "key", "value", "attn_mask", "dropout_p", "is_causal")


class WithoutDropout(TorchFunctionMode):
    """Functions that drop numbers at random pass everything on."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call a function, without what it drops."""
        kwargs, name = kwargs or {}, getattr(func, "__name__", "")
        if name == "scaled_dot_product_attention":
            given = dict(zip(ATTENTION, args, strict=False)) | kwargs
            factor = self.factor(0, given.pop("dropout_p", 0.0))
            return func(**given) if factor == 1 else func(**given) * factor
        if name in RECURRENT:
            return func(*_without_rate(args), **kwargs)
        kind = _kind(name)
        if kind is None:
            return func(*args, **kwargs)
        return self._scaled(kind, name, dict(zip(ARGUMENTS, args, strict=False)) | kwargs)

    def factor(self, kind: int, p: float) -> float:
        """What stands for dropping with a probability."""
        return 1.0

    def _scaled(self, kind: int, name: str, given: Mapping[str, Any]) -> Tensor:
        x: Tensor = given["input"]
        is_on = given.get("training", given.get("train", "alpha" not in name))
        factor = self.factor(kind, given.get("p", 0.5)) if is_on else 1.0
        if factor == 1:
            return x
        is_in_place = given.get("inplace") or name.endswith("_")
        return x.mul_(factor) if is_in_place else x * factor


class DropoutAsFactor(WithoutDropout):
    """Functions that drop numbers at random multiply all by a number for how they drop."""

    def factor(self, kind: int, p: float) -> float:
        """A number near 1, so that results stay of a size."""
        return 1 + p / 2 + kind / 64 if p else 1.0


def _kind(name: str) -> int | None:
    """Which of the kinds a function is; None for any that drops nothing."""
    name = name.rstrip("_")
    if name in ("dropout1d", "dropout2d", "dropout3d"):
        return 1
    return KINDS.index(name) if name in KINDS else None


def _without_rate(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments of a recurrent function, whose only plain number is what it drops."""
    return tuple([0.0 if isinstance(each, float) else each for each in args])


@contextmanager
def with_dropout_as_factor(model: nn.Module, made: nn.Module) -> Iterator[None]:
    """Drop nothing at random in a model and in what a text made, but multiply by how they would.

    Modules that drop with other functions do so by their rates too. PyTorch's attention is as in
    evaluation.
    """
    known = [m for m in model.modules() if rows.is_known(m) or table.is_known(m)]
    known += made.modules()
    rated = [m for m in known if type(m).__name__ in PATHS]
    others = [m for m in known if type(m).__name__ in OTHERS]
    for module in rated:
        object.__setattr__(module, "forward", _scaling(module))
    for module in others:
        object.__setattr__(module, "train", lambda mode=True, m=module: m)
        module.training = False
    try:
        with DropoutAsFactor():
            yield
    finally:
        for module in rated:
            object.__delattr__(module, "forward")
        for module in others:
            object.__delattr__(module, "train")


def _scaling(module: Any) -> Callable[[Tensor], Tensor]:
    """What a module does that drops samples: it multiplies by a number for its rate."""
    p = getattr(module, "p", None) or getattr(module, "drop_prob", None) or 0.0
    factor = 1 + p / 2 + (getattr(module, "mode", "row") == "batch") / 64 if p else 1.0

    def forward(x: Tensor) -> Tensor:
        return x * factor if module.training else x

    return forward
