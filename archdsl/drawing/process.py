"""Runs a program on bytes with a time limit, and ends it with all its children."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from archdsl.fonts import font_file

PASSED_ON = frozenset({"PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "GVBINDIR"})
"""Environment variables that a program needs to start; no other can change a picture."""
FIXED = {
    "LC_ALL": "C.UTF-8",
    "PANGOCAIRO_BACKEND": "fc",
    "SOURCE_DATE_EPOCH": "0",
    "TZ": "UTC",
}
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
<dir>{fonts}</dir>
<cachedir>{cache}</cachedir>
<match target="pattern"><edit name="hinting" mode="assign"><bool>false</bool></edit></match>
<match target="font"><edit name="hinting" mode="assign"><bool>false</bool></edit></match>
</fontconfig>
"""
"""Our font is the only one, whatever fonts the machine has.

With hints, letters would be as wide as whole dots of a coarse screen.
"""


@dataclass(frozen=True)
class Outcome:
    """How a program ended (with no code: it did not, in its time) and what it wrote."""

    code: int | None
    output: bytes
    said: str


def surroundings(folder: Path) -> dict[str, str]:
    """The environment of a child that draws, whose font's configuration goes into `folder`."""
    # Fontconfig writes into the folder of a font, which must not be that of the package.
    fonts, cache, configuration = folder / "fonts", folder / "cache", folder / "fonts.conf"
    fonts.mkdir()
    for bold in (False, True):
        shutil.copy(font_file(bold, "ttf"), fonts)
    text = FONTS.format(fonts=escape(str(fonts)), cache=escape(str(cache)))
    configuration.write_text(text, encoding="utf-8", errors="surrogateescape")
    passed = {name: text for name, text in os.environ.items() if name.upper() in PASSED_ON}
    return {**passed, **FIXED, "FONTCONFIG_FILE": str(configuration)}


def run(
    command: list[str],
    given: bytes,
    seconds: float,
    folder: Path,
    environment: Mapping[str, str],
) -> Outcome:
    """Run a program in `folder`; after `seconds` it is killed."""
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603
        command,
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        cwd=folder,
        env=environment,
        start_new_session=True,
    ) as process:
        try:
            output, said = process.communicate(given, timeout=seconds)
        except subprocess.TimeoutExpired:
            _kill(process)
            return Outcome(None, b"", "")
        except BaseException:
            _kill(process)
            raise
    return Outcome(process.returncode, output, said.decode("utf-8", "replace"))


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a program that has not been waited for, so that its group is still its own."""
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
