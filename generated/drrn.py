# Generated from drrn.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: fcf933636ad56de23497efffd76bc0449700cc543f7a3f1a83319b040ca24f5d
"""Image Super-Resolution via Deep Recursive Residual Network (Tai et al., CVPR 2017).

A network for one channel of an image that has been enlarged already. Its residual units all have
the same two convolutions, so their number changes the depth and not the parameters. The
activation comes before each convolution; the paper's batch normalisation in front of it is left
out, as in DRRN-pytorch (github.com/jt827859032), whose names these are. Activations there
overwrite what the sums read afterwards, so with the same weights it computes another function;
here they do not.
"""

from torch import Tensor, nn

__all__ = ["Drrn", "drrn_b1u25", "drrn_b1u9"]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


class Drrn(nn.Module):
    """One recursive block of `units`, which all add to what enters the first of them."""

    def __init__(self, in_channels: int, units: int, width: int = 128) -> None:
        super().__init__()
        self.units = units
        self.relu = nn.ReLU()
        self.input = nn.Conv2d(in_channels, width, 3, padding=1, bias=False)
        self.conv1 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.relu2 = nn.ReLU()
        self.relu3 = nn.ReLU(inplace=True)
        self.relu20 = nn.ReLU(inplace=True)
        self.output = nn.Conv2d(width, 1, 3, padding=1, bias=False)
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        input = self.input(self.relu(x))
        out = input
        for _ in range(self.units):
            y = self.relu3(self.conv1(self.relu2(out)))
            out = self.conv2(y) + input
        return self.output(self.relu20(out)) + x


def drrn_b1u9(units: int = 9) -> Drrn:
    """Defaults: [1, h, w] -> [1, h, w] for h >= 1 and w >= 1; 297,216 parameters; 2,656,512 * h * w
    multiply-adds.

    input, conv1, conv2 [128, h, w]; output [1, h, w].
    """
    return Drrn(1, units)


def drrn_b1u25(units: int = 25) -> Drrn:
    """Defaults: [1, h, w] -> [1, h, w] for h >= 1 and w >= 1; 297,216 parameters; 7,375,104 * h * w
    multiply-adds.

    input, conv1, conv2 [128, h, w]; output [1, h, w].
    """
    return Drrn(1, units)
