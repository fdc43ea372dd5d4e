"""The code of shipped networks comes back as their graph, in a text of about their length."""

from __future__ import annotations

import pytest

from tools.round_trip import trip

NETWORKS = ("resnet:resnet18", "mobilenet_v3:mobilenet_v3_small", "googlenet:googlenet_paper",
            "mixer:mixer_s16_224", "gpt:gpt2_small", "repvgg:repvgg_a0")  # fmt: skip


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
