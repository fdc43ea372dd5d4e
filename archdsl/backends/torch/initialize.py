"""How weights start, where the spec says so.

Where all modules of a kind start in one way, one function does it, which `apply` calls on every
module of a network. Else the modules in question are wrapped where they are made.
"""

from __future__ import annotations

import ast
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from archdsl.backends.torch.families import Families, Family
from archdsl.backends.torch.layout import Block, layout
from archdsl.backends.torch.names import unused
from archdsl.backends.torch.printer import value_text
from archdsl.backends.torch.walk import root
from archdsl.graph import Graph
from archdsl.ops.base import Op, Shape
from archdsl.ops.parameters import Initializer
from archdsl.provenance import Literal, Term
from archdsl.tree import OpNode


@dataclass(frozen=True)
class Start:
    """How the weight and the bias of a module start; None for a bias that there is not.

    A bias that starts as PyTorch starts it is "default".
    """

    weight: Initializer
    bias: float | str | None

    @property
    def written_bias(self) -> float | str | None:
        """What a bias is set to; None where nothing is written for it."""
        return None if self.bias == "default" else self.bias

    @property
    def is_default(self) -> bool:
        """Whether the module starts as PyTorch starts it."""
        return self.weight.scheme == "default"


Starts = dict[str, dict[Start, None]]
"""For every kind of module the ways in which it starts."""


def start_of(op: Op) -> Start | None:
    """How an op's weights start; None for an op that has no parameter `init`."""
    weight: Initializer | None = getattr(op, "init", None)
    if weight is None:
        return None
    has_bias = op.bias and weight.scheme != "default"  # type: ignore[attr-defined]
    return Start(weight, op.bias_init if has_bias else None)  # type: ignore[attr-defined]


def start_number(node: OpNode, name: str) -> Term:
    """A number of how an op's weights start."""
    initializer = node.arguments["init"]
    assert isinstance(initializer, Initializer)
    value = dict(initializer.arguments)[name]
    return Term(value, initializer.expressions.get(name, Literal(value)))


@dataclass
class Plan:
    """How a file's weights start.

    `applied` names the function that the class of a network applies to its modules. Where there
    is none for all, modules of the kinds `wrapped` are wrapped, by functions that come about then.
    """

    applied: dict[Family, str] = field(default_factory=dict)
    wrapped: Starts = field(default_factory=dict)
    names: dict[Hashable, str] = field(default_factory=dict)
    definitions: dict[str, str] = field(default_factory=dict)

    def function(self, start: Start | None) -> str:
        """The function that has a module start; empty where it starts as PyTorch starts it."""
        if start is None or start.is_default or not self.wrapped:
            return ""
        alike = self._alike(start)
        biases = {each.bias for each in alike} - {None}
        if len(biases) > 1:
            alike = [each for each in alike if each.written_bias == start.written_bias]
        key = (start.weight.form, start.written_bias if len(biases) > 1 else None)
        if key not in self.names:
            self.names[key] = unused(f"_{start.weight.scheme}", set(self.definitions))
            self.definitions[self.names[key]] = _wrapper(
                self.names[key], alike, self.varying(start), sorted(self.wrapped)
            )
        return self.names[key]

    def varying(self, start: Start) -> list[str]:
        """The numbers in which the modules of a file that start in one form differ."""
        values: dict[str, set[object]] = {}
        for each in self._alike(start):
            for name, value in each.weight.arguments:
                values.setdefault(name, set()).add(value)
        return [name for name, some in values.items() if len(some) > 1]

    def _alike(self, start: Start) -> list[Start]:
        """The starts that differ from one in numbers alone."""
        starts = _together([self.wrapped])
        form = start.weight.form
        every = dict.fromkeys(each for some in starts.values() for each in some)
        return [each for each in every if each.weight.form == form]


