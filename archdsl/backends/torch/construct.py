"""The constructor of a class: its submodules, in containers where people would use one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from archdsl.backends.torch import python, traversal
from archdsl.backends.torch.arguments import Arguments
from archdsl.backends.torch.calls import IN_PLACE, module_call
from archdsl.backends.torch.container import CONTAINERS, Container, Item, ordered
from archdsl.backends.torch.inplace import Made, all_overwrite
from archdsl.backends.torch.layers import open_call
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
    is_empty,
    is_named,
    links,
)
from archdsl.backends.torch.names import unused
from archdsl.backends.torch.python import Block, Expression, Statement, if_else
from archdsl.backends.torch.rows import Row
from archdsl.backends.torch.sizes import size_name
from archdsl.backends.torch.writer import Writer
from archdsl.provenance import Operation, Symbol, Term


@dataclass
class Constructor:
    """Makes the modules of a class, whose ops make the results `made`.

    `declared` are its variables for containers: named or not.
    """

    writer: Writer
    made: Made
    declared: dict[str, bool] = field(default_factory=dict)

    def module(self, node: Module) -> tuple[Block, Expression]:
        """The statements that must come first, and the expression that makes the module."""
        self.writer.size = size_name(node)
        made = self._made(node)
        self.writer.size = ""
        return made

    def _made(self, node: Module) -> tuple[Block, Expression]:
        match node:
            case Leaf():
                return (), module_call(self.writer, node, self.made)
            case Call():
                interface = self.writer.interfaces.made[node.family]
                return (), Arguments(self.writer).call(interface, activations(node))
            case Open():
                flags = (IN_PLACE,) if all_overwrite(node, self.made) else ()
                call = open_call(self.writer, node)
                return (), replace(call, arguments=(*call.arguments, *flags))
            case Group():
                return self.container(node.child)

    def container(self, child: Merged) -> tuple[Block, python.Call]:
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
        variable = python.Name(container.variable)
        layers = variable if named else python.Starred(variable)
        return tuple(container.statements), python.call("nn.Sequential", layers)

    def optional(self, scope: Merged) -> Block:
        """The statements of a function that returns the layers of an `if`, or the identity."""
        if is_empty(scope):
            return self._returned(scope)
        (condition,) = links(scope)
        assert isinstance(condition, If)
        sides = [self._returned(side) for side in (condition.then, condition.otherwise)]
        test = self.condition(condition)
        if condition.then is None or is_empty(condition.then):
            test, sides = python.negated(test), sides[::-1]
        return python.If(test, sides[0]), *sides[1]

    def _returned(self, side: Merged | None) -> Block:
        if side is None or is_empty(side):
            return (python.Return(python.call("nn.Identity")),)
        before, container = self.container(side)
        return *before, python.Return(container)

    def _start(self, named: bool) -> Container:
        """A container in a variable, which is annotated once where it serves again."""
        others = {variable for variable, known in self.declared.items() if known != named}
        variable = unused("layers", self.writer.taken | others)
        self.writer.taken.add(variable)
        annotation = None if variable in self.declared else CONTAINERS[named]
        self.declared[variable] = named
        empty = python.call("OrderedDict") if named else python.Display("list", ())
        return Container(variable, named, [python.Assign(python.Name(variable), empty, annotation)])

    def _expression(self, modules: list[Merged], named: bool) -> tuple[Block, python.Call]:
        statements: list[Statement] = []
        values: list[Expression] = []
        items: list[Item] = []
        held: set[str] = set()
        for node in modules:
            if isinstance(node, Loop):
                values.append(self._generator(node))
            elif isinstance(node, If):
                values.append(self._choice(node))
            else:
                assert isinstance(node, Leaf | Call | Open | Group)
                needed, value = self.module(node)
                statements += needed
                values.append(value)
                # The variables of containers are read behind the statements of all.
                held |= traversal.names_read(value) & (self.declared.keys() - self.writer.taken)
                self.writer.taken |= held
                if named:
                    items.append((self.key(node), value))
        self.writer.taken -= held
        arguments = [ordered(items)] if named else values
        return tuple(statements), python.call("nn.Sequential", *arguments)

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

    def _choice(self, node: If) -> Expression:
        then, otherwise = (self._only(side) for side in (node.then, node.otherwise))
        return python.choice(self.condition(node), then, otherwise)

    def _only(self, side: Merged | None) -> Expression:
        """The module of a side that is but one."""
        assert side is not None
        (link,) = links(side)
        assert isinstance(link, Leaf | Call | Open)
        return self.module(link)[1]

    def _generator(self, node: Loop) -> Expression:
        (body,) = links(node.body)
        assert isinstance(body, Leaf | Call | Open)
        header = self.header(node)
        with self.turn(node):
            _, value = self.module(body)
            test = self.filter(node)
        names = self.targets(node, value, *([test] if test else []))
        return python.Starred(python.Comprehension("generator", value, names, header, test))

    def header(self, node: Loop) -> Expression:
        """What a loop runs over."""
        return self.writer.iterable({row: loop.header for row, loop in node.rows.items()})

    def filter(self, node: Loop) -> Expression | None:
        """The condition under which a loop takes a turn; None where it always does."""
        terms = {
            row: Term(True, loop.condition)
            for row, frame in node.turn.frames.items()
            if row.parent
            and (loop := node.rows[row.parent]).condition
            and loop.iterations[0].frame is frame
        }
        return self.writer.value(terms, "when") if terms else None

    def turn(self, node: Loop) -> AbstractContextManager[None]:
        """Name the variables of a loop, for its body."""
        return self.writer.loop(node.turn, next(iter(node.rows.values())).names)

    def targets(self, node: Loop, *body: python.Code) -> tuple[str, ...]:
        """The variables of a loop, `_` for those that its body does not read."""
        names = next(iter(node.rows.values())).names
        read = traversal.names_read(*body)
        given = [self.writer.loop_names[node.turn, name] for name in names]
        return tuple([name if name in read else "_" for name in given]) or ("_",)

    def key(self, node: Module) -> Expression:
        """A module's name."""
        return self.writer.value(node.key, "label")

    def fill(self, node: Merged, container: Container) -> None:
        """The statements that put a part of a scope into its container."""
        for link in links(node):
            match link:
                case If():
                    container.flush()
                    self._condition(link, container)
                case Loop():
                    container.flush()
                    self._loop(link, container)
                case Leaf() | Call() | Open() | Group():
                    statements, value = self.module(link)
                    if statements:
                        container.flush()
                        container.statements += statements
                    container.add(self.key(link) if container.is_named else None, value)
                case _:
                    raise AssertionError(type(link))
        container.flush()

    def _side(self, node: Merged, container: Container) -> Block:
        inner = Container(container.variable, container.is_named)
        self.fill(node, inner)
        return tuple(inner.statements)

    def _condition(self, node: If, container: Container) -> None:
        test = self.condition(node)
        carried = node.entry.carried
        if carried:
            container.statements += self.rebind(
                {row: n.entry.definitions["channels"] for row, n in node.rows.items()}
            )
        sides = []
        for taken, side in ((True, node.then), (False, node.otherwise)):
            if carried:
                self.writer.version = node.entry
            block = self._side(side, container) if side else ()
            if carried:
                after = {
                    row: n.exit.definitions["channels"]
                    for row, n in node.rows.items()
                    if n.taken is taken
                }
                block = (*block, *self.rebind(after))
            sides.append(block)
        if carried:
            self.writer.version = node.exit
        container.statements += if_else(test, *sides)

    def condition(self, node: If) -> Expression:
        """The test of an `if`."""
        return self.writer.value({row: n.condition for row, n in node.rows.items()}, "when")

    def _loop(self, node: Loop, container: Container) -> None:
        container.statements += self.loop(node, lambda: self._side(node.body, container))

    def loop(self, node: Loop, write: Callable[[], Block]) -> Block:
        """A `for` statement that carries its channels where its turns change them."""
        before: Block = ()
        if node.turn.carried:
            before = self.rebind(
                {
                    row: loop.iterations[0].frame.definitions["channels"]
                    for row, loop in node.rows.items()
                    if loop.iterations
                }
            )
        header = self.header(node)
        if node.turn.carried:
            self.writer.version = node.turn
        with self.turn(node):
            body = write()
            if node.turn.carried:
                body = (*body, *self.rebind(self._after_turn(node)))
                self.writer.version = node.exit
            if test := self.filter(node):
                body = (python.If(test, body),)
        return (*before, python.For(self.targets(node, *body), header, body)) if body else before

    def _after_turn(self, node: Loop) -> dict[Row, Term]:
        turns = node.turn.frames
        return {row: row.iteration.output[0] for row in turns if row.iteration is not None}

    def rebind(self, terms: Mapping[Row, Term]) -> Block:
        """The statement that brings the variable `channels` up to date; none where it is."""
        writer = self.writer
        expression = writer.numbers.resolve(dict(terms), "channels", is_size=True)
        current = Symbol(writer.version.frame, "channels") if writer.version else None
        if expression == current:
            return ()
        operator, channels = "", python.Name(writer.channels)
        match expression:
            case Operation("+" | "-" | "*" | "//" as sign, (first, *rest)) if first == current:
                expression = rest[0] if len(rest) == 1 else Operation(sign, tuple(rest))
                operator = sign
        return (python.Assign(channels, writer.translated(expression), operator=operator),)
