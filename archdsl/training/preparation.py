"""What training did to images, so that they are prepared alike when the weights are used."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archdsl.diagnostics import error
from archdsl.integrity import METADATA
from archdsl.source import whole_of
from archdsl.training.augment import CENTRE
from archdsl.training.data import Data, Shape3
from archdsl.training.faults import TrainingError
from archdsl.training.folder import IMAGENET

RESIZE = "bilinear, antialiased"
"""How images are made smaller or larger."""


@dataclass(frozen=True)
class Preparation:
    """How an image becomes the input of a network, and what its results mean.

    The centre is cut out, `crop` of the shorter side, in the proportions of `shape`, and resized;
    values from 0 to 1 are then normalised with `mean` and `deviation` of each channel. The largest
    result is the answer, or the smallest one; `classes` are the names of the results.
    """

    classes: tuple[str, ...]
    shape: Shape3
    crop: float
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    answer: str = "largest"
    resize: str = RESIZE


def preparation(data: Data, shape: Shape3, is_distance: bool) -> Preparation:
    """How images of some data are prepared in validation."""
    # A grey image has the statistics of the second channel, green.
    kept = slice(1, 2) if shape[0] == 1 and len(data.mean) == 3 else slice(None)
    mean, deviation = data.mean[kept], data.deviation[kept]
    return Preparation(data.classes, shape, data.centre, mean, deviation, _answer(is_distance))


def assumed(shape: Shape3, classes: int, is_distance: bool) -> Preparation:
    """What is assumed of weights that do not say it: the conventions of ImageNet."""
    names = tuple(str(number) for number in range(classes))
    return Preparation(names, shape, CENTRE, *IMAGENET, _answer(is_distance))


def _answer(is_distance: bool) -> str:
    return "smallest" if is_distance else "largest"


def stored(path: Path) -> Preparation | None:
    """What weights say of images; None if they say nothing. Raises `TrainingError`."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            text = (file.metadata() or {}).get(METADATA)
    except (OSError, SafetensorError):
        # Weights of another format say nothing; whether they can be read is found out elsewhere.
        return None
    if text is None:
        return None
    try:
        return _parsed(json.loads(text))
    except (ValueError, TypeError, KeyError) as broken:
        message = "what it says of images cannot be read"
        help = "write the weights anew with `archdsl train`"
        raise TrainingError(error("E0970", message, whole_of(path.name), help=help)) from broken


def _parsed(found: dict[str, Any]) -> Preparation:
    """Checked field by field: the file may come from anywhere."""
    classes = tuple(found["classes"])
    shape, crop = tuple(found["shape"]), found["crop"]
    mean, deviation = tuple(found["mean"]), tuple(found["deviation"])
    numbers = (*mean, *deviation, crop)
    is_good = (
        all(isinstance(name, str) for name in classes)
        and len(shape) == 3
        and all(type(size) is int and size > 0 for size in shape)
        and all(isinstance(number, int | float) for number in numbers)
        and len(mean) == len(deviation)
        and len(mean) in (1, 3)
        and min(*deviation, crop) > 0
        and crop <= 1
        and found["answer"] in ("largest", "smallest")
        and found["resize"] == RESIZE
    )
    if not is_good:
        raise ValueError("another schema")
    return Preparation(classes, shape, crop, mean, deviation, found["answer"], found["resize"])
