"""Every op with a module is read back from that module: a new one is importable at once."""

from __future__ import annotations

import pytest
import torch

from archdsl.importing import rows
from archdsl.importing.table import is_known, op_of
from archdsl.manual.entries import entries
from archdsl.manual.examples import is_of_layers, worked
from archdsl.ops import OPS

CASES = [
    (name, example)
    for name, op in OPS.items()
    if op.arity == 1 and not op.is_bare and "memory" not in "".join(op.parameters())
    for example in entries()[name].examples
    if is_of_layers(example) and "init" not in example
]
APART = {
    "pad_channels",
    "lstm",
    "gru",
    "rnn",
    "take",
    "slice",
    "roll",
    "rearrange",
    "part",
    "positions",
}
"""Ops whose modules give more than a tensor, or that code calls as functions."""


@pytest.mark.parametrize(("name", "example"), CASES)
def test_the_module_of_an_op_is_that_op(name, example):
    graph = worked(entries()[name], example).graph
    (node,) = [each for each in graph if each.op is not None and each.op.name == name]
    shapes = graph.input_shapes(node)
    form = node.op.torch(*shapes)
    if form.module is None or form.module.template or form.definition or len(shapes) > 1:
        pytest.skip("it has no module of PyTorch's own")
    module = _module(node.op, shapes[0])
    assert is_known(module) or rows.is_known(module)
    found = op_of(module, shapes[0])
    if name in APART:
        return
    assert found is not None
    assert vars(found) == vars(node.op) or found.torch(*shapes) == form


def _module(op, shape) -> torch.nn.Module:
    from archdsl.ops.expressions import value_on

    call = op.torch(shape).module
    given = [(each.keyword, value_on(each.source, op, (shape,))) for each in call.arguments]
    kind = getattr(torch.nn, call.callee.removeprefix("nn."))
    return kind(*[v for k, v in given if not k], **{k: v for k, v in given if k})
