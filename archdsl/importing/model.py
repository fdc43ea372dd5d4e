"""All steps of an import, from a model to a proved text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor, nn

from archdsl.diagnostics import first_line
from archdsl.importing.blocks import Merging
from archdsl.importing.building import BATCH, Settings
from archdsl.importing.copies import copied
from archdsl.importing.counted import bounds
from archdsl.importing.declarations import Spec
from archdsl.importing.flows import with_common_names
from archdsl.importing.inlining import with_inlined_calls
from archdsl.importing.keys import require_keys
from archdsl.importing.lists import with_joined_lists
from archdsl.importing.loading import loaded
from archdsl.importing.naming import is_free, snake
from archdsl.importing.nested import tensors_in
from archdsl.importing.proof import Proved, proved
from archdsl.importing.refusal import Refusal, is_our_own
from archdsl.importing.resolve import is_leaf, resolved
from archdsl.importing.running import recorded
from archdsl.importing.specs import first_that_holds, spec_of, written
from archdsl.importing.steadiness import (
    require_no_hooks,
    require_steady,
    require_training,
    without_python_randomness,
)
from archdsl.importing.steps import Port, Scope
from archdsl.importing.trace import Frame
from archdsl.importing.unread import without_unread_results
from archdsl.ops.base import Shape
from archdsl.ops.tensor_type import TensorType


@dataclass(frozen=True)
class Imported:
    """The text of a model, and what was compared."""

    text: str
    network: str
    proof: Proved
    externs: Sequence[str] = ()
    """The names of those that are `extern`s."""


def import_model(
    model: nn.Module,
    inputs: Sequence[Tensor],
    name: str = "",
    origin: str = "",
    settings: Settings = MappingProxyType({}),
    has_weights: bool = False,
    is_partial: bool = False,
) -> Imported:
    """The text of a model, proved on inputs of the sizes of some; raises `Refusal`.

    The model is copied first, and stays as it is. `origin` says where it came from, and
    `settings` what the constructors of its modules were given. Its own weights count where it
    `has_weights` that are more than a beginning. Where it `is_partial`, a module that the language
    has no ops for becomes an `extern`.
    """
    require_steady(model)
    inputs = _of_two_samples(inputs)
    model = _copied(model)
    state = {key: value.clone() for key, value in model.state_dict().items()}
    network = _network_name(model, name)
    draft = drafted(model, inputs, network, origin, settings, is_partial)

    def held(merging: Merging) -> Imported:
        # Training has changed what batch normalisation remembers.
        restore(model, state)
        return _proved(model, draft, draft.spec(merging), inputs, has_weights)

    return first_that_holds(held)


def _proved(
    model: nn.Module, draft: Draft, spec: Spec, inputs: Sequence[Tensor], has_weights: bool
) -> Imported:
    text = written(spec)
    packages = sorted({each.package for each in spec.externs()})
    try:
        proof = proved(model, text, spec.name, inputs, [*draft.heads], has_weights, packages)
    except (RuntimeError, ValueError, TypeError) as fault:
        if is_our_own(fault):
            raise
        # What a model does in other batches, or in double precision, is its own.
        message = f"the model and its text cannot be compared: {first_line(fault)}"
        raise Refusal("E0989", message) from fault
    return Imported(text, spec.name, proof, [*spec.externs().values()])


def shaped(
    model: nn.Module,
    inputs: Sequence[Tensor],
    name: str = "",
    settings: Settings = MappingProxyType({}),
) -> str:
    """The text of a model without numbers, on the meta device; raises `Refusal`.

    Only keys and shapes can be compared then, so it is no proof.
    """
    network = _network_name(model, name)
    draft = drafted(model, inputs, network, "", settings, compared=SHAPED)

    def held(merging: Merging) -> str:
        spec = draft.spec(merging)
        text = written(spec)
        require_keys(model, loaded(text, spec.name))
        return text

    return first_that_holds(held)


def _network_name(model: nn.Module, given: str) -> str:
    """The name given for a network, or that of its class; words of the language are none."""
    name = given if given and is_free(given) else snake(given or type(model).__name__)
    return name if is_free(name) else f"{name}_network"


def _of_two_samples(inputs: Sequence[Tensor]) -> list[Tensor]:
    """A batch of two: with one sample, its size looks as any size of 1; more take more time."""
    for place, each in enumerate(inputs, 1):
        if each.dim() < 2:
            message = (
                f"input {place} has the sizes {list(each.shape)}: samples alone, without sizes"
            )
            raise Refusal("E0985", message)
    return [each[torch.arange(BATCH) % each.shape[0]] for each in inputs]


def restore(model: nn.Module, state: dict[str, Tensor]) -> None:
    """Give a model the numbers of a state, whatever its own loading would do with them."""
    for key, value in model.state_dict().items():
        value.copy_(state[key])


def _copied(model: nn.Module) -> nn.Module:
    try:
        return copied(model)
    except Exception as fault:
        for path, module in model.named_modules():
            require_no_hooks(module, path)
        raise Refusal("E0985", f"the model cannot be copied: {first_line(fault)}") from fault


@dataclass(frozen=True)
class Draft:
    """What a text says of a model, before blocks are found."""

    scope: Scope
    heads: dict[str, Port]
    """The results that exist in training only."""
    network: str
    docs: list[str]

    def spec(self, merging: Merging = "variants") -> Spec:
        """The spec of the model, not yet proved."""
        return spec_of(self.scope, self.heads, self.network, self.docs, merging)


PROVED = (
    "and proved equal to it: keys, shapes,",
    "results in evaluation and in training, and gradients.",
)
SHAPED = ("without numbers: only keys and shapes are known to be", "equal.")
"""What a text says of how it was compared with the model, behind the name of that."""


def drafted(
    model: nn.Module,
    inputs: Sequence[Tensor],
    network: str,
    origin: str,
    settings: Settings = MappingProxyType({}),
    is_partial: bool = False,
    compared: Sequence[str] = PROVED,
) -> Draft:
    """What a model computes, in ops of the language; raises `Refusal`.

    `compared` is what the text says of how it was compared with the model.
    """
    frame = _recorded(model, inputs, settings, is_partial)
    types = [_type(x, below) for x, below in zip(inputs, bounds(frame), strict=True)]
    scope = resolved(frame, types, settings if is_partial else None)
    without_unread_results(scope)
    with_common_names(scope)
    with_inlined_calls(scope)
    heads = _heads(model, inputs, scope)
    docs = [f"Imported from `{origin or type(model).__name__}` {compared[0]}", *compared[1:]]
    return Draft(scope, heads, network, docs)


def _recorded(
    model: nn.Module, inputs: Sequence[Tensor], settings: Settings, is_partial: bool
) -> Frame:
    model.train()
    require_training(model)
    try:
        given = [each.clone() for each in inputs]
        with torch.no_grad(), without_python_randomness():
            frame = recorded(model, is_leaf, given, settings, is_partial)
    except Refusal:
        raise
    except Exception as fault:
        if is_our_own(fault):
            raise
        raise Refusal("E0986", f"the model does not run: {first_line(fault)}") from fault
    if not frame.results:
        raise Refusal("E0988", f"{frame.title} gives no tensor")
    with_joined_lists(frame)
    return frame


def _type(tensor: Tensor, below: int | None) -> Shape:
    return TensorType(tuple(tensor.shape[1:]), below=below)


def _heads(model: nn.Module, inputs: Sequence[Tensor], scope: Scope) -> dict[str, Port]:
    """The results that the model gives in training only: all but the first."""
    if len(scope.results) == 1:
        return {}
    with torch.no_grad():
        count = len(tensors_in(model.eval()(*[each.clone() for each in inputs])))
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
