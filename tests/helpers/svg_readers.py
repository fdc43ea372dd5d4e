"""Programs that draw an SVG, on a machine that has one font, or none."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from PIL import Image

WIDE, EVEN_WIDER = "DejaVuSans", "DejaVuSansMono"
"""Fonts that are wider than ours."""
SCALE = 2
"""How many pixels a reader makes of one CSS pixel, of which there are 96 in an inch."""
CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


def environment(folder: Path, font: str) -> dict[str, str]:
    """The environment of a program that finds no font but one, whose files matplotlib brings."""
    spec = importlib.util.find_spec("matplotlib")
    if spec is None or spec.origin is None:
        pytest.skip("there is no matplotlib, which has the fonts")
    fonts = folder / "fonts"
    fonts.mkdir(parents=True)
    for weight in ("", "-Bold"):
        source = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / f"{font}{weight}.ttf"
        shutil.copy(source, fonts)
    configuration = folder / "fonts.conf"
    names = {"fonts": escape(str(fonts)), "cache": escape(str(folder / "cache"))}
    configuration.write_text(CONFIGURATION.format(**names), encoding="utf-8")
    home = {"FONTCONFIG_FILE": str(configuration), "HOME": str(folder)}
    return {**os.environ, **home, "XDG_CONFIG_HOME": str(folder), "XDG_CACHE_HOME": str(folder)}


def by_rsvg(svg: bytes, folder: Path, font: str) -> Image.Image:
    """What librsvg draws: what GNOME, Wikipedia and many converters show."""
    program = found("rsvg-convert")
    command = [program, "--zoom", str(SCALE), "--background-color", "white"]
    surroundings = environment(folder, font)
    outcome = subprocess.run(command, input=svg, env=surroundings, capture_output=True, check=True)
    return Image.open(BytesIO(outcome.stdout)).convert("RGB")


def by_chromium(svg: bytes, folder: Path, font: str) -> Image.Image:
    """What a browser draws."""
    program = found("chromium", "chromium-browser", "google-chrome")
    surroundings = environment(folder, font)
    page, picture = folder / "page.svg", folder / "page.png"
    page.write_bytes(svg)
    width, height = size_of(svg)
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    options += ["--disable-dev-shm-usage"]
    options += [f"--force-device-scale-factor={SCALE}", f"--window-size={width},{height}"]
    options += [f"--user-data-dir={folder / 'profile'}", f"--screenshot={picture}"]
    command = [program, *options, page.as_uri()]
    subprocess.run(command, env=surroundings, capture_output=True, check=True, timeout=600)
    return Image.open(picture).convert("RGB")


def size_of(svg: bytes) -> tuple[int, int]:
    """How large an SVG is, in CSS pixels, rounded up."""
    text = svg.decode()
    width, height = re.findall(r' (?:width|height)="([\d.]+)pt"', text)[:2]
    return int(float(width) * 96 / 72) + 1, int(float(height) * 96 / 72) + 1


@cache
def found(*names: str) -> str:
    """The first of some programs that is there and starts; without one the test is skipped."""
    for name in names:
        program = shutil.which(name)
        if program and not subprocess.run([program, "--version"], capture_output=True).returncode:
            return program
    pytest.skip(f"{names[0]} is not here")


READERS: dict[str, Callable[[bytes, Path, str], Image.Image]] = {
    "rsvg": by_rsvg,
    "chromium": by_chromium,
}
