"""What is read, and what is not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from archdsl import files, specs
from archdsl.files import LIBRARY, NETWORKS, finder, open_main
from archdsl.source import Source
from archdsl.syntax.program import Refusal, resolve


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(folder: Path, text: str) -> list[tuple[str, str]]:
    """The codes and places of what is wrong with the imports of a text."""
    find = finder(folder)
    _, diagnostics = resolve(Source("main.arch", text), find)
    return [(diagnostic.code, diagnostic.span.text) for diagnostic in diagnostics]


def test_imports_come_from_the_folder_then_from_the_library(folder: Path) -> None:
    (folder / "parts").mkdir()
    (folder / "parts" / "a.arch").write_text("from b import two\nlet one = two\n")
    (folder / "parts" / "b.arch").write_text("let two = 2\n")
    (folder / "b.arch").write_text("let three = 3\n")
    text = "from parts.a import one\nfrom b import three\nfrom prelude import stage\n"
    assert refused(folder, text) == []


def test_a_module_has_one_name_however_it_is_reached(folder: Path) -> None:
    (folder / "a.arch").write_text("let one = 1\n")
    (folder / "b.arch").symlink_to("a.arch")
    find = finder(folder, "specs")
    direct, linked = find("specs/main.arch", ("a",)), find("specs/main.arch", ("b",))
    assert isinstance(direct, Source)
    assert isinstance(linked, Source)
    assert direct.name == linked.name == "specs/a.arch"


def test_an_unknown_module_is_suggested_from_what_is_there(folder: Path) -> None:
    (folder / "blocks.arch").write_text("let one = 1\n")
    find = finder(folder)
    _, (mistake,) = resolve(Source("main.arch", "from bloks import one"), find)
    assert (mistake.code, mistake.help) == ("E0601", "did you mean `blocks`?")


def test_what_is_no_text_file_is_refused_at_its_import(folder: Path) -> None:
    (folder / "folder.arch").mkdir()
    os.mkfifo(folder / "pipe.arch")
    (folder / "utf16.arch").write_bytes("let a = 1".encode("utf-16"))
    (folder / "latin.arch").write_bytes(b"let a = 1 # \xe4")
    (folder / "loop.arch").symlink_to("loop.arch")
    (folder / "device.arch").symlink_to("/dev/zero")
    with (folder / "huge.arch").open("wb") as file:
        file.truncate(2 << 30)
    names = ("folder", "pipe", "utf16", "latin", "loop")
    for name in names:
        assert refused(folder, f"from {name} import a") == [("E0604", name)]
    assert refused(folder, "from huge import a") == [("E0702", "huge")]
    assert refused(folder, "from device import a") == [("E0605", "device")]


def test_links_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.arch").write_text("let key = 1\n")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "file.arch").symlink_to("../secret.arch")
    (inner / "up").symlink_to("..")
    assert refused(inner, "from file import key") == [("E0605", "file")]
    assert refused(inner, "from up.secret import key") == [("E0605", "up.secret")]


def test_the_contents_of_a_refused_file_are_not_shown(folder: Path) -> None:
    (folder / "a.arch").write_bytes(b"password\xff")
    refusal = finder(folder)("main.arch", ("a",))
    assert isinstance(refusal, Refusal)
    assert "password" not in refusal.message + refusal.help


@pytest.mark.parametrize("name", ["folder", "missing", "loop"])
def test_a_main_file_that_cannot_be_read_is_one_error(folder: Path, name: str) -> None:
    (folder / "folder").mkdir()
    (folder / "loop").symlink_to("loop")
    source, _, diagnostics = open_main(Path(name))
    assert [diagnostic.code for diagnostic in diagnostics] == ["E0604"]
    assert source.text == ""


def test_files_are_named_as_typed_and_never_by_an_absolute_path(folder: Path) -> None:
    (folder / "specs").mkdir()
    (folder / "specs" / "a.arch").write_text("let one = 1\n")
    assert open_main(Path("specs/a.arch"))[0].name == "specs/a.arch"
    assert open_main(folder / "specs" / "a.arch")[0].name == "specs/a.arch"
    os.chdir(folder / "specs")
    assert open_main(Path("../specs/a.arch"))[0].name == "../specs/a.arch"
    os.chdir("/")
    assert open_main(LIBRARY / "prelude.arch")[0].name == "<library>/prelude.arch"


@pytest.mark.parametrize("text", [b"", b"\xef\xbb\xbflet a = 1", b"let a = 1\r\nlet b = 2\r\n"])
def test_marks_and_line_ends_of_other_systems_are_read(folder: Path, text: bytes) -> None:
    (folder / "a.arch").write_bytes(text)
    source, find, diagnostics = open_main(Path("a.arch"))
    assert not diagnostics
    assert not resolve(source, find)[1]


def test_shipped_networks_are_imported_below_one_name(folder: Path) -> None:
    text = "from networks.resnet import resnet\nfrom networks.senet import seresnet50\n"
    assert refused(folder, text) == []
    find = finder(folder)
    found = find("main.arch", ("networks", "senet"))
    assert isinstance(found, Source)
    assert (found.name, found.is_library) == ("<networks>/senet.arch", True)
    # What it imports is found beside it, under the same name as from outside.
    beside = find("<networks>/senet.arch", ("resnet",))
    outside = find("main.arch", ("networks", "resnet"))
    assert isinstance(beside, Source)
    assert isinstance(outside, Source)
    assert beside.name == outside.name == "<networks>/resnet.arch"
    assert find("main.arch", ("resnet",)) is None
    assert find("main.arch", ("networks",)) is None
    assert find("main.arch", ("networks", "library", "prelude")) is None


def test_a_shipped_network_has_one_name_however_it_is_imported() -> None:
    root = NETWORKS.parent
    names = {
        source.name
        for module in [("specs", "resnet"), ("networks", "resnet")]
        if isinstance(source := finder(root)("main.arch", module), Source)
    }
    assert names == {"<networks>/resnet.arch"}
    # Whoever works on them sees their own files.
    find = finder(NETWORKS, "specs")
    for module in [("resnet",), ("networks", "resnet")]:
        source = find("specs/senet.arch", module)
        assert isinstance(source, Source)
        assert (source.name, source.is_library) == ("specs/resnet.arch", False)


def test_shipped_networks_lead_to_no_other_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    shipped.mkdir()
    own.mkdir()
    (tmp_path / "secret.arch").write_text("let key = 1\n")
    (shipped / "link.arch").symlink_to("../secret.arch")
    monkeypatch.setattr(files, "NETWORKS", shipped)
    assert refused(own, "from networks.link import key") == [("E0605", "networks.link")]


def test_no_file_can_be_called_like_one_that_ships(folder: Path) -> None:
    for name in ("<library>", "<networks>"):
        (folder / name).mkdir()
        (folder / name / "prelude.arch").write_text("let one = 1\n")
        assert open_main(Path(name, "prelude.arch"))[0].name == f"./{name}/prelude.arch"
        (folder / "link.arch").unlink(missing_ok=True)
        (folder / "link.arch").symlink_to(f"{name}/prelude.arch")
        linked = finder(folder)("main.arch", ("link",))
        assert isinstance(linked, Source)
        assert (linked.name, linked.is_library) == (f"./{name}/prelude.arch", False)


def test_a_folder_with_very_many_files_is_not_walked(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        (folder / f"{number}.txt").touch()
    monkeypatch.setattr(specs, "MAXIMUM_WALKED", 5)
    assert specs.specs_in(folder) == []
    (folder / "5.txt").touch()
    refusal = specs.specs_in(folder)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.message) == ("E0702", "`.` holds more than 5 files")
