"""Classes of others in the new text: a declaration for every size that they are used on."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.importing.foreign import Extern
from archdsl.importing.refusal import Refusal
from archdsl.ops.base import Shape
from archdsl.ops.foreign import Foreign
from archdsl.rewriting.network import Node
from archdsl.shapes import Dim, Symbolic, symbol


def extern_of(node: Node, op: Foreign, inputs: Sequence[Shape]) -> Extern:
    """The declaration of a class for a layer that is one; raises `Refusal` (E0998).

    A signature gives names to sizes, not to what they are computed from: `h // 2` becomes a name,
    and a result that is half of it has none.
    """
    sizes = [size for shape in inputs for size in shape.sizes if isinstance(size, Symbolic)]
    plain = {size.symbol for size in sizes if str(size) == size.symbol}
    others = dict.fromkeys(size for size in sizes if str(size) != size.symbol)
    names: dict[Dim, Dim] = {size: symbol(f"size{n}") for n, size in enumerate(others, 1)}

    def named(size: Dim) -> Dim:
        if isinstance(size, int) or size in names:
            return names.get(size, size)
        if isinstance(size, Symbolic) and size.symbol in plain:
            return size
        message = f"no declaration computes the size {size} of `{node.path}` from what comes in"
        raise Refusal("E0998", message)

    weights = op.known_params(*inputs)
    types = tuple([shape.map(named) for shape in inputs])
    return Extern(op.declared.path, op.given(*inputs), types, node.shape.map(named), weights)
