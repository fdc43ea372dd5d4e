"""Recurrent layers as loops: PyTorch otherwise captures them for the length of the example alone.

A captured `nn.LSTM` is unrolled, position by position. As `scan`, which both PyTorch's programs and
ONNX know, its one step is captured once, and the length stays open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import torch
from torch import Tensor
from torch._higher_order_ops import scan
from torch.nn import functional
from torch.overrides import TorchFunctionMode

States: TypeAlias = tuple[Tensor, ...]
"""The hidden state, and of an LSTM the cell behind it."""
Step: TypeAlias = Callable[[States, Tensor, Tensor], States]
"""The next states: from the last ones, and from the gates as input and hidden state give them."""


class Looped(TorchFunctionMode):
    """While it is entered, recurrent layers are traced as loops over the positions."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Calls of PyTorch, of which recurrent layers go to the function below."""
        step = STEPS.get(getattr(func, "__name__", ""))
        return _looped(step, *args) if step else func(*args, **(kwargs or {}))


def _looped(
    step: Step,
    sequence: Tensor,
    states: Tensor | Sequence[Tensor],
    weights: Sequence[Tensor],
    has_biases: bool,
    layers: int,
    dropout: float,
    training: bool,
    bidirectional: bool,
    batch_first: bool,
) -> tuple[Tensor, ...]:
    """`torch.lstm` and its like in inference, of sequences `(batch, position, feature)`."""
    assert has_biases
    assert batch_first
    assert not training
    started = (states,) if isinstance(states, Tensor) else tuple(states)
    result = sequence.transpose(0, 1)
    passes = 2 if bidirectional else 1
    for first in range(0, layers * passes, passes):
        runs = [
            _run(
                step, result, [each[index] for each in started], weights[4 * index :], index > first
            )
            for index in range(first, first + passes)
        ]
        result = torch.cat(runs, -1)
    # What a network reads is the first result alone.
    return result.transpose(0, 1), *started


def _run(
    step: Step, sequence: Tensor, states: Sequence[Tensor], weights: Sequence[Tensor], back: bool
) -> Tensor:
    """One layer in one direction: the hidden state at every position, which come first here."""
    of_input, of_hidden, input_bias, hidden_bias, *_ = weights
    given = functional.linear(sequence, of_input, input_bias)

    def advance(known: States, gates: Tensor) -> tuple[States, Tensor]:
        after = step(known, gates, functional.linear(known[0], of_hidden, hidden_bias))
        # A result of a scan may not be one of its states.
        return after, after[0].clone()

    start = tuple([state.clone() for state in states])
    hidden: Tensor
    _, hidden = scan(advance, start, given.flip(0) if back else given)
    return hidden.flip(0) if back else hidden


def _lstm(states: States, given: Tensor, known: Tensor) -> States:
    """Hochreiter and Schmidhuber (1997), with a forget gate."""
    enter, forget, cell, leave = (given + known).chunk(4, -1)
    after = forget.sigmoid() * states[1] + enter.sigmoid() * cell.tanh()
    return leave.sigmoid() * after.tanh(), after


def _gru(states: States, given: Tensor, known: Tensor) -> States:
    """Cho et al. (2014), in the form of PyTorch: the reset gate is applied to the product."""
    (hidden,) = states
    parts = zip(given.chunk(3, -1), known.chunk(3, -1), strict=True)
    (reset, of_reset), (update, of_update), (new, of_new) = parts
    candidate = (new + (reset + of_reset).sigmoid() * of_new).tanh()
    return (candidate + (update + of_update).sigmoid() * (hidden - candidate),)


def _rnn(states: States, given: Tensor, known: Tensor) -> States:
    """Elman (1990)."""
    return ((given + known).tanh(),)


STEPS: dict[str, Step] = {"lstm": _lstm, "gru": _gru, "rnn_tanh": _rnn}
"""By the name of PyTorch's function."""
