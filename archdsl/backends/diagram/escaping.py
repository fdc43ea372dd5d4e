r"""Text of a spec in the three notations of Graphviz, each of which has escapes of its own.

In all of them Graphviz puts names of its own in the place of `\N`, `\G` and others, and
reads the entities of HTML.
"""

from __future__ import annotations

import html

import graphviz


def in_markup(text: str) -> str:
    """Text within an HTML-like label."""
    return html.escape(text).replace("\\", "\\\\")


def in_label(text: str) -> str:
    """A whole label that is no HTML-like one."""
    return str(graphviz.escape(text.replace("&", "&amp;")))


def in_tooltip(text: str) -> str:
    """A whole tooltip, whose backslashes Graphviz reads twice; it may have several lines."""
    return in_label(text.replace("\\", "\\\\")).replace("\n", "&#10;")
