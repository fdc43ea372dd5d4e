# Generated from unet.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 04f317614acecc29b2b89bd8744b67f062fd45ffdaf232d87e109769516f466a
"""U-Net: Convolutional Networks for Biomedical Image Segmentation (Ronneberger, Fischer and Brox,
MICCAI 2015), with padded convolutions and batch normalisation.

`unet` has the keys of brain-segmentation-pytorch (Buda et al., 2019), which PyTorch Hub offers.
`unet_deep` gives a mask at every size of the way up, so that a loss reaches the deep layers
(deep supervision; Lee et al., AISTATS 2015).
"""

from collections import OrderedDict
from typing import NamedTuple

import torch
from torch import Tensor, nn

__all__ = ["UNet", "UNetDeep", "UNetDeepOutputs"]


class Double(nn.Sequential):
    """Two convolutions, whose labels begin with the name of their place."""

    def __init__(self, in_channels: int, out: int, name: str = "") -> None:
        super().__init__(
            OrderedDict(
                [
                    (f"{name}conv1", nn.Conv2d(in_channels, out, 3, padding=1, bias=False)),
                    (f"{name}norm1", nn.BatchNorm2d(out)),
                    (f"{name}relu1", nn.ReLU(inplace=True)),
                    (f"{name}conv2", nn.Conv2d(out, out, 3, padding=1, bias=False)),
                    (f"{name}norm2", nn.BatchNorm2d(out)),
                    (f"{name}relu2", nn.ReLU(inplace=True)),
                ]
            )
        )


class UNet(nn.Module):
    """Defaults: [3, 16 * h, 16 * w] -> [1, 16 * h, 16 * w] for h >= 1 and w >= 1; 7,763,041
    parameters; 47,153,152 * h * w multiply-adds.

    encoder1 [32, 16 * h, 16 * w]; encoder2 [64, 8 * h, 8 * w]; encoder3 [128, 4 * h, 4 * w];
    encoder4 [256, 2 * h, 2 * w]; bottleneck [512, h, w]; upconv4, decoder4 [256, 2 * h, 2 * w];
    upconv3, decoder3 [128, 4 * h, 4 * w]; upconv2, decoder2 [64, 8 * h, 8 * w]; upconv1,
    decoder1 [32, 16 * h, 16 * w]; conv [1, 16 * h, 16 * w].
    """

    def __init__(self, classes: int = 1, width: int = 32) -> None:
        super().__init__()
        self.encoder1 = Double(3, width, name="enc1")
        self.pool1 = nn.MaxPool2d(2)
        self.encoder2 = Double(width, width * 2, name="enc2")
        self.pool2 = nn.MaxPool2d(2)
        self.encoder3 = Double(width * 2, width * 4, name="enc3")
        self.pool3 = nn.MaxPool2d(2)
        self.encoder4 = Double(width * 4, width * 8, name="enc4")
        self.pool4 = nn.MaxPool2d(2)
        self.bottleneck = Double(width * 8, width * 16, name="bottleneck")
        self.upconv4 = nn.ConvTranspose2d(width * 16, width * 8, 2, stride=2)
        self.decoder4 = Double(width * 16, width * 8, name="dec4")
        self.upconv3 = nn.ConvTranspose2d(width * 8, width * 4, 2, stride=2)
        self.decoder3 = Double(width * 8, width * 4, name="dec3")
        self.upconv2 = nn.ConvTranspose2d(width * 4, width * 2, 2, stride=2)
        self.decoder2 = Double(width * 4, width * 2, name="dec2")
        self.upconv1 = nn.ConvTranspose2d(width * 2, width, 2, stride=2)
        self.decoder1 = Double(2 * width, width, name="dec1")
        self.conv = nn.Conv2d(width, classes, 1)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        encoder1 = self.encoder1(x)
        x = self.pool1(encoder1)
        encoder2 = self.encoder2(x)
        x = self.pool2(encoder2)
        encoder3 = self.encoder3(x)
        x = self.pool3(encoder3)
        encoder4 = self.encoder4(x)
        x = self.pool4(encoder4)
        x = self.bottleneck(x)
        x = torch.cat([self.upconv4(x), encoder4], 1)
        x = self.decoder4(x)
        x = torch.cat([self.upconv3(x), encoder3], 1)
        x = self.decoder3(x)
        x = torch.cat([self.upconv2(x), encoder2], 1)
        x = self.decoder2(x)
        x = torch.cat([self.upconv1(x), encoder1], 1)
        return self.sigmoid(self.conv(self.decoder1(x)))


class UNetDeepOutputs(NamedTuple):
    """What `UNetDeep` gives."""

    mask: Tensor
    mask2: Tensor
    mask4: Tensor


class UNetDeep(nn.Module):
    """Defaults: [3, 8 * h, 8 * w] -> mask [2, 8 * h, 8 * w], mask2 [2, 4 * h, 4 * w] and
    mask4 [2, 2 * h, 2 * w] for h >= 1 and w >= 1; 1,927,430 parameters; 9,008,128 * h * w
    multiply-adds.

    down0 [32, 8 * h, 8 * w]; down1 [64, 4 * h, 4 * w]; down2 [128, 2 * h, 2 * w]; middle
    [256, h, w]; enlarge2, up2 [128, 2 * h, 2 * w]; enlarge1, up1 [64, 4 * h, 4 * w]; enlarge0,
    up0 [32, 8 * h, 8 * w]; mask [2, 8 * h, 8 * w]; mask2 [2, 4 * h, 4 * w]; mask4
    [2, 2 * h, 2 * w].
    """

    def __init__(self, classes: int = 2, width: int = 32) -> None:
        super().__init__()
        self.down0 = Double(3, width)
        self.maxpool = nn.MaxPool2d(2)
        self.down1 = Double(width, width * 2)
        self.maxpool2 = nn.MaxPool2d(2)
        self.down2 = Double(width * 2, width * 4)
        self.maxpool3 = nn.MaxPool2d(2)
        self.middle = Double(width * 4, width * 8)
        self.enlarge2 = nn.ConvTranspose2d(width * 8, width * 4, 2, stride=2)
        self.up2 = Double(width * 8, width * 4)
        self.enlarge1 = nn.ConvTranspose2d(width * 4, width * 2, 2, stride=2)
        self.up1 = Double(width * 4, width * 2)
        self.enlarge0 = nn.ConvTranspose2d(width * 2, width, 2, stride=2)
        self.up0 = Double(2 * width, width)
        self.mask = nn.Conv2d(width, classes, 1)
        self.mask2 = nn.Conv2d(width * 2, classes, 1)
        self.mask4 = nn.Conv2d(width * 4, classes, 1)

    def forward(self, x: Tensor) -> UNetDeepOutputs:
        down0 = self.down0(x)
        x = self.maxpool(down0)
        down1 = self.down1(x)
        x = self.maxpool2(down1)
        down2 = self.down2(x)
        x = self.maxpool3(down2)
        x = self.middle(x)
        x = torch.cat([self.enlarge2(x), down2], 1)
        up2 = self.up2(x)
        x = torch.cat([self.enlarge1(up2), down1], 1)
        up1 = self.up1(x)
        x = torch.cat([self.enlarge0(up1), down0], 1)
        x = self.up0(x)
        return UNetDeepOutputs(self.mask(x), self.mask2(up1), self.mask4(up2))
