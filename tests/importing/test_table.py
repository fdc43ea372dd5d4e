"""Every op with a module of PyTorch is read back from that: a new one is importable at once."""

from __future__ import annotations

import pytest
import torch

from archdsl.importing.modules import rows
from archdsl.importing.modules.table import forms, is_known, op_of
from archdsl.ops import OPS
from archdsl.ops.expressions import value_on

APART = {"lstm", "gru", "rnn", "pad_channels", "multihead"}
"""Ops whose modules give more than a tensor, or are what other ops are too."""
CASES = {
    f"{shapes[0]} {op}": (op, form, shapes)
    for op, form, shapes in forms()
    if form.module is not None and not form.module.template and len(shapes) == 1
    if form.module.callee.startswith("nn.") and not form.definition and op.name not in APART
}


@pytest.mark.parametrize("name", CASES)
def test_the_module_of_an_op_is_that_op(name):
    op, form, shapes = CASES[name]
    module = _module(op, form.module, shapes)
    assert is_known(module) or rows.is_known(module)
    found = op_of(module, shapes[0])
    assert found is not None
    assert _plain(found) == _plain(op) | _starts(op) or found.torch(*shapes) == form


def test_no_example_is_left_out():
    """Each op that has one input is there, so none of its examples is broken."""
    found = {op.name for op, _, _ in forms()}
    assert {name for name, op in OPS.items() if op.arity == 1} <= found


def _module(op, call, shapes) -> torch.nn.Module:
    given = [(each.keyword, value_on(each.source, op, shapes)) for each in call.arguments]
    kind = getattr(torch.nn, call.callee.removeprefix("nn."))
    return kind(*[v for k, v in given if not k], **{k: v for k, v in given if k})


def _plain(op) -> dict[str, object]:
    """The settings, where one number for one axis is a number."""
    lists = {name: each for name, each in vars(op).items() if isinstance(each, tuple)}
    return vars(op) | {name: each[0] for name, each in lists.items() if len(each) == 1}


def _starts(op) -> dict[str, object]:
    """How weights start is no setting of a module."""
    return {name: value for name, value in op.defaults().items() if "init" in name}
