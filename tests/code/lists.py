"""Lists: kernels that are not square, lists that are compared, added up, passed on and looped
over.
"""

from collections.abc import Sequence

from torch import nn

__all__ = ["N"]


class Unit(nn.Sequential):
    def __init__(
        self,
        in_channels: int,
        out: int,
        kernel: int | tuple[int, int],
        padding: int | tuple[int, int],
    ) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out, kernel, padding=padding),
            nn.BatchNorm2d(out),
            nn.ReLU(inplace=True),
        )


class Equal(nn.Sequential):
    def __init__(self, in_channels: int, out: int, kernel: tuple[int, int] = (1, 3)) -> None:
        layers: list[nn.Module] = []
        if list(kernel) == [1, 3]:
            layers.append(
                nn.Conv2d(in_channels, out, kernel, padding=(kernel[0] // 2, kernel[1] // 2))
            )
        else:
            layers.append(nn.Conv2d(in_channels, out, (5, 5), padding=(2, 2)))
        channels = out
        for width in [*kernel, 4]:
            layers.append(nn.Conv2d(channels, width, 1))
            channels = width
        super().__init__(*layers)


class Passed(nn.Sequential):
    def __init__(self, in_channels: int, out: int, widths: list[int]) -> None:
        layers: list[nn.Module] = [nn.Conv2d(in_channels, out, 1)]
        channels = out
        for w in [1, *widths]:
            layers.append(nn.Conv2d(channels, w, 1))
            channels = w
        super().__init__(*layers)


class Looped(nn.Sequential):
    def __init__(self, in_channels: int, out: int) -> None:
        layers: list[nn.Module] = []
        channels = in_channels
        for kernel in [(1, 3), (3, 1)]:
            layers.append(
                nn.Conv2d(channels, out, kernel, padding=(kernel[0] // 2, kernel[1] // 2))
            )
            if list(kernel) == [3, 1]:
                layers.append(nn.ReLU(inplace=True))
            channels = out
        super().__init__(*layers)


class N(nn.Sequential):
    """Defaults: [3, 16, 16] -> [5, 16, 10]; 1,293 parameters; 200,928 multiply-adds.

    0 [4, 16, 16]; 1 [4, 16, 10]; 2 [6, 16, 10]; 3, 4 [4, 16, 10]; 5 [3, 16, 10]; 6 [2, 16, 10];
    7 [5, 16, 10].
    """

    def __init__(
        self, classes: int = 8, widths: Sequence[int] = (1, 3), kernel: tuple[int, int] = (1, 3)
    ) -> None:
        super().__init__(
            Unit(3, 4, 3, padding=1),
            Unit(4, 4, (1, 7), padding=0),
            Unit(4, 6, kernel, padding=(kernel[0] // 2, kernel[1] // 2)),
            Equal(6, 4),
            Equal(4, 6, kernel=(3, 1)),
            Passed(4, classes, list(widths)),
            Passed([1, *widths][-1], 8, [2]),
            Looped(2, 5),
        )
