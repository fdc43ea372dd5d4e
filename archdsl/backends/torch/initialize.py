"""How weights start, where the spec says so: one function that `apply` calls on every module."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archdsl.backends.torch.classes import ClassText
from archdsl.backends.torch.families import Families, Family, root
from archdsl.backends.torch.layout import Block, layout
from archdsl.backends.torch.printer import value_text
from archdsl.graph import Graph
from archdsl.ops.base import Op
from archdsl.ops.parameters import Initializer

KINDS = {"conv": "nn.Conv2d", "conv_transpose": "nn.ConvTranspose2d", "linear": "nn.Linear"}
"""The ops whose start can be chosen, with their modules."""


@dataclass(frozen=True)
class Start:
    """How the weight and the bias of a kind of module start."""

    weight: Initializer
    bias: float | None


def starts(graph: Graph) -> dict[str, set[Start]]:
    """For every kind of module the ways in which a network's modules start."""
    found: dict[str, set[Start]] = {}
    for node in graph:
        if node.op is not None and node.op.name in KINDS:
            found.setdefault(KINDS[node.op.name], set()).add(_start(node.op))
    return found


def _start(op: Op) -> Start:
    weight: Initializer = op.init  # type: ignore[attr-defined]
    bias = op.bias_init if op.bias and weight.scheme != "default" else None  # type: ignore[attr-defined]
    return Start(weight, bias)


def is_default(found: dict[str, set[Start]]) -> bool:
    """Whether all modules start as PyTorch starts them."""
    return all(start.weight.scheme == "default" for some in found.values() for start in some)


def is_uniform(found: dict[str, set[Start]]) -> bool:
    """Whether all modules of one kind start in one way (with or without a bias)."""
    for some in found.values():
        biases = {start.bias for start in some} - {None}
        if len({start.weight for start in some}) > 1 or len(biases) > 1:
            return False
    return True


def combined(networks: Iterable[dict[str, set[Start]]]) -> dict[str, set[Start]]:
    """The starts of several networks together."""
    result: dict[str, set[Start]] = {}
    for found in networks:
        for kind, some in found.items():
            result.setdefault(kind, set()).update(some)
    return result


def apply_starts(
    families: Families, classes: dict[Family, ClassText], graphs: Sequence[Graph]
) -> None:
    """Have every network start as its spec says, by one function where one will do."""
    by_class: dict[Family, dict[str, set[Start]]] = {}
    for graph in graphs:
        assert graph.tree is not None
        family = families.of[root(graph.tree)]
        by_class[family] = combined([by_class.get(family, {}), starts(graph)])
    chosen = {family: found for family, found in by_class.items() if not is_default(found)}
    together = combined(chosen.values())
    for family, found in chosen.items():
        text = classes[family]
        name = "_init_weights" if is_uniform(together) else f"_init_{family.block.name}_weights"
        body = function_body(together if is_uniform(together) else found)
        text.constructor.append(f"self.apply({name})")
        lines = layout([f"def {name}(module: nn.Module) -> None:", body])
        text.definitions[name] = "\n".join(lines)


def function_body(found: dict[str, set[Start]]) -> Block:
    """The statements of `_init_weights(module)`."""
    statements: list[str | Block] = []
    for kind, some in found.items():
        weight = next(iter(some)).weight
        if weight.scheme == "default":
            continue
        block: list[str | Block] = [_weight_call(weight)]
        biases = {start.bias for start in some}
        if values := sorted(value for value in biases if value is not None):
            block += _bias(values[0], always=None not in biases)
        word = "elif" if statements else "if"
        statements += [f"{word} isinstance(module, {kind}):", block]
    return statements


def _weight_call(weight: Initializer, tensor: str = "module.weight") -> str:
    arguments = [tensor]
    given = dict(weight.arguments)
    if weight.scheme == "trunc_normal":
        limit = given.pop("limit", 2)
        given |= {"a": -limit, "b": limit}  # type: ignore[operator]
    if "fan" in given:
        given = {"mode": f"fan_{given.pop('fan')}", **given, "nonlinearity": "relu"}
    arguments += [f"{name}={value_text(value)}" for name, value in given.items()]
    return f"nn.init.{weight.scheme}_({', '.join(arguments)})"


def _bias(value: float, always: bool) -> list[str | Block]:
    call = "zeros_(module.bias)" if value == 0 else f"constant_(module.bias, {value_text(value)})"
    return [f"nn.init.{call}"] if always else ["if module.bias is not None:", [f"nn.init.{call}"]]
