"""Loops that change the channels, and have no iterations under some arguments."""

from __future__ import annotations

from archdsl.testing import Spec, agree

GUARDED = """
block first(width, items): [c, h, w] -> [width, _, _] =
    chain(item for item in items) -> [width, _, _]

network small(e=12, wide=true, kernel=3, n=0, d=0, p=0.5, widths=[4, 8]): [4, 8, 8] =
    conv(e if d % 2 == 1 else 8, 3)
    -> first(8 if n % 2 == 1 else e, items=[
        (conv(e, 3) if (p > 0 and d <= 0) or (not wide and wide)),
        repeat(d, conv(8 // n * 4 if n > 0 else 8, 3)),
        channel_shuffle(2), conv(8 if n % 2 == 1 else e, 1)])
    -> block4: first(e, items=[
        conv(e, kernel), repeat(min(d, 2), conv(max(widths), 3)),
        conv(e, 1) -> residual(relu), conv(e, 1)])
"""
"""Where the loop has iterations, the layer before it is left out; the default has the reverse."""


def test_channels_before_a_loop_hold_where_it_has_no_iterations() -> None:
    agree(Spec(GUARDED))
