"""Random texts that the grammar allows, with comments and ends of lines at random places.

They are derived from the grammar itself, so what is added to it is in them too. Few of them mean
anything: only their form matters here.
"""

from __future__ import annotations

import random
from functools import cache

from lark.grammar import NonTerminal, Rule, Symbol

from archdsl.syntax.grammar import build_grammar

WORDS = {
    "NAME": ("a", "conv", "width", "x1", "some_longer_name", "an_even_longer_name_of_something"),
    "NUMBER": ("0", "64", "0.5", "1e-5", "25_557_032"),
    "STRING": ('"same"', '"block 1"', '"it#s"', '"{i}"'),
    "TEMPLATE": ("layer{i}", "a{i}b"),
}
COMMENTS = (
    "# note",
    "## documentation",
    "#",
    "#! E0101",
    "# silence: N0401",
    "### ruler",
    "# \u00e9",
)
MOST_DEPTH = 9


@cache
def _rules() -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in build_grammar().rules:
        found.setdefault(rule.origin.name, []).append(rule)
    return found


@cache
def _texts() -> dict[str, str]:
    return {each.name: each.pattern.value for each in build_grammar().terminals}


@cache
def _least() -> dict[str, int]:
    """How deep the shallowest derivation of every rule is."""
    least: dict[str, int] = {}
    for _ in _rules():
        for name, rules in _rules().items():
            known = [depth for rule in rules if (depth := _depth(rule, least)) is not None]
            if known:
                least[name] = min(known)
    return least


def _depth(rule: Rule, least: dict[str, int]) -> int | None:
    """Rules that only pass something on add no depth."""
    below = [each for each in rule.expansion if isinstance(each, NonTerminal)]
    if any(each.name not in least for each in below):
        return None
    return max((least[each.name] for each in below), default=0) + (len(rule.expansion) > 1)


def declaration(chance: random.Random) -> list[str]:
    """The words of a random declaration."""
    words: list[str] = []
    stack: list[tuple[Symbol, int]] = [(NonTerminal("declaration"), chance.randint(2, MOST_DEPTH))]
    while stack:
        symbol, room = stack.pop()
        if not isinstance(symbol, NonTerminal):
            words.append(chance.choice(WORDS.get(symbol.name, (_texts()[symbol.name],))))
            continue
        depths = {rule: _depth(rule, _least()) or 0 for rule in _rules()[symbol.name]}
        # Where there is no room, the shortest way out is taken.
        allowed = [rule for rule in depths if depths[rule] <= max(room, min(depths.values()))]
        expansion = chance.choice(allowed).expansion
        stack += [(each, room - (len(expansion) > 1)) for each in reversed(expansion)]
    return words


def text(chance: random.Random) -> str:
    """A random file. Nothing but a declaration starts at the start of a line."""
    noise = chance.choice((0.0, 0.02, 0.1, 0.5))
    breaks = chance.choice((0.0, 0.05, 0.3))
    lines = [chance.choice(COMMENTS) + "\n" * chance.randint(1, 3)] if chance.random() < 0.3 else []
    for _ in range(chance.randint(1, 4)):
        words = declaration(chance)
        for number, word in enumerate(words):
            if number:
                lines.append(_gap(chance, noise, breaks))
            lines.append(word)
        lines.append(f" {chance.choice(COMMENTS)}" if chance.random() < 0.2 else "")
        lines.append("\n" * chance.randint(1, 3))
        if chance.random() < 0.3:
            lines.append(chance.choice(COMMENTS) + "\n" * chance.randint(1, 3))
    return "".join(lines)


def _gap(chance: random.Random, noise: float, breaks: float) -> str:
    if chance.random() < noise:
        before = chance.choice((" ", "\n  ", "\n\n "))
        return f"{before}{chance.choice(COMMENTS)}\n{chance.choice(('  ', '    '))}"
    if chance.random() < breaks:
        return chance.choice(("\n  ", "\n\n    ", "  \n "))
    return " "
