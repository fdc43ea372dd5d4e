"""Finishing Graphviz's output: reproducible pictures with correct letters."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Literal, TypeAlias
from xml.etree.ElementTree import Element

from archdsl.drawing.elements import element, parse, write
from archdsl.drawing.outlines import draw_letters
from archdsl.drawing.titles import tell
from archdsl.fonts import FAMILY, font_file

PictureForm: TypeAlias = Literal["svg", "png", "pdf"]
LetterForm: TypeAlias = Literal["outlines", "font"]
"""How letters get into an SVG: as outlines, or as text whose font the SVG carries."""

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
COMMENT = re.compile(r"<!--.*?-->\s*|<!DOCTYPE.*?>\s*", re.DOTALL)
"""The version of Graphviz, names that titles hold too, and a reference to another machine."""
SIZE = re.compile(r"([\d.]+)pt")
FAMILIES = f"{FAMILY},Arial Narrow,Arial,sans-serif"
"""The others are for programs that open no font within a picture."""
DATE = re.compile(rb"/(?:Creation|Mod)Date \([^)]*\)")


def finish(
    picture: bytes, form: PictureForm, magnified: float = 1, letters: LetterForm = "outlines"
) -> bytes:
    """The picture without dates and versions; an SVG with its letters, and as small as it shall be.

    Raises `xml.parsers.expat.ExpatError` if the SVG is malformed.
    """
    if form == "svg" and picture:
        return _svg(picture.decode("utf-8"), magnified, letters).encode()
    if form == "pdf":
        # A table at the end of the file counts bytes, so none may go away.
        return DATE.sub(lambda match: b" " * len(match[0]), picture)
    return picture


def _svg(picture: str, magnified: float, letters: LetterForm) -> str:
    """One font for all text, named once: Graphviz has measured with it whatever it names."""
    # Graphviz writes a space behind a space so; one that does not break is written as itself.
    root = parse(COMMENT.sub("", picture).replace("&#160;", " "))
    for name in ("width", "height"):
        size = SIZE.fullmatch(root.get(name, ""))
        if size:
            root.set(name, f"{float(size[1]) / magnified:g}pt")
    root.set("font-family", FAMILIES)
    for one in root.iter("text"):
        one.attrib.pop("font-family", None)
    if letters == "outlines":
        draw_letters(root)
    else:
        _carry_font(root)
    tell(root, magnified)
    return f"{HEAD}{write(root)}\n"


def _carry_font(root: Element) -> None:
    """Put the weights that are used into the SVG."""
    weights = sorted({one.get("font-weight") == "bold" for one in root.iter("text")})
    for one in root.iter("text"):
        one.set("xml:space", "preserve")
    if weights:
        root.insert(0, element("style", "".join(map(_face, weights))))


def _face(bold: bool) -> str:
    data = b64encode(font_file(bold, "woff2").read_bytes()).decode()
    return (
        f'@font-face{{font-family:"{FAMILY}";font-weight:{"bold" if bold else "normal"};'
        f'src:url(data:font/woff2;base64,{data})format("woff2")}}'
    )
