"""The image that a network looks at: as its input, and as people see it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from archdsl.diagnostics import error
from archdsl.source import whole_of
from archdsl.training.data import BatchRequest, Contents, Data, Shape3
from archdsl.training.engine import Engine, World
from archdsl.training.evaluation import Images, digits_of
from archdsl.training.faults import TrainingError
from archdsl.training.preparation import Preparation
from archdsl.training.recipe import DIGITS
from archdsl.training.step import Setting, images_for

BUILT_IN = "digits"
"""What names the built-in digits instead of a file; `digits:7` is one of those held out."""


@dataclass(frozen=True)
class Picture:
    """An image as the input [1, channels, height, width], and as [height, width, 3] from 0 to 1."""

    name: str
    input: Tensor
    pixels: Tensor


def picture_of(image: str, how: Preparation, shape: Shape3) -> Picture:
    """The image of a file, or a digit that `train` holds out; raises `TrainingError`."""
    if is_built_in(image):
        data: Data = digits_of(how)
        row = _digit(image.partition(":")[2], data.count("val"))
    else:
        path = Path(image)
        if not path.is_file():
            raise TrainingError(error("E0961", "there is no such image", whole_of(image)))
        data, row = Images(path.parent, [(path.name, 0)], how, Contents({})), 0
    batch = data.fetch("val", torch.tensor([row]), BatchRequest(shape, centre=data.centre))
    if data.skipped:
        raise TrainingError(error("E0961", "the image cannot be read", whole_of(image)))
    setting = Setting(data, DIGITS, Engine(), World(device=torch.device("cpu")), 1, False)
    found = images_for(batch, setting, shape)
    return Picture(image, found, _pixels(found, how))


def is_built_in(image: str) -> bool:
    """Whether this names a built-in digit; a file of that name comes first."""
    return image.partition(":")[0] == BUILT_IN and not Path(image).exists()


def _digit(number: str, count: int) -> int:
    if not number:
        return 0
    if not (number.isascii() and number.isdecimal() and int(number) < count):
        message = f"the digits that are held out have the numbers 0 to {count - 1}"
        raise TrainingError(error("E0996", message, whole_of("--image"), found=number))
    return int(number)


def _pixels(found: Tensor, how: Preparation) -> Tensor:
    """The colours of an input before it was normalised; of other channels than three, a grey."""
    values = found[0] if found.shape[1] == 3 else found[0, :1]
    # A grey image has the statistics of the second channel, green.
    kept = slice(None) if len(values) == 3 else slice(len(how.mean) // 2, None, 3)
    mean, deviation = (
        torch.tensor(each[kept]).reshape(-1, 1, 1) for each in (how.mean, how.deviation)
    )
    return (values * deviation + mean).clamp(0, 1).expand(3, -1, -1).permute(1, 2, 0)
