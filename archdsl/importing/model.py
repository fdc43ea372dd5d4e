"""All steps of an import, from a model to a proved text."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor, nn

from archdsl.diagnostics import first_line
from archdsl.importing.building import Settings
from archdsl.importing.lists import with_joined_lists
from archdsl.importing.naming import is_free, snake
from archdsl.importing.printing import Spec
from archdsl.importing.proof import Proved, proved, tensors_of
from archdsl.importing.recording import recorded
from archdsl.importing.refusal import Refusal
from archdsl.importing.resolve import is_leaf, resolved
from archdsl.importing.steps import Port, Scope
from archdsl.importing.trace import Frame
from archdsl.importing.writing import spec_of, text_of
from archdsl.ops.base import Shape
from archdsl.ops.tensor_type import TensorType


@dataclass(frozen=True)
class Imported:
    """The text of a model, and what was compared."""

    text: str
    network: str
    proof: Proved


def import_model(
    model: nn.Module,
    inputs: Sequence[Tensor],
    name: str = "",
    origin: str = "",
    settings: Settings = MappingProxyType({}),
    has_weights: bool = False,
) -> Imported:
    """The text of a model, proved on inputs of the sizes of some; raises `Refusal`.

    The model is copied first, and stays as it is. `origin` says where it came from, and
    `settings` what the constructors of its modules were given. Its own weights count where it
    `has_weights` that are more than a beginning.
    """
    model = _copied(model)
    state = {key: value.clone() for key, value in model.state_dict().items()}
    network = name if name and is_free(name) else snake(name or type(model).__name__)
    spec, heads = drafted(model, inputs, network, origin, settings)
    text = text_of(spec)
    # Training has changed what batch normalisation remembers.
    restore(model, state)
    proof = proved(model, text, spec.name, inputs, heads, has_weights)
    return Imported(text, spec.name, proof)


def restore(model: nn.Module, state: dict[str, Tensor]) -> None:
    """Give a model the numbers of a state, whatever its own loading would do with them."""
    for key, value in model.state_dict().items():
        value.copy_(state[key])


def _copied(model: nn.Module) -> nn.Module:
    try:
        return copy.deepcopy(model)
    except Exception as fault:
        raise Refusal("E0985", f"the model cannot be copied: {first_line(fault)}") from fault


def drafted(
    model: nn.Module,
    inputs: Sequence[Tensor],
    network: str,
    origin: str,
    settings: Settings = MappingProxyType({}),
) -> tuple[Spec, list[str]]:
    """A text for a model, not yet proved, with the names of heads that exist in training only."""
    frame = _recorded(model, inputs, settings)
    scope = resolved(frame, [_type(each) for each in inputs])
    heads = _heads(model, inputs, scope)
    docs = [
        f"Imported from `{origin or type(model).__name__}` and proved equal to it: keys, shapes,"
    ]
    docs += ["results in evaluation and in training, and gradients."]
    return spec_of(scope, heads, network, docs), [*heads]


def _recorded(model: nn.Module, inputs: Sequence[Tensor], settings: Settings) -> Frame:
    model.train()
    try:
        given = [each.clone() for each in inputs]
        with torch.no_grad():
            frame = recorded(model, is_leaf, given, settings)
        if not all(map(torch.equal, given, inputs)):
            raise Refusal("E0988", "the model writes to its input")
    except Refusal:
        raise
    except Exception as fault:
        raise Refusal("E0986", f"the model does not run: {first_line(fault)}") from fault
    with_joined_lists(frame)
    return frame


def _type(tensor: Tensor) -> Shape:
    return TensorType(tuple(tensor.shape[1:]))


def _heads(model: nn.Module, inputs: Sequence[Tensor], scope: Scope) -> dict[str, Port]:
    """The results that the model gives in training only: all but the first."""
    if len(scope.results) == 1:
        return {}
    with torch.no_grad():
        count = len(tensors_of(model.eval()(*[each.clone() for each in inputs])))
    if count == len(scope.results):
        return {}
    if count != 1:
        raise Refusal(
            "E0988",
            f"in evaluation the model gives {count} results, in training {len(scope.results)}",
        )
    further = scope.results[1:]
    del scope.results[1:]
    names = scope.names[1:] or [f"head{place}" for place in range(len(further))]
    return {_head_name(scope, port, name): port for port, name in zip(further, names, strict=True)}


def _head_name(scope: Scope, port: Port, name: str) -> str:
    """What a head is called: as its module is."""
    path = scope.relative(port.step.path)
    return path if path and "." not in path else name
