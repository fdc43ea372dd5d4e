"""Programs of several files."""

from __future__ import annotations

from collections.abc import Iterable

from archdsl.source import Source
from archdsl.syntax.program import PRELUDE_KEY, Program, resolve


class Found(dict[str, Source]):
    """Finds modules in a table."""

    def __call__(self, key: str, parts: tuple[str, ...]) -> Source | None:
        return self.get(".".join(parts))

    def modules(self, key: str) -> Iterable[str]:
        return self


def program(**files: str) -> tuple[Program, list[str]]:
    """The program that `main` imports, and its mistakes."""
    find = Found(
        {name.replace("__", "."): Source(f"{name}.arch", text) for name, text in files.items()}
    )
    found, diagnostics = resolve(find["main"], find)
    return found, [f"{each.code} {each.span.text}: {each.help}" for each in diagnostics]


def test_imported_files_come_first_and_once() -> None:
    found, diagnostics = program(
        main="from a import x\nfrom b import y\nfrom a import z",
        a="from b import y\nlet x = 1\nlet z = 2",
        b="let y = 1",
        prelude="let p = 1",
    )
    assert not diagnostics
    assert [*found.modules] == [PRELUDE_KEY, "b.arch", "a.arch", "main.arch"]
    assert found.modules["main.arch"].imports == {"a": "a.arch", "b": "b.arch"}
    assert found.main == "main.arch"


def test_imports_go_wrong() -> None:
    assert program(main="from residual import x", resnet="", residua="let x = 1")[1] == [
        "E0601 residual: did you mean `residua`?"
    ]
    assert program(main="from a import stge, b", a="let stage = 1\nfrom b import b", b="let b = 1")[
        1
    ] == ["E0603 stge: did you mean `stage`?", "E0603 b: "]
    (cycle,) = program(main="from a import x", a="from main import y\nlet x = 1")[1]
    assert cycle.startswith("E0602 main")
    many = {f"m{i}": f"from m{i + 1} import x\nlet x = 1" for i in range(150)}
    (bound,) = program(main="from m0 import x", **many)[1]
    assert bound.startswith("E0704")


def test_the_names_of_a_broken_declaration_can_be_imported() -> None:
    _, diagnostics = program(main="from a import x", a="let x = )")
    assert [each[:5] for each in diagnostics] == ["E0107"]
