"""Reads a checkpoint as data: nothing in the file is executed."""

from __future__ import annotations

import os
import re
import stat
import warnings
from pathlib import Path
from pickle import UnpicklingError

import torch
from torch import Tensor

from archdsl.diagnostics import first_line
from archdsl.integrity import METADATA, checksum, is_intact_archive, told_checksum

HEAD = 512
"""The bytes at the beginning of a file that show what kind of file it is."""
SAFETENSORS = re.compile(rb".{8}\{", re.DOTALL)
"""The length of the header, then the header, which is JSON."""
DAMAGED = "it is damaged: its checksum differs"
LFS = b"version https://git-lfs"
OBJECT = re.compile(r"Unsupported (?:global: GLOBAL|class) (\S+)")
"""How PyTorch names an object that is not a tensor."""


class Unreadable(Exception):
    """The file is not a checkpoint; the message says why, `help` what to do."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.help = help


def read(path: Path) -> object:
    """What a file holds, by its content and not by its suffix; raises `Unreadable`.

    Files of PyTorch and of safetensors are read. Folders, pipes and devices are refused, and
    pickles that would call a function.
    """
    head = _head(path)
    _refuse_text(head)
    try:
        with warnings.catch_warnings():
            # PyTorch's remarks about its own past are not for the user.
            warnings.simplefilter("ignore")
            if SAFETENSORS.match(head):
                return _safetensors(path)
            content = torch.load(path, map_location="cpu", weights_only=True)
    except Unreadable:
        raise
    except Exception as fault:
        # The readers raise whatever a broken file leads them to.
        raise _unreadable(fault, head) from fault
    if not is_intact_archive(path):
        raise Unreadable(DAMAGED, "copy or download it again")
    return content


def _safetensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a file, whose bytes have their checksum if the file says it."""
    from safetensors import safe_open
    from safetensors.torch import load_file

    with safe_open(path, "pt") as file:
        told = told_checksum(file.metadata())
    if told not in (None, checksum(path)):
        help = f"copy it again; if you changed it, save it without `{METADATA}` in its metadata"
        raise Unreadable(DAMAGED, help)
    return load_file(path)


def _head(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise Unreadable("it is a folder", "name the file in it")
        # Without O_NONBLOCK, opening a pipe that nobody writes to would never return.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Unreadable("it is not a regular file")
            head = file.read(HEAD)
    except FileNotFoundError as fault:
        raise Unreadable("there is no such file") from fault
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None)
        raise Unreadable(reason.lower() if reason else first_line(fault)) from fault
    if not head:
        raise Unreadable("it is empty")
    return head


def _refuse_text(head: bytes) -> None:
    if head.startswith(LFS):
        raise Unreadable("it is a pointer of Git LFS", "fetch the file itself with `git lfs pull`")
    try:
        text = head.decode("ascii")
    except UnicodeDecodeError:
        return
    if all(c.isprintable() or c.isspace() for c in text):
        begins = (text.strip().splitlines() or [""])[0][:40]
        raise Unreadable(f"it is text that begins with `{begins}`")


def _unreadable(fault: Exception, head: bytes) -> Unreadable:
    """Why the readers failed, without PyTorch's advice to trust the file."""
    text = str(fault)
    if "TorchScript" in text:
        return Unreadable(
            "it is a TorchScript program", "save the `state_dict()` of the loaded program"
        )
    found = OBJECT.search(text)
    if found:
        return Unreadable(
            f"it holds `{found[1][:80]}`, and only tensors are read", "save `model.state_dict()`"
        )
    if isinstance(fault, EOFError):
        return Unreadable("it ends too early", "copy or download it again")
    if isinstance(fault, UnpicklingError) or head.startswith((b"PK", b"\x80")):
        return Unreadable("it is damaged, or PyTorch did not write it", "copy or download it again")
    return Unreadable(first_line(fault).partition(". ")[0][:120])
