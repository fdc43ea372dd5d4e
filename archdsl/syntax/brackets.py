"""Which bracket a word stands in, while a text is scanned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lark import Token

OPERANDS = {"]", ")", "_", "...", "true", "false", "share", "extern"}
"""Behind these, and behind names and values, a bracket is that of an index or a slice."""
OTHER = ""


@dataclass
class Brackets:
    """The brackets that are open: `[` is of an index or a slice without its `:` so far.

    Every token is looked at once, however often somebody asks.
    """

    opened: list[str] = field(default_factory=list)
    seen: int = 0

    def may_slice(self, tokens: Sequence[Token]) -> bool:
        """Whether the `:` of a slice may stand behind the tokens, which only grow."""
        for index in range(self.seen, len(tokens)):
            self._take(tokens, index)
        self.seen = len(tokens)
        return self.opened[-1:] == ["["]

    def _take(self, tokens: Sequence[Token], index: int) -> None:
        word = tokens[index]
        if word == "(":
            self.opened.append(OTHER)
        elif word == "[":
            self.opened.append("[" if _is_operand(tokens[max(index - 2, 0) : index]) else OTHER)
        elif not self.opened:
            return
        elif word in (")", "]"):
            self.opened.pop()
        elif word in (":", ","):
            self.opened[-1] = OTHER


def _is_operand(before: Sequence[Token]) -> bool:
    """Whether the last of two tokens ends a value; a wire may have a keyword as its name."""
    names = ("NAME", "STRING", "NUMBER", "TEMPLATE")
    return bool(before) and (before[-1].type in names or before[-1] in OPERANDS or before[0] == "@")
