"""Text to syntax tree: what the words mean, where every node stands, and that nothing breaks it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archdsl.source import Source
from archdsl.syntax import ast
from archdsl.syntax.builder import MAXIMUM_DEPTH, Builder
from archdsl.syntax.grammar import NoLexer, build_grammar
from archdsl.syntax.parser import parse
from archdsl.syntax.program import PRELUDE, Program, resolve
from archdsl.syntax.tables import load
from archdsl.syntax.walk import descendants

ROOT = Path(__file__).parent.parent
SPECS = sorted(ROOT.glob("specs/*.arch")) + sorted(ROOT.glob("archdsl/library/*.arch"))


def read(text: str) -> ast.File:
    """The tree of a text without mistakes."""
    file, diagnostics = parse(Source("test.arch", text))
    assert not diagnostics
    return file


def mistakes(text: str) -> list[str]:
    """The codes of the mistakes in a text, each with the text it blames."""
    _, diagnostics = parse(Source("test.arch", text))
    return [f"{found.code} {found.span.text}" for found in diagnostics]


def value(text: str) -> ast.Expression:
    """The expression that a text spells."""
    (let,) = read(f"let it = {text}").declarations
    assert isinstance(let, ast.Let)
    return let.value


def show(node: ast.Node) -> str:
    """An expression with parentheses around every operation."""
    match node:
        case ast.Number(value=value) | ast.Boolean(value=value):
            return str(value).lower()
        case ast.Name(name=name):
            return name
        case ast.Arithmetic(first=first, rest=rest):
            operands = [show(first), *(f"{operator} {show(right)}" for operator, right in rest)]
            return f"({' '.join(operands)})"
        case ast.Negation(operand=operand):
            return f"(-{show(operand)})"
        case ast.Not(operand=operand):
            return f"(not {show(operand)})"
        case ast.Comparison(operator=operator, left=left, right=right):
            return f"({show(left)} {operator} {show(right)})"
        case ast.Logical(operator=operator, operands=operands):
            return f"({f' {operator} '.join(map(show, operands))})"
        case ast.Conditional(then=then, condition=condition, otherwise=None):
            return f"({show(then)} if {show(condition)})"
        case ast.Conditional(then=then, condition=condition, otherwise=otherwise):
            return f"({show(then)} if {show(condition)} else {show(otherwise)})"
        case ast.Chain(links=links):
            return f"({' -> '.join(map(show, links))})"
        case ast.Labelled(label=label, layer=layer):
            return f"({label.span.text}: {show(layer)})"
        case ast.Call(callee=callee, arguments=arguments):
            return f"{show(callee)}({', '.join(map(show, arguments))})"
        case ast.Argument(name=None, value=value):
            return show(value)
        case ast.Argument(name=name, value=value):
            return f"{name.name}={show(value)}"
        case ast.Index(target=target, index=index):
            return f"{show(target)}[{show(index)}]"
        case ast.LetIn(bindings=bindings, body=body):
            bound = ", ".join(f"{each.name.name} = {show(each.value)}" for each in bindings)
            return f"(let {bound} in {show(body)})"
        case ast.List(items=items):
            return f"[{', '.join(map(show, items))}]"
        case ast.Comprehension(element=element, targets=targets, iterable=iterable):
            names = ", ".join(map(show, targets))
            suffix = f" if {show(node.condition)}" if node.condition else ""
            return f"[{show(element)} for {names} in {show(iterable)}{suffix}]"
        case ast.Attribute(target=target, name=name):
            return f"{show(target)}.{name.name}"
        case _:
            return node.span.text


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("1 + 2 * 3 - 4", "(1 + (2 * 3) - 4)"),
        ("a // b * c % d", "(a // b * c % d)"),
        ("-a ** b", "(-(a ** b))"),
        ("a ** -b ** c", "(a ** (-(b ** c)))"),
        ("a ** b ** c", "(a ** b ** c)"),
        ("(a ** b) ** c", "((a ** b) ** c)"),
        ("a ** (b ** c)", "(a ** (b ** c))"),
        ("--a", "(-(-a))"),
        ("not a == b and c or d", "(((not (a == b)) and c) or d)"),
        ("a or b or c", "(a or b or c)"),
        ("a -> b -> c", "(a -> b -> c)"),
        ("x: a -> y: b", "((x: a) -> (y: b))"),
        ("x: (a -> b)", "(x: (a -> b))"),
        ("x: y: a", "(x: (y: a))"),
        ("x: a if c else y: b", "((x: a) if c else (y: b))"),
        ("a if c else b if d", "(a if c else (b if d))"),
        ("(a -> b) if c or not d", "((a -> b) if (c or (not d)))"),
        ("f(a)(b, c=d,)", "f(a)(b, c=d)"),
        ("f(x: a for i, _ in b if c)", "f([(x: a) for i, _ in b if c])"),
        ("[a for i in b]", "[a for i in b]"),
        ("[1, [2], _,]", "[1, [2], _]"),
        ("a[1][i + 1].b", "a[1][(i + 1)].b"),
        ("let a = 1, b = a in b -> c", "(let a = 1, b = a in (b -> c))"),
        ("f(let a = 1 in a, b)", "f((let a = 1 in a), b)"),
        ("layer{i}: a -> @layer{i} -> @\"q {i}\"", "((layer{i}: a) -> @layer{i} -> @\"q {i}\")"),
        ("default: a -> if: b -> @not", "((default: a) -> (if: b) -> @not)"),
        ("1_000", "1000"),
        ("1e-5", "1e-05"),
        ("true", "true"),
    ],
)  # fmt: skip
def test_precedence(text: str, meaning: str) -> None:
    assert show(value(text)) == meaning


def test_parentheses_belong_to_the_outer_node() -> None:
    product = value("(a + b) * c")
    assert isinstance(product, ast.Arithmetic)
    assert product.span.text == "(a + b) * c"
    assert product.first.span.text == "a + b"


def test_a_label_holds_text_and_variables() -> None:
    labelled = value('"block{s}-{i}": a')
    assert isinstance(labelled, ast.Labelled)
    parts = [p if isinstance(p, str) else (p.name, p.span.text) for p in labelled.label.parts]
    assert parts == ["block", ("s", "s"), "-", ("i", "i")]
    assert labelled.label.quoted


def test_declarations() -> None:
    text = (
        "from a.b import c as d, e,\n"
        "default conv(bias=false)\n"
        "let f() = 1\n"
        "block g(x, y=2,): [c, 16 * h] -> [x, _] = x\n"
        "network n: (rgb: [3, h, w], depth: [1, h, w]) = g(1)\n"
        "assert n.params == 3\n"
    )
    imports, default, let, block, network, fact = read(text).declarations
    assert isinstance(imports, ast.Import)
    assert [name.name for name in imports.module] == ["a", "b"]
    assert [(i.name.name, i.alias and i.alias.name) for i in imports.names] == [
        ("c", "d"),
        ("e", None),
    ]
    assert isinstance(default, ast.Default)
    assert default.callee.name == "conv"
    assert isinstance(let, ast.Let)
    assert let.parameters == ()
    assert isinstance(block, ast.Block)
    assert [show(p.default) if p.default else None for p in block.parameters] == [None, "2"]
    assert block.signature is not None
    assert block.signature.output is not None
    assert [show(size) for size in block.signature.inputs[0].sizes] == ["c", "(16 * h)"]
    assert [show(size) for size in block.signature.output] == ["x", "_"]
    assert isinstance(network, ast.Block)
    assert network.is_network
    assert network.signature is not None
    assert [each.name and each.name.name for each in network.signature.inputs] == ["rgb", "depth"]
    assert isinstance(fact, ast.Assert)
    assert fact.span.text == "assert n.params == 3"


def test_a_run_above_a_declaration_documents_it() -> None:
    file = read(
        "## A file.\n\n## One.\n##   Two.\nblock a = b\n## Not it.\n\nblock c = d  ## Nor this.\n"
    )
    assert file.doc == "A file."
    assert [declaration.doc for declaration in file.declarations] == ["One.\n  Two.", ""]  # type: ignore[union-attr]
    assert [comment.text for comment in file.comments][-1] == "## Nor this."


@pytest.mark.parametrize(
    ("text", "file", "block"),
    [
        ("## A.\nblock b = c", "", "A."),
        ("## A.\nfrom x import y\n## B.\nblock b = c", "A.", "B."),
        ("# License\n\n## A.\n\nblock b = c", "A.", ""),
        ("block b = c\n## A.\n", "", ""),
        ("## A.\n# No.\nblock b = c", "A.", ""),
        ("######\n## A.\nblock b = c", "", "A."),
    ],
)
def test_the_first_run_may_document_the_file(text: str, file: str, block: str) -> None:
    tree = read(text)
    assert tree.doc == file
    assert tree.declarations[-1].doc == block  # type: ignore[union-attr]


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_specs_parse_and_every_node_spans_its_children(path: Path) -> None:
    file = read(path.read_text(encoding="utf-8"))
    for declaration in file.declarations:
        for node in descendants(declaration):
            assert node.span.text == node.span.text.strip()
            if isinstance(node, ast.Name):
                assert node.span.text == node.name


def test_the_grammar_has_no_conflicts() -> None:
    assert build_grammar(strict=True).rules


def test_the_saved_tables_are_of_this_grammar() -> None:
    assert load(NoLexer, Builder()), "run `python -m archdsl.syntax.tables`"


def test_a_mistake_leaves_the_other_declarations() -> None:
    text = "block a = conv(\nblock b = relu\nlet c =\nlet d = 1\nblok e = a\nnetwork f: [1] = b\n"
    file, diagnostics = parse(Source("test.arch", text))
    assert [found.span.line for found in diagnostics] == [1, 3, 5]
    assert [d.name.name for d in file.declarations if not isinstance(d, ast.Import)] == [
        "b",
        "d",
        "f",
    ]  # type: ignore[union-attr]
    assert {"a", "c"} <= {*file.unread}


NESTED = {
    "parentheses": ("(", "1", ")"),
    "lists": ("[", "1", "]"),
    "calls": ("f(", "1", ")"),
    "minus": ("-", "1", ""),
    "not": ("not ", "a", ""),
    "labels": ("a: ", "b", ""),
    "conditions": ("1 if a else ", "2", ""),
    "lets": ("let a = 1 in ", "a", ""),
    "powers": ("2 ** ", "2", ""),
    "results": ("", "f", "()"),
    "elements": ("", "a", "[0]"),
}


@pytest.mark.parametrize("form", NESTED)
def test_nesting_is_bounded(form: str) -> None:
    before, middle, after = NESTED[form]
    for depth in (10, MAXIMUM_DEPTH):
        assert not mistakes(f"let x = {before * depth}{middle}{after * depth}")
    for depth in (MAXIMUM_DEPTH + 1, 20_000):
        (mistake,) = mistakes(f"let x = {before * depth}{middle}{after * depth}")
        assert mistake.startswith("E0701")


@pytest.mark.parametrize("form", ["a -> ", "1 + ", "a and ", "2 * "])
def test_a_wide_tree_is_not_deep(form: str) -> None:
    assert not mistakes(f"let x = {form * 20_000}a")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", []),
        ("\ufefflet x = 1\r\nlet y = 2\r\n", []),
        ("let x = 1\rlet y = 2", ["E0103 \r"]),
        ("# \u202e\nlet x = 1", ["E0103 \u202e"]),
        ('let x = "\ud800"', ["E0103 \ud800"]),
        ("let x\0= 1", ["E0103 \0"]),
        ('let x = "\uffff"', ["E0103 \uffff"]),
        (f"let x = {2**63 - 1}", []),
        (f"let x = {2**63}", [f"E0106 {2**63}"]),
        ("let x = 1e400", ["E0106 1e400"]),
        (f"let x = {'9' * 5000}", [f"E0106 {'9' * 5000}"]),
        ("let x = " + "a" * 201, ["E0705 " + "a" * 201]),
        (f'let x = "{"a" * 199}"', [f'E0705 "{"a" * 199}"']),
        ("let x = " + "a" * 1_000_000, ["E0702 "]),
        ("let x = [" + "1," * 100_000 + "]", ["E0703 1"]),
    ],
)
def test_hostile_text(text: str, codes: list[str]) -> None:
    assert mistakes(text) == codes


WORDS = (
    "from import as default let in block network assert if else for and or not true false _ a b "
    'conv 1 2.5 "s" l{i} -> : = == != < <= + - * / // % ** ( ) [ ] , . @ # ## && | { } ; \' $ \n é'
).split(" ")


@given(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))
@settings(max_examples=300, deadline=None)
def test_token_soup_never_raises(text: str) -> None:
    file, diagnostics = parse(Source("test.arch", text))
    assert all(0 <= found.span.start <= found.span.end <= len(text) for found in diagnostics)
    assert file.declarations or diagnostics or not "".join(text.split("#")[0].split())


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_random_text_never_raises(text: str) -> None:
    parse(Source("test.arch", text))


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_a_damaged_spec_never_raises(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(SPECS)).read_text(encoding="utf-8")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 20)))
    text = text[:start] + data.draw(st.sampled_from(["", *WORDS])) + text[end:]
    parse(Source("test.arch", text))


def test_only_a_word_of_the_language_is_called_one() -> None:
    _, (mistake,) = parse(Source("test.arch", "network n: (rgb [3, 8, 8]) = relu"))
    assert mistake.help == ""
    _, (mistake,) = parse(Source("test.arch", "block a(in) = relu"))
    assert mistake.help == "`in` is a word of the language: it can be a label, but no name"


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("network n: [3, 8, 8] -> conv(8, 3)", "write `=` before the body"),
        ("network n: [3, 8, 8]: conv(8, 3)", "write `=` before the body"),
        ("block a(n): conv(n, 3)", "write `=` before the body"),
        ("network n: 3, 8, 8 = relu", "sizes stand in brackets: `[3, 224, 224]`"),
        ("network n: (3, 8, 8) = relu", "sizes stand in brackets: `[3, 224, 224]`"),
        ("network resnet-18: [3, 8, 8] = relu", "a name has no `-` in it: write `_`"),
        ("block a = conv(8, 3), relu", "write `->` between layers"),
        ("block a = conv(8, (3, 3))", "a list is written `[3, 3]`"),
        ("block a = x = relu", "a layer is named `label: layer`; to compare, write `==`"),
        ("block a = if true: relu", "write `layer if condition else other`"),
    ],
)
def test_a_way_out_of_what_newcomers_write(text: str, help: str) -> None:
    _, (mistake,) = parse(Source("test.arch", text))
    assert mistake.help == help


# Programs of several files.


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
    assert [*found.modules] == [PRELUDE, "b.arch", "a.arch", "main.arch"]
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
