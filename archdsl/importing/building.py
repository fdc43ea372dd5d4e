"""Makes the model that is to be imported: imports the named module, and calls the factory in it."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from archdsl.diagnostics import first_line, nearest
from archdsl.importing.refusal import Refusal

Settings = Mapping[str, Mapping[str, object]]
"""What the constructors of modules were given, by the modules' paths."""
SHAPE = re.compile(r"\[?\s*(\d+(?:\s*[,;x]\s*\d+)*)?\s*\]?(?:\s*<\s*(\d+))?\Z")
BATCH = 2


@dataclass(frozen=True)
class Built:
    """A model, its name, and what its constructors were given."""

    model: nn.Module
    name: str
    settings: Settings


def built(target: str, given: Sequence[str], folder: Path | None = None) -> Built:
    """The model of `MODULE:FACTORY`; raises `Refusal`. This runs the Python of the module.

    `given` are arguments of the factory, literals or `name=literal`. A `folder` is searched first.
    """
    name, colon, attribute = target.partition(":")
    if not (name and colon and attribute):
        help = "write the module and what makes the model: `torchvision.models:resnet50`"
        raise Refusal("E0985", f"`{target}` is no MODULE:FACTORY", help)
    made = _attribute(_module(name, folder), attribute)
    positional, keywords = _arguments(given)
    known: WeakKeyDictionary[nn.Module, dict[str, object]] = WeakKeyDictionary()
    if not isinstance(made, nn.Module):
        if not callable(made):
            raise Refusal("E0985", f"`{target}` is neither a model nor a function that makes one")
        try:
            with _observed(known):
                made = made(*positional, **keywords)
        except Exception as fault:
            message = f"`{target}` cannot be made: {first_line(fault)}"
            raise Refusal("E0985", message, "give arguments with --args") from fault
    if not isinstance(made, nn.Module):
        raise Refusal("E0985", f"`{target}` gives no `nn.Module`, but a `{type(made).__name__}`")
    words = [word for word in positional if isinstance(word, str) and word.isidentifier()]
    settings = {path: known[m] for path, m in made.named_modules() if m in known}
    return Built(made, words[0] if words else attribute.rpartition(".")[2], settings)


def _module(name: str, folder: Path | None) -> ModuleType:
    here = {"", str(Path.cwd())}
    # `python -m` has put the current folder there, whatever lies in it.
    path = [*sys.path[:1][: sys.path[0] not in here], *sys.path[1:]]
    path = [str(folder.resolve()), *path] if folder is not None else path
    try:
        with mock.patch.object(sys, "path", path):
            return importlib.import_module(name)
    except ModuleNotFoundError as fault:
        missing = fault.name or name
        help = "`--path .` searches the current folder too" if name.startswith(missing) else ""
        raise Refusal("E0985", f"there is no module `{missing}`", help) from fault
    except Exception as fault:
        raise Refusal("E0985", f"`{name}` cannot be imported: {first_line(fault)}") from fault


def _attribute(module: ModuleType, dotted: str) -> Any:
    found: Any = module
    for name in dotted.split("."):
        if not hasattr(found, name):
            near = nearest(name, [each for each in dir(found) if not each.startswith("_")])
            help = f"did you mean `{near}`?" if near else ""
            raise Refusal("E0985", f"`{module.__name__}` has no `{dotted}`", help)
        found = getattr(found, name)
    return found


def _arguments(given: Sequence[str]) -> tuple[list[Any], dict[str, Any]]:
    """Arguments as values: literals are read, never evaluated; other words are strings."""
    positional: list[Any] = []
    keywords: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if equals and name.isidentifier():
            keywords[name] = _literal(value)
        else:
            positional.append(_literal(text))
    return positional, keywords


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


@contextmanager
def _observed(known: WeakKeyDictionary[nn.Module, dict[str, object]]) -> Iterator[None]:
    """Keep what the constructors of modules are given, while models are made."""
    initialise = nn.Module.__init__

    def observed(self: nn.Module, *args: Any, **kwargs: Any) -> None:
        initialise(self, *args, **kwargs)
        known[self] = _given_to(self)

    with mock.patch.object(nn.Module, "__init__", observed):
        yield


def _given_to(module: nn.Module) -> dict[str, object]:
    """The arguments of the constructor of a module, which runs now."""
    frame = inspect.currentframe()
    found: dict[str, object] = {}
    while frame is not None:
        code = frame.f_code
        if code.co_name == "__init__" and frame.f_locals.get(code.co_varnames[0]) is module:
            names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
            found = {name: frame.f_locals.get(name) for name in names}
        frame = frame.f_back
    return found


def inputs_of(model: nn.Module, target: str, shapes: Sequence[str]) -> list[Tensor]:
    """A batch of random inputs: of the sizes that are given, else of those the library records."""
    if shapes:
        return [_input(text) for text in shapes]
    found = _recorded_size(model, target)
    if found is None:
        help = "give the sizes of an input, without the batch: `--input 3,224,224`"
        raise Refusal("E0985", f"nothing says what goes into `{target}`", help)
    return [torch.rand(BATCH, *found)]


def _input(text: str) -> Tensor:
    sizes, below = sizes_in(text)
    if below:
        return torch.randint(below, (BATCH, *sizes))
    return torch.rand(BATCH, *sizes)


def sizes_in(text: str) -> tuple[list[int], int]:
    """The sizes that a text says, and the bound of whole numbers; 0 for others."""
    match = SHAPE.match(text.strip())
    if match is None:
        help = "write `--input 3,224,224`, or `--input '128 < 30522'` for whole numbers"
        raise Refusal("E0985", f"`{text}` is no shape", help)
    sizes = [int(size) for size in re.split(r"\s*[,;x]\s*", match[1] or "") if size]
    return sizes, int(match[2] or 0)


def _recorded_size(model: nn.Module, target: str) -> tuple[int, ...] | None:
    """The size of the images that a model was made for, where timm or torchvision say it."""
    configuration = getattr(model, "default_cfg", None) or getattr(model, "pretrained_cfg", None)
    size = configuration.get("input_size") if isinstance(configuration, dict) else None
    if size is not None:
        return tuple(map(int, size))
    models = sys.modules.get("torchvision.models")
    if models is None or not target.startswith("torchvision."):
        return None
    try:
        transform = models.get_model_weights(target.rpartition(":")[2]).DEFAULT.transforms()
    except (ValueError, AttributeError, KeyError):
        return None
    side = int(transform.crop_size[0])
    return 3, side, side
