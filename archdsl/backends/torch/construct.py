"""The constructor of a class: its submodules, in containers where people would use one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from archdsl.backends.torch.arguments import Arguments
from archdsl.backends.torch.calls import module_call
from archdsl.backends.torch.container import Container, ordered
from archdsl.backends.torch.inplace import Makers, makers
from archdsl.backends.torch.layers import open_text
from archdsl.backends.torch.layout import Block, if_else
from archdsl.backends.torch.merged import (
    Call,
    Group,
    If,
    Leaf,
    Loop,
    Merged,
    Module,
    Open,
    activations,
    is_named,
    links,
)
from archdsl.backends.torch.names import unused
from archdsl.backends.torch.printer import negated
from archdsl.backends.torch.rows import Row
from archdsl.backends.torch.writer import Writer
from archdsl.provenance import Operation, Symbol, Term

T = TypeVar("T")


@dataclass
class Constructor:
    """Writes the modules of a class. `declared` are its variables for containers, with a type."""

    writer: Writer
    declared: dict[str, str] = field(default_factory=dict)

    def module(self, node: Module, before: Makers = None) -> tuple[Block, str]:
        """The statements that must come first, and the expression that makes the module."""
        match node:
            case Leaf():
                return [], module_call(self.writer, node, before)
            case Call():
                interface = self.writer.interfaces.made[node.family]
                return [], Arguments(self.writer).call(interface, activations(node))
            case Open():
                return [], open_text(self.writer, node)
            case Group():
                return self.container(node.child)

    def container(self, child: Merged) -> tuple[Block, str]:
        """A scope as `nn.Sequential(...)`, with the statements that it needs before."""
        modules = list(links(child))
        named = is_named(child)
        if all(
            isinstance(node, Leaf | Call | Open | Group)
            or self.is_generator(node, named)
            or self._is_choice(node, named)
            for node in modules
        ):
            return self._expression(modules, named)
        container = self._start(named)
        self.fill(child, container)
        container.flush()
        self.writer.taken.discard(container.variable)
        star = "" if named else "*"
        return container.block, f"nn.Sequential({star}{container.variable})"

    def _start(self, named: bool) -> Container:
        """A container in a variable, which is annotated once where it serves again."""
        kind = "OrderedDict[str, nn.Module]" if named else "list[nn.Module]"
        others = {variable for variable, known in self.declared.items() if known != kind}
        variable = unused("layers", self.writer.taken | others)
        self.writer.taken.add(variable)
        annotation = "" if variable in self.declared else f": {kind}"
        self.declared[variable] = kind
        start = f"{variable}{annotation} = "
        return Container(variable, named, [start + ("OrderedDict()" if named else "[]")])

    def _expression(self, modules: list[Merged], named: bool) -> tuple[Block, str]:
        statements: list[str | Block] = []
        texts: list[str] = []
        before: Makers = None
        for node in modules:
            if isinstance(node, Loop):
                texts.append(self._generator(node))
            elif isinstance(node, If):
                texts.append(self._choice(node, before))
            else:
                assert isinstance(node, Leaf | Call | Open | Group)
                needed, text = self.module(node, before)
                statements += needed
                texts.append(self.item(node, text) if named else text)
            before = makers(node, before)
        if not named:
            return statements, f"nn.Sequential({', '.join(texts)})"
        return statements, f"nn.Sequential({ordered(texts)})"

    def item(self, node: Module, text: str) -> str:
        """A module in an `OrderedDict`."""
        return f"({self.key(node)}, {text})"

    def is_generator(self, node: Merged, named: bool) -> bool:
        """Whether a loop fits into one line: `*(Bottleneck(256, 64) for _ in range(n - 1))`."""
        if named or not isinstance(node, Loop) or node.turn.carried:
            return False
        body = list(links(node.body))
        return len(body) == 1 and isinstance(body[0], Leaf | Call | Open)

    def _is_choice(self, node: Merged, named: bool) -> bool:
        """Whether an `if` is one module or another: `nn.ReLU() if plain else nn.SiLU()`."""
        if named or not isinstance(node, If) or node.entry.carried:
            return False
        sides = [list(links(side)) if side else [] for side in (node.then, node.otherwise)]
        return all(len(side) == 1 and isinstance(side[0], Leaf | Call | Open) for side in sides)

    def _choice(self, node: If, before: Makers) -> str:
        then, otherwise = (self._only(side, before) for side in (node.then, node.otherwise))
        return f"{then} if {self.condition(node)} else {otherwise}"

    def _only(self, side: Merged | None, before: Makers) -> str:
        """The module of a side that is but one."""
        assert side is not None
        (link,) = links(side)
        assert isinstance(link, Leaf | Call | Open)
        return self.module(link, before)[1]

    def _generator(self, node: Loop) -> str:
        (body,) = links(node.body)
        assert isinstance(body, Leaf | Call | Open)
        header = self.header(node)
        _, text = self.named_turn(node, lambda: self.module(body))
        passes = f" if {test}" if (test := self.filter(node)) else ""
        names = self.targets(node, text, passes)
        return f"*({text} for {names} in {header}{passes})"

    def header(self, node: Loop) -> str:
        """What a loop runs over."""
        terms = {row: loop.header for row, loop in node.rows.items()}
        return self.writer.text(terms, "items")

    def filter(self, node: Loop) -> str:
        """The condition under which a loop takes a turn, empty where it always does."""
        terms = {
            row: Term(True, loop.condition)
            for row, frame in node.turn.frames.items()
            if row.parent
            and (loop := node.rows[row.parent]).condition
            and loop.iterations[0].frame is frame
        }
        return self.writer.text(terms, "when") if terms else ""

    def named_turn(self, node: Loop, write: Callable[[], T]) -> T:
        """Write the body of a loop with its variables named."""
        names = next(iter(node.rows.values())).names
        self.writer.name_loop(node.turn, names)
        return write()

    def targets(self, node: Loop, *body: object) -> str:
        """The variables of a loop, `_` for those that its body does not read."""
        names = next(iter(node.rows.values())).names
        text = repr(body)
        printed = [self.writer.loop_names[node.turn, name] for name in names]
        return ", ".join(n if re.search(rf"\b{n}\b", text) else "_" for n in printed) or "_"

    def key(self, node: Module) -> str:
        """A module's name as Python text."""
        return self.writer.text(node.key, "label")

    def fill(self, node: Merged, container: Container, before: Makers = None) -> None:
        """The statements that put a part of a scope into its container."""
        for link in links(node):
            match link:
                case If():
                    container.flush()
                    self._condition(link, container, before)
                case Loop():
                    container.flush()
                    self._loop(link, container)
                case Leaf() | Call() | Open() | Group():
                    statements, text = self.module(link, before)
                    if statements:
                        container.flush()
                        container.block += statements
                    container.add(self.key(link) if container.is_named else "", text)
                case _:
                    raise AssertionError(type(link))
            before = makers(link, before)
        container.flush()

    def _side(self, node: Merged, container: Container, before: Makers = None) -> list[str | Block]:
        inner = Container(container.variable, container.is_named)
        self.fill(node, inner, before)
        return inner.block

    def _condition(self, node: If, container: Container, before: Makers) -> None:
        test = self.condition(node)
        carried = node.entry.carried
        if carried:
            container.block += self.rebind(
                {row: n.entry.definitions["channels"] for row, n in node.rows.items()}
            )
        sides = []
        for taken, side in ((True, node.then), (False, node.otherwise)):
            if carried:
                self.writer.version = node.entry
            block = self._side(side, container, before) if side else []
            if carried:
                block += self.rebind(
                    {
                        row: n.exit.definitions["channels"]
                        for row, n in node.rows.items()
                        if n.taken is taken
                    }
                )
            sides.append(block)
        if carried:
            self.writer.version = node.exit
        container.block += if_else(test, *sides)

    def condition(self, node: If) -> str:
        """The test of an `if`."""
        return self.writer.text({row: n.condition for row, n in node.rows.items()}, "when")

    def contrary(self, node: If) -> str:
        """The opposite of the test of an `if`."""
        terms = {row: n.condition for row, n in node.rows.items()}
        return self.writer.print(negated(self.writer.numbers.resolve(terms, "when")))

    def _loop(self, node: Loop, container: Container) -> None:
        container.block += self.loop(node, lambda: self._side(node.body, container))

    def loop(self, node: Loop, write: Callable[[], list[str | Block]]) -> list[str | Block]:
        """A `for` statement that carries its channels where its turns change them."""
        block: list[str | Block] = []
        if node.turn.carried:
            block += self.rebind(
                {
                    row: loop.iterations[0].frame.definitions["channels"]
                    for row, loop in node.rows.items()
                    if loop.iterations
                }
            )
        header = self.header(node)
        if node.turn.carried:
            self.writer.version = node.turn
        body = self.named_turn(node, write)
        if node.turn.carried:
            body += self.rebind(self._after_turn(node))
            self.writer.version = node.exit
        if test := self.filter(node):
            body = [f"if {test}:", body]
        names = self.targets(node, body)
        return [*block, f"for {names} in {header}:", body]

    def _after_turn(self, node: Loop) -> dict[Row, Term]:
        turns = node.turn.frames
        return {row: row.iteration.output[0] for row in turns if row.iteration is not None}

    def rebind(self, terms: Mapping[Row, Term]) -> list[str]:
        """The statement that brings the variable `channels` up to date; none where it is."""
        writer = self.writer
        expression = writer.numbers.resolve(dict(terms), "channels", is_size=True)
        current = Symbol(writer.version.frame, "channels") if writer.version else None
        if expression == current:
            return []
        match expression:
            case Operation("+" | "-" | "*" | "//" as operator, (first, *rest)) if first == current:
                value = rest[0] if len(rest) == 1 else Operation(operator, tuple(rest))
                return [f"{writer.channels} {operator}= {writer.print(value)}"]
            case _:
                return [f"{writer.channels} = {writer.print(expression)}"]
