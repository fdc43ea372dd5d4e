# Generated from b.arch by archdsl 0.1.0; rather edit that than this.
# sha256 of the lines below: 918b8f2415dfe75a1bc14c3ab26d2f9f76d2c1c87b57afdad6d8c70169450fd2
"""The networks of b.arch."""

from collections import OrderedDict
from collections.abc import Callable

from torch import nn


class B(nn.Sequential):
    def __init__(self, in_channels: int, p: int, f: Callable[..., nn.Module], label: str) -> None:
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        layers["conv"] = nn.Conv2d(in_channels, 4, 1)
        if p > 3:
            layers["conv2"] = nn.Conv2d(4, 4, 1)
        else:
            layers["relu"] = nn.ReLU(inplace=True)
        for i in range(p // 2):
            layers[f"q{i}"] = nn.Conv2d(4, 4, 1)
        layers[label] = f()
        super().__init__(layers)


class N(nn.Sequential):
    """[3, 8, 8] -> [4, 8, 8]; 156 parameters; 7,936 multiply-adds.

    0, 1, 2 [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__(
            B(3, 2, nn.Identity, label=1),
            B(4, 4, nn.ReLU, label="relu"),
            B(4, 3, nn.ReLU, label="relu2"),
        )
