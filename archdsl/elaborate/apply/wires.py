"""Wires: tensors that a body made earlier, read by their label."""

from __future__ import annotations

from archdsl import tree
from archdsl.diagnostics import nearest
from archdsl.elaborate.apply.dispatch import Result
from archdsl.elaborate.apply.place import Place, sizes_without, with_breadth
from archdsl.elaborate.tensors import Flow, Tensor, Wires, Written
from archdsl.elaborate.values import Datum, LabelledLayer, Spliced, WireLayer
from archdsl.fixes import Help
from archdsl.provenance import Symbol, Term
from archdsl.resolve.labels import text
from archdsl.syntax import ast
from archdsl.syntax.walk import descendants, once


@once
def wires_of(declaration: ast.BlockDeclaration) -> Wires:
    """The names that the text of a block reads with `@`."""
    labels = [node.label for node in descendants(declaration) if isinstance(node, ast.Wire)]
    whole = frozenset(name for name in map(text, labels) if name is not None)
    starts = [label.parts[0] for label in labels if text(label) is None]
    return Wires(whole, tuple([start if isinstance(start, str) else "" for start in starts]))


def channels_name(parameter: str) -> str:
    """The name of a tensor's channels in the block that receives it."""
    return f"{parameter}_channels"


def remember(layer: LabelledLayer, result: Flow, place: Place) -> None:
    """Let the body that a label was written in read its result by it from now on."""
    written = Written(result, place.keys.path, place.training_only, place.shared)
    layer.labels.written.setdefault(str(layer.label.value), []).append(written)


def wire(layer: WireLayer, entry: Flow, place: Place) -> Result:
    """A tensor read by its label."""
    found = read_wire(layer, place)
    return found, _node(layer, found, layer.part or str(layer.label.value), place)


def _node(layer: WireLayer, found: Tensor, name: str, place: Place) -> tree.Node:
    label = str(layer.label.value)
    if layer.part:
        label = f"{label}.{layer.part}"
    elif _find(layer, place).is_input:
        label = ""
    return tree.WireNode(layer.site, name, label, found.node)


def read_wire(wire: WireLayer, place: Place) -> Tensor:
    """The tensor that a wire names, with its sizes as they are seen now."""
    written = _find(wire, place)
    if written.training_only and not place.training_only:
        message = f"`{wire.label.value}` exists only in training"
        raise place.body.fail("E0409", message, wire.site, help="read it within an `aux(...)`")
    tensor, labels = _part(wire, written.tensor, place), wire.labels
    if tensor.sizes is None:
        return tensor
    closed = labels.frames - labels.open
    return Tensor(tensor.node, sizes_without(closed, tensor.sizes, place.body, wire.site))


def _part(wire: WireLayer, result: Flow, place: Place) -> Tensor:
    """The tensor that a wire reads of what its label names."""
    label = wire.label.value
    if isinstance(result, Tensor):
        if not wire.part or result.sizes is None:
            return result
        message, help = f"`{label}` is a single tensor", f"write `@{label}`"
        raise place.body.fail("E0404", message, wire.site, help=help)
    names = [f"`@{label}.{name}`" for name in result.parts]
    if not wire.part:
        message, help = f"`{label}` is several tensors", f"write {' or '.join(names)}"
        raise place.body.fail("E0412", message, wire.site, help=help)
    if wire.part not in result.parts:
        message, help = f"`{label}` gives no `{wire.part}`", f"it gives {', '.join(names)}"
        raise place.body.fail("E0404", message, wire.site, help=help)
    return result.parts[wire.part]


def _near(text: str, label: str, other: str) -> str:
    """The help to write another label with the same fields; empty for a label without any.

    Of `@donw{i}`, which stands for `@donw2`, and `down2` it is `@down{i}`.
    """
    word, brace, fields = text.removeprefix("@").partition("{")
    filled = label.removeprefix(word)
    if not brace or not other.endswith(filled) or "." in text:
        return ""
    instead = f"@{other.removesuffix(filled)}{brace}{fields}"
    return Help(f"did you mean `{instead}`?", instead)


def _find(wire: WireLayer, place: Place) -> Written:
    """The layer of that label: of several the last in the innermost scope around the wire."""
    label, path = str(wire.label.value), place.keys.path
    known = wire.labels.written.get(label, [])
    if not known:
        message = f"no layer `{label}` has been applied yet"
        help = "a wire reads a layer applied earlier in its body, not one left out by an `if`"
        near = _near(wire.site.text, label, nearest(label, wire.labels.written))
        raise place.body.fail("E0405", message, wire.site, help=near or help)
    if len(known) > 1 and known[0].is_input:
        message = f"`{label}` is an input, and by now the label of a layer too"
        help = f"rename the label, or read the input before it: `@{label} -> given: identity`"
        raise place.body.fail("E0407", message, wire.site, help=help)
    around = [each for each in known if f"{path}.".startswith(f"{each.scope}.") or not each.scope]
    best = max(reversed(around), key=lambda each: len(each.scope)) if around else known[-1]
    _check_sharing(label, best, wire, place)
    if not around and len(known) > 1:
        message = f"`{label}` is the label of several layers"
        raise place.body.fail("E0407", message, wire.site, help="rename one of them")
    return best


def _check_sharing(label: str, written: Written, wire: WireLayer, place: Place) -> None:
    """Refuse a tensor within a shared layer, read from outside: every use has another."""
    if f"{place.keys.path}.".startswith(f"{written.shared}.") or not written.shared:
        return
    message = f"`{label}` is a part of the shared layer `{written.shared.rpartition('.')[2]}`"
    help = "a wire reads its result, or what a layer outside of it gives"
    raise place.body.fail("E0414", message, wire.site, help=help)


def remember_last(layer: LabelledLayer, result: Flow, place: Place) -> None:
    """Let a label stand for the last use of a layer that is shared under it."""
    name, scope = str(layer.label.value), place.keys.path
    known = layer.labels.written.get(name, [])
    layer.labels.written[name] = [each for each in known if each.scope != scope]
    remember(layer, result, place)


def handed(datum: Datum, place: Place) -> Tensor | None:
    """The tensor that an argument hands to a block; None for an argument that is no wire."""
    if isinstance(datum, WireLayer):
        return read_wire(datum, place)
    if isinstance(datum, Spliced) and isinstance(datum.layer, WireLayer):
        return _through(datum.layer, datum.origin, place)
    return None


def _through(wire: WireLayer, origin: Symbol, place: Place) -> Tensor:
    """A tensor that came through a parameter of the body: its channels are named after that."""
    tensor = read_wire(wire, place)
    name = channels_name(origin.name)
    if origin.frame is None or name not in origin.frame.definitions or tensor.sizes is None:
        return tensor
    return with_breadth(tensor, Term(tensor.sizes.breadth.value, Symbol(origin.frame, name)))


def spliced_wire(layer: Spliced, wire: WireLayer, place: Place) -> Result:
    """A wire that came through a parameter, read."""
    found = _through(wire, layer.origin, place)
    return found, _node(wire, found, layer.origin.name, place)
