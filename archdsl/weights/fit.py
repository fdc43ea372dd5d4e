"""Whether a state dict fits a network: every entry, its shape and its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from archdsl.weights.readings import Reading
from archdsl.weights.selection import Selection

COUNTER = "num_batches_tracked"
"""Normalisations count batches since PyTorch 0.4.1: older checkpoints lack the counter, and PyTorch
takes them too."""
Heads = Mapping[str, tuple[str, ...]]
"""The keys of every head that exists only in training, by the name of the head."""


@dataclass(frozen=True)
class Fit:
    """How a reading fits: what is loaded, what keeps its initial values, and what is wrong.

    `faults` say for every key that does not fit what is wrong with it, in the network's order.
    """

    reading: Reading
    values: Mapping[str, Tensor]
    skipped: tuple[str, ...]
    heads: tuple[str, ...]
    faults: tuple[tuple[str, str], ...]
    known: int
    """How many of the checkpoint's keys the network has."""

    @property
    def is_good(self) -> bool:
        """Whether it can be loaded, and loads anything."""
        return not self.faults and (bool(self.values) or not self.reading.entries)


def fit(wanted: Mapping[str, Tensor], reading: Reading, selection: Selection, heads: Heads) -> Fit:
    """Hold a reading against the state dict of a network."""
    given = {key: value for key, value in reading.entries.items() if not selection.skips(key)}
    names = [key for key in wanted if not selection.skips(key)]
    absent = tuple(
        head for head, keys in heads.items() if keys and not any(key in given for key in keys)
    )
    forgiven = {key for head in absent for key in heads[head]}
    values: dict[str, Tensor] = {}
    faults: list[tuple[str, str]] = []
    for key in names:
        if key in given:
            found = _fitted(wanted[key], given[key])
            if isinstance(found, Tensor):
                values[key] = found
            else:
                faults.append((key, found))
        elif key not in forgiven and not _is_counter(key, wanted[key]):
            faults.append((key, "is missing"))
    outside = reading.outside if selection.prefix is None else ()
    outside = tuple(key for key in outside if not selection.skips(key))
    faults += [(key, "is not in the network") for key in _foreign(given, wanted, outside)]
    every = (*wanted, *reading.entries, *reading.outside)
    skipped = tuple(dict.fromkeys(key for key in every if selection.skips(key)))
    known = sum(key in wanted for key in reading.entries)
    left = tuple(head for head in absent if any(key in names for key in heads[head]))
    return Fit(reading, values, skipped, left, tuple(faults), known)


def _foreign(
    given: Mapping[str, object], wanted: Mapping[str, Tensor], outside: tuple[str, ...]
) -> Iterator[str]:
    yield from (key for key in given if key not in wanted)
    yield from outside


def _is_counter(key: str, tensor: Tensor) -> bool:
    return key.rpartition(".")[2] == COUNTER and tensor.dtype == torch.int64


def _fitted(wanted: Tensor, given: object) -> Tensor | str:
    """The numbers of an entry for a tensor of the network, or what is wrong with them."""
    if not isinstance(given, Tensor):
        return f"is a `{type(given).__name__}`, and not a tensor"
    fault = _strange(given)
    if fault:
        return fault
    # Before PyTorch 0.4 there were no tensors without dimensions.
    if not wanted.shape and given.shape == (1,):
        given = given[0]
    if given.shape != wanted.shape:
        return f"is {list(given.shape)} instead of {list(wanted.shape)}"
    return _numbers(wanted, given.detach())


def _strange(given: Tensor) -> str:
    """Why a tensor has no plain numbers; empty where it has."""
    if given.is_quantized:
        return "is quantized: save `dequantize()` of it"
    if given.is_meta:
        return "has no numbers: it was saved from the device `meta`"
    if given.is_nested or given.layout != torch.strided:
        return "is sparse or nested: save `to_dense()` of it"
    return ""


def _numbers(wanted: Tensor, given: Tensor) -> Tensor | str:
    """The numbers in the network's type, where it can hold them."""
    kinds = f"{_kind(given)} instead of {_kind(wanted)}"
    if given.is_complex() or given.dtype == torch.bool:
        return f"is {kinds}"
    if wanted.is_floating_point():
        if not given.is_floating_point():
            return f"is {kinds}: whole numbers are codes of quantized weights"
        converted = given.to(wanted.dtype)
        if given.dtype != wanted.dtype and (given.isfinite() & ~converted.isfinite()).any():
            return f"has numbers that are too large for {_kind(wanted)}"
        return converted
    converted = given.to(wanted.dtype)
    if given.dtype != wanted.dtype and not torch.equal(converted.to(given.dtype), given):
        return f"is {kinds}, and some of its numbers are not whole"
    return converted


def _kind(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
