"""What code the language's constructs become: specs, each beside the file that is made of it.

After a change that is meant, `python -m tools.goldens` writes the files anew.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import torch

import archdsl
from archdsl.analysis.given import symbols
from archdsl.analysis.memory import saved
from archdsl.analysis.state import foreign_paths
from archdsl.examples import random_inputs, sized
from archdsl.runtime import maker
from archdsl.testing import Spec
from archdsl.testing.compare import confirmed
from tests.helpers.saving import seen_by_hooks
from tools.goldens import SPECS_OF_CODE, code

code_of = cache(code)
EXTERNS = frozenset(["archdsl.testing.foreign"])
"""Where the classes of others come from."""
each_spec = pytest.mark.parametrize("path", SPECS_OF_CODE, ids=lambda path: path.stem)


@each_spec
def test_the_code_is_the_one_beside_it(path: Path) -> None:
    assert code_of(path) == path.with_suffix(".py").read_text(encoding="utf-8")


@each_spec
def test_pytorch_agrees(path: Path) -> None:
    confirmed(Spec(path.read_text(encoding="utf-8"), path.parent, externs=EXTERNS), code_of(path))


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")
@each_spec
def test_scripted_traced_and_trained(path: Path) -> None:
    for name, each in archdsl.read(path).items():
        graph = each.graph
        network = maker(code_of(path), name, EXTERNS)()
        torch.jit.script(network)
        torch.fx.symbolic_trace(network.eval())
        values = dict.fromkeys(symbols(graph), 16)
        shapes = [sized(graph.shape(port), values) for port in graph.inputs.values()]
        inputs = random_inputs(shapes, 2, torch.Generator().manual_seed(0))
        result, found = seen_by_hooks(network.train(), *inputs)
        if not values and not foreign_paths(graph):
            assert found == sum(saved(graph, batch=2).values())
        outputs = result if isinstance(result, tuple) else (result,)
        sum(output.square().sum() for output in outputs).backward()
        assert [key for key, weight in network.named_parameters() if weight.grad is None] == []
