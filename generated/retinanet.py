# Generated from retinanet.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 628cb7472d5516c12b277932b74e47f5accacecb672d32de375fa47d237fb466
"""Focal Loss for Dense Object Detection (Lin et al., ICCV 2017): RetinaNet, on ResNet-50.

These are torchvision's layers under torchvision's keys. A feature pyramid gives five levels. One
head, with one set of weights, says for every position of every level and each of its anchor
boxes how likely every class is, and how the box must be moved. What follows (boxes, losses,
suppression) has no weights.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["RetinanetResNet50Fpn", "RetinanetResNet50FpnOutputs"]


def _kaiming_normal(module: nn.Conv2d) -> nn.Module:
    nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return module


def _normal(module: nn.Conv2d) -> nn.Module:
    nn.init.normal_(module.weight, std=0.01)
    if module.bias is not None:
        nn.init.zeros_(module.bias)
    return module


def _normal_with_bias(module: nn.Conv2d) -> nn.Module:
    nn.init.normal_(module.weight, std=0.01)
    if module.bias is not None:
        nn.init.constant_(module.bias, -4.59511985013459)
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
    """The stages of a ResNet with bottlenecks, the last three each by its name."""

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

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.maxpool(x)
        x = self.layer1(x)
        layer2 = self.layer2(x)
        layer3 = self.layer3(layer2)
        layer4 = self.layer4(layer3)
        return layer2, layer3, layer4


class Pyramid(nn.Module):
    """Levels of equal width, and two more, each at half the size of the one before."""

    def __init__(self, c3_channels: int, c4_channels: int, c5_channels: int, out: int) -> None:
        super().__init__()
        self.extra_blocks = nn.ModuleDict()
        self.inner_blocks = nn.ModuleList(
            [
                nn.Sequential(nn.Conv2d(c3_channels, out, 1)),
                nn.Sequential(nn.Conv2d(c4_channels, out, 1)),
                nn.Sequential(nn.Conv2d(c5_channels, out, 1)),
            ]
        )
        self.layer_blocks = nn.ModuleList(
            [nn.Sequential(nn.Conv2d(out, out, 3, padding=1)) for _ in range(3)]
        )
        self.extra_blocks["p6"] = nn.Conv2d(out, out, 3, stride=2, padding=1)
        self.relu = nn.ReLU()
        self.extra_blocks["p7"] = nn.Conv2d(out, out, 3, stride=2, padding=1)

    def forward(
        self, c3: Tensor, c4: Tensor, c5: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        m5 = self.inner_blocks[2](c5)
        m4 = self.inner_blocks[1](c4) + F.interpolate(m5, scale_factor=2.0)
        x = self.inner_blocks[0](c3) + F.interpolate(m4, scale_factor=2.0)
        p5 = self.layer_blocks[2](m5)
        p6 = self.extra_blocks["p6"](p5)
        p3 = self.layer_blocks[0](x)
        p4 = self.layer_blocks[1](m4)
        p7 = self.extra_blocks["p7"](self.relu(p6))
        return p3, p4, p5, p6, p7


class ClassificationHead(nn.Module):
    """A number for every class and every anchor box."""

    def __init__(self, in_channels: int, classes: int, anchors: int) -> None:
        super().__init__()
        self.anchors = anchors
        layers: list[nn.Module] = []
        for _ in range(4):
            layers.append(
                nn.Sequential(
                    _normal(nn.Conv2d(in_channels, in_channels, 3, padding=1)),
                    nn.ReLU(inplace=True),
                )
            )
        self.conv = nn.Sequential(*layers)
        self.cls_logits = _normal_with_bias(nn.Conv2d(in_channels, anchors * classes, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.cls_logits(self.conv(x))
        return x.unflatten(1, (self.anchors, -1)).permute(0, 3, 4, 1, 2).flatten(1, 3)


class RegressionHead(nn.Module):
    """Four numbers for every anchor box, which move and stretch it."""

    def __init__(self, in_channels: int, anchors: int) -> None:
        super().__init__()
        self.anchors = anchors
        layers: list[nn.Module] = []
        for _ in range(4):
            layers.append(
                nn.Sequential(
                    _normal(nn.Conv2d(in_channels, in_channels, 3, padding=1)),
                    nn.ReLU(inplace=True),
                )
            )
        self.conv = nn.Sequential(*layers)
        self.bbox_reg = _normal(nn.Conv2d(in_channels, anchors * 4, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.bbox_reg(self.conv(x))
        return x.unflatten(1, (self.anchors, -1)).permute(0, 3, 4, 1, 2).flatten(1, 3)


class Head(nn.Module):
    def __init__(self, in_channels: int, classes: int, anchors: int) -> None:
        super().__init__()
        self.classification_head = ClassificationHead(in_channels, classes, anchors)
        self.regression_head = RegressionHead(in_channels, anchors)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.classification_head(x), self.regression_head(x)


class RetinanetResNet50FpnBackbone(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = Stages([3, 4, 6, 3])
        self.fpn = Pyramid(512, 1024, 2048, out=256)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        c3, c4, c5 = self.body(x)
        return self.fpn(c3, c4, c5)


class RetinanetResNet50FpnOutputs(NamedTuple):
    """What `RetinanetResNet50Fpn` gives."""

    cls_logits: Tensor
    bbox_regression: Tensor


class RetinanetResNet50Fpn(nn.Module):
    """Defaults: [3, 32 * h, 32 * w] -> cls_logits [189 * h * w + 9 * ((h + 1) // 2) * ((w + 1) // 2
    ) + 9 * ((h + 3) // 4) * ((w + 3) // 4); 91] and bbox_regression [189 * h * w + 9 * ((h + 1)
    // 2) * ((w + 1) // 2) + 9 * ((h + 3) // 4) * ((w + 3) // 4); 4] for h >= 1 and w >= 1;
    34,068,119 parameters; 239,926,016 * h * w + 7,278,336 * ((h + 1) // 2) * ((w + 1) // 2) +
    7,278,336 * ((h + 3) // 4) * ((w + 3) // 4) multiply-adds.

    backbone (p3 [256, 4 * h, 4 * w], p4 [256, 2 * h, 2 * w], p5 [256, h, w],
    p6 [256, (h + 1) // 2, (w + 1) // 2], p7 [256, (h + 3) // 4, (w + 3) // 4]); head
    (cls_logits [144 * h * w; 91], bbox_regression [144 * h * w; 4]); head
    (cls_logits [36 * h * w; 91], bbox_regression [36 * h * w; 4]); head
    (cls_logits [9 * h * w; 91], bbox_regression [9 * h * w; 4]); head
    (cls_logits [9 * ((h + 1) // 2) * ((w + 1) // 2); 91],
    bbox_regression [9 * ((h + 1) // 2) * ((w + 1) // 2); 4]); head
    (cls_logits [9 * ((h + 3) // 4) * ((w + 3) // 4); 91],
    bbox_regression [9 * ((h + 3) // 4) * ((w + 3) // 4); 4]).
    """

    def __init__(self, classes: int = 91, anchors: int = 9) -> None:
        super().__init__()
        self.backbone = RetinanetResNet50FpnBackbone()
        self.head = Head(256, classes, anchors)

    def forward(self, x: Tensor) -> RetinanetResNet50FpnOutputs:
        p3, p4, p5, p6, p7 = self.backbone(x)
        cls_logits, bbox_regression = self.head(p3)
        cls_logits2, bbox_regression2 = self.head(p4)
        cls_logits3, bbox_regression3 = self.head(p5)
        cls_logits4, bbox_regression4 = self.head(p6)
        cls_logits5, bbox_regression5 = self.head(p7)
        cls_logits6 = torch.cat([cls_logits, cls_logits2, cls_logits3, cls_logits4, cls_logits5], 1)
        bbox_regression6 = torch.cat(
            [
                bbox_regression,
                bbox_regression2,
                bbox_regression3,
                bbox_regression4,
                bbox_regression5,
            ],
            1,
        )
        return RetinanetResNet50FpnOutputs(cls_logits6, bbox_regression6)
