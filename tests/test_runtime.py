"""Generated code as a live module, and checkpoints that must fit in every entry."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.fx
import torch.multiprocessing
import torch.utils.data
from torch import Tensor, nn

import archdsl
from archdsl.runtime import instantiate, rebuild

TEXT = """
from torch import Tensor, nn


class Small(nn.Module):
    def __init__(self, classes: int = 3) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.bn = nn.BatchNorm2d(8)
        self.fc = nn.Linear(8, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn(self.conv(x)).mean((2, 3))
        return self.fc(x)


def tiny(classes: int = 3) -> Small:
    return Small(classes)
"""


@pytest.fixture
def module() -> nn.Module:
    return instantiate(TEXT, "tiny")


def test_a_network_is_a_function_or_a_class() -> None:
    assert type(instantiate(TEXT, "tiny")) is type(instantiate(TEXT, "small"))


def test_modules_can_be_copied_and_pickled(module: nn.Module) -> None:
    for twin in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert twin.state_dict().keys() == module.state_dict().keys()


def test_tracebacks_show_the_generated_lines(module: nn.Module) -> None:
    # Another network of that name must not take the place of these lines.
    instantiate(TEXT.replace("self.bn(self.conv(x)).mean", "self.conv(x).mean"), "tiny")
    with pytest.raises(RuntimeError) as caught:
        module(torch.zeros(1, 4, 8, 8))
    shown = "".join(traceback.format_exception(caught.value))
    assert "x = self.bn(self.conv(x)).mean((2, 3))" in shown


# --- modules in other processes ---

SPEC = """\
block unit(width, norm): [c, _, _] = conv: conv(width, 3) -> norm -> relu
network n(width=4): [3, 8, 8] -> [5] =
    layer1: chain(unit(width, bn) for i in range(2)) -> layer2: unit(width, groupnorm(2))
    -> global_avgpool -> flatten -> drop: dropout(0.5) -> fc: linear(5)
"""


@pytest.fixture(scope="module")
def network() -> nn.Module:
    return archdsl.load(text=SPEC).eval()


@pytest.fixture(scope="module")
def images() -> Tensor:
    return torch.rand(2, 3, 8, 8)


def elsewhere(code: str, *arguments: str) -> str:
    """What code prints in a process of its own, which has seen no spec."""
    begin = "import sys, pickle, torch\nfolder = sys.argv[1]\n"
    command = [sys.executable, "-c", begin + code, *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@pytest.mark.parametrize(("protocol", "is_zip"), [(2, True), (5, True), (2, False)])
def test_a_whole_module_is_loaded_where_its_spec_was_never_seen(
    network: nn.Module, images: Tensor, tmp_path: Path, protocol: int, is_zip: bool
) -> None:
    torch.save(
        network,
        tmp_path / "whole.pt",
        pickle_protocol=protocol,
        _use_new_zipfile_serialization=is_zip,
    )
    torch.save(network.layer1, tmp_path / "part.pt")
    torch.save([images, network(images), network.layer1(images)], tmp_path / "results.pt")
    code = """
whole = torch.load(f"{folder}/whole.pt", weights_only=False)
part = torch.load(f"{folder}/part.pt", weights_only=False)
images, result, inner = torch.load(f"{folder}/results.pt")
assert torch.equal(whole(images), result) and torch.equal(part(images), inner)
assert type(part[0]) is type(whole.layer1[0])
assert torch.equal(pickle.loads(pickle.dumps(whole))(images), result)
print(type(whole).__name__, whole.training)
"""
    assert elsewhere(code, str(tmp_path)) == "N False"


def test_copies_are_of_the_same_class_and_have_their_own_weights(
    network: nn.Module, images: Tensor
) -> None:
    for twin in (copy.deepcopy(network), pickle.loads(pickle.dumps(network)), copy.copy(network)):
        assert type(twin) is type(network)
        assert isinstance(twin.layer2, type(network.layer2))
        assert torch.equal(twin(images), network(images))
    assert copy.deepcopy(network).fc.weight is not network.fc.weight
    assert type(archdsl.load(text=SPEC)) is type(network)


def test_what_is_set_by_hand_is_pickled_too(network: nn.Module) -> None:
    twin = copy.deepcopy(network)
    twin.note = {"seen": 3}
    twin.drop = nn.Identity()
    twin.fc = nn.Linear(4, 7)
    again = pickle.loads(pickle.dumps(twin))
    assert (again.note, again.fc.out_features, again.training) == ({"seen": 3}, 7, False)
    assert isinstance(again.drop, nn.Identity)


def test_a_class_of_somebody_else_is_pickled_by_its_name(network: nn.Module) -> None:
    made = type(network)()
    made.__class__ = type("Own", (type(network),), {"__module__": __name__})
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(made)


def run_in_worker(module: nn.Module, images: Tensor, results: Any) -> None:
    results.put([type(module).__module__, module(images).sum().item()])


class Images(torch.utils.data.Dataset[Tensor]):
    """Images that a module has prepared, in the process of the worker."""

    def __init__(self, module: nn.Module, images: Tensor) -> None:
        self.module = module
        self.images = images

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Tensor:
        with torch.no_grad():
            return self.module(self.images[index : index + 1])[0]


def test_spawned_processes_are_given_modules(network: nn.Module, images: Tensor) -> None:
    context = torch.multiprocessing.get_context("spawn")
    results = context.Queue()
    with torch.no_grad():
        worker = context.Process(target=run_in_worker, args=(network, images, results))
        worker.start()
        worker.join(300)
        assert worker.exitcode == 0
        name, total = results.get(timeout=300)
        assert name == type(network).__module__
        assert total == pytest.approx(network(images).sum().item())
        loader = torch.utils.data.DataLoader(
            Images(network, images), 1, num_workers=1, multiprocessing_context="spawn"
        )
        torch.testing.assert_close(torch.cat(list(loader)), network(images))


@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
def test_loaded_modules_can_be_traced_and_compiled(network: nn.Module, images: Tensor) -> None:
    loaded = pickle.loads(pickle.dumps(network))
    for made in (
        torch.fx.symbolic_trace(loaded),
        torch.jit.script(loaded),
        torch.export.export(loaded, (images,)).module(),
        torch.compile(loaded, backend="eager"),
    ):
        torch.testing.assert_close(made(images), network(images))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import os", "line 1 imports an unknown module"),
        ("from torch import nn\nclass N(nn.Module):\n    x = open('a')", "line 3 uses the unknown"),
        ("class N:\n    x = ().__class__", "line 2 reads the attribute __class__"),
        ("class N(:", "line 1 does not parse"),
        ("import torch\ntorch.load('a')", "line 2 reads torch.load"),
        ("import torch\ntorch.hub.load('a/b', 'c')", "line 2 reads torch.hub.load"),
        ("import torch\nt = torch\nt.save(1, 'a')", "line 2 uses the module torch as a value"),
        ("import torch as t\nt.load('a')", "line 1 imports an unknown module"),
        ("import torch.nn.functional as F\nF.torch.load('a')", "line 2 reads F.torch.load"),
        ("from torch import nn\nnn.init.torch.save(1, 'a')", "line 2 reads nn.init.torch.save"),
        ("from torch import nn, hub", "line 1 imports an unknown name"),
        ("from torch import nn as F", "line 1 imports an unknown name"),
        ("from typing import sys", "line 1 imports an unknown name"),
        ("import typing\ntyping.sys.exit()", "line 1 imports an unknown module"),
        ("class N: pass\0", "does not parse"),
    ],
)
def test_only_what_may_be_generated_is_executed(text: str, reason: str) -> None:
    modules = set(sys.modules)
    with pytest.raises(pickle.UnpicklingError, match="was not generated by archdsl") as caught:
        rebuild(text, "n", "N", ())
    assert reason in str(caught.value)
    assert not {name for name in set(sys.modules) - modules if name.startswith("archdsl")}


def test_threads_get_the_same_classes() -> None:
    text = TEXT.replace("tiny", "threaded")
    with ThreadPoolExecutor(8) as pool:
        made = pool.map(lambda _: type(instantiate(text, "threaded")), range(8))
    assert len({*made}) == 1
