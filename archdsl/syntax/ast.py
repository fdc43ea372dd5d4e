"""The syntax tree: a value that nobody writes into. Every node knows the text it came from.

Chains, sums and the like are n-ary, so that a long line is a wide tree and not a deep one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from archdsl.source import Source, Span
from archdsl.syntax.places import Places

HOLE = ""
"""The name that stands where a text cannot be read: no declaration has it, and nothing is said."""


@dataclass(frozen=True, eq=False)
class SyntaxNode:
    """Anything that was parsed, with its span."""

    span: Span = field(repr=False)


@dataclass(frozen=True, eq=False)
class Number(SyntaxNode):
    """`64`, `1_000`, `0.5`, `1e-5`."""

    value: int | float


@dataclass(frozen=True, eq=False)
class Boolean(SyntaxNode):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, eq=False)
class String(SyntaxNode):
    """`"same"`."""

    value: str


@dataclass(frozen=True, eq=False)
class Name(SyntaxNode):
    """A name in use; an op, a block, a parameter, a builtin."""

    name: str


@dataclass(frozen=True, eq=False)
class Wildcard(SyntaxNode):
    """`_`, which matches any size of a signature or station."""


@dataclass(frozen=True, eq=False)
class Rest(Wildcard):
    """`...`, which matches any number of sizes: it stands once in a signature or station."""


@dataclass(frozen=True, eq=False)
class Label(SyntaxNode):
    """`conv1`, `layer{i}`, `"block{s}-{i}"`: text, with names to fill in."""

    parts: tuple[str | Name, ...]
    quoted: bool = False


@dataclass(frozen=True, eq=False)
class Wire(SyntaxNode):
    """`@label`: the tensor that a labelled layer produced."""

    label: Label


@dataclass(frozen=True, eq=False)
class List(SyntaxNode):
    """`[64, 56, 56]`; as a link of a chain it is a station."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, eq=False)
class Shape(SyntaxNode):
    """`[c, h, w]` in a signature, and wherever it stands `[n; d]`, whose channels are last.

    `[n] < bound` are whole numbers, in a signature.
    """

    sizes: tuple[Expression, ...]
    is_last: bool = False
    below: Expression | None = None

    @property
    def parts(self) -> tuple[Expression, ...]:
        """The sizes, then the bound of whole numbers."""
        return self.sizes if self.below is None else (*self.sizes, self.below)


@dataclass(frozen=True, eq=False)
class Bundle(SyntaxNode):
    """`(a, b, …)`: layers that read one tensor and give a result each, named by labels or wires."""

    branches: tuple[Expression, ...]


@dataclass(frozen=True, eq=False)
class Targets(SyntaxNode):
    """`[a, b]` among the variables of a comprehension: names for the items of an item."""

    targets: tuple[Target, ...]


Target: TypeAlias = "Name | Targets"


@dataclass(frozen=True, eq=False)
class Comprehension(SyntaxNode):
    """`element for targets in iterable if condition`, in brackets or as the only argument."""

    element: Expression
    targets: tuple[Target, ...]
    iterable: Expression
    condition: Expression | None = None

    @property
    def variables(self) -> tuple[Name, ...]:
        """The names that it binds, in the order of the text."""
        return tuple([name for target in self.targets for name in _names_of(target)])


def _names_of(target: Target) -> tuple[Name, ...]:
    if isinstance(target, Name):
        return (target,)
    return tuple([name for each in target.targets for name in _names_of(each)])


@dataclass(frozen=True, eq=False)
class Arithmetic(SyntaxNode):
    """`first + b - c`: operators of one precedence, applied left to right (`**` to the right)."""

    first: Expression
    rest: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, eq=False)
class Negation(SyntaxNode):
    """`-operand`."""

    operand: Expression


