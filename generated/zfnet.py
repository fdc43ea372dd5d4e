# Generated from zfnet.arch by archdsl 0.1.0; rather edit that than this.
# sha256 of the lines below: 3d6929666f86a41d6c2feb93c0909d5c8b04531aee2730b5999919cf0de7d410
"""Visualizing and Understanding Convolutional Networks (Zeiler and Fergus, ECCV 2014).

AlexNet in one dense tower, with smaller windows and steps in its first two layers, and pooled
before it is normalised instead of after. The paper's Figure 3 names no padding; what is padded
here is what makes its maps come out, of 55 and 6 pixels. (Other nets go by the name: the ZF of
Faster R-CNN pads otherwise and normalises within each channel.)
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.normal_(module.weight, std=0.01)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


class ZFNet(nn.Module):
    """[3, 224, 224] -> [1000]; 62,357,608 parameters; 1,168,032,896 multiply-adds.

    conv1 [96, 110, 110]; conv2 [256, 26, 26]; conv3, conv4 [384, 13, 13]; conv5 [256, 13, 13];
    fc6, fc7 [4096]; fc8 [1000].
    """

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 96, 7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(96, 256, 5, stride=2)
        self.conv3 = nn.Conv2d(256, 384, 3, padding=1)
        self.conv4 = nn.Conv2d(384, 384, 3, padding=1)
        self.conv5 = nn.Conv2d(384, 256, 3, padding=1)
        self.fc6 = nn.Linear(256 * 6 * 6, 4096)
        self.fc7 = nn.Linear(4096, 4096)
        self.fc8 = nn.Linear(4096, classes)
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.conv1(x), inplace=True)
        x = F.max_pool2d(x, 3, stride=2, ceil_mode=True)
        x = F.relu(self.conv2(F.local_response_norm(x, 5, alpha=0.0005, k=2.0)), inplace=True)
        x = F.max_pool2d(x, 3, stride=2, ceil_mode=True)
        x = F.relu(self.conv3(F.local_response_norm(x, 5, alpha=0.0005, k=2.0)), inplace=True)
        x = F.relu(self.conv4(x), inplace=True)
        x = F.relu(self.conv5(x), inplace=True)
        x = self.fc6(torch.flatten(F.max_pool2d(x, 3, stride=2), 1))
        x = self.fc7(F.dropout(F.relu(x, inplace=True), training=self.training))
        return self.fc8(F.dropout(F.relu(x, inplace=True), training=self.training))
