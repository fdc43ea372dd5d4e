"""An SVG as a tree of elements whose names are those of the text: `xlink:href` stays that."""

from __future__ import annotations

from xml.etree.ElementTree import Element, TreeBuilder, tostring
from xml.parsers import expat


def parse(text: str) -> Element:
    """The tree of a text; raises `ExpatError` where it is no XML."""
    builder = TreeBuilder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.Parse(text, True)
    return builder.close()


def write(root: Element) -> str:
    """The text of a tree."""
    # Text and attributes hold no `>`: it is escaped.
    return tostring(root, encoding="unicode").replace(" />", "/>")


def element(tag: str, words: str = "", /, **attributes: str) -> Element:
    """A new element, with text in it or none; `xlink_href` is `xlink:href`."""
    made = Element(tag, {name.replace("_", ":"): text for name, text in attributes.items()})
    made.text = words or None
    return made
