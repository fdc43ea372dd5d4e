# Generated from xception.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 5465b818a29550173c89d9f2e332087bdd41c21e833f8587019c598c303540ee
"""Xception: Deep Learning with Depthwise Separable Convolutions (Chollet, CVPR 2017).

The network with the names of timm's `legacy_xception`. It differs from the paper's Keras code in
how one pool is aligned, from 74 pixels to 37: TensorFlow pads only behind the image, PyTorch on
both sides. (timm's xception41, 65 and 71 are other networks.)
"""

import torch
from torch import Tensor, nn

__all__ = ["LegacyXception"]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


class Separable(nn.Module):
    """A filter for every channel, and points that mix them, with nothing in between: the paper
    found that neither a rectifier nor a normalisation helps there.
    """

    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(
            in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False
        )
        self.pointwise = nn.Conv2d(in_channels, out, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.pointwise(self.conv1(x))


class Down(nn.Module):
    """Two separable convolutions and a pool that halves the resolution, beside a convolution that
    does. Nothing is rectified after the sum: the next block begins with it.
    """

    def __init__(self, in_channels: int, middle: int, out: int, leading: bool = True) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        if leading:
            layers.append(nn.ReLU())
        layers += [
            Separable(in_channels, middle),
            nn.BatchNorm2d(middle),
            nn.ReLU(inplace=True),
            Separable(middle, out),
            nn.BatchNorm2d(out),
            nn.MaxPool2d(3, stride=2, padding=1),
        ]
        self.rep = nn.Sequential(*layers)
        self.skip = nn.Conv2d(in_channels, out, 1, stride=2, bias=False)
        self.skipbn = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        return self.rep(x) + self.skipbn(self.skip(x))


class Flow(nn.Module):
    """Three separable convolutions beside the identity."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for _ in range(3):
            layers += [nn.ReLU(), Separable(in_channels, in_channels), nn.BatchNorm2d(in_channels)]
        self.rep = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return self.rep(x) + x


class LegacyXception(nn.Module):
    """Defaults: [3, 299, 299] -> [1000]; 22,855,952 parameters; 8,357,403,496 multiply-adds.

    conv1, bn1 [32, 149, 149]; conv2, bn2 [64, 147, 147]; block1 [128, 74, 74]; block2
    [256, 37, 37]; block3 … block11 [728, 19, 19]; block12 [1024, 10, 10]; conv3, bn3
    [1536, 10, 10]; conv4, bn4 [2048, 10, 10]; fc [1000].
    """

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, 3, stride=2, bias=False)
        self.bn1 = nn.BatchNorm2d(32)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(32, 64, 3, bias=False)
        self.bn2 = nn.BatchNorm2d(64)
        self.relu2 = nn.ReLU(inplace=True)
        self.block1 = Down(64, 128, 128, leading=False)
        self.block2 = Down(128, 256, 256)
        self.block3 = Down(256, 728, 728)
        self.block4 = Flow(728)
        self.block5 = Flow(728)
        self.block6 = Flow(728)
        self.block7 = Flow(728)
        self.block8 = Flow(728)
        self.block9 = Flow(728)
        self.block10 = Flow(728)
        self.block11 = Flow(728)
        self.block12 = Down(728, 728, 1024)
        self.conv3 = Separable(1024, 1536)
        self.bn3 = nn.BatchNorm2d(1536)
        self.relu3 = nn.ReLU(inplace=True)
        self.conv4 = Separable(1536, 2048)
        self.bn4 = nn.BatchNorm2d(2048)
        self.relu4 = nn.ReLU(inplace=True)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout()
        self.fc = nn.Linear(2048, classes)
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.relu2(self.bn2(self.conv2(x)))
        x = self.block1(x)
        x = self.block2(x)
        x = self.block3(x)
        x = self.block4(x)
        x = self.block5(x)
        x = self.block6(x)
        x = self.block7(x)
        x = self.block8(x)
        x = self.block9(x)
        x = self.block10(x)
        x = self.block11(x)
        x = self.block12(x)
        x = self.relu3(self.bn3(self.conv3(x)))
        x = self.relu4(self.bn4(self.conv4(x)))
        x = self.dropout(torch.flatten(self.global_avgpool(x), 1))
        return self.fc(x)
