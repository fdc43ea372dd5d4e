"""The parser's tables, made once and shipped: to make them takes longer than to check a spec.

They are JSON, which runs nothing. Where they were made by another release of Lark or from another
grammar they are not used. `python -m archdsl.syntax.tables` makes them anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

from archdsl.syntax.grammar import build_grammar, grammar_text

NAME = "arch.tables.json"
SHIFT = 0
"""Lark's number for an action that goes to another state; the other one applies a rule."""
UNSAVED = frozenset({"lexer", "transformer"})
"""Options that are code."""


def load(lexer: type, transformer: Any) -> Lark | None:
    """The parser from its saved tables; None where these are of another grammar or release."""
    file = files("archdsl.syntax").joinpath(NAME)
    saved = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    if saved.get("made_from") != _origin():
        return None
    data, memo = _decoded(saved["data"]), _decoded(saved["memo"])
    data["options"]["lexer"] = data["parser"]["lexer_conf"]["lexer_type"] = lexer
    # The parsers that Lark itself generates load their tables with this call.
    load_tables: Callable[..., Lark] = Lark._load_from_dict
    return load_tables(data, memo, transformer=transformer)


def dump(parser: Lark) -> str:
    """The tables of a parser as text."""
    data, memo = parser.memo_serialize([TerminalDef, Rule])
    data["options"] = {name: o for name, o in data["options"].items() if name not in UNSAVED}
    data["parser"]["lexer_conf"]["lexer_type"] = None
    data["parser"]["parser"] = _in_order(data["parser"]["parser"])
    saved = {"made_from": _origin(), "data": _encoded(data), "memo": _encoded(memo)}
    return json.dumps(saved, separators=(",", ":"), sort_keys=True) + "\n"


def _origin() -> str:
    """The inputs that determine the tables."""
    return hashlib.sha256(f"{lark.__version__}\n{grammar_text()}".encode()).hexdigest()


def _in_order(table: dict[str, Any]) -> dict[str, Any]:
    """A parse table whose numbers follow from the grammar alone.

    Lark numbers states and tokens as its sets list them, which differs from run to run. Here tokens
    are in the order of their names, and states in the order in which the start leads to them.
    """
    names = sorted(table["tokens"].values())
    token = {old: names.index(name) for old, name in table["tokens"].items()}
    states = {
        state: {token[old]: actions[old] for old in sorted(actions, key=token.__getitem__)}
        for state, actions in table["states"].items()
    }
    number = {state: new for new, state in enumerate(_reached(states, table["start_states"]))}
    return {
        "tokens": dict(enumerate(names)),
        "states": {
            new: {
                token: (kind, number[argument] if kind == SHIFT else argument)
                for token, (kind, argument) in states[state].items()
            }
            for state, new in number.items()
        },
        "start_states": {start: number[state] for start, state in table["start_states"].items()},
        "end_states": {start: number[state] for start, state in table["end_states"].items()},
    }


def _reached(states: dict[int, dict[int, Any]], starts: dict[str, int]) -> list[int]:
    """All states, nearest to the start first, then by the token that leads to them."""
    found = dict.fromkeys(starts.values())
    waiting = [*found]
    for state in waiting:
        shifts = dict.fromkeys(to for kind, to in states[state].values() if kind == SHIFT)
        waiting += [each for each in shifts if each not in found]
        found.update(shifts)
    return waiting


def _encoded(value: Any) -> Any:
    """A value as JSON can have it: there the keys of an object are strings."""
    if isinstance(value, dict):
        if any(isinstance(key, int) for key in value):
            return {"#": [[key, _encoded(each)] for key, each in value.items()]}
        return {key: _encoded(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_encoded(each) for each in value]
    return value


def _decoded(value: Any) -> Any:
    if isinstance(value, dict):
        if "#" in value:
            return {key: _decoded(each) for key, each in value["#"]}
        return {key: _decoded(each) for key, each in value.items()}
    return [_decoded(each) for each in value] if isinstance(value, list) else value


if __name__ == "__main__":
    Path(__file__).with_name(NAME).write_text(dump(build_grammar()), encoding="utf-8")
