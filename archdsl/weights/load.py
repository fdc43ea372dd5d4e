"""Loads a checkpoint into a module, or says why it does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn

from archdsl.analysis.state import head_keys
from archdsl.diagnostics import Diagnostic, error
from archdsl.graph import Graph
from archdsl.source import Span, whole_of
from archdsl.weights.file import Unreadable, read
from archdsl.weights.fit import Fit, Heads, fit
from archdsl.weights.readings import readings
from archdsl.weights.report import several, unfit, unmatched, what_was_done
from archdsl.weights.selection import Selection

EVERYTHING = Selection()


def load_network(
    module: nn.Module, path: Path, graph: Graph, selection: Selection = EVERYTHING
) -> list[Diagnostic]:
    """Load a checkpoint into the module of a graph, whose heads for training may be absent."""
    return load_weights(module, path, graph.name, selection, head_keys(graph))


def load_weights(
    module: nn.Module,
    path: Path,
    network: str,
    selection: Selection = EVERYTHING,
    heads: Heads | None = None,
) -> list[Diagnostic]:
    """Load a checkpoint into a module; the errors, or notes on what was read and left out.

    Every entry must fit but those that `selection` skips. Of `heads`, which exist only in training,
    each may be absent as a whole. Nothing is loaded where there is an error.
    """
    try:
        content = read(path)
    except Unreadable as fault:
        return [_unreadable(fault, whole_of(path.name))]
    return load_content(module, content, path.name, network, selection, heads)


def load_content(
    module: nn.Module,
    content: object,
    name: str,
    network: str,
    selection: Selection = EVERYTHING,
    heads: Heads | None = None,
) -> list[Diagnostic]:
    """Load what a checkpoint holds, which messages call `name`, as `load_weights` does."""
    span, wanted = whole_of(name), module.state_dict()
    try:
        found = readings(content, wanted, selection)
    except Unreadable as fault:
        return [_unreadable(fault, span)]
    fits = [fit(wanted, reading, selection, heads or {}) for reading in found]
    chosen = _only(fits)
    if not chosen:
        return several(span, network, _best(fits))
    refused = unmatched(span, wanted, chosen, selection)
    if refused:
        return refused
    if not chosen.is_good:
        return unfit(span, network, chosen, wanted)
    _load(module, wanted, chosen)
    return list(what_was_done(span, chosen, selection))


def _unreadable(fault: Unreadable, span: Span) -> Diagnostic:
    message = f"this is not a checkpoint that can be read: {fault}"
    return error("E0931", message, span, help=fault.help)


def _only(fits: list[Fit]) -> Fit | None:
    """The only one that fits; if none does, the one that comes nearest. None for several."""
    candidates = _best(fits)
    return candidates[0] if len(candidates) == 1 else None


def _best(fits: list[Fit]) -> list[Fit]:
    good = [each for each in fits if each.is_good]
    most = max(each.known for each in fits)
    return good or [each for each in fits if each.known == most]


def _load(module: nn.Module, wanted: Mapping[str, Tensor], chosen: Fit) -> None:
    # What is skipped keeps its values, so that PyTorch can be asked to be strict.
    module.load_state_dict({**wanted, **chosen.values})
