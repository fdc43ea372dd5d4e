"""Colours: read by all eyes, on paper and in grey."""

from __future__ import annotations

from itertools import combinations

import pytest

from archdsl.outline.theme import FAMILIES, THEMES, Theme

Color = tuple[float, float, float]

CONTRAST = 4.5
"""What WCAG 2.1 (success criterion 1.4.3) wants of text, at least."""
GREY = 1.8
"""So much lightness (CIE L*) lies between any two families, where 1 is just noticeable.

Ten families share a range that ends where letters are no longer read, so more than 3 is not to be
had; a family is named in its boxes as well.
"""
COLORS = 5.0
"""So far apart (CIE 1976, in L*a*b*) two fills are, where 2.3 is just noticeable."""

# Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency" (IEEE TVCG 15:6, 2009), table 1, severity 1.0; they apply to linear RGB.
EYES: dict[str, tuple[Color, Color, Color]] = {
    "all colours": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}

APART = {("pooling", "recurrent"), ("recurrent", "foreign")}
"""Families that have one grey, because they hardly ever stand in one picture."""

each_theme = pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))


def linear(color: str) -> Color:
    """The light of a colour of sRGB."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return red, green, blue


def luminance(color: Color) -> float:
    """How bright a light is, from 0 to 1."""
    return 0.2126 * color[0] + 0.7152 * color[1] + 0.0722 * color[2]


def contrast(one: str, other: str) -> float:
    """The ratio of two colours as WCAG defines it."""
    bright, dark = sorted([luminance(linear(one)), luminance(linear(other))], reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def lab(light: Color) -> Color:
    """L*, a* and b* of a light, against the white of sRGB."""
    rows = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    x, y, z = (sum(p * c for p, c in zip(row, light, strict=True)) / sum(row) for row in rows)
    f = [t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z)]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def seen(color: str, eye: str) -> Color:
    """What an eye sees of a colour, in L*, a* and b*."""
    light = linear(color)
    parts = (sum(p * c for p, c in zip(row, light, strict=True)) for row in EYES[eye])
    red, green, blue = (min(1.0, max(0.0, part)) for part in parts)
    return lab((red, green, blue))


def has_hue(color: str) -> bool:
    """Whether a colour is no grey."""
    _, a, b = lab(linear(color))
    return a * a + b * b > 100


def distance(one: Color, other: Color) -> float:
    """How different two colours look."""
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5


@each_theme
def test_all_families_have_a_fill(theme: Theme) -> None:
    assert list(theme.fills) == list(FAMILIES)


@each_theme
def test_text_is_read_on_every_fill_and_on_paper(theme: Theme) -> None:
    for fill in [theme.paper, theme.block, *theme.fills.values()]:
        assert contrast(theme.ink, fill) >= CONTRAST, fill
        assert contrast(theme.faint, fill) >= CONTRAST, fill
    # The symbols of folded skips stand on paper.
    assert contrast(theme.skip, theme.paper) >= CONTRAST


@each_theme
def test_lines_are_seen_on_paper(theme: Theme) -> None:
    """WCAG 2.1 (1.4.11) wants 3 of what is no text."""
    assert contrast(theme.line, theme.paper) >= 3


@each_theme
def test_families_differ_in_grey(theme: Theme) -> None:
    lightness = {name: lab(linear(fill))[0] for name, fill in theme.fills.items()}
    for one, other in {*combinations(lightness, 2)} - APART:
        assert abs(lightness[one] - lightness[other]) >= GREY, (one, other)


def test_in_grey_alone_steps_are_wider_and_families_of_one_picture_two_apart() -> None:
    lightness = {name: lab(linear(fill))[0] for name, fill in THEMES["mono"].fills.items()}
    pairs = {*combinations(lightness, 2)} - APART
    assert min(abs(lightness[one] - lightness[other]) for one, other in pairs) >= 5
    usual = [lightness[name] for name in ("convolution", "activation", "pooling", "linear")]
    assert min(abs(a - b) for a, b in combinations(usual, 2)) >= 10


@pytest.mark.parametrize("eye", EYES)
@each_theme
def test_hues_differ_for_all_eyes(theme: Theme, eye: str) -> None:
    """Two greys differ in lightness alone."""
    for one, other in combinations(theme.fills.values(), 2):
        if has_hue(one) or has_hue(other):
            assert distance(seen(one, eye), seen(other, eye)) >= COLORS, (one, other)
