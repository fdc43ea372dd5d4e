"""Colours: one for every family of ops, told apart by all eyes, on paper and in grey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

ThemeName: TypeAlias = Literal["light", "dark", "mono"]


@dataclass(frozen=True)
class Theme:
    """The colours of a picture; `fills` are those of boxes, by the family of their op."""

    paper: str
    ink: str
    faint: str
    line: str
    skip: str
    block: str
    fills: Mapping[str, str]


FAMILIES = (
    "convolution",
    "linear",
    "attention",
    "recurrent",
    "normalization",
    "activation",
    "pooling",
    "regularization",
    "reshape",
    "merge",
    "foreign",
)
"""The families of ops, in the order of the legend."""


def _theme(paper: str, ink: str, faint: str, line: str, skip: str, block: str, fills: str) -> Theme:
    return Theme(
        paper, ink, faint, line, skip, block, dict(zip(FAMILIES, fills.split(), strict=True))
    )


# The hues are those of Okabe and Ito (2008), which people tell apart whatever colours they see.
# The lightness (CIE L*) of families lies in steps of about 4, of 2 around those that came last, so
# that they differ in grey as well, and within a range on which grey letters are read; where there
# is nothing but grey, letters are darker, steps are 5 and more, and families that often stand side
# by side lie two of them apart.
# `test_theme.py` holds all that.
THEMES: Mapping[ThemeName, Theme] = {
    "light": _theme(
        "#ffffff",
        "#1a1a1a",
        "#404040",
        "#4d4d4d",
        "#c44e00",
        "#ffffff",
        "#95ccf1 #eb9e5a #b1acfe #d1be91 #f6eb8e #a6dcc0 #e3a9cc #dbdbdb #f3f3f3 #ffffff #d3f8c8",
    ),
    "dark": _theme(
        "#15181c",
        "#f2f2f2",
        "#d5d9de",
        "#9aa0a6",
        "#ff9a4d",
        "#22272e",
        "#0f486c #83450c #35005a #561d00 #685f19 #14573d #5e294c #303439 #272b31 #15181c #370336",
    ),
    "mono": _theme(
        "#ffffff",
        "#000000",
        "#050505",
        "#000000",
        "#000000",
        "#ffffff",
        "#d0d0d0 #939393 #858585 #777777 #a2a2a2 #efefef #b1b1b1 #c0c0c0 #dfdfdf #ffffff #777777",
    ),
}
