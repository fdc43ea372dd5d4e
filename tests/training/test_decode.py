"""Images are trained on as an image viewer shows them, whatever their mode and metadata."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor

from archdsl.training.data import BatchRequest
from archdsl.training.decode import decoded

SIZE = (6, 4)
"""Width and height of the images."""
Grey = list[int]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def seen(name: str, channels: int = 1, size: tuple[int, int] = SIZE) -> Tensor:
    """The whole image as a network would be given it."""
    width, height = size
    return decoded(Path(name), BatchRequest((channels, height, width), centre=1.0), None)


def ramp() -> Image.Image:
    """Grey values that rise row by row."""
    return Image.frombytes("L", SIZE, bytes(range(0, 240, 10)))


def values(image: Image.Image) -> Tensor:
    return torch.tensor(list(image.tobytes())).reshape(SIZE[1], SIZE[0])


def sixteen(scale: int = 257) -> Image.Image:
    content = struct.pack("<24H", *(scale * value for value in ramp().tobytes()))
    return Image.frombytes("I;16", SIZE, content)


def palette() -> Image.Image:
    image = Image.frombytes("P", SIZE, bytes(range(24)))
    image.putpalette([10 * number for number in range(24) for _ in range(3)])
    return image


WHOLE: dict[str, tuple[str, Callable[[], Image.Image]]] = {
    "8 bits": ("a.png", ramp),
    "16 bits": ("a.png", sixteen),
    "16 bits, TIFF": ("a.tif", sixteen),
    "16 bits, PGM": ("a.pgm", sixteen),
    "RGB": ("a.png", lambda: ramp().convert("RGB")),
    "palette": ("a.png", palette),
    "palette, GIF": ("a.gif", palette),
    "palette, BMP": ("a.bmp", palette),
    "CMYK": ("a.tif", lambda: ramp().convert("RGB").convert("CMYK")),
    "opaque": ("a.png", lambda: ramp().convert("RGBA")),
    "opaque grey": ("a.png", lambda: ramp().convert("LA")),
    "WebP": ("a.webp", lambda: ramp().convert("RGB")),
    "another suffix": ("a.jpg", ramp),
}


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("channels", [1, 3])
def test_every_mode_has_the_brightness_that_a_viewer_shows(kind: str, channels: int) -> None:
    name, make = WHOLE[kind]
    format = "PNG" if kind == "another suffix" else None
    make().save(name, format=format, **({"lossless": True} if "Web" in kind else {}))
    found = seen(name, channels)
    assert (found.int() - values(ramp())).abs().max() <= 1


def test_sixteen_bits_are_not_white() -> None:
    sixteen(100).save("a.png")
    assert seen("a.png")[0, 3, 5] == round(230 * 100 / 257)


def clear_half(mode: str) -> Image.Image:
    """An image that is black, and transparent in its left half."""
    image = Image.new("RGBA", SIZE, (0, 0, 0, 255))
    image.paste((0, 0, 0, 0), (0, 0, 3, 4))
    return image.convert(mode)


def with_clear_value(mode: str) -> Image.Image:
    image = Image.new(mode, SIZE, 1 if mode != "RGB" else (1, 1, 1))
    image.paste(0 if mode != "RGB" else (0, 0, 0), (0, 0, 3, 4))
    return image


@pytest.mark.parametrize("mode", ["RGBA", "LA", "L", "RGB", "P", "I;16"])
@pytest.mark.parametrize("channels", [1, 3])
def test_what_is_transparent_is_white(mode: str, channels: int) -> None:
    if mode in ("RGBA", "LA"):
        clear_half(mode).save("a.png")
    else:
        clear = (0, 0, 0) if mode == "RGB" else 0
        with_clear_value(mode).save("a.png", transparency=clear)
    found = seen("a.png", channels)
    assert (found[:, :, :3] == 255).all()
    assert (found[:, :, 3:] <= 1).all()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
def test_images_are_upright(orientation: int, suffix: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    white = Image.new("L", (64, 48))
    # A corner and an edge, so that no two orientations look alike.
    white.paste(255, (0, 0, 64, 8))
    white.paste(255, (0, 0, 8, 24))
    upright = {
        1: [],
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }
    stored = white
    for step in upright[orientation]:
        stored = stored.transpose(step)
    stored.convert("RGB").save(f"a.{suffix}", exif=exif, quality=95)
    found = seen(f"a.{suffix}", size=(64, 48))
    expected = torch.tensor(list(white.tobytes())).reshape(48, 64)
    assert ((found[0].int() - expected).abs() > 40).float().mean() < 0.02


def test_broken_metadata_does_not_matter() -> None:
    ramp().save("a.png", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\x7f")
    assert (seen("a.png")[0] == values(ramp())).all()


def test_an_animation_shows_its_first_frame() -> None:
    palette().save("a.gif", save_all=True, append_images=[Image.new("P", SIZE)])
    assert (seen("a.gif")[0] == values(ramp())).all()


def bomb() -> bytes:
    """A PNG of 2**30 pixels whose file is small."""
    header = struct.pack(">2I5B", 32768, 32768, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


HOSTILE: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("my notes"),
    "PostScript": lambda path: path.write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"),
    "cut off": lambda path: (ramp().save(path), path.write_bytes(path.read_bytes()[:-20])),
    "a bomb": lambda path: path.write_bytes(bomb()),
    "a pipe": lambda path: os.mkfifo(path),
    "endless": lambda path: path.symlink_to("/dev/zero"),
    "a folder": lambda path: path.mkdir(),
    "nowhere": lambda path: path.symlink_to("nowhere.png"),
    "32 bits": lambda path: Image.new("F", SIZE).save(path, format="TIFF"),
    "huge": lambda path: (path.write_bytes(b"RIFF\0\0\0\0WEBP"), os.truncate(path, 2**40)),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_no_image_is_refused_at_once(kind: str) -> None:
    HOSTILE[kind](Path("a.png"))
    with pytest.raises((OSError, ValueError, SyntaxError, Image.DecompressionBombError)):
        seen("a.png")
