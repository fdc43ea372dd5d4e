"""What `archdsl.optimize` gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from archdsl.importing.refusal import Refusal
from archdsl.rewriting.formulas import Formula
from archdsl.rewriting.optimize import Optimized
from archdsl.rewriting.report import as_data, lines
from archdsl.rewriting.rewrite import Change, Left
from archdsl.rewriting.table import Outcome
from archdsl.rewriting.tensors import applied, as_before
from archdsl.runtime import Module, instantiate


@dataclass(frozen=True, repr=False)
class Optimization:
    """A network after exact rewrites, proved equal to what it was; `print` it for a report.

    `text` is its spec, `code` that in PyTorch, and `weights` its state dict. Where no rewrite
    applies, there are no `changes`, and all of these are as they were. `externs` are the packages
    whose classes `load` may use.
    """

    name: str
    text: str
    code: str
    weights: Mapping[str, Tensor]
    made: Optimized | Outcome
    externs: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The plan after all rewrites, with what was done."""
        return self.made.outcome if isinstance(self.made, Optimized) else self.made

    @property
    def changes(self) -> tuple[Change, ...]:
        """What was rewritten: each has `rewrite`, `where` (the path of what is new) and `what`."""
        return self.outcome.changes

    @property
    def left(self) -> tuple[Left, ...]:
        """What was left as it is: `rewrite`, `where` and `why`."""
        return self.outcome.left

    @property
    def weight_map(self) -> dict[str, str]:
        """What every weight is, as a formula of the old ones."""
        return {key: str(formula) for key, formula in self.outcome.plan.weights.items()}

    def load(self) -> Module:
        """The network as a PyTorch module, with its weights."""
        module = instantiate(self.code, self.name, self.externs)
        module.load_state_dict(self.weights)
        return module

    def weights_before(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The weights of the network as it was, from those that the rewritten one has now.

        Raises `ValueError` where they cannot be computed backwards, as after a sum of weights, and
        for weights that are none of the rewritten network's.
        """
        formulas: Mapping[str, Formula] | None = self.outcome.plan.weights
        if isinstance(self.made, Optimized):
            formulas = self.made.inverse
            if formulas is None:
                why = self.made.no_inverse
                raise ValueError(f"the weights cannot be computed backwards: {why}")
        assert formulas is not None
        self._require_own(weights)
        try:
            return as_before(applied(formulas, weights), formulas, weights)
        except Refusal as refusal:
            raise ValueError(refusal.message) from refusal

    def _require_own(self, weights: Mapping[str, Tensor]) -> None:
        for key, shape in self.outcome.plan.sizes().items():
            if key not in weights:
                raise ValueError(f"there is no `{key}` among the weights")
            if tuple(weights[key].shape) != shape:
                found = list(weights[key].shape)
                raise ValueError(f"`{key}` is {found}, and that of the network {list(shape)}")

    def __str__(self) -> str:
        return "\n".join(lines(self.made))

    __repr__ = __str__

    def to_dict(self) -> dict[str, Any]:
        """The content of `archdsl optimize --format json`."""
        return as_data(self.made)
