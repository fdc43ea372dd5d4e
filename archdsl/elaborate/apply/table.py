"""Which function applies which kind of layer."""

from __future__ import annotations

from collections.abc import Mapping

from archdsl.elaborate import values
from archdsl.elaborate.apply import blocks, chains, labels, loops, wires
from archdsl.elaborate.scope import Applier

APPLIERS: Mapping[type, Applier] = {
    values.Applicable: blocks.unlabelled,
    values.Chain: chains.chain,
    values.Station: chains.station,
    values.Aux: chains.aux,
    values.Spliced: chains.spliced,
    values.Broken: chains.broken,
    values.Labelled: labels.named,
    values.Wire: wires.wire,
    values.Repeat: loops.repeat,
    values.Loop: loops.loop,
    values.Condition: loops.condition,
}
