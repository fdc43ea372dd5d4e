"""Help for unknown names: a wire, a size, a string, or another name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from archdsl.diagnostics import suggestion
from archdsl.fixes import Help, write
from archdsl.ops.parameters import Initialization, Kind, Real, Truth, Whole, Word
from archdsl.resolve.foreign import instead_of, plain, word_instead
from archdsl.resolve.labels import text
from archdsl.resolve.scopes import Globals, StaticScope
from archdsl.source import Span
from archdsl.syntax import ast
from archdsl.syntax.walk import descendants

COMMENT = "`//` divides; comments start with `#`"
WIRE = "a wire reads one label, of this body: `@label`"
NO_LAYER = "`identity` is the layer that changes nothing, and `false` a switch that is off"
NOTHING = {"none", "null", "nil"}
SIZES = {
    **dict.fromkeys(("c", "channels", "inchannels", "cin", "inc"), 0),
    **dict.fromkeys(("h", "height"), 1),
    **dict.fromkeys(("w", "width"), 2),
}
"""Common names for the sizes of an image, in `plain` form, with their index in its shape."""
LONGEST_HEAD = 60


@dataclass
class Context:
    """The context of a name: its declaration, its labels, and the arguments it may be."""

    names: Globals
    declaration: ast.Declaration | None = None
    arguments: dict[ast.Name, str] = field(default_factory=dict)
    """The help for names used as arguments, if more is known of them."""
    called: dict[ast.Name, int] = field(default_factory=dict)
    """With how many positional arguments names are called."""

    def enter(self, declaration: ast.Declaration) -> None:
        """Go on to another declaration."""
        self.declaration, self.arguments, self.called = declaration, {}, {}

    @property
    def labels(self) -> list[str]:
        """The labels that wires can read here."""
        return _labels(self.declaration) if self.declaration is not None else []

    def instead(self, node: ast.Name, scope: StaticScope) -> str:
        """What was probably meant; empty if unknown."""
        name = node.name
        if _follows_slashes(node.span):
            return COMMENT
        if node in self.arguments:
            return self.arguments[node]
        if name in self.labels:
            return Help(f"write `@{name}` for the result of the layer with that label", f"@{name}")
        if plain(name) in NOTHING:
            return NO_LAYER
        if plain(name) in SIZES and not suggestion(name, scope.visible()):
            return self._size(name, scope)
        known = [*scope.visible(), *self.names.visible()]
        return instead_of(name, known, self.called.get(node))

    def attribute(self, node: ast.Attribute, root: str, scope: StaticScope) -> str:
        """The help for `nn.Conv2d`, `self.conv1` or `first.relu`."""
        name = node.name
        if root == "self":
            return "`label: layer` names a layer, and `@label` is its result"
        known = self.names.knows(name.name)
        if root in self.labels:
            return write(f"@{root} -> {name.name}" if known else f"@{root}")
        return write(name.name) if known else self.instead(name, scope)

    def method(self, node: ast.Attribute, layer: str, scope: StaticScope) -> str:
        """The help for `conv(8, 3).relu()`, where `layer` is `relu`."""
        if not self.names.knows(node.name.name):
            is_wire = isinstance(node.target, ast.Wire)
            return WIRE if is_wire else self.instead(node.name, scope)
        target = node.target.span.text
        is_short = len(target) <= LONGEST_HEAD and "\n" not in target
        return f"write `{target if is_short else '…'} -> {layer}`"

    def argument(
        self, value: ast.Name, parameter: str, kind: Kind | None, has_default: bool
    ) -> None:
        """Note what to write for a name as the argument of a parameter; `kind` is that of an op."""
        if plain(value.name) in NOTHING and kind is not None:
            off = write(f"{parameter}=false", "false") if isinstance(kind, Truth) else ""
            absent = f"leave `{parameter}` out: it has a default" if has_default else ""
            self.arguments[value] = off or absent or f"`{parameter}` needs a value"
        elif value.name in (_words(kind) if kind is not None else _all_words(self.names)):
            word = f'"{value.name}"'
            self.arguments[value] = write(f"{parameter}={word}", word)
        elif plain(value.name) == "valid":
            self.arguments[value] = write(f"{parameter}=0", "0")
        elif isinstance(kind, Word) and word_instead(value.name):
            self.arguments[value] = word_instead(value.name)

    def note_tied(self, values: Sequence[ast.Expression]) -> None:
        """Note what to write for labels where `tied` takes the name of what is shared."""
        for value in values:
            if isinstance(value, ast.Name) and value.name in self.labels:
                shared = f"`share {value.name} = … in …` instead of the label"
                self.arguments[value] = f"{shared} lets `tied` take its weights"

    def _size(self, name: str, scope: StaticScope) -> str:
        """How to name a size of the input that a body speaks of."""
        place, declaration = SIZES[plain(name)], self.declaration
        shape = ["c", "h", "w"]
        shape[place] = name
        if isinstance(declaration, ast.Let):
            example = f"block {declaration.name.name}: [{', '.join(shape)}] = …"
            return f"only a block knows the sizes of its input: `{example}`"
        if not isinstance(declaration, ast.BlockDeclaration):
            return ""
        if declaration.signature is None:
            return f"name the input: `{_head(declaration)}: [{', '.join(shape)}] = …`"
        sizes = [size.span.text for each in declaration.signature.inputs[:1] for size in each.sizes]
        if sizes.index("...") <= place if "..." in sizes else place >= len(sizes):
            return instead_of(name, scope.visible())
        if sizes[place] != "_":
            own = sizes[place]
            return Help(
                f"the signature calls this size `{own}`", own if own.isidentifier() else None
            )
        sizes[place] = name
        return f"name the size in the signature: `[{', '.join(sizes)}]`"


def _head(block: ast.BlockDeclaration) -> str:
    """A declaration up to its signature."""
    start, end = block.span.start, block.name.span.end
    last = block.parameters[-1] if block.parameters else None
    if last is None:
        return block.span.source.text[start:end]
    end = block.span.source.text.find(")", last.span.end) + 1
    head = " ".join(block.span.source.text[start:end].split())
    return head if len(head) <= LONGEST_HEAD else f"block {block.name.name}(…)"


def _labels(declaration: ast.Declaration) -> list[str]:
    """The names that wires can read in a declaration: its labels and inputs."""
    labels = [
        text(each.label) for each in descendants(declaration) if isinstance(each, ast.Labelled)
    ]
    signature = declaration.signature if isinstance(declaration, ast.BlockDeclaration) else None
    inputs: Sequence[ast.Input] = signature.inputs if signature else ()
    return [*filter(None, labels), *[each.name.name for each in inputs if each.name]]


def _words(kind: Kind) -> set[str]:
    """The words that a parameter takes."""
    match kind:
        case Word(words=words) | Whole(words=words):
            return {*words}
        case Real(word=str(word)):
            return {word}
        case Initialization():
            return {"default"}
    return set()


def _all_words(names: Globals) -> set[str]:
    """The words that ops take: through its parameters a block may take any of them."""
    kinds = [kind for op in names.ops.values() for kind in op.parameters().values()]
    return {word for kind in kinds for word in _words(kind)}


def _follows_slashes(span: Span) -> bool:
    """Whether a name stands right behind `//`, where other languages have comments."""
    before = span.source.line(span.line)[: span.column - 1]
    return before.rstrip().endswith("//")
