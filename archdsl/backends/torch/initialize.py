"""Weight initialisation, if the spec sets it.

If all modules of a kind are initialised alike, one function does it, which `apply` calls on every
module of a network. Otherwise the affected modules (normalisations, or all others) are wrapped
where the blocks of that network create them. A block that another network uses too is then
initialised twice there, in the same way.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from archdsl.backends.torch import python
from archdsl.backends.torch.families import Families, Family
from archdsl.backends.torch.names import unused
from archdsl.backends.torch.python import (
    PyAttribute,
    PyBlock,
    PyConstant,
    PyEvaluate,
    PyExpression,
    PyFunction,
    PyIf,
    PyName,
    PyOperation,
    PyParameter,
    PyReturn,
    PyStatement,
)
from archdsl.backends.torch.walk import root
from archdsl.graph import Graph
from archdsl.ops.parameters import UNIT_GAIN, Initializer, Start
from archdsl.provenance import Literal, Term
from archdsl.tree import Block, OpNode

Starts = dict[str, dict[Start, None]]
"""For every kind of module, the ways in which it is initialised."""


def start_number(node: OpNode, name: str) -> Term:
    """A number of an op's initialisation."""
    if name == "gain":
        gain = node.arguments["gain_init"]
        assert isinstance(gain, Term)
        return gain
    initializer = node.arguments["init"]
    assert isinstance(initializer, Initializer)
    value = dict(initializer.arguments)[name]
    return Term(value, initializer.expressions.get(name, Literal(value)))


@dataclass
class Plan:
    """The initialisation of a file's weights.

    `applied` names the function that a network's classes apply to their modules. If a network
    initialises modules of some kinds in several ways, those in its blocks are `wrapped` instead, by
    functions created on demand.
    """

    applied: dict[Block, str] = field(default_factory=dict)
    wrapped: Starts = field(default_factory=dict)
    wrapped_in: dict[Block, set[str]] = field(default_factory=dict)
    """The kinds of modules that are wrapped in the class of a block."""
    names: dict[tuple[Hashable, object], str] = field(default_factory=dict)
    definitions: dict[str, PyFunction] = field(default_factory=dict)

    def function(self, block: Block, kind: str, start: Start | None) -> str:
        """The function that a module in a block is wrapped in; empty if it needs none."""
        if start is None or kind not in self.wrapped_in.get(block, ()):
            return ""
        if start.is_default and not self.varying(start):
            return ""
        alike = self._alike(start)
        biases = {each.bias for each in alike} - {None}
        if len(biases) > 1:
            alike = [each for each in alike if each.written_bias == start.written_bias]
        key = (start.weight.form, start.written_bias if len(biases) > 1 else None)
        if key not in self.names:
            self.names[key] = self._unused(start)
            self.definitions[self.names[key]] = _wrapper(
                self.names[key], alike, self.varying(start), self._kinds(alike)
            )
        return self.names[key]

    def _unused(self, start: Start) -> str:
        """A name that no function has; where several go by one word, it says what differs."""
        name, fan = _name(start), dict(start.weight.arguments).get("fan")
        has_other_form = start.weight.form not in {form for form, _ in self.names}
        bias = "zero_bias" if start.written_bias == 0 else "with_bias"
        if name in self.definitions:
            name = f"{name}_fan_{fan}" if fan and has_other_form else f"{name}_{bias}"
        return unused(name, set(self.definitions))

    def varying(self, start: Start) -> list[str]:
        """The numbers that differ between the file's initialisations of one form."""
        values: dict[str, set[object]] = {}
        for each in self._alike(start):
            for name, value in each.weight.arguments:
                values.setdefault(name, set()).add(value)
        return [name for name, some in values.items() if len(some) > 1]

    def _kinds(self, alike: list[Start]) -> list[str]:
        """The kinds of modules of which some are initialised in one of these ways."""
        return sorted(k for k, some in self.wrapped.items() if not some.keys().isdisjoint(alike))

    def _alike(self, start: Start) -> list[Start]:
        """The initialisations that differ from this one only in numbers."""
        starts = _together([self.wrapped])
        form = start.weight.form
        every = dict.fromkeys(each for some in starts.values() for each in some)
        return [each for each in every if each.weight.form == form]


def plan(families: Families, graphs: Sequence[Graph]) -> Plan:
    """The initialisation of the weights of some networks."""
    networks: dict[Family, list[Starts]] = {}
    for graph in graphs:
        networks.setdefault(families.of[root(graph.tree)], []).append(_starts(graph))
    by_class = {family: _together(each) for family, each in networks.items()}
    chosen = {family: some for family, some in by_class.items() if _changed(some)}
    # A function for all modules would reach into the classes of others.
    foreign = {families.of[root(graph.tree)] for graph in graphs if _has_foreign(graph)}
    unlike = {
        family: some if family in foreign else _unlike(some, networks[family])
        for family, some in chosen.items()
    }
    result = Plan(wrapped=_together(unlike.values()))
    for family, some in unlike.items():
        for block in families.blocks_within(family) if some else ():
            result.wrapped_in.setdefault(block, set()).update(some)
    every = {family: _without(some, unlike[family]) for family, some in chosen.items()}
    applied = {family: some for family, some in every.items() if _changed(some)}
    together = _together(every.values())
    # The function for all modules must skip those that a network using it wraps.
    is_one = _is_uniform(together) and all(
        unlike[family].keys().isdisjoint(_changed(together)) for family in applied
    )
    for family, some in applied.items():
        name = "_init_weights" if is_one else f"_init_{family.block.name}_weights"
        result.applied[family.block] = name
        result.definitions[name] = _function(name, together if is_one else some)
    return result


def _has_foreign(graph: Graph) -> bool:
    return any(node.op is not None and node.op.is_foreign for node in graph)


