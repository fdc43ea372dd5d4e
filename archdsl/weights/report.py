"""What there is to say about a checkpoint: what does not fit, and what was loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from torch import Tensor

from archdsl.diagnostics import Diagnostic, error, nearest, note
from archdsl.source import Span
from archdsl.weights.fit import Fit
from archdsl.weights.readings import listed, shown
from archdsl.weights.selection import Selection

MOST_LAYERS = 8
"""Maximum number of layers that are named one by one; further ones are counted."""
MOST_ENTRIES = 4
"""Maximum number of faulty entries of a layer that are named."""


def unfit(span: Span, network: str, found: Fit, wanted: Mapping[str, Tensor]) -> list[Diagnostic]:
    """Errors for what does not fit: one for every layer, the last with a way to go on."""
    if not found.reading.entries:
        return [error("E0932", f"it has no weights, and {network} needs {len(wanted)}", span)]
    if not found.faults:
        message = f"nothing of it would be loaded into {network}"
        return [error("E0932", message, span, help="skip fewer layers")]
    if not found.known and wanted:
        message = f"none of its keys is in {network}"
        given, asked = listed([*found.reading.entries], 3), listed([*wanted], 3)
        help = "give `--prefix` where all keys have one more name in front"
        return [error("E0932", message, span, expected=asked, found=given, help=help)]
    layers = _by_layer(found.faults)
    how = f" ({found.reading.how})" if found.reading.how else ""
    texts = [f"{_where(layer, network)}: {_some(faults)}" for layer, faults in layers.items()]
    if len(texts) > MOST_LAYERS + 1:
        rest = len(texts) - MOST_LAYERS
        texts = [*texts[:MOST_LAYERS], f"{rest} further layers of {network} do not fit"]
    helps = [""] * (len(texts) - 1) + [_way_on(found, layers)]
    return [
        error("E0932", f"{text}{how}", span, help=help)
        for text, help in zip(texts, helps, strict=True)
    ]


def several(span: Span, network: str, fits: Sequence[Fit]) -> list[Diagnostic]:
    """An error where several readings are equally good."""
    if not any(each.known for each in fits):
        return unfit(span, network, fits[0], {"": Tensor()})
    keys = [each.reading.key for each in fits]
    verb = "fit" if fits[0].is_good else "could be meant"
    names = listed([key or "the file itself" for key in keys])
    message = f"several state dicts in it {verb}: {names}"
    named = next((key for key in keys if key), "")
    help = f"choose one, as with `--key {shown(named)}` (`key=` in Python)"
    return [error("E0932", message, span, help=help)]


def unmatched(
    span: Span, wanted: Mapping[str, Tensor], found: Fit, selection: Selection
) -> list[Diagnostic]:
    """An error for every pattern that skips nothing: it would be a slip of the pen."""
    keys = [*wanted, *found.reading.entries, *found.reading.outside]
    layers = {key.rpartition(".")[0] for key in keys} - {""}
    idle = [p for p in selection.skip if not any(Selection((p,)).skips(key) for key in keys)]
    return [
        error("E0933", f"`--skip {shown(p)}` matches no weights", span, help=_meant(p, layers))
        for p in idle
    ]


def what_was_done(span: Span, found: Fit, selection: Selection) -> Iterator[Diagnostic]:
    """Notes on how the file was read, and on what keeps its initial values."""
    reading = found.reading
    if (reading.key and selection.key is None) or (reading.prefix and selection.prefix is None):
        yield note("N0931", f"read: {reading.how}", span)
    if reading.outside:
        names = listed(reading.outside)
        message = f"not read: {names}, which do not begin with `{shown(reading.prefix)}`"
        yield note("N0931", message, span)
    if found.skipped:
        yield note("N0932", f"skipped, with initial values: {listed(found.skipped)}", span)
    if found.heads:
        plural = "s" * (len(found.heads) > 1)
        message = (
            f"no weights for head{plural} {listed(found.heads)}, used only in training:"
            f" initial values are kept"
        )
        yield note("N0932", message, span)


def _by_layer(faults: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    layers: dict[str, list[str]] = {}
    for key, fault in faults:
        layer, _, name = key.rpartition(".")
        layers.setdefault(layer, []).append(f"`{shown(name)}` {fault}")
    return layers


def _where(layer: str, network: str) -> str:
    return f"layer `{shown(layer)}` of {network}" if layer else network


def _some(faults: Sequence[str]) -> str:
    more = len(faults) - MOST_ENTRIES
    return ", ".join(faults[:MOST_ENTRIES]) + (f", and {more} more" if more > 0 else "")


def _way_on(found: Fit, layers: Mapping[str, object]) -> str:
    """How to go on all the same."""
    if found.reading.outside:
        prefix = shown(found.reading.prefix)
        return f"`--prefix {prefix}` takes only the keys that begin with it (`prefix=` in Python)"
    layer = next(iter(layers))
    pattern = f"{shown(layer)}.*" if layer else shown(found.faults[0][0])
    return f"`--skip '{pattern}'` leaves it out (`skip=` in Python): it keeps its initial values"


def _meant(pattern: str, layers: set[str]) -> str:
    near = nearest(pattern.removesuffix(".*"), layers)
    if near:
        return f"did you mean `{near}.*`?"
    return "patterns are as in `fc.*`, for all weights of the layer `fc`"
