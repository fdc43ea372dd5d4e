"""Random valid specs.

Sizes are unknown while a spec is written, so all channels are multiples of four: then 2 and 4
divide every size, and two tensors fit if the same text gave them their channels and the same layers
their positions. All tensors of a spec have as many axes. Every spec lists its kinds of constructs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from hypothesis import strategies as st

from archdsl.testing.spec import Spec
from archdsl.testing.specs import (
    absent,
    bundles,
    foreign,
    functions,
    layers,
    layouts,
    learned,
    loops,
    merges,
    rebound,
    shares,
    wires,
)
from archdsl.testing.specs.arguments import call, calls_in_a_row
from archdsl.testing.specs.blocks import block
from archdsl.testing.specs.body import SpecBlock, Spoken, reads
from archdsl.testing.specs.chains import NESTED, OUTERMOST, PLAIN
from archdsl.testing.specs.chance import Chance, Drawn, Seeded
from archdsl.testing.specs.kinds import KINDS
from archdsl.testing.specs.networks import defaults, network

__all__ = ["KINDS", "seeded", "specs", "written"]

PLAIN += [layers.convolution, layers.convolution, layers.pointwise, layers.pointwise]
PLAIN += [layers.depthwise, layers.pool, layers.cut, layers.odd_identity, merges.optional]
PLAIN += [layouts.turned, merges.gate, merges.let, wires.label, wires.wire, wires.handed]
PLAIN += [learned.gain, learned.parameter, foreign.mixed]
NESTED += [merges.total, merges.concatenation, merges.single, merges.condition, merges.condition]
NESTED += [merges.group, merges.one_layer, merges.named, loops.loop, loops.loop, call, call]
NESTED += [
    shares.shared,
    bundles.bundle,
    bundles.looped,
    foreign.blend,
    absent.absent,
    functions.function,
]
NESTED += [functions.parts, functions.inside, rebound.rebound]
OUTERMOST += [
    layers.halve,
    layers.halve,
    layers.station,
    wires.deep_wire,
    merges.head,
    call,
    call,
    loops.loop,
]
OUTERMOST += [merges.group, wires.wire, wires.taps, wires.deep_wire]
OUTERMOST += [loops.shrinking, calls_in_a_row, calls_in_a_row, shares.shared, bundles.shared]

AXES = (2, 2, 2, 2, 1, 3)
BLOCKS = ("first", "second", "third")
NETWORKS = ("small", "large")


def written(chance: Chance) -> Spec:
    """A spec of up to three blocks, and one or two networks that use them."""
    spoken, head = Spoken(chance.pick(AXES)), defaults(chance)
    blocks: list[SpecBlock] = []
    for name in BLOCKS[: chance.number(0, len(BLOCKS))]:
        blocks.append(block(chance, spoken, name, blocks))
    names = NETWORKS[: chance.pick([1, 1, 2])]
    networks = [network(chance, spoken, name, blocks) for name in names]
    kinds = set().union(*[found for _, found in networks])
    kinds |= {"several networks"} if len(networks) > 1 else set()
    kinds |= {"default", "initialiser"} if head else set()
    texts = [text for text, _ in networks]
    for each in reversed(blocks):
        if reads("\n".join(texts), each.name):
            texts.insert(0, each.text)
            kinds |= each.kinds
    texts = [*_read_by(texts, spoken.blocks), *texts]
    externs = frozenset([foreign.MODULE] if "extern" in kinds else [])
    return Spec("\n".join([head, *texts] if head else texts), Path(), frozenset(kinds), externs)


def _read_by(texts: Sequence[str], blocks: Sequence[str]) -> list[str]:
    """The blocks that some texts call."""
    return [each for each in blocks if reads("\n".join(texts), re.split("[ (:]", each)[1])]


def seeded(seed: int) -> Spec:
    """The random spec of a seed: the same on every machine."""
    return written(Seeded(seed))


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    """Random specs drawn, and shrunk on failure, by hypothesis."""
    return written(Drawn(draw))
