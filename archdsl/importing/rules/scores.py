"""What is done to the products of queries and keys before values are weighted by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archdsl.importing.arranging import Held
from archdsl.importing.functions import arguments_of
from archdsl.importing.tensors import Tensors
from archdsl.importing.trace import Node, Value


def of_scores(tensors: Tensors, node: Node) -> list[Held] | None:
    """What is done to scores before values are weighted by them; None for anything else."""
    if len(node.inputs) == 2:
        masked = _masked(tensors, node)
        return _with_bias(tensors, node) if masked is None else masked
    (value,) = node.inputs if len(node.inputs) == 1 else (None,)
    if value is None or value not in tensors.scores:
        return None
    scores = tensors.scores[value]
    is_plain = not scores.is_soft and scores.bias is None
    numbers = [each for each in node.args if isinstance(each, int | float)]
    dim = node.kwargs.get("dim", numbers[0] if numbers else None)
    last = len(value.shape) - 1
    match node.name.rstrip("_").strip("_").lower():
        case "mul" | "rmul" | "imul" if len(numbers) == 1 and is_plain:
            found = replace(scores, scale=scores.scale * numbers[0])
        case "div" | "truediv" | "itruediv" if len(numbers) == 1 and is_plain:
            found = replace(scores, scale=scores.scale / numbers[0])
        case "softmax" if _dimension(node, dim) in (-1, last) and not scores.is_turned:
            found = replace(scores, is_soft=True)
        case "transpose" if scores.bias is None and _turns(numbers, last):
            found = replace(scores, is_turned=not scores.is_turned)
        case "dropout" if scores.is_soft:
            found = replace(scores, dropout=_rate(node))
        case "to" | "type_as" | "contiguous" | "float" | "identity":
            found = scores
        case _:
            return None
    tensors.scores[node.results[0]] = found
    return []


def _masked(tensors: Tensors, node: Node) -> list[Held] | None:
    """Scores of which some are left out by a mask of fixed numbers: that of a causal attention.

    None where there is no such mask.
    """
    value, mask = sorted(node.inputs, key=lambda each: each not in tensors.scores)
    scores = tensors.scores.get(value)
    is_fill = node.name.rstrip("_") == "masked_fill" and _is_low(node)
    is_sum = node.name.strip("_") in ("add", "radd", "iadd") and "alpha" not in node.kwargs
    if scores is None or scores.is_soft or scores.is_turned or scores.bias is not None:
        return None
    is_square = mask.shape[-2:] == value.shape[-2:] == (value.shape[-1],) * 2
    is_same = all(size == 1 for size in mask.shape[:-2])
    if not (is_fill or is_sum) or not is_square or not is_same or not _is_of_numbers(mask):
        return None
    tensors.scores[node.results[0]] = replace(scores, is_masked=True)
    return []


LOW = -1e4
"""Numbers below it are none to a softmax, if others are not."""


def _is_low(node: Node) -> bool:
    number = [*node.args, *node.kwargs.values()][-1]
    return isinstance(number, int | float) and number <= LOW


def _is_of_numbers(value: Value) -> bool:
    """Whether a tensor is made of fixed numbers and buffers alone."""
    node = value.node
    if node.kind == "function":
        return all(map(_is_of_numbers, node.inputs))
    return node.kind == "constant" or (node.kind == "weight" and not value.is_learned)


def _turns(dims: Sequence[float], last: int) -> bool:
    """Whether the last two dimensions change places."""
    return {int(each) % (last + 1) for each in dims} == {last, last - 1}


def _with_bias(tensors: Tensors, node: Node) -> list[Held] | None:
    """Scores to which a number for every head, query and key is added."""
    several = [value for value in node.inputs if value in tensors.scores]
    others = [value for value in node.inputs if value not in tensors.scores]
    is_sum = node.name.strip("_") in ("add", "radd", "iadd") and "alpha" not in node.kwargs
    if len(several) != 1 or len(others) != 1 or not is_sum:
        return None
    scores = tensors.scores[several[0]]
    if scores.is_soft or scores.is_turned or scores.bias is not None:
        return None
    tensors.scores[node.results[0]] = replace(scores, bias=tensors.held(others[0]))
    return []


def _dimension(node: Node, dim: object) -> object:
    return getattr(node.module, "dim", None) if node.module is not None else dim


def _rate(node: Node) -> float:
    if node.module is not None:
        return float(node.module.p)  # type: ignore[arg-type]
    given = arguments_of(node)
    return float(given.get("p", 0.5)) if given.get("training", True) else 0.0
