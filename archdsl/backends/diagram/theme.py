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
    "normalization",
    "activation",
    "pooling",
    "regularization",
    "reshape",
    "merge",
)
"""The families of ops, in the order of the legend."""


def _theme(paper: str, ink: str, faint: str, line: str, skip: str, block: str, fills: str) -> Theme:
    return Theme(
        paper, ink, faint, line, skip, block, dict(zip(FAMILIES, fills.split(), strict=True))
    )


# The hues are those of Okabe and Ito (2008), which people tell apart whatever colours they see;
# their lightness falls from family to family, so that they differ in grey as well.
THEMES: Mapping[ThemeName, Theme] = {
    "light": _theme(
        "#ffffff",
        "#1a1a1a",
        "#5c5c5c",
        "#4d4d4d",
        "#c44e00",
        "#ffffff",
        "#8ec5ea #f0a35e #f7ec8f #a6dcc0 #dda3c6 #d9d9d9 #ededed #ffffff",
    ),
    "dark": _theme(
        "#15181c",
        "#f2f2f2",
        "#b0b5bb",
        "#9aa0a6",
        "#ff9a4d",
        "#22272e",
        "#1f5b85 #96500e #6d6412 #1f6a4c #7c3f67 #4a4f55 #363b41 #15181c",
    ),
    "mono": _theme(
        "#ffffff",
        "#000000",
        "#404040",
        "#000000",
        "#000000",
        "#ffffff",
        "#c4c4c4 #a8a8a8 #f5f5f5 #ebebeb #d4d4d4 #e0e0e0 #fafafa #ffffff",
    ),
}
