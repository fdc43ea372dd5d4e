"""The submodules of a class that has a `forward` of its own, and how `forward` reaches them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from archdsl.backends.torch.calls import arguments, forms
from archdsl.backends.torch.construct import Constructor
from archdsl.backends.torch.container import ordered
from archdsl.backends.torch.layout import Block, if_else
from archdsl.backends.torch.merged import (
    Aux,
    Call,
    Group,
    If,
    Leaf,
    Loop,
    Merge,
    Merged,
    Module,
    Open,
    Sequence,
    is_named,
    links,
    modules_in,
)
from archdsl.backends.torch.names import attribute_name, unused, variable_name
from archdsl.backends.torch.rows import Row
from archdsl.backends.torch.walk import has_weights
from archdsl.backends.torch.writer import Writer
from archdsl.ops.forms import TorchCall
from archdsl.provenance import Symbol, Term

SUPER = "super().__init__()"
MOST_ALIKE = 4
"""So many modules that are alike are written one by one."""


@dataclass
class Attributes:
    """Writes `self.key = ...` for the modules of a class, each once.

    In the scope "indexed" the modules are numbered, and reached as `self[0]`; in the scope
    "children" a loop makes one in each turn, and they are reached as the variable of a loop.
    """

    writer: Writer
    constructor: Constructor
    scope: str
    statements: list[str | Block] = field(default_factory=list)
    flags: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    extra: list[str] = field(default_factory=list)
    """The statements that keep conditions and numbers for `forward`."""
    keys: dict[int, str] = field(default_factory=dict)
    numbered: list[str] = field(default_factory=list)
    """How `forward` reaches the modules of a class that are all numbered."""
    made: set[int] = field(default_factory=set)
    """The modules that are made already, for both sides of an `if`."""
    taken: set[str] = field(default_factory=set)
    made_of: Counter[str] = field(default_factory=Counter)
    """How many modules have a name."""

    def write(self, root: Merged) -> None:
        """The statements of `__init__`, and `super().__init__` where it takes the modules."""
        self.taken = {str(term.value) for m in modules_in(root) for term in m.key.values()}
        modules = {id(module): module for module in modules_in(root)}
        self.made_of = Counter(self._label(module) for module in modules.values())
        if self.scope == "indexed":
            self._indexed(root)
        else:
            self.statements += self._part(root)

    def constructor_body(self) -> list[str | Block]:
        """All statements of `__init__`, once `forward` has said what it needs."""
        if self.scope == "indexed":
            return [*self.statements, *self.extra]
        return [SUPER, *self.extra, *self.statements]

    def _indexed(self, root: Merged) -> None:
        modules = [m for m in modules_in(root) if not self.is_functional(m)]
        named = any(is_named(m) for m in modules)
        texts = []
        for place, module in enumerate(modules):
            before, text = self.constructor.module(module)
            self.statements += before
            texts.append(self.constructor.item(module, text) if named else text)
            self.keys[id(module)] = f"self[{place}]"
        self.numbered = [*self.keys.values()]
        if named:
            texts = [ordered(texts)]
        if len({*texts}) == 1 and len(texts) > MOST_ALIKE:
            texts = [f"*({texts[0]} for _ in range({len(texts)}))"]
        self.statements.append(f"super().__init__({', '.join(texts)})")

    def _part(self, node: Merged) -> list[str | Block]:
        match node:
            case Sequence(children=below) | Merge(branches=below):
                return [statement for child in below for statement in self._part(child)]
            case Aux(child=child):
                return self._part(child)
            case If():
                return self._condition(node)
            case Loop():
                return self.constructor.loop(node, lambda: self._part(node.body))
            case Group(is_inline=True):
                return self._part(node.child)
            case _ if isinstance(node, Module) and not self.is_functional(node):
                return [] if id(node) in self.made else self._module(node)
            case _:
                return []

    def _module(self, node: Module) -> list[str | Block]:
        before, text = self.constructor.module(node)
        if self.scope == "children" and not is_named(node):
            return [*before, f"self.append({text})"]
        if self.scope == "children":
            return [*before, f"self.add_module({self.constructor.key(node)}, {text})"]
        return [*before, f"{self.access(node)} = {text}"]

    def _condition(self, node: If) -> list[str | Block]:
        if inline := self.inline(node):
            return self._inline(node, inline[0])
        common = self._common(node)
        sides = [self._part(side) if side else [] for side in (node.then, node.otherwise)]
        if sides == [[], []]:
            return common
        flag, is_negated = self.flag(node)
        chosen = if_else(flag, *(reversed(sides) if is_negated else sides))
        return [*common, *self._declared(node), *chosen]

    def _declared(self, node: If) -> list[str | Block]:
        """The annotations of attributes that are one thing or another."""
        then, otherwise = (self._labels(side) for side in (node.then, node.otherwise))
        made = {self._label(module) for module in node.common}
        both = [label for label in dict.fromkeys(then) if label in otherwise and label not in made]
        return [f"self.{label}: nn.Module" for label in both if self.scope == "attributes"]

    def _common(self, node: If) -> list[str | Block]:
        """The modules that both sides call, made once."""
        common = node.common
        statements = [statement for module in common for statement in self._part(module)]
        self.made |= {id(module) for module in common}
        return statements

    def _inline(self, node: If, module: Module) -> list[str | Block]:
        """One attribute that is one thing or another."""
        test = self.constructor.condition(node)
        sides: list[tuple[Block, str]] = []
        for side in (node.then, node.otherwise):
            inner = list(links(side)) if side else []
            sides.append(self.constructor.module(inner[0]) if inner else ([], "nn.Identity()"))  # type: ignore[arg-type]
        attribute = self.access(module)
        (before, then), (before_otherwise, otherwise) = sides
        if not before and not before_otherwise:
            return [f"{attribute} = {then} if {test} else {otherwise}"]
        return [
            f"{attribute}: nn.Module",
            f"if {test}:",
            [*before, f"{attribute} = {then}"],
            "else:",
            [*before_otherwise, f"{attribute} = {otherwise}"],
        ]

    def inline(self, node: If) -> list[Module]:
        """The modules that an `if` chooses between, where they have one name; or one, or none."""
        sides = [list(links(side)) if side else [] for side in (node.then, node.otherwise)]
        modules = [link for side in sides for link in side]
        if any(len(side) > 1 for side in sides) or not modules:
            return []
        if not all(isinstance(m, Module) and not self.is_functional(m) for m in modules):
            return []
        if len(modules) == 1 and (self._has_more_ends(modules[0]) or self._is_twice(modules[0])):
            return []
        keys = {self._label(m) for m in modules}  # type: ignore[arg-type]
        return modules if len(keys) == 1 else []  # type: ignore[return-value]

    def _is_twice(self, node: Merged) -> bool:
        """Whether another module has the name of one, under another condition."""
        assert isinstance(node, Leaf | Call | Open | Group)
        return self.made_of[self._label(node)] > 1

    def _has_more_ends(self, node: Merged) -> bool:
        """Whether a module takes or gives more than one tensor, as no `nn.Identity` does."""
        if not isinstance(node, Call):
            return False
        interface = self.writer.interfaces.made[node.family]
        return bool(interface.wires or interface.heads)

    def is_functional(self, node: Module) -> bool:
        """Whether `forward` calls an op as a function: it has no weights."""
        if not isinstance(node, Leaf) or self.scope == "indexed":
            return False
        if any(map(has_weights, node.rows.values())):
            return False
        calls = [form.function for form in forms(node).values()]
        return all(calls) and (self.scope != "children" or not self._computed(node))

    def _computed(self, node: Leaf) -> bool:
        """Whether an op has numbers that the class computes."""
        return any(
            self.writer.witness.comparable(row, term.expression).symbols
            for row, leaf in node.rows.items()
            for term in leaf.arguments.values()
            if isinstance(term, Term)
        )

    def kept(self, node: Leaf, calls: Mapping[Row, TorchCall]) -> list[str]:
        """The arguments of an op in `forward`; what the class computes is kept in attributes."""
        writer = self.writer
        before, writer.used = writer.used, {}
        texts = arguments(writer, node, calls)
        names = [*writer.used, *[fresh.name for fresh in writer.numbers.fresh]]
        writer.used = before | writer.used
        return [self._in_attributes(text, names) for text in texts]

    def _in_attributes(self, text: str, names: list[str]) -> str:
        """An argument whose numbers are read from attributes instead of the constructor's names."""
        keyword, equals, value = text.rpartition("=")
        variables = {variable_name(name): name for name in names}
        if not variables.keys() & set(re.findall(r"[A-Za-z_]\w*", value)):
            return text
        if value not in self.numbers:
            wanted = value if value in variables else keyword or "value"
            name = unused(attribute_name(wanted), self.taken)
            self.taken.add(name)
            self.numbers[value] = f"self.{name}"
            self.extra.append(f"self.{name} = {value}")
        return f"{keyword}{equals}{self.numbers[value]}"

    def access(self, node: Module) -> str:
        """How `forward` reaches a module."""
        if self.scope == "children":
            return "layer"
        if id(node) not in self.keys:
            self.keys[id(node)] = f"self.{self._label(node) or self._unlabelled(node)}"
        return self.keys[id(node)]

    def _unlabelled(self, node: Module) -> str:
        """A name for a module that has none: that of the parameter that brings it."""
        wanted = attribute_name(node.parameter) if isinstance(node, Open) else "layer"
        name = unused(wanted, self.taken)
        self.taken.add(name)
        return name

    def flag(self, node: If) -> tuple[str, bool]:
        """The attribute that remembers a condition for `forward`; true where it holds its contrary.

        It is named after a submodule that exists under it alone.
        """
        test = self.constructor.condition(node)
        contrary = self.constructor.contrary(node)
        if test in self.flags:
            return self.flags[test], False
        if contrary in self.flags:
            return self.flags[contrary], True
        then, otherwise = (self._labels(side) for side in (node.then, node.otherwise))
        labels = [label for label in then if label not in otherwise]
        others = [label for label in otherwise if label not in then]
        is_negated = not labels and bool(others)
        name = next(iter([*labels, *others]), "")
        wanted = f"has_{name}" if name.isidentifier() else attribute_name(condition_name(node))
        flag = unused(wanted, self.taken)
        self.taken.add(flag)
        condition = contrary if is_negated else test
        self.flags[condition] = f"self.{flag}"
        self.extra.append(f"self.{flag} = {condition}")
        return f"self.{flag}", is_negated

    def _labels(self, side: Merged | None) -> list[str]:
        modules = modules_in(side) if side is not None else ()
        return [self._label(m) for m in modules if m.key and not self.is_functional(m)]

    def _label(self, node: Module) -> str:
        """The name of a module in its scope, empty where it has none."""
        return next((str(term.value) for term in node.key.values()), "")


def condition_name(node: If) -> str:
    """The name of the parameter that an `if` asks, if that is all it does."""
    expressions = [condition.condition.expression for condition in node.rows.values()]
    names = {e.name if isinstance(e, Symbol) else "" for e in expressions}
    return names.pop() if len(names) == 1 and "" not in names else "when"
