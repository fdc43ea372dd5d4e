"""Whole files: damage is found, and what has no checksum is not called damaged."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from archdsl.integrity import CHECKSUM, METADATA, checksum, checksum_of, is_intact_archive, write
from archdsl.weights.file import Unreadable, read


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


TENSOR = torch.arange(3000.0)


def flip(path: str, at: int) -> None:
    content = bytearray(Path(path).read_bytes())
    content[at] ^= 4
    Path(path).write_bytes(content)


def test_a_flipped_bit_in_a_file_of_pytorch_is_found() -> None:
    torch.save({"a": TENSOR, "b": torch.ones(3)}, "w.pt")
    assert is_intact_archive(Path("w.pt"))
    place = Path("w.pt").read_bytes().index(TENSOR.numpy().tobytes())
    flip("w.pt", place + 4000)
    # PyTorch does not notice.
    assert not torch.equal(torch.load("w.pt", weights_only=True)["a"], TENSOR)
    assert not is_intact_archive(Path("w.pt"))
    with pytest.raises(Unreadable, match="checksum differs"):
        read(Path("w.pt"))


def test_files_without_checksums_are_taken() -> None:
    torch.serialization.set_crc32_options(False)
    try:
        torch.save({"a": TENSOR}, "w.pt")
    finally:
        torch.serialization.set_crc32_options(True)
    torch.save({"a": TENSOR}, "old.pt", _use_new_zipfile_serialization=False)
    save_file({"a": TENSOR}, "w.safetensors")
    for name in "w.pt", "old.pt", "w.safetensors":
        assert torch.equal(read(Path(name))["a"], TENSOR)  # type: ignore[index]


def test_compressed_and_strange_archives_are_left_to_pytorch() -> None:
    with zipfile.ZipFile("bomb.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/data", bytes(2**24))
    Path("text.pt").write_text("PK\x03\x04 and nothing else")
    for name in "bomb.pt", "text.pt":
        assert is_intact_archive(Path(name))


def test_an_entry_that_is_longer_than_the_file_is_damaged() -> None:
    with zipfile.ZipFile("w.pt", "w") as archive:
        archive.writestr("w/data/0", bytes(20_000))
        archive.writestr("w/data.pkl", b"short")
        first, last = archive.infolist()
        # As in a file without checksums, but for one entry.
        first.CRC, last.file_size, last.compress_size = 0, 9_000, 9_000
    assert not is_intact_archive(Path("w.pt"))


def test_a_flipped_bit_in_weights_with_a_checksum_is_found() -> None:
    save_file({"a": TENSOR}, "plain.safetensors")
    wanted = checksum(Path("plain.safetensors"))
    assert wanted == checksum_of(Path("plain.safetensors").read_bytes())
    save_file({"a": TENSOR}, "w.safetensors", {METADATA: json.dumps({CHECKSUM: wanted})})
    assert checksum(Path("w.safetensors")) == wanted
    assert torch.equal(read(Path("w.safetensors"))["a"], TENSOR)  # type: ignore[index]
    flip("w.safetensors", -77)
    assert not torch.equal(load_file("w.safetensors")["a"], TENSOR)
    with pytest.raises(Unreadable, match="checksum differs"):
        read(Path("w.safetensors"))


def test_a_file_that_is_replaced_keeps_its_permissions() -> None:
    write(Path("a"), lambda file: file.write(b"1"))
    Path("a").chmod(0o600)
    write(Path("a"), lambda file: file.write(b"2"))
    assert (Path("a").read_bytes(), Path("a").stat().st_mode & 0o777) == (b"2", 0o600)
    assert [path.name for path in Path().iterdir()] == ["a"]


def test_a_file_that_may_only_be_read_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a").write_bytes(b"1")
    # The tests may run as root, who may write to all files.
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    with pytest.raises(PermissionError):
        write(Path("a"), lambda file: file.write(b"2"))
    assert Path("a").read_bytes() == b"1"
