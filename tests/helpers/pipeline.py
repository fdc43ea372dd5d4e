"""Specs through all stages, once per test run: graphs, and the generated file as a module."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from archdsl.arithmetic import Value
from archdsl.backends.torch.names import class_name
from archdsl.diagnostics import has_errors
from archdsl.driver import compile, load_program
from archdsl.elaborate import elaborate
from archdsl.files import finder
from archdsl.graph import Graph
from archdsl.outputs import seal
from archdsl.render import as_text
from archdsl.source import Source
from archdsl.syntax.program import Program


@cache
def program(path: Path) -> Program:
    """A file with its imports; it must be free of errors."""
    source = Source(path.name, path.read_text(encoding="utf-8"))
    result, diagnostics = load_program(source, finder(path.parent))
    assert not diagnostics, as_text(diagnostics)
    return result


def elaborated(
    path: Path, overrides: Mapping[str, Mapping[str, Value]], only: str | None = None
) -> dict[str, Graph]:
    """The networks of a file, or only one, with other parameter values."""
    result, diagnostics = elaborate(program(path), overrides, only)
    assert not has_errors(diagnostics), as_text(diagnostics)
    return result


@cache
def graphs(path: Path) -> dict[str, Graph]:
    """The networks of a file."""
    return elaborated(path, {})


@cache
def generated_text(path: Path, only: str | None = None) -> str:
    """The Python file of a spec, or of one of its networks, as `archdsl compile` writes it."""
    source = Source(path.name, path.read_text(encoding="utf-8"))
    text, diagnostics = compile(source, finder(path.parent), only)
    # A note would mean that a parameter of a shipped network is fixed.
    assert not diagnostics, as_text(diagnostics)
    return seal(text, path.name)


def imported(path: Path) -> ModuleType:
    """A Python file as a module. TorchScript reads its source, so it must be a file."""
    name = f"generated_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def network_of(module: ModuleType, name: str) -> Any:
    """The function or class of a network."""
    return getattr(module, name, None) or getattr(module, class_name(name))
