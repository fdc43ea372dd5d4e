"""The defaults of PyTorch's arguments, taken from the forms of ops."""

from __future__ import annotations

from dataclasses import dataclass, field

from archdsl.backends.torch.validation.values import CallKey, Plain, plain
from archdsl.ops.forms import TorchCall

MODE = ("training", "as the module")
"""The correct argument `training=self.training`."""


@dataclass
class Signatures:
    """The defaults by callee, and by the position or keyword of an argument."""

    defaults: dict[str, dict[int | str, Plain]] = field(default_factory=dict)

    def learn(self, call: TorchCall, tensors: int) -> None:
        """Learn the defaults in a form; `tensors` arguments precede its own."""
        known = self.defaults.setdefault(call.callee, {})
        for position, argument in enumerate(call.arguments, tensors):
            if argument.default is not None:
                known[argument.keyword or position] = plain(argument.default)

    def key(self, callee: str, positional: list[Plain], keywords: dict[str, Plain]) -> CallKey:
        """A call without the arguments that equal their default."""
        known = self.defaults.get(callee)
        if known:
            while positional and known.get(len(positional) - 1, self) == positional[-1]:
                positional.pop()
            keywords = {n: v for n, v in keywords.items() if known.get(n, self) != v}
        return callee, tuple(positional), tuple(sorted(keywords.items()))