def plan(families: Families, graphs: Sequence[Graph]) -> Plan:
    """How the weights of some networks start."""
    by_class: dict[Family, Starts] = {}
    for graph in graphs:
        assert graph.tree is not None
        family = families.of[root(graph.tree)]
        by_class[family] = _together([by_class.get(family, {}), _starts(graph)])
    chosen = {family: some for family, some in by_class.items() if not _is_default(some)}
    if not all(map(_is_uniform, chosen.values())):
        return Plan(wrapped=_together(chosen.values()))
    together = _together(chosen.values())
    result = Plan()
    for family, some in chosen.items():
        is_one = _is_uniform(together)
        name = "_init_weights" if is_one else f"_init_{family.block.name}_weights"
        result.applied[family] = name
        result.definitions[name] = _function(name, together if is_one else some)
    return result


def _starts(graph: Graph) -> Starts:
    found: Starts = {}
    kinds: dict[type[Op], str] = {}
    for node in graph:
        if node.op is not None and (start := start_of(node.op)) is not None:
            if type(node.op) not in kinds:
                kinds[type(node.op)] = _kind(node.op, graph.input_shapes(node))
            found.setdefault(kinds[type(node.op)], {}).setdefault(start)
    return found


def _kind(op: Op, inputs: tuple[Shape, ...]) -> str:
    """The module of an op."""
    module = op.torch(*inputs).module
    assert module is not None
    return module.callee


def _is_default(found: Starts) -> bool:
    return all(start.is_default for some in found.values() for start in some)


def _is_uniform(found: Starts) -> bool:
    """Whether all modules of one kind start in one way (with or without a bias)."""
    for some in found.values():
        biases = {start.bias for start in some} - {None}
        if len({start.weight for start in some}) > 1 or len(biases) > 1:
            return False
    return True


def _together(networks: Iterable[Starts]) -> Starts:
    result: Starts = {}
    for found in networks:
        for kind, some in found.items():
            result.setdefault(kind, {}).update(some)
    return result


def _function(name: str, found: Starts) -> str:
    """`_init_weights(module)`."""
    kinds: dict[str, list[str]] = {}
    bodies: dict[str, list[str | Block]] = {}
    for kind, some in found.items():
        if not next(iter(some)).is_default:
            body = _statements(some)
            kinds.setdefault(repr(body), []).append(kind)
            bodies[repr(body)] = body
    statements: list[str | Block] = []
    for key, body in bodies.items():
        word = "elif" if statements else "if"
        statements += [f"{word} isinstance(module, {' | '.join(kinds[key])}):", body]
    return "\n".join(layout([f"def {name}(module: nn.Module) -> None:", statements]))


def _wrapper(name: str, starts: list[Start], varying: list[str], kinds: Sequence[str]) -> str:
    """A function that has one module start, and returns it; `varying` are its parameters."""
    parameters = [f"module: {' | '.join(kinds)}", *(f"{each}: float" for each in varying)]
    body = [*_statements(starts, varying), "return module"]
    return "\n".join(layout([f"def {name}({', '.join(parameters)}) -> nn.Module:", body]))


def _statements(some: Iterable[Start], varying: Sequence[str] = ()) -> list[str | Block]:
    """What a module does at its start; those that start alike may lack a bias."""
    starts = list(some)
    statements: list[str | Block] = [_weight_call(starts[0].weight, varying)]
    values = [start.bias for start in starts if start.bias is not None]
    if not values:
        return statements
    value = values[0]
    if value == "default":
        return statements
    call = "zeros_(module.bias)" if value == 0 else f"constant_(module.bias, {value_text(value)})"
    return [*statements, "if module.bias is not None:", [f"nn.init.{call}"]]


def _weight_call(weight: Initializer, varying: Sequence[str]) -> str:
    given = {name: name if name in varying else value_text(v) for name, v in weight.arguments}
    if (limit := given.pop("limit", None)) is not None:
        given |= {"a": f"-{limit}", "b": limit}
    if (fan := given.pop("fan", None)) is not None:
        given = {"mode": f'"fan_{ast.literal_eval(fan)}"', **given, "nonlinearity": '"relu"'}
    arguments = [f"{name}={text}" for name, text in given.items()]
    return f"nn.init.{weight.scheme}_({', '.join(['module.weight', *arguments])})"
