"""The PyTorch forms of ops, as modules built the way generated code builds them."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Iterator
from functools import cache, reduce
from types import ModuleType

import torch
from torch import Tensor, nn

from archdsl.ops.forms import INPUTS, Helper, TorchCall, carried
from tests.helpers.op_examples import CASES, Example

HEADER = """\
import torch
import torch.nn.functional as F
from torch import Tensor, nn
"""


def expressions(case: Example) -> list[str]:
    """The forms of an op in `forward`: short, in full, and in place."""
    if case.form.join:
        return [joined(case)]
    if case.form.function is None or case.form.weights:
        return []
    texts = [called(case, False), called(case, True)]
    texts += [called(case, False, "inplace=True")] if case.form.inplace else []
    return [*dict.fromkeys(texts)]


def joined(case: Example) -> str:
    """The inputs as one tensor."""
    join = case.form.join
    assert join is not None
    names = inputs_of(case)
    return join.of(names)


def called(case: Example, everything: bool, *flags: str) -> str:
    """The function form of an op; with `everything`, arguments at their default too."""
    call = case.form.function
    assert call is not None
    arguments = case.written(call, everything)
    inputs = [*inputs_of(case), *[f"self.m{weight.suffix}" for weight in case.form.weights]]
    if call.template:
        tensors = dict(zip(INPUTS, inputs, strict=False))
        return call.template.format(*arguments, slice=":".join(arguments[:2]), **tensors)
    training = ["training=self.training"] if case.form.training else []
    keywords = call.keywords(len(inputs))
    read = [f"{key}={name}" if key else name for name, key in zip(inputs, keywords, strict=True)]
    return f"{call.callee}({', '.join([*read, *arguments, *training, *flags])})"


def definitions() -> list[str]:
    """Every class and function that files carry, with all that some case needs."""
    found: dict[str, Helper] = reduce(carried, [case.form.definitions for case in CASES], {})
    return [helper.whole for helper in found.values()]


def inputs_of(case: Example) -> list[str]:
    return [f"x{place}" for place in range(len(case.inputs))]


def forms() -> Iterator[str]:
    """Every definition, and a class for every expression in `forward`."""
    yield from definitions()
    for number, case in enumerate(CASES):
        if case.form.call or case.form.weights:
            yield from applied(number, case)
        parameters = ", ".join(f"{name}: Tensor" for name in inputs_of(case))
        for place, expression in enumerate(expressions(case)):
            yield f"class Form{number}_{place}(nn.Module):"
            yield f"    def forward(self, {parameters}) -> Tensor:"
            yield f"        return {expression}"


def applied(number: int, case: Example) -> Iterator[str]:
    """A class for a module or weight, called `m`, that is not just called with its tensors."""
    inputs = inputs_of(case)
    call = case.form.call.format(m="self.m", **dict(zip(INPUTS, inputs, strict=False)))
    if case.form.weights:
        call = called(case, False)
    yield f"class Called{number}(nn.Module):"
    yield "    def __init__(self) -> None:"
    yield "        super().__init__()"
    if not case.form.weights:
        yield f"        self.m = {made(case)}"
    for weight in case.form.weights:
        text, name = made_by(case, weight.call), f"m{weight.suffix}"
        is_buffer = bool(weight.definition)
        yield (
            f"        self.register_buffer('{name}', {text})"
            if is_buffer
            else f"        self.{name} = {text}"
        )
    yield f"    def forward(self, {', '.join(f'{name}: Tensor' for name in inputs)}) -> Tensor:"
    yield f"        return {call}"


@cache
def file() -> ModuleType:
    """All forms as a Python file."""
    return executed("\n".join([HEADER, *forms()]), "forms_of_ops")


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
    torch.manual_seed(1)
    if case.form.call or case.form.weights:
        return getattr(file(), f"Called{CASES.index(case)}")()
    return eval(made(case, *flags), vars(file()))


def made(case: Example, *flags: str) -> str:
    """The call that makes the module form."""
    call = case.form.module
    assert call is not None
    return made_by(case, call, *flags)


def made_by(case: Example, call: TorchCall, *flags: str) -> str:
    """A call that makes a module or a weight."""
    if call.template:
        return call.template.format(*case.written(call))
    return f"{call.callee}({', '.join([*case.written(call), *flags])})"


def modules_of(case: Example) -> list[nn.Module]:
    """All forms of an op as modules."""
    number = CASES.index(case)
    modules = [module_of(case)] if case.form.module or case.form.weights else []
    modules += [module_of(case, "inplace=True")] if case.form.inplace else []
    places = range(len(expressions(case)))
    return modules + [getattr(file(), f"Form{number}_{place}")() for place in places]


def run(module: nn.Module, case: Example) -> Tensor:
    """The result for fixed inputs and fixed random numbers."""
    tensors = case.tensors()
    torch.manual_seed(2)
    return module(*tensors)
