"""Text to syntax tree: what the words mean, and where every node stands."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from archdsl.source import Source
from archdsl.syntax import ast
from archdsl.syntax.builder import Builder
from archdsl.syntax.grammar import NoLexer, build_grammar
from archdsl.syntax.parser import parse
from archdsl.syntax.tables import NAME, dump, load
from archdsl.syntax.walk import descendants
from tests.helpers.paths import SHIPPED


def read(text: str) -> ast.File:
    """The tree of a text without mistakes."""
    file, diagnostics = parse(Source("test.arch", text))
    assert not diagnostics
    return file


def value(text: str) -> ast.Expression:
    """The expression that a text spells."""
    (let,) = read(f"let it = {text}").declarations
    assert isinstance(let, ast.Let)
    return let.value


def show(node: ast.SyntaxNode) -> str:
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
        ("a[b // c:d[0] // 2]", "a[b // c:d[0] // 2]"),
        ("a[b // c:d // 2\n]", "a[b // c:d // 2\n]"),
        ("a[b[0 // c:]\n // 1:\n]", "a[b[0 // c:]\n // 1:\n]"),
        ("@in[(b -> c) // c:d]", "@in[(b -> c) // c:d]"),
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
    assert isinstance(block, ast.BlockDeclaration)
    assert [show(p.default) if p.default else None for p in block.parameters] == [None, "2"]
    assert block.signature is not None
    assert [show(size) for size in block.signature.inputs[0].sizes] == ["c", "(16 * h)"]
    assert [show(size) for size in block.signature.results[0].sizes] == ["x", "_"]
    assert isinstance(network, ast.BlockDeclaration)
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


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
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


def test_the_tables_are_the_same_bytes_in_every_run() -> None:
    """Those that are shipped were made in another process, where sets had another order."""
    shipped = files("archdsl.syntax").joinpath(NAME).read_text(encoding="utf-8")
    # Not compared in the `assert`: pytest would spend minutes on how two long lines differ.
    same = dump(build_grammar()) == shipped
    assert same, "run `python -m archdsl.syntax.tables`"
