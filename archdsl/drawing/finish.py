"""What Graphviz leaves to do: pictures that are the same every time, and carry their font."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Literal, TypeAlias

from archdsl.fonts import FAMILY, font_file

PictureForm: TypeAlias = Literal["svg", "png", "pdf"]

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
COMMENT = re.compile(r"<!--.*?-->\s*|<!DOCTYPE.*?>\s*", re.DOTALL)
"""The version of Graphviz, names that titles hold too, and a reference to another machine."""
FONT = re.compile(r' font-family="[^"]*"')
SIZE = re.compile(r"\b([\d.]+)pt\b")
REGULAR = re.compile(r'<text (?![^>]*font-weight="bold")')
BOLD = re.compile(r'<text [^>]*font-weight="bold"')
FAMILIES = f"{FAMILY},Arial Narrow,Arial,sans-serif"
"""The others are for programs that open no font within a picture."""
DATE = re.compile(rb"/(?:Creation|Mod)Date \([^)]*\)")


def finish(picture: bytes, form: PictureForm, magnified: float = 1) -> bytes:
    """The picture without dates and versions; an SVG with its font, and as small as it shall be."""
    if form == "svg" and picture:
        return _svg(picture.decode("utf-8"), magnified).encode()
    if form == "pdf":
        # A table at the end of the file counts bytes, so none may go away.
        return DATE.sub(lambda match: b" " * len(match[0]), picture)
    return picture


def _svg(text: str, magnified: float) -> str:
    """One font for all text, named once: Graphviz has measured with it whatever it names."""
    text = FONT.sub("", COMMENT.sub("", text))
    start = text.index("<svg") + len("<svg")
    end = text.index(">", start) + 1
    size = SIZE.sub(lambda match: f"{float(match[1]) / magnified:g}pt", text[start:end])
    tag = f'<svg font-family="{FAMILIES}"{size}'
    faces = [_face(bold) for bold, uses in ((False, REGULAR), (True, BOLD)) if uses.search(text)]
    style = f"\n<style>{''.join(faces)}</style>" if faces else ""
    return f"{HEAD}{tag}{style}{text[end:]}"


def _face(bold: bool) -> str:
    data = b64encode(font_file(bold, "woff2").read_bytes()).decode()
    return (
        f'@font-face{{font-family:"{FAMILY}";font-weight:{"bold" if bold else "normal"};'
        f'src:url(data:font/woff2;base64,{data})format("woff2")}}'
    )
