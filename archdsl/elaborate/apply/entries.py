"""What comes into a block: one tensor, or several by name, as its signature says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from archdsl.elaborate.apply.place import Place
from archdsl.elaborate.apply.signatures import Matched, bind, forget, verify_entry
from archdsl.elaborate.apply.wires import channels_name
from archdsl.elaborate.report import Failure
from archdsl.elaborate.scope import Scope
from archdsl.elaborate.tensors import Flow, Several, Tensor, parts_of
from archdsl.elaborate.values import Applicable, BlockCallee
from archdsl.source import Span
from archdsl.syntax import ast


def by_name(entry: Flow, names: Sequence[str], layer: Applicable, place: Place) -> Several:
    """What comes into a block, in the order of its inputs; raises `Failure` for other names."""
    if isinstance(entry, Several):
        if entry.parts.keys() != {*names}:
            raise _other_names(entry, names, layer, place)
        return Several({name: entry.parts[name] for name in names}, are_inputs=True)
    if entry.sizes is not None and len(names) > 1:
        message = f"`{layer.callee.name}` takes several tensors, and one comes in"
        each = ", ".join(f"{name}: …" for name in names)
        help = f"write `({each}) -> {layer.callee.name}`"
        raise place.body.fail("E0412", message, layer.site, help=help)
    return Several(dict.fromkeys(names, entry), are_inputs=True)


def _other_names(entry: Several, names: Sequence[str], layer: Applicable, place: Place) -> Failure:
    expected, found = (", ".join(f"`{name}`" for name in each) for each in (names, entry.parts))
    message = f"`{layer.callee.name}` takes other tensors than come in here"
    help = "the names of a bundle must be those of the inputs"
    return place.body.fail("E0412", message, layer.site, expected=expected, found=found, help=help)


@dataclass
class Entry:
    """The sizes at the entry of a block, each input matched with its part of the signature."""

    callee: BlockCallee
    scope: Scope
    site: Span
    matched: dict[str, Matched] = field(default_factory=dict)

    def bind(self, given: Flow) -> None:
        """Give the names of the signature to what comes in."""
        parameters = set(self.callee.parameters)
        for name, tensor in parts_of(given).items():
            pattern = self._pattern(name)
            if tensor.sizes is None:
                forget(pattern, self.scope)
                continue
            channels = channels_name(name) if name else ""
            self.matched[name] = bind(
                pattern, tensor.sizes, self.scope, parameters, self.site, channels
            )

    def verified(self, given: Flow) -> Flow:
        """What comes in as the body sees it, once its parameters have their values."""
        seen = {name: self._verified(name, each) for name, each in parts_of(given).items()}
        return Several(seen, are_inputs=True) if isinstance(given, Several) else seen[""]

    def _verified(self, name: str, tensor: Tensor) -> Tensor:
        if tensor.sizes is None:
            return tensor
        pattern, matched = self._pattern(name), self.matched[name]
        sizes = verify_entry(matched, pattern, tensor.sizes, self.scope, self.site)
        return Tensor(tensor.node, sizes)

    def _pattern(self, name: str) -> ast.Input | None:
        signature = self.callee.declaration.signature
        inputs = signature.inputs if signature else ()
        return next((each for each in inputs if not name or _is_named(each, name)), None)


def _is_named(pattern: ast.Input, name: str) -> bool:
    return pattern.name is not None and pattern.name.name == name
