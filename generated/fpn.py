# Generated from fpn.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 5ecc0bfae958e7e7b796678a78dca51a8c5175d46658a2ff8a02dc4e9612a234
"""Feature Pyramid Networks for Object Detection (Lin et al., CVPR 2017), on ResNet-50.

`resnet50_fpn` is torchvision's `resnet_fpn_backbone`: the same layers under the same keys. The
stages of a ResNet give tensors of four sizes. From the smallest one down, each is brought to 256
channels and added to the one above, enlarged; a convolution makes a level of each sum.
"""

from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["ResNet50Fpn", "ResNet50FpnOutputs"]


def _kaiming_normal(module: nn.Conv2d) -> nn.Module:
    nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return module


def projection(in_channels: int, out: int, stride: int = 1) -> nn.Module:
    """The identity where it fits, else a strided 1x1 convolution: ResNet's option B."""
    if stride > 1 or in_channels != out:
        return nn.Sequential(
            _kaiming_normal(nn.Conv2d(in_channels, out, 1, stride=stride, bias=False)),
            nn.BatchNorm2d(out),
        )
    return nn.Identity()


class Bottleneck(nn.Module):
    """The block of ResNet-50 and deeper: 1x1, 3x3 and 1x1 convolutions and a shortcut. The 3x3 one
    strides, as in most implementations, or `early` the first, as in the paper. `groups` and
    `base`, the width of a group where `width` is 64, make it ResNeXt's (Xie et al., CVPR 2017).
    """

    def __init__(
        self,
        in_channels: int,
        width: int,
        stride: int = 1,
        groups: int = 1,
        base: int = 64,
        early: bool = False,
    ) -> None:
        super().__init__()
        mid = width * base // 64 * groups
        self.conv1 = _kaiming_normal(
            nn.Conv2d(in_channels, mid, 1, stride=stride if early else 1, bias=False)
        )
        self.bn1 = nn.BatchNorm2d(mid)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = _kaiming_normal(
            nn.Conv2d(
                mid, mid, 3, stride=1 if early else stride, padding=1, groups=groups, bias=False
            )
        )
        self.bn2 = nn.BatchNorm2d(mid)
        self.conv3 = _kaiming_normal(nn.Conv2d(mid, 4 * width, 1, bias=False))
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.downsample = projection(in_channels, 4 * width, stride=stride)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        return self.relu(self.bn3(self.conv3(out)) + self.downsample(x))


class Stages(nn.Module):
    """The stages of a ResNet with bottlenecks, each by its name."""

    def __init__(self, depths: list[int]) -> None:
        super().__init__()
        self.conv1 = _kaiming_normal(nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False))
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = nn.Sequential(
            Bottleneck(64, 64), *(Bottleneck(256, 64) for _ in range(depths[0] - 1))
        )
        self.layer2 = nn.Sequential(
            Bottleneck(256, 128, stride=2), *(Bottleneck(512, 128) for _ in range(depths[1] - 1))
        )
        self.layer3 = nn.Sequential(
            Bottleneck(512, 256, stride=2), *(Bottleneck(1024, 256) for _ in range(depths[2] - 1))
        )
        self.layer4 = nn.Sequential(
            Bottleneck(1024, 512, stride=2), *(Bottleneck(2048, 512) for _ in range(depths[3] - 1))
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.maxpool(x)
        layer1 = self.layer1(x)
        layer2 = self.layer2(layer1)
        layer3 = self.layer3(layer2)
        layer4 = self.layer4(layer3)
        return layer1, layer2, layer3, layer4


class Pyramid(nn.Module):
    """Levels of equal width, and one more at half the size of the last."""

    def __init__(
        self, c2_channels: int, c3_channels: int, c4_channels: int, c5_channels: int, out: int
    ) -> None:
        super().__init__()
        self.inner_blocks = nn.ModuleList(
            [
                nn.Sequential(nn.Conv2d(c2_channels, out, 1)),
                nn.Sequential(nn.Conv2d(c3_channels, out, 1)),
                nn.Sequential(nn.Conv2d(c4_channels, out, 1)),
                nn.Sequential(nn.Conv2d(c5_channels, out, 1)),
            ]
        )
        self.layer_blocks = nn.ModuleList(
            [nn.Sequential(nn.Conv2d(out, out, 3, padding=1)) for _ in range(4)]
        )
        self.pool = nn.MaxPool2d(1, stride=2)

    def forward(
        self, c2: Tensor, c3: Tensor, c4: Tensor, c5: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        m5 = self.inner_blocks[3](c5)
        m4 = self.inner_blocks[2](c4) + F.interpolate(m5, scale_factor=2.0)
        m3 = self.inner_blocks[1](c3) + F.interpolate(m4, scale_factor=2.0)
        x = self.inner_blocks[0](c2) + F.interpolate(m3, scale_factor=2.0)
        p5 = self.layer_blocks[3](m5)
        p2 = self.layer_blocks[0](x)
        p3 = self.layer_blocks[1](m3)
        p4 = self.layer_blocks[2](m4)
        pool = self.pool(p5)
        return p2, p3, p4, p5, pool


class ResNet50FpnOutputs(NamedTuple):
    """What `ResNet50Fpn` gives."""

    p2: Tensor
    p3: Tensor
    p4: Tensor
    p5: Tensor
    pool: Tensor


class ResNet50Fpn(nn.Module):
    """Defaults: [3, 32 * h, 32 * w] -> p2 [256, 8 * h, 8 * w], p3 [256, 4 * h, 4 * w],
    p4 [256, 2 * h, 2 * w], p5 [256, h, w] and pool [256, (h + 1) // 2, (w + 1) // 2] for h >= 1
    and w >= 1; 26,852,416 parameters; 141,410,304 * h * w multiply-adds.

    body (c2 [256, 8 * h, 8 * w], c3 [512, 4 * h, 4 * w], c4 [1024, 2 * h, 2 * w],
    c5 [2048, h, w]); fpn (p2 [256, 8 * h, 8 * w], p3 [256, 4 * h, 4 * w],
    p4 [256, 2 * h, 2 * w], p5 [256, h, w], pool [256, (h + 1) // 2, (w + 1) // 2]).
    """

    def __init__(self, width: int = 256) -> None:
        super().__init__()
        self.body = Stages([3, 4, 6, 3])
        self.fpn = Pyramid(256, 512, 1024, c5_channels=2048, out=width)

    def forward(self, x: Tensor) -> ResNet50FpnOutputs:
        c2, c3, c4, c5 = self.body(x)
        p2, p3, p4, p5, pool = self.fpn(c2, c3, c4, c5)
        return ResNet50FpnOutputs(p2, p3, p4, p5, pool)
