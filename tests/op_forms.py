"""What the ops say they are in PyTorch, as modules: built as generated code builds them."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from types import ModuleType

import torch
from op_examples import CASES, Example
from torch import Tensor, nn

HEADER = """\
import torch
import torch.nn.functional as F
from torch import Tensor, nn
"""


def function_class(
    case: Example, name: str, inplace: bool = False, everything: bool = False
) -> str:
    """A module that calls the function form."""
    call = case.form.function
    assert call is not None
    arguments = case.written(call, everything)
    flags = ["training=self.training"] * case.form.training + ["inplace=True"] * inplace
    if call.template:
        body = call.template.format(*arguments, x="x", slice=":".join(arguments[:2]))
    else:
        body = f"{call.callee}({', '.join(['x', *arguments, *flags])})"
    return module_class(name, ["x"], body)


def join_class(case: Example, name: str) -> str:
    """A module that joins its inputs."""
    join = case.form.join
    assert join is not None
    names = list("abc"[: len(case.inputs)])
    closing = join.closing.format(n=len(names))
    return module_class(name, names, join.opening + join.separator.join(names) + closing)


def module_class(name: str, inputs: Sequence[str], result: str) -> str:
    parameters = ", ".join(f"{each}: Tensor" for each in inputs)
    head = f"class {name}(nn.Module):\n    def forward(self, {parameters}) -> Tensor:"
    return f"{head}\n        return {result}\n"


def forms() -> Iterator[str]:
    """The text of every definition, and of a class for every form in `forward`."""
    yield from dict.fromkeys(case.form.definition for case in CASES if case.form.definition)
    for place, case in enumerate(CASES):
        if case.form.join:
            yield join_class(case, f"Join{place}")
        if case.form.function:
            yield function_class(case, f"Function{place}")
            yield function_class(case, f"Full{place}", everything=True)
        if case.form.function and case.form.inplace:
            yield function_class(case, f"Inplace{place}", inplace=True)


@cache
def file() -> ModuleType:
    """All forms as a Python file."""
    return executed("\n\n".join([HEADER, *forms()]), "forms_of_ops")


def executed(text: str, name: str) -> ModuleType:
    """A text as a module, whose source TorchScript can read."""
    module = ModuleType(name)
    module.__file__ = f"<{name}>"
    linecache.cache[module.__file__] = (len(text), None, text.splitlines(True), module.__file__)
    exec(compile(text, module.__file__, "exec", dont_inherit=True), vars(module))
    sys.modules[name] = module
    return module


def module_of(case: Example, *flags: str) -> nn.Module:
    """The module form."""
    call = case.form.module
    assert call is not None
    torch.manual_seed(1)
    return eval(f"{call.callee}({', '.join([*case.written(call), *flags])})", vars(file()))


def class_of(case: Example, kind: str) -> nn.Module:
    """A form in `forward`, by the kind of its class in the file."""
    return getattr(file(), f"{kind}{CASES.index(case)}")()


def modules_of(case: Example) -> list[nn.Module]:
    """All forms of an op as modules."""
    if case.form.join:
        return [class_of(case, "Join")]
    modules = [module_of(case)]
    if case.form.function:
        modules += [class_of(case, "Function"), class_of(case, "Full")]
    if case.form.inplace:
        modules += [module_of(case, "inplace=True"), class_of(case, "Inplace")]
    return modules


def run(module: nn.Module, case: Example) -> Tensor:
    """The result for always the same inputs, with always the same random numbers."""
    tensors = case.tensors()
    torch.manual_seed(2)
    return module(*tensors)
