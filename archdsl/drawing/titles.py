"""Titles and descriptions in an SVG, for tooltips and screen readers.

Graphviz writes tooltips as links without a target, beside names of its own. Here they become
`<title>`, which all browsers show. The picture as a whole is one image with a name and a
description: screen readers support that everywhere, and roles for the parts of a diagram hardly.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from xml.etree.ElementTree import Element

from archdsl.drawing.elements import element

KINDS = ("graph", "cluster", "node", "edge")
"""The classes of the groups that Graphviz writes."""
REACH = 4.0
"""How thick an edge is for a pointer, in points: lines are too thin to be hit."""


def tell(root: Element, magnified: float) -> None:
    """Give an SVG its title and description, and all parts of it their tooltips."""
    for group in [*root.iter("g")]:
        kind = group.get("class")
        if kind not in KINDS:
            continue
        name = "".join(title.text or "" for title in group.findall("title"))
        said = "".join(link.get("xlink:title", "") for link in group.findall("g/a"))
        group.attrib.pop("id", None)
        group[:] = _contents(group)
        if kind == "graph":
            _describe(root, name, said)
        elif said:
            _explain(group, said, magnified)


def _contents(group: Element) -> Iterator[Element]:
    """The content of a group without Graphviz's names and dead links."""
    for child in group:
        link = child.find("a")
        if link is not None and "xlink:href" not in link.attrib:
            yield from link
        elif child.tag != "title":
            yield child


def _explain(group: Element, said: str, magnified: float) -> None:
    """Put a tooltip at the beginning of a part; a line gets a wider one that nobody sees."""
    for line in group.findall("path") if group.get("class") == "edge" else []:
        wide = {"fill": "none", "stroke": "none", "pointer-events": "stroke"}
        wide |= {"stroke-width": f"{REACH * magnified:g}", "d": line.get("d", "")}
        _insert(group, element("path", **wide))
    _insert(group, element("title", said))


def _describe(root: Element, name: str, description: str) -> None:
    """Make the whole an image with a name; several of them may stand in one page."""
    number = sha256(f"{name}\n{description}".encode()).hexdigest()[:8]
    parts = [("desc", "aria-describedby", description), ("title", "aria-labelledby", name)]
    for tag, attribute, words in parts:
        if words:
            root.attrib |= {"role": "img", attribute: f"{tag}-{number}"}
            _insert(root, element(tag, words, id=f"{tag}-{number}"))


def _insert(parent: Element, made: Element) -> None:
    """Put a line at the beginning of an element."""
    made.tail = "\n"
    parent.insert(0, made)
