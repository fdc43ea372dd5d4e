# Generated from zfnet.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 24d81e98752fcee4a4d38385783f9c66738e28d89622f0ca5a32b7b43f1f2c6c
"""Visualizing and Understanding Convolutional Networks (Zeiler and Fergus, ECCV 2014).

AlexNet in one dense tower, with smaller windows and steps in its first two layers, and pooled
before it is normalised instead of after. The paper's Figure 3 names no padding; what is padded
here is what makes its maps come out, of 55 and 6 pixels. (Other nets go by the name: the ZF of
Faster R-CNN pads otherwise and normalises within each channel.)
"""

import torch
from torch import Tensor, nn

__all__ = ["ZFNet"]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.normal_(module.weight, std=0.01)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


class ZFNet(nn.Module):
    """Defaults: [3, 224, 224] -> [1000]; 62,357,608 parameters; 1,168,032,896 multiply-adds.

    conv1 [96, 110, 110]; conv2 [256, 26, 26]; conv3, conv4 [384, 13, 13]; conv5 [256, 13, 13];
    fc6, fc7 [4096]; fc8 [1000].
    """

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 96, 7, stride=2, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.lrn = nn.LocalResponseNorm(5, alpha=0.0005, k=2.0)
        self.conv2 = nn.Conv2d(96, 256, 5, stride=2)
        self.relu2 = nn.ReLU(inplace=True)
        self.maxpool2 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.lrn2 = nn.LocalResponseNorm(5, alpha=0.0005, k=2.0)
        self.conv3 = nn.Conv2d(256, 384, 3, padding=1)
        self.relu3 = nn.ReLU(inplace=True)
        self.conv4 = nn.Conv2d(384, 384, 3, padding=1)
        self.relu4 = nn.ReLU(inplace=True)
        self.conv5 = nn.Conv2d(384, 256, 3, padding=1)
        self.relu5 = nn.ReLU(inplace=True)
        self.maxpool3 = nn.MaxPool2d(3, stride=2)
        self.fc6 = nn.Linear(256 * 6 * 6, 4096)
        self.relu6 = nn.ReLU(inplace=True)
        self.dropout = nn.Dropout()
        self.fc7 = nn.Linear(4096, 4096)
        self.relu7 = nn.ReLU(inplace=True)
        self.dropout2 = nn.Dropout()
        self.fc8 = nn.Linear(4096, classes)
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.conv1(x))
        x = self.conv2(self.lrn(self.maxpool(x)))
        x = self.lrn2(self.maxpool2(self.relu2(x)))
        x = self.relu3(self.conv3(x))
        x = self.relu4(self.conv4(x))
        x = self.relu5(self.conv5(x))
        x = self.fc6(torch.flatten(self.maxpool3(x), 1))
        x = self.fc7(self.dropout(self.relu6(x)))
        return self.fc8(self.dropout2(self.relu7(x)))
