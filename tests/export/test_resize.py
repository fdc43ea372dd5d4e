"""Tensors at the positions of others, exported with open sizes and run at many."""

from __future__ import annotations

from itertools import product

import pytest
import torch

import archdsl
from archdsl.export import export, inputs_of
from archdsl.export.formats import FORMS, quiet

SIZES = (1, 2, 6, 7, 14, 18, 32, 46, 74)
"""Some pairs are those at which ONNX Runtime rounds another way than PyTorch: 14 and 32, 6 and 74.
"""
TEXT = """
network rows(mode="nearest"): (a: [2, n], b: [1, m]) -> [2, m] = resize(@a, @b, mode=mode)
network images(mode="nearest"): (a: [2, n, 3], b: [1, 4, m]) -> [2, 4, m] =
    resize(@a, @b, mode=mode)
"""


@pytest.mark.parametrize("mode", ["nearest", "linear"])
@pytest.mark.parametrize("name", ["rows", "images"])
@pytest.mark.parametrize("form", FORMS)
def test_an_export_agrees_at_all_sizes(form: str, name: str, mode: str) -> None:
    module = archdsl.load(text=TEXT, network=name)
    module = type(module)(mode=mode).eval()
    graph = archdsl.read(text=TEXT)[name].graph
    exported, refused = export(module, name, inputs_of(graph, form), form)
    assert not refused
    assert exported is not None
    _, read = FORMS[form]
    with quiet():
        call = read(exported.content)
    for one, other in product(SIZES, SIZES):
        rest = ((one, 3), (4, other)) if name == "images" else ((one,), (other,))
        inputs = [torch.randn(3, 2, *rest[0]), torch.randn(3, 1, *rest[1])]
        with quiet():
            (found,) = call(inputs)
        torch.testing.assert_close(found, module(*inputs), rtol=1e-4, atol=1e-5)
