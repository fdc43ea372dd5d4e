"""`archdsl.optimize`: what Python gets back."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import archdsl
from archdsl import SpecError

NET = "network n(width=4, skip=2): [3, 9, 9] = conv(width, 3) -> bn -> flatten -> linear(skip)\n"
TOWERS = "network t: [3, 9, 9] = concat(a: conv(2, 3), b: conv(2, 3)) -> flatten -> linear(2)\n"
PLAIN = "network p: [3, 9, 9] = conv(4, 3) -> relu -> flatten -> linear(5)\n"


def test_the_module_computes_the_same_and_the_old_one_stays():
    old = archdsl.load(text=NET, width=6).eval()
    state = {key: value.clone() for key, value in old.state_dict().items()}
    made = archdsl.optimize(text=NET, weights=old.state_dict(), width=6)
    images = torch.randn(2, 3, 9, 9)
    assert torch.allclose(made.load().eval()(images), old(images), atol=1e-5)
    assert all(torch.equal(value, state[key]) for key, value in old.state_dict().items())
    assert [each.rewrite for each in made.changes] == ["fold"]
    assert "conv(6, 3)" in made.text
    assert made.weight_map["3.bias"] == "`3.bias`"
    assert "fold batch norms" in str(made)
    assert made.to_dict()["network"] == made.name == "n"
    with pytest.raises(
        ValueError, match=r"cannot be computed backwards: `conv\.weight`|`0\.weight`"
    ):
        made.weights_before(made.weights)


def test_moved_weights_go_back():
    old = archdsl.load(text=TOWERS).state_dict()
    made = archdsl.optimize(text=TOWERS, weights=old, training=True)
    back = made.weights_before(made.load().state_dict())
    assert back.keys() == old.keys()
    assert all(torch.equal(back[key], old[key]) for key in old)
    with pytest.raises(ValueError, match=r"there is no `conv\.weight`"):
        made.weights_before({})
    with pytest.raises(ValueError, match=r"is \[1\], and that of the network"):
        made.weights_before(dict.fromkeys(made.weights, torch.zeros(1)))


def test_noise_is_no_difference():
    text = "network n: [4, 5, 5] = noise -> concat(conv(2, 3), conv(2, 3))\n"
    assert archdsl.optimize(text=text, training=True).changes


def test_numbers_that_no_state_dict_holds_are_none_of_the_weights():
    body = "add(embedding(8), positions -> sinusoids(8)) -> concat(linear(4), linear(4))"
    assert archdsl.optimize(text=f"network n: [4] < 10 = {body}\n", training=True).changes


def test_classes_of_others_stay_and_all_else_is_rewritten():
    own = '"tests.helpers.own_layers.Gate"(c)'
    text = f"""
extern gate: [c, h, w] -> [c, h, w] = {own}
network n(deep=false): [3, h, w] =
    conv(4, 3) -> bn -> maxpool(2) -> gate -> conv(4, 3) -> bn -> (gate if deep)
"""
    old = archdsl.load(text=text, externs="tests").state_dict()
    made = archdsl.optimize(text=text, externs="tests", weights=old)
    assert "[4, size1, size2] -> [4, size1, size2]" in made.text
    assert "bn" not in made.text
    assert torch.equal(made.load().state_dict()["3.down.weight"], old["3.down.weight"])
    with pytest.raises(SpecError, match="E0917"):
        archdsl.optimize(text=text)


def test_where_nothing_applies_all_is_as_it_was(tmp_path: Path):
    path = tmp_path / "plain.arch"
    path.write_text(PLAIN)
    old = archdsl.load(path).state_dict()
    made = archdsl.optimize(path, weights=old)
    assert (made.changes, made.text, made.code) == ((), PLAIN, archdsl.compile(path))
    assert all(torch.equal(made.weights_before(made.weights)[key], old[key]) for key in old)


@pytest.mark.parametrize(
    ("text", "given", "kind", "message"),
    [
        (NET, {"only": "fusion"}, ValueError, "`only` takes heads, "),
        (NET, {"weights": {"a": torch.zeros(1)}}, SpecError, "E0932"),
        (NET + PLAIN, {}, SpecError, "E0911"),
        (NET, {"network": "m"}, SpecError, "E0911|E0912"),
        (NET, {"weights": "absent.pth"}, SpecError, "E0931"),
    ],
)
def test_what_cannot_be_is_refused(text, given, kind, message):
    with pytest.raises(kind, match=message):
        archdsl.optimize(text=text, **given)


@pytest.mark.parametrize("sizes", ["[1, 90000, 90000]", "[9, t, h, h]"])
def test_memory_is_asked_before_networks_are_compared(sizes):
    text = f"network n: {sizes} = conv(900, 1) -> conv(1, 7) -> bn\n"
    if "t" in sizes:
        assert archdsl.optimize(text=text).changes
    else:
        with pytest.raises(SpecError, match="E0994"):
            archdsl.optimize(text=text)


def test_zeros_hide_nothing():
    from archdsl.rewriting.proof import filled

    module = archdsl.load(text=NET)
    with torch.no_grad():
        weight = module.get_submodule("0").weight.fill_(0.01)
        weight[2] = 0
        filled(module)
    assert weight.min() != 0
    assert weight.std() < 0.1
    assert len(weight.unique()) == weight.numel()


def test_numbers_that_a_type_cannot_hold_are_refused():
    from archdsl.importing.refusal import Refusal
    from archdsl.rewriting.optimize import optimized

    module = archdsl.load(text=NET).half()
    with torch.no_grad():
        module.get_submodule("1").weight.fill_(60_000)
        module.get_submodule("1").running_var.fill_(0)
    graph = archdsl.read(text=NET)["n"].graph
    with pytest.raises(Refusal, match=r"numbers of `0\.weight` are too large for float16"):
        optimized(graph, module, "n")
