"""A small spec, for tests that do not depend on the spec."""

from __future__ import annotations

SPEC = """\
## A small network.

block body(width): [c, h, w] -> [width, h, w] =
    conv1: conv(width, 3) -> bn1: bn -> relu -> conv2: conv(width, 3)

network small(classes=10, width=8): [3, 32, 32] -> [classes] =
    first: body(width) -> second: body(2 * width) -> global_avgpool -> flatten
    -> fc: linear(classes)

network tall(classes=5): [1, 8 * h, w] -> [8, _, _] =
    stem: conv(8, 3) -> aux(head: conv(classes, 1))

assert small.params == 4_018
"""
PARAMS = 224 + 16 + 584 + 1168 + 32 + 2320 + 170
