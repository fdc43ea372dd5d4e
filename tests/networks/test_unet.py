"""The U-Net against one written by hand, with the layers and keys of brain-segmentation-pytorch."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn

from tests.helpers.filling import filled, image
from tests.helpers.generated import built, on_meta


def _double(channels: int, out: int, name: str) -> nn.Sequential:
    layers: list[tuple[str, nn.Module]] = []
    for number, read in ((1, channels), (2, out)):
        layers += [
            (f"{name}conv{number}", nn.Conv2d(read, out, 3, padding=1, bias=False)),
            (f"{name}norm{number}", nn.BatchNorm2d(out)),
            (f"{name}relu{number}", nn.ReLU()),
        ]
    return nn.Sequential(OrderedDict(layers))


class UNet(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        widths = [width, 2 * width, 4 * width, 8 * width]
        for i, (channels, out) in enumerate(zip([3, *widths], widths, strict=False), 1):
            setattr(self, f"encoder{i}", _double(channels, out, f"enc{i}"))
        self.bottleneck = _double(8 * width, 16 * width, "bottleneck")
        for i, out in reversed([*enumerate(widths, 1)]):
            setattr(self, f"upconv{i}", nn.ConvTranspose2d(2 * out, out, 2, stride=2))
            setattr(self, f"decoder{i}", _double(2 * out, out, f"dec{i}"))
        self.conv = nn.Conv2d(width, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        kept = []
        for i in range(1, 5):
            kept.append(getattr(self, f"encoder{i}")(x))
            x = nn.functional.max_pool2d(kept[-1], 2)
        x = self.bottleneck(x)
        for i in range(4, 0, -1):
            x = torch.cat([getattr(self, f"upconv{i}")(x), kept.pop()], 1)
            x = getattr(self, f"decoder{i}")(x)
        return torch.sigmoid(self.conv(x))


def test_it_is_the_one_written_by_hand() -> None:
    with torch.device("meta"):
        by_hand = filled(UNet(32))
    ours = filled(on_meta("unet", "unet"))
    assert ours.state_dict().keys() == by_hand.state_dict().keys()
    with torch.no_grad():
        x = image([3, 48, 32])
        torch.testing.assert_close(ours(x), by_hand(x), rtol=1e-9, atol=1e-12)


def test_masks_at_three_sizes() -> None:
    masks = built("unet", "unet_deep", classes=3, width=4)(torch.zeros(1, 3, 32, 16))
    assert {name: [*mask.shape] for name, mask in masks._asdict().items()} == {
        "mask": [1, 3, 32, 16],
        "mask2": [1, 3, 16, 8],
        "mask4": [1, 3, 8, 4],
    }
