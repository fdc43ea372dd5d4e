"""Every operator of the language, one class each, by family."""

from archdsl.ops import (  # noqa: F401 - a family that is imported has its classes in OPS
    activation,
    attend,
    conv,
    conv_transpose,
    enlarge,
    gain,
    learned,
    linear,
    matmul,
    merge,
    multihead,
    norm,
    pad,
    pool,
    positions,
    rearrange,
    recurrent,
    regularize,
    reshape,
    resize,
    rmsnorm,
    rotary,
    statistics,
    std_conv,
    tokens,
    window_attention_v2,
    window_bias,
)
from archdsl.ops.base import OPS

__all__ = ["OPS"]
