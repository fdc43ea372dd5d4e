"""Specs of any size, each of another shape; `layers` is about how many layers they have."""

from __future__ import annotations

from collections.abc import Callable

HEAD = "network n: [8, 32, 32] =\n    "


def chain(layers: int) -> str:
    """Layers that are all written out."""
    return HEAD + "\n    -> ".join(["conv(8, 3)", "relu"] * (layers // 2)) + "\n"


def comprehension(layers: int) -> str:
    """Layers of a list, which differ from turn to turn."""
    return f"{HEAD}chain(conv(8 + i % 3, 3) -> relu for i in range({layers // 2}))\n"


def densenet(layers: int) -> str:
    """A dense block: every layer reads what all those before it made."""
    block = "block layer(growth) = concat(identity, bn -> relu -> conv(growth, 3, bias=false))\n"
    return f"{block}{HEAD}chain(layer{{i}}: layer(4) for i in range({layers // 4}))\n"


def wide(layers: int) -> str:
    """A product of many branches."""
    return f"{HEAD}mul({', '.join(['conv(8, 3) -> relu'] * (layers // 2))})\n"


def nested_skips(layers: int) -> str:
    """A U-Net of one size: every skip lies in another."""
    down = [f"a{i}: conv(8, 3)" for i in range(layers // 4)]
    up = [f"add(conv(8, 3), @a{i}) -> relu" for i in reversed(range(layers // 4))]
    return HEAD + "\n    -> ".join([*down, *up]) + "\n"


def labelled_joins(layers: int) -> str:
    """Joins with tensors of all ages, each with a label of its own."""
    joins = [f"a{i}: add(conv(8, 3), @a{i // 2})" for i in range(1, layers // 2)]
    return HEAD + "\n    -> ".join(["a0: conv(8, 3)", *joins]) + "\n"


def blocks(layers: int) -> str:
    """Every block is used once."""
    names = [f"b{i}" for i in range(layers // 2)]
    declared = [f"block {name}(width) = conv(width, 3) -> relu\n" for name in names]
    return "".join(declared) + HEAD + "\n    -> ".join(f"{name}(8)" for name in names) + "\n"


def heads(layers: int) -> str:
    """Many results that exist only in training."""
    head = "(global_avgpool -> flatten -> linear(10))"
    return HEAD + "\n    -> ".join(
        f"c{i}: conv(8, 3) -> relu -> aux(h{i}: {head})" for i in range(layers // 5)
    )


LARGE: dict[str, Callable[[int], str]] = {
    each.__name__: each
    for each in (chain, comprehension, densenet, wide, nested_skips, labelled_joins, blocks, heads)
}
