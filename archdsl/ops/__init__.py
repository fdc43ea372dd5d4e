"""Every operator of the language, one class each, by family."""

from archdsl.ops import (  # noqa: F401 - a family that is imported has its classes in OPS
    activation,
    attention,
    conv,
    enlarge,
    learned,
    linear,
    merge,
    norm,
    pool,
    positions,
    rearrange,
    recurrent,
    regularize,
    reshape,
    resize,
    rotary,
    statistics,
    std_conv,
    tokens,
    window_bias,
)
from archdsl.ops.base import OPS

__all__ = ["OPS"]
