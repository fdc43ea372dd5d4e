"""The syntax tree: a value that nobody writes into. Every node knows the text it came from.

Chains, sums and the like are n-ary, so that a long line is a wide tree and not a deep one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from archdsl.source import Source, Span


@dataclass(frozen=True, eq=False)
class Node:
    """Anything that was parsed, with its place."""

    span: Span = field(repr=False)


@dataclass(frozen=True, eq=False)
class Number(Node):
    """`64`, `1_000`, `0.5`, `1e-5`."""

    value: int | float


@dataclass(frozen=True, eq=False)
class Boolean(Node):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, eq=False)
class String(Node):
    """`"same"`."""

    value: str


@dataclass(frozen=True, eq=False)
class Name(Node):
    """A name in use; an op, a block, a parameter, a builtin."""

    name: str


@dataclass(frozen=True, eq=False)
class Wildcard(Node):
    """`_`, which matches any size of a signature or station."""


@dataclass(frozen=True, eq=False)
class Label(Node):
    """`conv1`, `layer{i}`, `"block{s}-{i}"`: text, with names to fill in."""

    parts: tuple[str | Name, ...]
    quoted: bool = False


@dataclass(frozen=True, eq=False)
class Wire(Node):
    """`@label`: the tensor that a labelled layer produced."""

    label: Label


@dataclass(frozen=True, eq=False)
class List(Node):
    """`[64, 56, 56]`; as a link of a chain it is a station."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, eq=False)
class Comprehension(Node):
    """`element for targets in iterable if condition`, in brackets or as the only argument."""

    element: Expression
    targets: tuple[Name, ...]
    iterable: Expression
    condition: Expression | None = None


@dataclass(frozen=True, eq=False)
class Arithmetic(Node):
    """`first + b - c`: operators of one precedence, applied left to right (`**` to the right)."""

    first: Expression
    rest: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, eq=False)
class Negation(Node):
    """`-operand`."""

    operand: Expression


@dataclass(frozen=True, eq=False)
class Comparison(Node):
    """`left < right`; comparisons do not chain."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, eq=False)
class Logical(Node):
    """`a and b and c`, `a or b`."""

    operator: str
    operands: tuple[Expression, ...]


@dataclass(frozen=True, eq=False)
class Not(Node):
    """`not operand`."""

    operand: Expression


@dataclass(frozen=True, eq=False)
class Conditional(Node):
    """`then if condition else otherwise`; for a layer, no `else` means `identity`."""

    then: Expression
    condition: Expression
    otherwise: Expression | None


@dataclass(frozen=True, eq=False)
class Binding(Node):
    """`name = value` in `let … in`."""

    name: Name
    value: Expression


@dataclass(frozen=True, eq=False)
class LetIn(Node):
    """`let a = 1, b = 2 in body`; a binding sees those before it."""

    bindings: tuple[Binding, ...]
    body: Expression


@dataclass(frozen=True, eq=False)
class Argument(Node):
    """One argument of a call; without a `name` it is positional."""

    value: Expression
    name: Name | None = None


@dataclass(frozen=True, eq=False)
class Call(Node):
    """`callee(arguments)`. A comprehension may be the only argument without brackets."""

    callee: Expression
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, eq=False)
class Index(Node):
    """`target[index]`."""

    target: Expression
    index: Expression


@dataclass(frozen=True, eq=False)
class Attribute(Node):
    """`target.name`, which only an `assert` may ask of a network."""

    target: Expression
    name: Name


@dataclass(frozen=True, eq=False)
class Labelled(Node):
    """`label: layer`."""

    label: Label
    layer: Expression


@dataclass(frozen=True, eq=False)
class Chain(Node):
    """`a -> b -> c`: two links or more."""

    links: tuple[Expression, ...]


Expression: TypeAlias = (
    "Number | Boolean | String | Name | Wildcard | Wire | List | Comprehension | Arithmetic"
    " | Negation | Comparison | Logical | Not | Conditional | LetIn | Call | Index | Attribute"
    " | Labelled | Chain"
)


@dataclass(frozen=True, eq=False)
class Parameter(Node):
    """`name` or `name=default` of a block, network or function."""

    name: Name
    default: Expression | None = None


@dataclass(frozen=True, eq=False)
class Input(Node):
    """One input of a signature: its sizes, and its name where there are several."""

    sizes: tuple[Expression, ...]
    name: Name | None = None


@dataclass(frozen=True, eq=False)
class Signature(Node):
    """`[c, h, w] -> [c, _, _]`; `output` holds sizes too, None where nothing is claimed."""

    inputs: tuple[Input, ...]
    output: tuple[Expression, ...] | None = None


@dataclass(frozen=True, eq=False)
class ImportedName(Node):
    """`name` or `name as alias` of an import."""

    name: Name
    alias: Name | None = None


@dataclass(frozen=True, eq=False)
class Import(Node):
    """`from module import names`; `module` holds its dotted identifiers."""

    module: tuple[Name, ...]
    names: tuple[ImportedName, ...]


@dataclass(frozen=True, eq=False)
class Default(Node):
    """`default conv(bias=false)`."""

    callee: Name
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, eq=False)
class Let(Node):
    """`let name = value`, `let name(parameters) = value`; `parameters` is None for the first."""

    name: Name
    parameters: tuple[Parameter, ...] | None
    value: Expression
    doc: str = ""


@dataclass(frozen=True, eq=False)
class Block(Node):
    """`block name(parameters): signature = body`, or the same with `network`."""

    name: Name
    parameters: tuple[Parameter, ...]
    signature: Signature | None
    body: Expression
    is_network: bool
    doc: str = ""


@dataclass(frozen=True, eq=False)
class Assert(Node):
    """`assert condition`."""

    condition: Expression


Declaration: TypeAlias = "Import | Default | Let | Block | Assert"


@dataclass(frozen=True, eq=False)
class File:
    """A file: its declarations in order, its documentation, and its comments for a formatter.

    `unread` are the names declared by what could not be read: to use them is no further mistake.
    """

    source: Source
    declarations: tuple[Declaration, ...]
    doc: str = ""
    comments: tuple[Span, ...] = ()
    unread: tuple[str, ...] = ()
