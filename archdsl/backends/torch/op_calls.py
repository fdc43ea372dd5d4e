"""Calls of ops in `forward`: of their modules, or of functions."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.backends.torch import python
from archdsl.backends.torch.access import Access
from archdsl.backends.torch.calls import forms, with_suffix
from archdsl.backends.torch.kept import Kept
from archdsl.backends.torch.merged import MergedOp
from archdsl.backends.torch.python import TRAINING, PyArgument, PyCall, PyExpression
from archdsl.backends.torch.rows import same
from archdsl.backends.torch.templates import filled
from archdsl.ops.forms import INPUTS


@dataclass
class OpCalls:
    """Writes the calls of the ops of a class."""

    access: Access
    kept: Kept

    def module(self, node: MergedOp, *tensors: PyExpression) -> PyExpression:
        """The module of an op, called with its tensors or as its form says."""
        call = same({row: form.call for row, form in forms(node).items()})
        attribute = self.access.of(node)
        if weights := next(iter(forms(node).values())).weights:
            own = [with_suffix(attribute, weight.suffix) for weight in weights]
            return self.function(node, *tensors, *own)
        return filled(call, tensors, module=attribute) if call else python.call(attribute, *tensors)

    def function(self, node: MergedOp, *tensors: PyExpression) -> PyExpression:
        """The call of an op's function."""
        found = forms(node)
        calls = {row: form.function for row, form in found.items() if form.function is not None}
        row, call = next(iter(calls.items()))
        given = self.kept.arguments(node, calls)
        if found[row].module is None:
            keywords = [each.keyword for each in given]
            self.access.writer.carry(found.values(), keywords)
        if template := same({row: call.template for row, call in calls.items()}):
            return filled(template, tensors, *[argument.value for argument in given])
        has_mode = any(form.training for form in found.values())
        mode = [PyArgument(TRAINING, "training")] if has_mode else []
        read = [*map(PyArgument, tensors, call.keywords(len(tensors)))]
        return PyCall(python.dotted(call.callee), (*read, *given, *mode))


def reads_twice(node: MergedOp, place: int = 0) -> bool:
    """Whether an op is written with the tensor at a place more than once."""
    found = forms(node).values()
    templates = [form.function.template if form.function else "" for form in found]
    name = f"{{{INPUTS[place]}}}"
    return any(text.count(name) > 1 for text in [*templates, *[form.call for form in found]])
