"""The statements that create the submodules of a class that defines `forward`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field

from archdsl.backends.torch import python
from archdsl.backends.torch.access import Access
from archdsl.backends.torch.calls import weight_calls, with_suffix
from archdsl.backends.torch.common_attributes import CommonAttributes, can_be_shared
from archdsl.backends.torch.construct import Constructor
from archdsl.backends.torch.for_loops import INDEX, numbered
from archdsl.backends.torch.inplace import made_in
from archdsl.backends.torch.kept import Kept
from archdsl.backends.torch.merged import (
    Merged,
    MergedAux,
    MergedBundle,
    MergedCondition,
    MergedGroup,
    MergedLabel,
    MergedLoop,
    MergedOp,
    MergedSequence,
    MergedShare,
    MergedUse,
    Submodule,
    below,
    is_bare,
    is_named,
    is_stateless,
    label,
    links,
    modules_in,
    uses_in,
)
from archdsl.backends.torch.module_lists import ModuleLists
from archdsl.backends.torch.names import unused
from archdsl.backends.torch.python import (
    PyAssign,
    PyAttribute,
    PyBlock,
    PyCall,
    PyConstant,
    PyEvaluate,
    PyExpression,
    PyFor,
    PyFormat,
    PyIf,
    PyName,
    PyStatement,
    if_else,
)
from archdsl.backends.torch.rows import Unprintable

MOST_ALIKE = 4
"""Maximum number of similar modules that are written one by one."""


@dataclass
class Attributes:
    """Writes `self.key = ...` for the modules of a class, each once."""

    constructor: Constructor
    access: Access
    kept: Kept
    made: set[int] = field(default_factory=set)
    """Modules already created, for both branches of an `if`."""
    waiting: dict[str, Merged] = field(default_factory=dict)
    """Shared layers by name, until they are made where they are first used."""

    def __post_init__(self) -> None:
        self.lists = ModuleLists(self.constructor, self.access.containers, self.made)
        self.weightless = CommonAttributes(self.access)

    def of(self, root: Merged, inputs: Set[str]) -> PyBlock:
        """The statements of `__init__` that create the modules; `forward` takes the `inputs`."""
        if self.access.scope != "indexed":
            self.weightless.note_uses(root)
            return (*self.lists.dicts(), *self._part(root))
        parts = [m for m in modules_in(root) if not self.access.is_functional(m)]
        bare = [m for m in parts if is_bare(m)]
        if not all(label(each).isidentifier() for each in bare):
            raise Unprintable("a learned tensor whose label is no name in Python")
        learned = [made for each in bare for made in self._module(each)]
        return *learned, *self._numbered([m for m in parts if m not in bare], inputs)

    def _numbered(self, modules: Sequence[Submodule], inputs: Set[str]) -> PyBlock:
        """The statements that make modules of which some have labels that are no names."""
        self.access.number(modules, inputs | {"self", "x"})
        if self.access.containers.attributes:
            return (*self.lists.dicts(), *self._named(modules))
        keys = self._names(modules)
        made = [self.constructor.module(module) for module in modules]
        if len(made) > MOST_ALIKE and all(each == made[0] for each in made) and _are_counted(keys):
            before, value = made[0]
            count = python.call("range", PyConstant(len(made)))
            added = _added(PyFormat((PyName("i"),)), value)
            return *before, PyFor(("i",), count, (added,))
        added_one_by_one = [
            (*before, _added(key, value)) for key, (before, value) in zip(keys, made, strict=True)
        ]
        return tuple([statement for block in added_one_by_one for statement in block])

    def _named(self, modules: Sequence[Submodule]) -> PyBlock:
        """The statements that make modules, of which some are in containers."""
        block: PyBlock = ()
        for module, key in zip(modules, self._names(modules), strict=True):
            if id(module) in self.made:
                continue
            if name := self.access.containers.list_of(module):
                block = (*block, *self.lists.of(name))
                continue
            before, value = self.constructor.module(module)
            made = _added(key, value)
            if self.access.containers.holds(module):
                made = PyAssign(self.access.of(module), value)
            block = (*block, *before, made)
        return block

    def _names(self, modules: Sequence[Submodule]) -> list[PyExpression]:
        """The names of modules, all different.

        Layers without weights may have one name twice, because a scope without modules of its own
        has other layers than the class.
        """
        keys, taken = [], {label(module) for module in modules if not is_stateless(module)}
        for module in modules:
            key = self.constructor.key(module)
            if is_stateless(module):
                name = label(module)
                if name in taken:
                    key = PyConstant(name := unused(name, taken))
                taken.add(name)
            keys.append(key)
        return keys

    def _part(self, node: Merged) -> PyBlock:
        match node:
            case MergedSequence() | MergedBundle():
                return tuple([made for part in below(node) for made in self._part(part)])
            case MergedOp(branches=[_, *_] as branches):
                parts = [statement for branch in branches for statement in self._part(branch)]
                return *parts, *([] if is_stateless(node) else self._module(node))
            case MergedAux(child=child) | MergedGroup(is_inline=True, child=child):
                return self._part(child)
            case MergedCondition():
                return self._condition(node)
            case MergedLoop():
                return self._loop(node)
            case MergedShare(layers=layers, child=child):
                self.waiting |= layers
                return self._part(child)
            case MergedUse(name=name):
                return self._needed([name])
            case _ if isinstance(node, Submodule) and not self.access.is_functional(node):
                return () if id(node) in self.made else self._module(node)
            case _:
                return ()

    def _module(self, node: Submodule) -> PyBlock:
        if name := self.access.containers.list_of(node):
            return self.lists.of(name)
        if isinstance(node, MergedOp) and (made := self._weights(node)):
            return made
        before, value = self.constructor.module(node)
        if self.access.scope == "attributes" and can_be_shared(node):
            return self.weightless.of([node], value)
        if self.access.scope != "children":
            return *before, PyAssign(self.access.of(node), value)
        if is_stateless(node):
            raise Unprintable("a layer beside the one that a turn of the loop makes")
        key = self.constructor.key(node) if is_named(node) else PyFormat((INDEX,))
        return *before, _added(key, value)

    def _weights(self, node: MergedOp) -> PyBlock:
        """The bare weights of an op that has several: learned ones, and buffers."""
        statements: list[PyStatement] = []
        for suffix, value in weight_calls(self.constructor.writer, node).items():
            attribute = with_suffix(self.access.of(node), suffix)
            if isinstance(value, PyCall) and value.callee == python.dotted("nn.Parameter"):
                statements.append(PyAssign(attribute, value))
                continue
            register = PyAttribute(attribute.value, "register_buffer")
            made = python.call(register, PyConstant(attribute.name), value)
            statements += [PyAssign(attribute, None, python.dotted("Tensor")), PyEvaluate(made)]
        return tuple(statements)

    def _needed(self, names: Iterable[str]) -> PyBlock:
        """The shared layers of these names that are not made yet.

        A layer overwrites no tensor that comes from outside of it, which other uses may need.
        """
        block: PyBlock = ()
        for name in dict.fromkeys(names):
            if (layer := self.waiting.pop(name, None)) is not None:
                outer, self.constructor.made = self.constructor.made, made_in(layer)
                block = (*block, *self._part(layer))
                self.constructor.made = outer
        return block

    def _loop(self, node: MergedLoop) -> PyBlock:
        if self.access.scope != "children":
            # A loop of `forward`, over shared layers.
            return *self._needed(uses_in(node.body)), *self._part(node.body)
        block = self.constructor.loops.statement(node, lambda: self._part(node.body))
        if not block:
            return ()
        *before, loop = block
        assert isinstance(loop, PyFor)
        return *before, numbered(loop, self.constructor.writer.taken, is_named(node))

    def _condition(self, node: MergedCondition) -> PyBlock:
        is_numbered = self.access.scope == "children"
        if not is_numbered and (inline := self.access.inline(node)):
            return self._inline(node, inline)
        common = (*self._needed(uses_in(node)), *self._common(node))
        test = self.constructor.condition(node)
        with self.kept.under(test):
            then = self._side(node, node.then)
        with self.kept.under(python.negated(test)):
            otherwise = self._side(node, node.otherwise)
        behind = self.weightless.taken_outside()
        if not then and not otherwise:
            return *common, *behind
        if not isinstance(test, PyName) and not is_numbered:
            test = self.kept.flag(node, test)
        return *common, *self._declared(node), *if_else(test, then, otherwise), *behind

    def _side(self, node: MergedCondition, side: Merged | None) -> PyBlock:
        with self.weightless.within(node, side is node.then):
            return self._part(side) if side else ()

    def _declared(self, node: MergedCondition) -> PyBlock:
        """The annotations of attributes whose type depends on a condition."""
        if self.access.scope != "attributes":
            return ()
        # Layers without weights have one attribute each.
        then, otherwise = (
            [
                label(m)
                for m in modules_in(side)
                if m.key and not is_stateless(m) and "." not in label(m)
            ]
            if side
            else []
            for side in (node.then, node.otherwise)
        )
        made = set(map(label, node.common))
        both = [name for name in dict.fromkeys(then) if name in otherwise and name not in made]
        return tuple([_declaration(PyAttribute(python.SELF, name)) for name in both])

    def _common(self, node: MergedCondition) -> PyBlock:
        """The modules called by both branches, created once."""
        common = node.common
        with self.constructor.writer.numbers.of_both_sides(node):
            statements = tuple([statement for module in common for statement in self._part(module)])
        self.made |= set(map(id, common))
        return statements

    def _inline(self, node: MergedCondition, modules: Sequence[Submodule]) -> PyBlock:
        """One attribute whose value depends on a condition."""
        test = self.constructor.condition(node)
        sides = [self._only(side) for side in (node.then, node.otherwise)]
        (before, then), (before_otherwise, otherwise) = sides
        choice = python.choice(test, then, otherwise)
        if all(map(is_stateless, modules)):
            return self.weightless.of(modules, choice)
        attribute = self.access.of(modules[0])
        if not before and not before_otherwise:
            return (PyAssign(attribute, choice),)
        assigned = [(*block, PyAssign(attribute, value)) for block, value in sides]
        return _declaration(attribute), PyIf(test, *assigned)

    def _only(self, side: Merged | None) -> tuple[PyBlock, PyExpression]:
        """The statements and expression of a branch's only module; the identity if it has none."""
        inner = [link for link in links(side) if not isinstance(link, MergedLabel)] if side else []
        if not inner:
            return (), python.call("nn.Identity")
        (module,) = inner
        assert isinstance(module, Submodule)
        return self.constructor.module(module)


def _added(key: PyExpression, value: PyExpression) -> PyStatement:
    """`self.add_module(key, value)`, for a name that is not an identifier."""
    return PyEvaluate(python.call(PyAttribute(python.SELF, "add_module"), key, value))


def _are_counted(keys: Sequence[PyExpression]) -> bool:
    """Whether names are the numbers from 0 on."""
    return [*keys] == [PyConstant(str(number)) for number in range(len(keys))]


def _declaration(attribute: PyExpression) -> PyStatement:
    return PyAssign(attribute, None, python.dotted("nn.Module"))
