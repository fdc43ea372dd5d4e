"""Decodes an image file as an image viewer shows it, and cuts out what is learned from."""

from __future__ import annotations

import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import torch
from torch import Tensor

from archdsl.diagnostics import error
from archdsl.source import whole_of
from archdsl.training.augment import central_box, random_box
from archdsl.training.data import BatchRequest
from archdsl.training.faults import TrainingError

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("BMP", "DIB", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
"""Pillow's names of what is decoded, whatever the suffix; none of them calls another program."""
MODES = {1: "L", 3: "RGB"}
"""Pillow's image modes by number of channels."""
WITH_ALPHA = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})
GAP = 2.0
"""How much larger than needed a JPEG is at least decoded.

Decoding at a fraction of the full size takes a fraction of the time.
"""
LARGEST = 2**29
"""Maximum number of bytes in an image file."""
ORIENTATION = 0x0112
"""The EXIF tag for how a camera was held; from `TURNED` on, width and height are exchanged."""
TURNED = 5


def check_pillow() -> None:
    """Raise an error if Pillow is not installed."""
    try:
        import PIL.Image  # noqa: F401
    except ModuleNotFoundError as missing:
        message = "Pillow is not installed, which reads images"
        help = "install it with `pip install 'archdsl[train]'`"
        raise TrainingError(error("E0964", message, whole_of("--data"), help=help)) from missing
    # Pillow warns of odd metadata and names its own files; what cannot be read is counted by us.
    warnings.filterwarnings("ignore", module=r"PIL\.")


def decoded(path: Path, request: BatchRequest, draws: Tensor | None) -> Tensor:
    """The bytes of an image, as [channels, height, width]; raises whatever Pillow does.

    With `draws` a random part is taken, otherwise the centre.
    """
    from PIL import Image

    # Only the most common formats are known without this.
    Image.init()
    with open_regular(path) as file:
        known = [name for name in FORMATS if name in Image.OPEN]
        with Image.open(file, formats=known) as image:
            return _cut(image, request, draws)


@contextmanager
def open_regular(path: Path) -> Iterator[BinaryIO]:
    """A file to read; raises `ValueError` for pipes, devices and files that are too large."""
    # Without O_NONBLOCK, opening a pipe that nobody writes to would never return.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
            raise ValueError("not a regular file, or too large")
        yield file


def _cut(image: Image, request: BatchRequest, draws: Tensor | None) -> Tensor:
    """A part of an image, resized."""
    from PIL.Image import Resampling

    channels, height, width = request.shape
    mode = MODES[channels]
    needed = (round(width * GAP), round(height * GAP))
    image.draft(mode, needed[::-1] if _orientation(image) >= TURNED else needed)
    image = shown(image, mode)
    if draws is None:
        box = central_box(*image.size, (height, width), request.centre)
    elif request.crop >= 1:
        box = central_box(*image.size, (height, width), 1.0)
    else:
        box = random_box(*image.size, draws, request.crop)
    content = image.resize((width, height), Resampling.BILINEAR, box)
    pixels = torch.frombuffer(bytearray(content.tobytes()), dtype=torch.uint8)
    return pixels.reshape(height, width, channels).permute(2, 0, 1)


def shown(image: Image, mode: str) -> Image:
    """An image as an image viewer shows it, in the mode `L` or `RGB`.

    It is upright as its camera was; transparent pixels are on white; 16 bits become 8. Images of 32
    bits have no agreed brightness: raises `ValueError`. Colour profiles are not applied.
    """
    from PIL import ImageOps
    from PIL.Image import alpha_composite, new

    if _orientation(image) > 1:
        image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format in ("PNG", "PPM")):
        return _in_eight_bits(image).convert(mode)
    if image.mode in ("I", "F"):
        raise ValueError("an image of 32 bits")
    if image.mode in WITH_ALPHA or "transparency" in image.info:
        opaque = new("RGBA", image.size, "white")
        return alpha_composite(opaque, image.convert("RGBA")).convert(mode)
    return image.convert(mode)


def _orientation(image: Image) -> int:
    """How the camera was held, from 1 to 8; upright where the metadata is broken."""
    try:
        found = image.getexif().get(ORIENTATION, 1)
    except Exception:
        # The parser raises many types of errors on broken metadata, and a viewer shows the image.
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def _in_eight_bits(image: Image) -> Image:
    """A grey image of 16 bits in 8; a value that stands for transparency becomes white."""
    values = image.convert("I")
    grey = values.point(lambda value: value * (1 / 257) + 0.5).convert("L")
    clear = image.info.get("transparency")
    if isinstance(clear, int):
        from PIL.Image import frombytes

        mask = bytes(255 * (value == clear) for value in memoryview(values.tobytes()).cast("i"))
        grey.paste(255, (0, 0), frombytes("L", grey.size, mask))
    return grey
