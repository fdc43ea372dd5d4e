"""Where a blank stands between two words."""

from __future__ import annotations

from archdsl.syntax.concrete import Part

NONE_BEFORE = {",", ";", ":", ")", "]", "."}
NONE_BEHIND = {"(", "[", "@", "."}
CALLING = {"NAME", "RPAR", "RSQB", "STRING"}
"""The kinds of words behind which a bracket is that of a call or an index."""


def is_spaced(left: Part, right: Part) -> bool:
    """Whether a blank stands between a part and the next."""
    before, behind = last_word(left), first_word(right)
    if behind.text == "." and (before.kind == "NUMBER" or before.text == "..."):
        # `64.a` is no attribute of 64.
        return True
    if behind.text in NONE_BEFORE or before.text in NONE_BEHIND:
        return False
    is_sign = left is before and before.text == "-"
    return not is_sign and not (behind.text in ("(", "[") and before.kind in CALLING)


def first_word(part: Part) -> Part:
    """The word that a part starts with."""
    while part.parts:
        part = part.parts[0]
    return part


def last_word(part: Part) -> Part:
    """The word that a part ends in."""
    while part.parts:
        part = part.parts[-1]
    return part
