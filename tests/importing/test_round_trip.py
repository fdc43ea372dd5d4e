"""The code of shipped networks comes back as their graph, in a text of about their length."""

from __future__ import annotations

import pytest

from tools.round_trip import trip

NETWORKS = ("resnet:resnet18", "mobilenet_v3:mobilenet_v3_small", "googlenet:googlenet_paper",
            "mixer:mixer_s16_224", "gpt:gpt2_small", "repvgg:repvgg_a0", "lenet:lenet5",
            "text:text_lstm", "drrn:drrn_b1u25", "unet:unet", "resnext:stage_summed",
            "vgg:vgg19_bn", "vit:deit_tiny_distilled_patch16_224")  # fmt: skip


@pytest.mark.parametrize("called", NETWORKS)
def test_generated_code_comes_back(called):
    module, _, name = called.partition(":")
    found = trip(module, name)
    assert not found.fault
    assert found.text.tokens <= 1.2 * found.written.tokens


def test_the_library_is_called_by_its_names():
    found = trip("senet", "seresnet50")
    assert not found.fault
    assert {"bottleneck", "se"} <= found.text.blocks
    assert "block " not in found.spec


def test_what_blocks_differ_in_is_an_argument_of_theirs():
    text = trip("unet", "unet").spec
    assert '"{name}conv1": conv(out, 3) -> "{name}norm1": bn -> relu' in text
    assert 'encoder1: double("enc1", 32)' in text


def test_attention_in_windows_has_its_bias():
    found = trip("swin", "swin_t")
    assert not found.fault
    assert "bias=relative_position: window_bias(size, 7, heads, shift)" in found.spec
    # A map of one window is cut into windows too, and every second block moves the map.
    assert found.spec.count("block window_attention") == 1
    assert "0.2 * i / 11, shift=3 if i % 2 == 1 else 0) for i in range(4, 10)" in found.spec
    assert found.text.tokens <= 1.2 * found.written.tokens


def test_padded_shortcuts_are_the_librarys():
    found = trip("resnet_cifar", "resnet20")
    assert "basic(32, stride=2, shortcut=zero_padding) -> repeat(2, basic(32))" in found.spec
