"""Which function applies which kind of layer."""

from __future__ import annotations

from collections.abc import Mapping

from archdsl.elaborate import values
from archdsl.elaborate.apply import blocks, chains, labels, loops, shares, wires
from archdsl.elaborate.scope import Applier

APPLIERS: Mapping[type, Applier] = {
    values.Applicable: blocks.unlabelled,
    values.ChainLayer: chains.chain,
    values.BundleLayer: chains.bundle,
    values.Station: chains.station,
    values.AuxLayer: chains.aux,
    values.Spliced: chains.spliced,
    values.Broken: chains.broken,
    values.LabelledLayer: labels.named,
    values.SharedLayer: shares.use,
    values.SharingLayer: shares.sharing,
    values.TiedLayer: shares.tied,
    values.WireLayer: wires.wire,
    values.RepeatLayer: loops.repeat,
    values.LoopLayer: loops.loop,
    values.ConditionalLayer: loops.condition,
}