def _unlike(found: Starts, networks: Sequence[Starts]) -> Starts:
    """The kinds of modules that one function cannot initialise: normalisations, others, or both.

    A kind that each network initialises alike, but for a number that depends on its arguments,
    concerns no other kind.
    """
    result: Starts = {}
    for is_norm in (False, True):
        part = {kind: starts for kind, starts in found.items() if _is_norm(starts) == is_norm}
        unlike = {kind: starts for kind, starts in part.items() if not _is_uniform({kind: starts})}
        is_alone = all(_is_by_argument(kind, unlike[kind], networks) for kind in unlike)
        result |= unlike if is_alone else part
    return result


def _is_by_argument(kind: str, starts: Iterable[Start], networks: Sequence[Starts]) -> bool:
    """Whether a kind of modules is initialised in one way, with other numbers in other networks."""
    if len({start.weight.form for start in starts}) > 1:
        return False
    return all(_is_uniform({kind: some[kind]}) for some in networks if kind in some)


def _without(found: Starts, others: Starts) -> Starts:
    return {kind: some for kind, some in found.items() if kind not in others}


def _starts(graph: Graph) -> Starts:
    found: Starts = {}
    for node in graph:
        if node.op is not None and (start := node.op.starts()) is not None:
            found.setdefault(node.op.torch(*graph.input_shapes(node)).kind, {}).setdefault(start)
    return found


def _changed(found: Starts) -> Starts:
    """The kinds of modules of which some are not initialised as PyTorch does."""
    return {
        kind: some for kind, some in found.items() if not all(start.is_default for start in some)
    }


def _is_uniform(found: Starts) -> bool:
    """Whether all modules of one kind are initialised alike (with or without a bias)."""
    for some in found.values():
        biases = {start.bias for start in some} - {None}
        if len({start.weight for start in some}) > 1 or len(biases) > 1:
            return False
    return True


def _is_norm(some: Iterable[Start]) -> bool:
    return any(start.weight.scheme == "gain" for start in some)


def _together(networks: Iterable[Starts]) -> Starts:
    result: Starts = {}
    for found in networks:
        for kind, some in found.items():
            result.setdefault(kind, {}).update(some)
    return result


MODULE = PyName("module")


def _function(name: str, found: Starts) -> PyFunction:
    """`_init_weights(module)`."""
    groups: dict[Hashable, Starts] = {}
    for kind, some in _changed(found).items():
        biases = frozenset(start.written_bias for start in some) - {None}
        groups.setdefault((next(iter(some)).weight, biases), {})[kind] = some
    body: PyBlock = ()
    for group in reversed(groups.values()):
        starts = [start for some in group.values() for start in some]
        test = python.call("isinstance", MODULE, python.union(map(python.dotted, group)))
        body = (PyIf(test, _statements(starts, group), body),)
    module = PyParameter("module", python.dotted("nn.Module"))
    return PyFunction(name, (module,), python.NONE, body)


def _wrapper(
    name: str, starts: list[Start], varying: list[str], kinds: Sequence[str]
) -> PyFunction:
    """A function that initialises one module and returns it; `varying` are its parameters."""
    parameters = (
        PyParameter("module", python.union(map(python.dotted, kinds))),
        *[PyParameter(each, PyName("float")) for each in varying],
    )
    body = (*_statements(starts, kinds, varying), PyReturn(MODULE))
    return PyFunction(name, parameters, python.dotted("nn.Module"), body)


def _name(start: Start) -> str:
    """The name of a function that initialises one module."""
    if start.weight.scheme == "gain":
        return "_constant"
    if start.weight.scheme != "default":
        return f"_{start.weight.scheme}"
    return "_zero_bias" if start.bias == 0 else "_constant_bias"


def _statements(
    starts: Sequence[Start], kinds: Iterable[str], varying: Sequence[str] = ()
) -> PyBlock:
    """The initialisation of modules of some kinds; modules initialised alike may lack a bias."""
    statements = _weight_calls(starts[0].weight, varying)
    values = [start.written_bias for start in starts if start.written_bias is not None]
    if not values:
        return statements
    call = _constant_call("bias", python.constant(values[0]))
    # Judging by its type in PyTorch, any convolution may lack a bias.
    may_lack = any(start.bias is None for start in starts) or any("Conv" in k for k in kinds)
    if not may_lack:
        return *statements, call
    has_bias = PyOperation("is not", (PyAttribute(MODULE, "bias"), python.NONE))
    return *statements, PyIf(has_bias, (call,))


def _weight_calls(weight: Initializer, varying: Sequence[str]) -> PyBlock:
    if weight.scheme == "default" or (weight == UNIT_GAIN and not varying):
        return ()
    given = {
        name: PyName(name) if name in varying else python.constant(value)
        for name, value in weight.arguments
    }
    for name in ("gain", "value"):
        if (number := given.get(name)) is not None:
            return (_constant_call("weight", number),)
    if (limit := given.pop("limit", None)) is not None:
        given |= {"a": PyOperation("neg", (limit,)), "b": limit}
    if "fan" in given:
        fan = PyConstant(f"fan_{dict(weight.arguments)['fan']}")
        given.pop("fan")
        given = {"mode": fan, **given, "nonlinearity": PyConstant("relu")}
    tensor = PyAttribute(MODULE, "weight")
    return (PyEvaluate(python.call(f"nn.init.{weight.scheme}_", tensor, **given)),)


def _constant_call(name: str, value: PyExpression) -> PyStatement:
    tensor = PyAttribute(MODULE, name)
    if value in (PyConstant(0), PyConstant(0.0)):
        return PyEvaluate(python.call("nn.init.zeros_", tensor))
    return PyEvaluate(python.call("nn.init.constant_", tensor, value))