@dataclass(frozen=True, eq=False)
class Comparison(SyntaxNode):
    """`left < right`; comparisons do not chain."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, eq=False)
class Logical(SyntaxNode):
    """`a and b and c`, `a or b`."""

    operator: str
    operands: tuple[Expression, ...]


@dataclass(frozen=True, eq=False)
class Not(SyntaxNode):
    """`not operand`."""

    operand: Expression


@dataclass(frozen=True, eq=False)
class Conditional(SyntaxNode):
    """`then if condition else otherwise`; for a layer, no `else` means `identity`."""

    then: Expression
    condition: Expression
    otherwise: Expression | None


@dataclass(frozen=True, eq=False)
class Binding(SyntaxNode):
    """`name = value` or `name(parameters) = value` in `let … in`.

    `parameters` is None for the first.
    """

    name: Name
    parameters: tuple[ParameterDeclaration, ...] | None
    value: Expression


@dataclass(frozen=True, eq=False)
class LetIn(SyntaxNode):
    """`let a = 1, b = 2 in body`; a binding sees those before it."""

    bindings: tuple[Binding, ...]
    body: Expression


@dataclass(frozen=True, eq=False)
class ShareIn(LetIn):
    """`share f = layer in body`: one set of weights for all uses of `f`, which is its label too."""


@dataclass(frozen=True, eq=False)
class Argument(SyntaxNode):
    """One argument of a call; without a `name` it is positional."""

    value: Expression
    name: Name | None = None


@dataclass(frozen=True, eq=False)
class Call(SyntaxNode):
    """`callee(arguments)`. A comprehension may be the only argument without brackets."""

    callee: Expression
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, eq=False)
class Index(SyntaxNode):
    """`target[index]`."""

    target: Expression
    index: Expression


@dataclass(frozen=True, eq=False)
class Slice(SyntaxNode):
    """`target[start:stop]`; None where a side is left out."""

    target: Expression
    start: Expression | None
    stop: Expression | None


@dataclass(frozen=True, eq=False)
class Attribute(SyntaxNode):
    """`target.name`, which only an `assert` may ask of a network."""

    target: Expression
    name: Name


@dataclass(frozen=True, eq=False)
class Labelled(SyntaxNode):
    """`label: layer`."""

    label: Label
    layer: Expression


@dataclass(frozen=True, eq=False)
class Chain(SyntaxNode):
    """`a -> b -> c`: two links or more."""

    links: tuple[Expression, ...]


Expression: TypeAlias = (
    "Number | Boolean | String | Name | Wildcard | Wire | List | Shape | Comprehension"
    " | Arithmetic | Negation | Comparison | Logical | Not | Conditional | LetIn | Call | Index"
    " | Slice | Attribute | Labelled | Chain | Bundle"
)


@dataclass(frozen=True, eq=False)
class ParameterDeclaration(SyntaxNode):
    """`name` or `name=default` of a block, network or function."""

    name: Name
    default: Expression | None = None


@dataclass(frozen=True, eq=False)
class Input(SyntaxNode):
    """One tensor of a signature, an input or a result: its sizes, and its name if it has one."""

    shape: Shape
    name: Name | None = None

    @property
    def sizes(self) -> tuple[Expression, ...]:
        """The sizes of its shape, in the order of the text."""
        return self.shape.sizes

    @property
    def parts(self) -> tuple[Expression, ...]:
        """The sizes of its shape, and its bound."""
        return self.shape.parts


@dataclass(frozen=True, eq=False)
class Signature(SyntaxNode):
    """`[c, h, w] -> (c3: [c, _, _], c4: [c, _, _])`; without a right side there are no results."""

    inputs: tuple[Input, ...]
    results: tuple[Input, ...] = ()

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of its inputs; none where there is one without a name."""
        return tuple([each.name.name for each in self.inputs if each.name])

    @property
    def result_names(self) -> tuple[str, ...]:
        """The names of its results; none where there is one without a name, or no right side."""
        return tuple([each.name.name for each in self.results if each.name])


@dataclass(frozen=True, eq=False)
class ImportedName(SyntaxNode):
    """`name` or `name as alias` of an import."""

    name: Name
    alias: Name | None = None


@dataclass(frozen=True, eq=False)
class Import(SyntaxNode):
    """`from module import names`; `module` holds its dotted identifiers."""

    module: tuple[Name, ...]
    names: tuple[ImportedName, ...]


@dataclass(frozen=True, eq=False)
class Default(SyntaxNode):
    """`default conv(bias=false)`."""

    callee: Name
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, eq=False)
class Let(SyntaxNode):
    """`let name = value`, `let name(parameters) = value`; `parameters` is None for the first."""

    name: Name
    parameters: tuple[ParameterDeclaration, ...] | None
    value: Expression
    doc: str = ""


@dataclass(frozen=True, eq=False)
class BlockDeclaration(SyntaxNode):
    """`block name(parameters): signature = body`, or the same with `network`."""

    name: Name
    parameters: tuple[ParameterDeclaration, ...]
    signature: Signature | None
    body: Expression
    is_network: bool
    doc: str = ""


@dataclass(frozen=True, eq=False)
class ForeignClass(SyntaxNode):
    """`"package.module.Class"(arguments), weights=count` of an `extern`.

    `further` is what stands behind the call.
    """

    path: String
    arguments: tuple[Argument, ...]
    further: Argument | None = None


@dataclass(frozen=True, eq=False)
class Extern(SyntaxNode):
    """`extern name(parameters): signature = made`: a PyTorch class as a layer."""

    name: Name
    parameters: tuple[ParameterDeclaration, ...]
    signature: Signature
    made: ForeignClass
    doc: str = ""


@dataclass(frozen=True, eq=False)
class Assert(SyntaxNode):
    """`assert condition`."""

    condition: Expression


Named: TypeAlias = Let | BlockDeclaration | Extern
"""What gives a name to something of a file's own."""
Declaration: TypeAlias = "Import | Default | Let | BlockDeclaration | Extern | Assert"


@dataclass(frozen=True, eq=False)
class File:
    """A file: its declarations in order, its documentation, and its comments for a formatter.

    `unread` are the names declared by what could not be read: to use them is no further mistake.
    `earlier` are the declarations that were read in an earlier version of the text, whose spans lie
    there: `placed` says where that is now.
    """

    source: Source
    declarations: tuple[Declaration, ...]
    doc: str = ""
    comments: tuple[Span, ...] = ()
    unread: tuple[str, ...] = ()
    earlier: tuple[tuple[Span, int], ...] = ()

    @cached_property
    def places(self) -> Places:
        """Where the text has what was read in earlier versions of it."""
        return Places(self.source, self.earlier)

    def placed(self, span: Span) -> Span:
        """Where a span of a declaration lies in the text as it is now."""
        return span if span.source is self.source else self.places.of(span)
