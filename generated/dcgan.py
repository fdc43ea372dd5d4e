# Generated from dcgan.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: a66188e7dc91284854fb188c8c495fb4d500623d1a7193d482d82064b95bff6a
"""Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks
(Radford et al., ICLR 2016), with the keys of PyTorch's tutorial.
"""

from torch import Tensor, nn

__all__ = ["Discriminator", "Generator"]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.ConvTranspose2d | nn.Conv2d):
        nn.init.normal_(module.weight, std=0.02)


class Generator(nn.Module):
    """Defaults: [100, 1, 1] -> [3, 64, 64]; 3,576,704 parameters; 104,628,224 multiply-adds.

    main [3, 64, 64].
    """

    def __init__(self, z: int = 100, width: int = 64) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(z, 8 * width, 4, bias=False),
            nn.BatchNorm2d(8 * width),
            nn.ReLU(inplace=True),
            nn.ConvTranspose2d(8 * width, 4 * width, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(4 * width),
            nn.ReLU(inplace=True),
            nn.ConvTranspose2d(4 * width, 2 * width, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(2 * width),
            nn.ReLU(inplace=True),
            nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.ConvTranspose2d(width, 3, 4, stride=2, padding=1, bias=False),
            nn.Tanh(),
        )
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        return self.main(x)


class Discriminator(nn.Module):
    """Defaults: [3, 64, 64] -> [1, 1, 1]; 2,765,568 parameters; 103,817,216 multiply-adds.

    main [1, 1, 1].
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(3, width, 4, stride=2, padding=1, bias=False),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(2 * width),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(2 * width, 4 * width, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(4 * width),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(4 * width, 8 * width, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(8 * width),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(8 * width, 1, 4, bias=False),
            nn.Sigmoid(),
        )
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        return self.main(x)
