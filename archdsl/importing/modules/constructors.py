"""The names of what constructors are given, in order."""

from __future__ import annotations

import ast
import inspect

from torch import nn


def parameters_of(callee: str, definition: str) -> list[str] | None:
    """The parameters of a class of PyTorch, or of one with a source; None if there is none."""
    if definition:
        tree = ast.parse(definition)
        makers = [
            n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == "__init__"
        ]
        if makers:
            return [argument.arg for argument in makers[0].args.args[1:]]
        bases = [ast.unparse(b) for n in tree.body if isinstance(n, ast.ClassDef) for b in n.bases]
        return parameters_of(bases[0], "") if bases and bases[0] != "nn.Module" else []
    kind = getattr(nn, callee.removeprefix("nn."), None)
    return None if kind is None else _parameters(kind)


def _parameters(kind: type) -> list[str]:
    """The names of a class's parameters; `nn.LSTM` passes all of its own on to its base."""
    known = inspect.signature(kind).parameters
    if "args" not in known:
        return [*known]
    _, *names = inspect.signature(kind.__mro__[1]).parameters
    return names
