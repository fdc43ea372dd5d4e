"""Which layers can be arguments in Python; the others are written at the place of their use."""

from __future__ import annotations

from collections.abc import Hashable

from archdsl import tree
from archdsl.backends.torch.calls import is_input_size
from archdsl.backends.torch.families import Families, Family
from archdsl.backends.torch.walk import only
from archdsl.ops import OPS
from archdsl.ops.base import Op
from archdsl.ops.forms import TorchCall, TorchForm
from archdsl.ops.parameters import Initializer
from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import Frame, Term
from archdsl.tree import Instance, LayerValue, shape_of


def is_open(families: Families, family: Family, name: str) -> bool:
    """Whether a layer parameter stays a parameter: its values are several blocks or plain ops."""
    instances = [occurrence.instance for occurrence in family.occurrences]
    values = [(instance, instance.layers.get(name)) for instance in instances]
    known = [value for _, value in values if value is not None]
    kinds = {(kind(v, own.frame), _numbers(v)) for own, v in values if v is not None}
    if len(kinds) < 2 or len(known) < len(values):
        return False
    if not all(can_be_passed(families, value) for value in known):
        return False
    if not all(_is_one_class(families, own, name) for own in instances):
        return False
    return _fits_everywhere(families, family, name) and not _has_several(families, family, name)


def _is_one_class(families: Families, instance: Instance, name: str) -> bool:
    """Whether all that an instance makes of a layer parameter has one class."""
    return len({families.of.get(use) for use in families.uses(instance, name)} - {None}) < 2


def _has_several(families: Families, family: Family, name: str) -> bool:
    """Whether a layer parameter takes or gives several tensors, unlike any layer."""
    used = [use for each in family.occurrences for use in families.uses(each.instance, name)]
    return any(use.results or use.input_names for use in used)


def _numbers(value: LayerValue) -> Hashable:
    """The numbers bound to an op."""
    if not isinstance(value.callee, str):
        return ()
    return tuple([(name, b.value) for name, b in value.bindings.items() if isinstance(b, Term)])


def _fits_everywhere(families: Families, family: Family, name: str) -> bool:
    """Whether an op passed as an argument has the same call and class wherever it is used.

    A normalisation of positions is a different class than one of features only.
    """
    for occurrence in family.occurrences:
        given = occurrence.instance.layers[name]
        for node in families.applications(occurrence.instance, name):
            used = only(node.child)
            if not isinstance(node.value.callee, str) or not isinstance(used, tree.OpNode):
                continue
            if node.value.bindings.keys() != given.bindings.keys():
                # The block binds more arguments itself.
                return False
            module = used.op.torch(*map(shape_of, used.inputs)).module
            if module is None or module.callee != module_of(given).callee:
                return False
    return True


def can_be_passed(families: Families, value: LayerValue) -> bool:
    """Whether a layer can be an argument in Python: a class, possibly with bound arguments."""
    if value.is_identity:
        return True
    if value.callee is None or any(isinstance(b, Initializer) for b in value.bindings.values()):
        return False
    if isinstance(value.callee, tree.Block):
        return value.callee in families.blocks
    op = OPS[value.callee]
    if op.is_open or not op.is_link:
        # Its module depends on what comes in, which is not known here, or is not just called.
        return False
    if set(op.parameters()) - set(op.defaults()) - set(value.bindings):
        return False
    start = op_of(value).starts()
    if start is not None and not start.is_default:
        # The class that creates it would need the initialisation.
        return False
    call = module_of(value)
    sizes = [index for index, each in enumerate(call.arguments) if is_input_size(each)]
    # A `partial` passes its positional arguments before those of the call.
    return not sizes or (
        len(sizes) == 1 and all(each.keyword for each in call.arguments[sizes[0] + 1 :])
    )


def op_of(value: LayerValue) -> Op:
    """An op with its bound arguments."""
    values = {name: b.value for name, b in value.bindings.items() if isinstance(b, Term)}
    return OPS[str(value.callee)].make(values)


def form_of(value: LayerValue) -> TorchForm:
    """The PyTorch form of an op applied to an image."""
    return op_of(value).torch(TensorType((1, 1, 1)))


def module_of(value: LayerValue) -> TorchCall:
    """The module of an op applied to an image."""
    module = form_of(value).module
    assert module is not None
    return module


def kind(value: LayerValue, own: Frame | None = None) -> Hashable:
    """The part of a layer argument that decides structure; numbers do not.

    What it has bound that is a parameter of the frame `own` is the same wherever it is read.
    """
    if value.is_identity:
        return "identity"
    if own is not None and value.origin is not None and value.origin.frame is own:
        return ("parameter", value.origin.name)
    bound = tuple(
        (name, kind(binding, own) if isinstance(binding, LayerValue) else binding.form)
        for name, binding in sorted(value.bindings.items())
        if not isinstance(binding, Term)
    )
    if value.callee is None:
        return (value.site.source.name, value.site.start, value.site.end)
    name = value.callee if isinstance(value.callee, str) else value.callee.order
    return (name, *bound)
