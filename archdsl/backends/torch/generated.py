"""A class of the generated file, as Python values that are laid out at the end."""

from __future__ import annotations

from dataclasses import dataclass, field

from archdsl.backends.torch import python
from archdsl.backends.torch.python import PyBlock, PyExpression, PyName, PyParameter
from archdsl.ops.forms import Helper


@dataclass
class GeneratedClass:
    """A class of the generated file."""

    name: str
    doc: str
    base: str
    flags: list[str] = field(default_factory=list)
    """The attributes that hold conditions, for TorchScript."""
    parameters: list[PyParameter] = field(default_factory=list)
    constructor: PyBlock = ()
    inputs: list[str] = field(default_factory=list)
    forward: PyBlock = ()
    results: list[str] = field(default_factory=list)
    """The names of its results, if there are several."""
    heads: list[str] = field(default_factory=list)
    more: int = 0
    """The number of tensors that `forward` returns besides its result and those of heads."""
    definitions: dict[str, Helper] = field(default_factory=dict)

    is_root: bool = False
    factory: str = ""
    """Its name if it is a function; the function's statements are those of `constructor`."""

    @property
    def output_type(self) -> PyExpression:
        """What `forward` returns."""
        tensor = PyName("Tensor")
        if self.has_outputs:
            outputs = PyName(outputs_name(self.name))
            return outputs if self.results else python.union([tensor, outputs])
        heads = [python.union([tensor, python.NONE])] * len(self.heads)
        several = [*[tensor] * len(self.results or ["x"]), *heads, *[tensor] * self.more]
        return python.generic("tuple", *several) if len(several) > 1 else tensor

    @property
    def has_outputs(self) -> bool:
        """Whether it gives a named tuple, as a network does that has several outputs."""
        return self.is_root and bool(self.results or self.heads)


def outputs_name(name: str) -> str:
    """The named tuple of all outputs of a network's class."""
    return f"{name}Outputs"
