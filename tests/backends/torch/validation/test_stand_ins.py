"""What stands for modules of PyTorch behaves as they do, where names, order and errors count."""

from __future__ import annotations

from typing import Any

import pytest
from torch import nn

from archdsl.backends.torch.validation.compare import layers
from archdsl.backends.torch.validation.forms import Forms
from archdsl.backends.torch.validation.namespace import namespace, pytorch
from archdsl.backends.torch.validation.record import Record
from archdsl.backends.torch.validation.signatures import Signatures

CONTAINERS = {
    "numbers": "nn.Sequential(nn.ReLU(), nn.Tanh())",
    "names": "nn.Sequential(OrderedDict([('a', nn.ReLU()), ('b', nn.Tanh())]))",
    "append": "nn.Sequential(nn.ReLU()).append(nn.Tanh()).extend([nn.ELU()])",
    "a name, then a number": "nn.Sequential(OrderedDict(a=nn.ReLU())).append(nn.Tanh())",
    "a number that is taken": "nn.Sequential(OrderedDict([('1', nn.ReLU())])).append(nn.Tanh())",
    "a part": "nn.Sequential(nn.ReLU(), nn.Tanh(), nn.ELU())[1:]",
    "an item": "nn.Sequential(nn.ReLU(), nn.Tanh())[-1]",
    "no such item": "nn.Sequential(nn.ReLU())[1]",
    "nothing": "nn.Sequential()",
    "a list": "nn.ModuleList([nn.ReLU(), nn.Tanh()])[:1]",
    "a list, longer": "nn.ModuleList([nn.ReLU()]).append(nn.Tanh())",
    "a mapping": "nn.ModuleDict({'a': nn.ReLU(), 'b': nn.Tanh()})",
    "identity": "nn.Sequential(nn.Identity(3, a=4), nn.ReLU())",
    "no module": "nn.Sequential(3)",
    "partial": "partial(nn.Conv2d, 3, kernel_size=1)(out_channels=4)",
}
"""Modules that are values."""

CLASSES = {
    "an attribute": "self.a = nn.ReLU()",
    "twice": "self.a = nn.ReLU(); self.a = nn.Tanh(); self.b = nn.ELU()",
    "not a module": "self.a = nn.ReLU(); self.a = 3",
    "none": "self.a = nn.ReLU(); self.a = None; self.b = nn.Tanh()",
    "a number, then a module": "self.a = 3; self.a = nn.ReLU()",
    "add_module": "self.add_module('0a', nn.ReLU())",
    "add_module with a dot": "self.add_module('a.b', nn.ReLU())",
    "add_module without name": "self.add_module('', nn.ReLU())",
    "add_module of a number": "self.add_module(0, nn.ReLU())",
    "add_module of no module": "self.add_module('a', 3)",
    "add_module over an attribute": "self.a = 3; self.add_module('a', nn.ReLU())",
    "add_module over a method": "self.add_module('apply', nn.ReLU())",
    "the same twice": "self.a = self.b = nn.ReLU(); assert len([*self.children()]) == 1",
    "children": "self.b = nn.ReLU(); self.a = nn.Tanh(); self.c = [*self.children()][0]",
    "modules": "self.a = nn.Sequential(nn.ReLU()); self.b = [*self.modules()][2]",
    "apply": "self.a = nn.ReLU(); self.apply(lambda m: m.add_module('z', nn.Tanh()))",
    "a list of modules": "self.a = [nn.ReLU()]",
    "a missing attribute": "self.a = self.b",
    "a list that grows": "self.a = nn.ModuleList(); self.a += [nn.ReLU(), nn.Tanh()]",
}
"""What constructors do behind `super().__init__()`."""

EARLY = {
    "too early": "self.a = nn.ReLU(); super().__init__()",
    "a number first": "self.n = 3; super().__init__(); self.a = nn.ReLU()",
    "no constructor": "self.a = 3",
}
"""Whole constructors."""

FRAME = """
from collections import OrderedDict
from functools import partial
from torch import nn

class Made(nn.Module):
    def __init__(self):
        {body}

def values():
    return {value}
"""


@pytest.mark.parametrize("name", CONTAINERS)
def test_containers_are_those_of_pytorch(name: str) -> None:
    text = FRAME.format(body="pass", value=CONTAINERS[name])
    assert outcome(text, "values", stands_in=True) == outcome(text, "values", stands_in=False)


@pytest.mark.parametrize("name", [*CLASSES, *EARLY])
def test_modules_are_those_of_pytorch(name: str) -> None:
    body = EARLY.get(name) or f"super().__init__(); {CLASSES[name]}"
    text = FRAME.format(body=body, value="None")
    assert outcome(text, "Made", stands_in=True) == outcome(text, "Made", stands_in=False)


def outcome(text: str, name: str, stands_in: bool) -> object:
    """The layers of a module by their paths, in order, or the kind of the error."""
    try:
        if not stands_in:
            found: dict[str, Any] = {}
            exec(text, found)
            return torch_layers(found[name]())
        record = Record(Forms(Signatures(), {}, lambda name: nn.Module))
        record.modules_left = 100
        found = namespace(pytorch(record))
        exec(text, found)
        return [(path, type(layer).__name__) for path, layer in layers(found[name](), "")]
    except Exception as error:
        return type(error).__name__


def torch_layers(module: nn.Module) -> list[tuple[str, str]]:
    """The layers of a module of PyTorch."""
    inner = (nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.Identity)
    return [
        (path, type(part).__name__)
        for path, part in module.named_modules(remove_duplicate=False)
        if not isinstance(part, inner) and type(part).__name__ != "Made"
    ]
