"""The generated networks, some of torchvision's, and training steps in bf16 and channels_last."""

from __future__ import annotations

import importlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from archdsl.bench.device import DEVICE

GENERATED = Path(__file__).parents[1] / "generated"
SHAPES = re.compile(r"^ *\[(\d+), (\d+), (\d+)\] -> \[([\d, ]+)\];", re.MULTILINE)
# What torchvision's networks are given, those last that take long to compile.
COMPARED = {
    "resnet50": {},
    "mobilenet_v2": {},
    "googlenet": {"aux_logits": True, "init_weights": False},
    "densenet121": {},
}
CLASSES = {"mobilenet_v2": "MobileNetV2"}  # Of ours, where there is no function of the name.

sys.path.insert(0, str(GENERATED))


@dataclass(frozen=True)
class Network:
    """A network of a generated file, or of torchvision, and the shapes of an image and a result."""

    file: str
    name: str
    image: tuple[int, ...] = (3, 224, 224)
    result: tuple[int, ...] = (1000,)

    def build(self) -> nn.Module:
        """The network with fresh weights."""
        arguments = COMPARED[self.name] if self.file == "torchvision.models" else {}
        network: nn.Module = getattr(importlib.import_module(self.file), self.name)(**arguments)
        return network

    def size(self) -> int:
        """How many weights the network has, which says how long it takes to compile."""
        with torch.device("meta"):
            return len(list(self.build().parameters()))


def networks() -> list[Network]:
    """All networks of the generated files: what has the shapes of a whole network in its text."""
    found = []
    for path in sorted(GENERATED.glob("*.py")):
        for name, member in vars(importlib.import_module(path.stem)).items():
            shapes = SHAPES.search(getattr(member, "__doc__", None) or "")
            if shapes and member.__module__ == path.stem:
                image = tuple(map(int, shapes.groups()[:3]))
                result = tuple(map(int, shapes[4].split(",")))
                found.append(Network(path.stem, name, image, result))
    return found


def in_order() -> list[Network]:
    """The smallest network of every file, then all others, each from small to large."""
    sizes = {network: network.size() for network in networks()}
    by_size = sorted(sizes, key=lambda network: sizes[network])
    first = {network.file: network for network in reversed(by_size)}
    return sorted(by_size, key=lambda network: network is not first[network.file])


class Trainer:
    """A network with what its training steps need."""

    def __init__(self, network: Network, compiled: bool, batch: int) -> None:
        torch.manual_seed(0)
        module = network.build().train().to(device=DEVICE)
        module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network = module
        self.call = torch.compile(module, fullgraph=True) if compiled else module
        self.optimizer = torch.optim.SGD(module.parameters(), lr=0.001, momentum=0.9)
        images = torch.randn(batch, *network.image, device=DEVICE)
        self.images = images.contiguous(memory_format=torch.channels_last)
        classes, *places = network.result
        self.classes = torch.randint(classes, (batch, *places), device=DEVICE)

    def step(self) -> Tensor:
        """One training step; its loss is the sum of those of the output and all heads."""
        self.optimizer.zero_grad()
        with torch.autocast(DEVICE.type, torch.bfloat16):
            output = self.call(self.images)
            outputs = output if isinstance(output, tuple) else (output,)
            loss = torch.stack([functional.cross_entropy(y, self.classes) for y in outputs]).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        return loss.detach()

    def bad_gradients(self) -> list[str]:
        """The names of the weights whose gradient is missing or not finite."""
        named = [(k, w.grad) for k, w in self.network.named_parameters() if w.requires_grad]
        return [key for key, grad in named if grad is None or not grad.isfinite().all()]


def pair(name: str) -> dict[str, Network]:
    """A network of ours and, where torchvision can be imported, its own."""
    ours = CLASSES.get(name, name)
    result = {"ours": next(network for network in networks() if network.name == ours)}
    try:
        importlib.import_module("torchvision.models")
    except (ImportError, RuntimeError) as error:
        print(f"{name}: only ours: {error}")
    else:
        result["torchvision"] = Network("torchvision.models", name)
    return result
