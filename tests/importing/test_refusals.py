"""What cannot be imported is refused, with the module, what is missing, and the user's line."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from archdsl.importing import import_model
from archdsl.importing.model import restore
from archdsl.importing.refusal import Refusal, is_our_own
from tests.helpers import small_models, strange_models

REFUSED = {
    "Branching": ("E0988", "`__bool__` asks for the numbers of a tensor", "if x.mean() > 0:"),
    "Writing": ("E0988", "`__setitem__` writes into a part of a tensor", "x[:, 0] = 0"),
    "Circular": ("E0987", "`conv` (`Conv2d`) has settings that no op has", "return self.conv(x)"),
    "Sorting": ("E0987", "calls `sort`, for which the language has no op", "return torch.sort("),
    "Unused": ("E0989", "the text has no weight `spare.weight`", ""),
    "Overwriting": ("E0988", "`relu_` writes to the input of the model", "part.relu_()"),
    "Offset": ("E0987", "adds a fixed number", "return x + 1.5"),
    "Lucky": ("E0988", "draws a random number of `random`", ""),
    "Warming": ("E0988", "the model changes its own `runs` from run to run", ""),
    "Frozen": ("E0988", "`norm` (`BatchNorm2d`) stays in evaluation", ""),
    "Centred": ("E0987", "reads the buffer `mean`", "return self.conv(x - self.mean)"),
    "Lazy": ("E0985", "`conv` (`LazyConv2d`) has weights without sizes", ""),
    "Growing": ("E0987", "calls `sinh`", "return self.p_bias_table.sinh()"),
    "Gradless": ("E0989", "the gradient of input 1 is 0 in the model", ""),
    "Noisy": ("E0987", "calls `rand_like`", "return x + torch.rand_like(x)"),
}
STRANGE = {
    "Drawing": ("E0988", "the model changes its own `numbers` from run to run", ""),
    "Counting": ("E0988", "the model changes its own `runs` from run to run", ""),
    "Crowded": ("E0988", "a size that changes with the number of samples", "is_crowd = "),
    "Careless": ("E0988", "a size that changes with the number of samples", "x.size(0) % 7"),
    "Wary": ("E0988", "`__bool__` asks for the numbers of a tensor", "x.max() > 100"),
    "Tallied": ("E0988", "the model changes its own `tests.helpers.strange_models.", ""),
    "Halved": ("E0988", "a precision of its own, by `torch.autocast`", "with torch.autocast("),
    "Squeezed": ("E0989", "in evaluation of one sample result 1 is [1, 4], not [4]", ""),
    "Biased": ("E0989", "the gradient of `head.bias` is 0 in the model", ""),
    "Hidden": ("E0988", "`Conv2d` has weights, and is no module of the model", "self.layers[0]"),
    "Voiceless": ("E0988", "`the model` (`Voiceless`) gives no tensor", ""),
    "Remembering": ("E0989", "no weight `seen`: it is a buffer of `the model`", ""),
    "Marginal": ("E0987", "pads with -inf", "F.pad("),
    "Wandering": ("E0989", "what goes into `last.conv` (`Conv2d`) is the first", "def forward"),
}


def refusal(model: nn.Module) -> Refusal:
    with pytest.raises(Refusal) as caught:
        import_model(model, [torch.rand(2, 3, 8, 8)])
    return caught.value


@pytest.mark.parametrize("name", [*REFUSED, *STRANGE])
def test_a_refusal_names_what_is_missing_and_the_line(name):
    code, message, line = (REFUSED | STRANGE)[name]
    models = small_models if name in REFUSED else strange_models
    found = refusal(getattr(models, name)())
    assert found.code == code
    assert message in found.message
    assert line in found.line.text
    diagnostic = found.diagnostic("net:make")
    assert (diagnostic.span.line == found.line.number) if line else not diagnostic.span.source.text


def test_a_model_with_hooks_is_refused():
    model = small_models.Nested()
    model.features.register_forward_hook(lambda module, args, result: result * 2)
    assert "`features` (`Sequential`) has hooks" in refusal(model).message


def test_a_parametrization_is_refused():
    model = small_models.Nested()
    nn.utils.parametrizations.weight_norm(model.head[1])
    assert "computes its weights by a parametrization" in refusal(model).message


def test_a_weight_of_two_layers_is_named():
    model = nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU(), nn.Conv2d(3, 3, 1))
    model[2].weight = model[0].weight
    assert "`0.weight` and `2.weight` are one weight" in refusal(model).message


def test_what_a_function_of_pytorch_raises_is_no_fault_of_the_importer():
    with pytest.raises(RuntimeError) as caught:
        restore(nn.Linear(2, 2), {"weight": torch.zeros(3), "bias": torch.zeros(2)})
    assert not is_our_own(caught.value)
    with pytest.raises(KeyError) as other:
        restore(nn.Linear(2, 2), {})
    assert is_our_own(other.value)


def test_a_program_of_torchscript_is_refused():
    with pytest.warns(DeprecationWarning, match="deprecated"):
        model = nn.Sequential(torch.jit.script(nn.Conv2d(3, 4, 1)))
    assert "`0` (`RecursiveScriptModule`) is a program of TorchScript" in refusal(model).message


def test_a_model_that_does_not_run_is_refused():
    with pytest.raises(Refusal, match="the model does not run: ") as caught:
        import_model(small_models.Nested(), [torch.rand(2, 5, 8, 8)])
    assert caught.value.code == "E0986"
