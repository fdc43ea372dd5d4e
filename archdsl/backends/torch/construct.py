"""The constructor of a class: its submodules, in containers where a programmer would use one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from archdsl.backends.torch import python, traversal
from archdsl.backends.torch.arguments import Arguments
from archdsl.backends.torch.calls import IN_PLACE, module_call
from archdsl.backends.torch.container import CONTAINERS, Container, Item, ordered
from archdsl.backends.torch.for_loops import Loops
from archdsl.backends.torch.inplace import OwnResults, all_overwrite
from archdsl.backends.torch.layers import open_call
from archdsl.backends.torch.merged import (
    Merged,
    MergedCall,
    MergedCondition,
    MergedGroup,
    MergedLayerList,
    MergedLoop,
    MergedOp,
    MergedSplice,
    Submodule,
    changes_channels,
    instances,
    is_empty,
    is_named,
    links,
)
from archdsl.backends.torch.names import unused, variable_name
from archdsl.backends.torch.python import (
    PyAssign,
    PyBlock,
    PyCall,
    PyComprehension,
    PyDisplay,
    PyExpression,
    PyIf,
    PyName,
    PyReturn,
    PyStarred,
    PyStatement,
    if_else,
)
from archdsl.backends.torch.sizes import size_name
from archdsl.backends.torch.writer import Writer, name_of


@dataclass
class Constructor:
    """Creates the modules of a class, whose ops create the results `made`.

    `declared` are its variables for containers, by whether they are named.
    """

    writer: Writer
    made: OwnResults
    declared: dict[str, bool] = field(default_factory=dict)
    loops: Loops = field(init=False)

    def __post_init__(self) -> None:
        self.loops = Loops(self.writer)

    def module(self, node: Submodule) -> tuple[PyBlock, PyExpression]:
        """The statements to place first, and the expression that creates the module."""
        self.writer.size = size_name(node)
        made = self._made(node)
        self.writer.size = ""
        return made

    def _made(self, node: Submodule) -> tuple[PyBlock, PyExpression]:
        match node:
            case MergedOp():
                return (), module_call(self.writer, node, self.made)
            case MergedCall():
                return self._call(node)
            case MergedSplice():
                flags = (IN_PLACE,) if all_overwrite(node, self.made) else ()
                call = open_call(self.writer, node)
                return (), replace(call, arguments=(*call.arguments, *flags))
            case MergedGroup():
                return self.container(node.child)

    def _call(self, node: MergedCall) -> tuple[PyBlock, PyCall]:
        """A block, with its list of layers if it takes one."""
        interface, arguments = self.writer.interfaces.made[node.family], Arguments(self.writer)
        if node.layers is None:
            return (), arguments.call(interface, instances(node))
        size, self.writer.size = self.writer.size, ""
        before, container = self.container(node.layers)
        self.writer.size = size
        return before, arguments.call(interface, instances(node), container.arguments)

    def container(self, child: Merged) -> tuple[PyBlock, PyCall]:
        """A scope as `nn.Sequential(...)`, with the statements it needs before."""
        modules = list(links(child))
        named = is_named(child)
        if all(
            isinstance(node, MergedOp | MergedCall | MergedSplice | MergedLayerList | MergedGroup)
            or self.is_generator(node, named)
            or self._is_choice(node, named)
            for node in modules
        ) and not self._is_overtaken(modules):
            return self._expression(modules, named)
        container = self._start(named)
        self.fill(child, container)
        container.flush()
        self.writer.taken.discard(container.variable)
        variable = PyName(container.variable)
        layers = variable if named else PyStarred(variable)
        return tuple(container.statements), python.call("nn.Sequential", layers)

    def _is_overtaken(self, modules: list[Merged]) -> bool:
        """Whether channels change before a module is made that reads what they were.

        The statements of all modules come before the expression that makes the container.
        """
        is_variable = self.writer.version is not None
        for node in modules:
            changes = changes_channels(node)
            if changes and is_variable:
                return True
            is_variable |= changes
        return False

    def optional(self, scope: Merged) -> PyBlock:
        """The statements of a function that returns the layers of an `if`, or the identity."""
        if is_empty(scope):
            return self._returned(scope)
        (condition,) = links(scope)
        assert isinstance(condition, MergedCondition)
        sides = [self._returned(side) for side in (condition.then, condition.otherwise)]
        test = self.condition(condition)
        if condition.then is None or is_empty(condition.then):
            test, sides = python.negated(test), sides[::-1]
        return PyIf(test, sides[0]), *sides[1]

    def _returned(self, side: Merged | None) -> PyBlock:
        if side is None or is_empty(side):
            return (PyReturn(python.call("nn.Identity")),)
        before, container = self.container(side)
        return *before, PyReturn(container)

    def _start(self, named: bool) -> Container:
        """A container in a variable, annotated once if the variable is reused."""
        others = {variable for variable, known in self.declared.items() if known != named}
        variable = unused("layers", self.writer.taken | others)
        self.writer.taken.add(variable)
        annotation = None if variable in self.declared else CONTAINERS[named]
        self.declared[variable] = named
        empty = python.call("OrderedDict") if named else PyDisplay("list", ())
        return Container(variable, named, [PyAssign(PyName(variable), empty, annotation)])

    def _expression(self, modules: list[Merged], named: bool) -> tuple[PyBlock, PyCall]:
        statements: list[PyStatement] = []
        values: list[PyExpression] = []
        items: list[Item] = []
        held: set[str] = set()
        for node in modules:
            if isinstance(node, MergedLoop):
                values.append(self._generator(node))
            elif isinstance(node, MergedCondition):
                values.append(self._choice(node))
            elif isinstance(node, MergedLayerList):
                values.append(self.given(node))
            else:
                assert isinstance(node, MergedOp | MergedCall | MergedSplice | MergedGroup)
                needed, value = self.module(node)
                statements += needed
                values.append(value)
                # The variables of containers are read after the statements of all.
                held |= traversal.names_read(value) & (self.declared.keys() - self.writer.taken)
                self.writer.taken |= held
                if named:
                    items.append((self.key(node), value))
        self.writer.taken -= held
        arguments = [ordered(items)] if named else values
        return tuple(statements), python.call("nn.Sequential", *arguments)

    def given(self, node: MergedLayerList) -> PyExpression:
        """The layers in a list argument."""
        return PyStarred(PyName(variable_name(node.parameter)))

    def is_generator(self, node: Merged, named: bool) -> bool:
        """Whether a loop fits into one line: `*(Bottleneck(256, 64) for _ in range(n - 1))`."""
        if named or not isinstance(node, MergedLoop) or node.turn.carried:
            return False
        body = list(links(node.body))
        return len(body) == 1 and _is_expression(body[0])

    def _is_choice(self, node: Merged, named: bool) -> bool:
        """Whether an `if` is one module or another: `nn.ReLU() if plain else nn.SiLU()`."""
        if named or not isinstance(node, MergedCondition) or node.entry.carried:
            return False
        sides = [list(links(side)) if side else [] for side in (node.then, node.otherwise)]
        return all(len(side) == 1 and _is_expression(side[0]) for side in sides)

    def _choice(self, node: MergedCondition) -> PyExpression:
        then, otherwise = (self._only(side) for side in (node.then, node.otherwise))
        return python.choice(self.condition(node), then, otherwise)

    def _only(self, side: Merged | None) -> PyExpression:
        """The module of a branch that consists of one."""
        assert side is not None
        (link,) = links(side)
        assert isinstance(link, MergedOp | MergedCall | MergedSplice)
        return self.module(link)[1]

    def _generator(self, node: MergedLoop) -> PyExpression:
        (body,) = links(node.body)
        assert isinstance(body, MergedOp | MergedCall | MergedSplice)
        header = self.loops.header(node)
        with self.loops.turn(node):
            _, value = self.module(body)
            test = self.loops.filter(node)
        names = self.loops.targets(node, value, *([test] if test else []))
        return PyStarred(PyComprehension("generator", value, names, header, test))

    def key(self, node: Submodule) -> PyExpression:
        """A module's name."""
        return self.writer.value(node.key, "label")

    def fill(self, node: Merged, container: Container) -> None:
        """The statements that add a part of a scope to its container."""
        for link in links(node):
            match link:
                case MergedCondition():
                    container.flush()
                    self._condition(link, container)
                case MergedLoop():
                    container.flush()
                    self._loop(link, container)
                case MergedOp() | MergedCall() | MergedSplice() | MergedGroup():
                    statements, value = self.module(link)
                    if statements:
                        container.flush()
                        container.statements += statements
                    container.add(self.key(link) if container.is_named else None, value)
                case MergedLayerList():
                    container.add(None, self.given(link))
                case _:
                    raise AssertionError(type(link))
        container.flush()

    def _side(self, node: Merged, container: Container) -> PyBlock:
        inner = Container(container.variable, container.is_named)
        self.fill(node, inner)
        return tuple(inner.statements)

    def _condition(self, node: MergedCondition, container: Container) -> None:
        test = self.condition(node)
        carried = node.entry.carried
        if carried:
            container.statements += self.loops.rebind(
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
                block = (*block, *self.loops.rebind(after))
            sides.append(block)
        if carried:
            self.writer.version = node.exit
        container.statements += if_else(test, *sides)

    def condition(self, node: MergedCondition) -> PyExpression:
        """The test of an `if`."""
        tests = {row: each.condition for row, each in node.rows.items()}
        return self.writer.value(tests, name_of(tests.values(), "when"))

    def _loop(self, node: MergedLoop, container: Container) -> None:
        container.statements += self.loops.statement(node, lambda: self._side(node.body, container))


def _is_expression(node: Merged) -> bool:
    """Whether an expression creates the module, without statements before it."""
    return isinstance(node, MergedOp | MergedSplice) or (
        isinstance(node, MergedCall) and node.layers is None
    )
