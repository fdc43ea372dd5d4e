"""Networks built: their inputs, their parameters, and the graph that they denote."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from functools import cached_property

from archdsl import tree
from archdsl.arithmetic import Value
from archdsl.diagnostics import Diagnostic
from archdsl.elaborate.apply.application import apply_body, default_value, read_by_name
from archdsl.elaborate.apply.fitting import settle
from archdsl.elaborate.apply.operators import checked
from archdsl.elaborate.apply.wires import wires_of
from archdsl.elaborate.build import NetworkBuild
from archdsl.elaborate.evaluate.dispatch import as_size, number
from archdsl.elaborate.evaluate.names import callee_of
from archdsl.elaborate.namespaces import Namespace
from archdsl.elaborate.report import Failure, LimitExceeded, Report
from archdsl.elaborate.scope import Body, Scope, Session
from archdsl.elaborate.tensors import Flow, Labels, Several, Tensor, made_by
from archdsl.elaborate.values import BROKEN, BlockCallee, Datum, Items, Spliced
from archdsl.graph import Cases, Graph, Node, Port, unused, verify
from archdsl.ops.base import Reject, Shape
from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import Frame, Literal, Term, constant
from archdsl.shapes import Polynomial, symbol
from archdsl.syntax import ast
from archdsl.syntax.walk import descendants
from archdsl.tree import Block, Instance, shape_of

INPUT, OUTPUT = "input", "output"


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of running a network: its graph, as far as it goes, and what was met.

    It depends on the declaration and all that this depends on; after a mistake, also on what names
    a message may suggest.
    """

    graph: Graph
    is_whole: bool
    reports: tuple[Report, ...]
    cases: Cases = field(default_factory=Cases)
    """Ops with their shapes, as far as they were verified in other networks."""

    @cached_property
    def faults(self) -> list[Diagnostic]:
        """What is wrong, by a fault of ours, with the graph of a network without mistakes."""
        return verify(self.graph, self.cases) if self.is_whole else []

    @property
    def whole(self) -> Graph | None:
        """The graph; None after a mistake."""
        return self.graph if self.is_whole else None


ABOUT_WHOLE = {"N0401"}
"""Notes on how a network is written; before it is whole, nobody wants to know."""


def _is_early(report: Report) -> bool:
    return report.diagnostic.code in ABOUT_WHOLE


@dataclass(frozen=True, eq=False)
class Request:
    """A network to build.

    `values` are other defaults for its parameters; `tried` are values as if an argument gave them,
    which leave the defaults as they are. Parameters that are `frozen` are numbers like any other;
    a default that is computed still is. `block` is what the tree calls the network, if there is
    another graph of it.
    """

    declaration: ast.BlockDeclaration
    namespace: Namespace
    session: Session
    values: Mapping[str, Value] = field(default_factory=dict)
    frozen: Set[str] = frozenset()
    tried: Mapping[str, Value] = field(default_factory=dict)
    block: Block | None = None

    def build(self) -> Outcome:
        """The graph of the network, up to where a mistake lets it go."""
        with self.session.reporter.apart() as reports:
            network = self._built()
        # After a mistake, a result may be one that no node has.
        graph = network.graph
        graph.results = {name: port for name, port in graph.results.items() if port.node >= 0}
        graph.heads = {name: port for name, port in graph.heads.items() if port.node >= 0}
        cases = self.session.applications.cases
        kept = [each for each in reports.values() if not (network.failed and _is_early(each))]
        return Outcome(graph, not network.failed, tuple(kept), cases)

    def _built(self) -> NetworkBuild:
        name, session = self.declaration.name, self.session
        instance = Instance(self._block(), "", Frame(name.name), {})
        labels = Labels(wires=wires_of(self.declaration))
        network = NetworkBuild(Graph(name.name, instance), session.limits)
        body = Body(session, network, instance, labels=labels)
        session.steps = 0
        try:
            least = self.namespace.least.of(self.declaration) if self.namespace.least else 0
            body.count(name.span, layers=least)
            body.network.layers = 0
            self._fill(Scope(body, self.namespace, {}, is_body=True))
        except LimitExceeded:
            body.network.failed = True
            return body.network
        except Failure:
            body.network.failed = True
        settle(body)
        # They hold bodies, which hold the network: a circle that the collector alone would free.
        body.network.applied.clear()
        return body.network

    def _block(self) -> Block:
        """The network as it would be declared with other defaults, and without what is frozen."""
        if self.block is not None:
            return self.block
        callee = callee_of(self.declaration, self.namespace, self.session)
        assert isinstance(callee, BlockCallee)
        if not self.values and not self.frozen:
            return callee.block
        parameters = [
            replace(each, default=constant(self.values[each.name]))
            if each.name in self.values
            else each
            for each in callee.block.parameters
            if each.name not in self.frozen
        ]
        return replace(callee.block, parameters=tuple(parameters))

    def _fill(self, scope: Scope) -> None:
        """Apply the network's body to its inputs."""
        body = scope.body
        if self.declaration.signature is None:
            raise scope.broken()
        inputs = self.declaration.signature.inputs
        _name_symbols(self.declaration, inputs, scope)
        for parameter in self.declaration.parameters:
            self._bind(parameter, scope)
        result = apply_body(self.declaration, _enter(inputs, scope), scope)
        graph = body.network.graph
        graph.results = _results(self.declaration.signature, result)
        body.instance.results = made_by(result)[1]
        if twice := graph.results.keys() & graph.heads.keys():
            message = f"duplicate output `{min(twice)}`"
            span = self.declaration.body.span
            raise body.fail("E0410", message, span, help="rename the head, or the result")
        for node in [] if body.network.failed else unused(graph):
            _refuse_unused(node, body)

    def _bind(self, parameter: ast.ParameterDeclaration, scope: Scope) -> None:
        name, given = parameter.name.name, {**self.values, **self.tried}
        if name in given:
            scope.names[name] = scope.body.frame.define(name, constant(given[name]))
        elif parameter.default is not None:
            datum = default_value(name, parameter.default, scope)
            scope.names[name] = _as_written(name, datum, scope.body.instance)
        else:
            scope.names[name] = BROKEN
        if name in self.frozen and name not in scope.body.instance.locals:
            scope.names[name] = constant(scope.body.frame.definitions.pop(name).value)


def begin(request: Request) -> Outcome:
    """What comes of a network whose declaration has a hole, in silence: no end, and no mistake."""
    built = request.build()
    built.graph.results = {}
    return Outcome(built.graph, is_whole=False, reports=())


def _results(signature: ast.Signature, result: Flow) -> dict[str, Port]:
    """The results of a network by name; a single one has a name if the signature gives it one."""
    if isinstance(result, Several):
        return {name: Port(node) for name, node in result.nodes}
    names = signature.result_names
    return {names[0] if len(names) == 1 else OUTPUT: Port(result.node)}


def _as_written(name: str, datum: Datum, instance: Instance) -> Datum:
    """A default that is a layer stands for itself: the code of a network has numbers alone."""
    if instance.layers.pop(name, None) is None:
        return datum
    if isinstance(datum, Spliced):
        return datum.layer
    return replace(datum, origin=None) if isinstance(datum, Items) else datum


def _refuse_unused(node: Node, body: Body) -> None:
    names = {port.node: name for name, port in body.network.graph.inputs.items()}
    if node.id in names:
        help = f"read it as `@{names[node.id]}`, or delete it"
        body.fail("E0411", "this input is never used", node.span, help=help)
    else:
        help = "a wire or `parameter` at the start of a block discards the block's input"
        if name := _name_of(node.id, body.instance):
            help = f"it is `{name}` of several results: read it by a wire, or leave it out of them"
        body.fail("E0411", "this layer's output is never used", node.span, help=help)


def _name_of(id: int, network: Instance) -> str:
    """The name of a node that is one of several results, as the outermost layer calls it."""
    level: list[tree.Node] = [network.body]
    while level:
        results = [result for each in level for result in _named_results(each)]
        if name := next((name for name, node in results if node == id), ""):
            return name
        called = [each.instance.body for each in level if isinstance(each, tree.CallNode)]
        level = [*called, *[child for each in level for child in tree.children(each)]]
    return ""


def _named_results(layer: tree.Node) -> tree.Results:
    match layer:
        case (
            tree.BundleNode(results=results)
            | tree.CallNode(results=results)
            | tree.GroupNode(results=results)
            | tree.UseNode(results=results)
        ):
            return results
    return ()


def _name_symbols(
    declaration: ast.BlockDeclaration, inputs: tuple[ast.Input, ...], scope: Scope
) -> None:
    """Make a symbol of every name in the input's sizes that is no parameter."""
    parameters = {parameter.name.name for parameter in declaration.parameters}
    for size in [size for each in inputs for size in each.parts]:
        for node in descendants(size):
            if isinstance(node, ast.Name) and node.name not in parameters:
                size_symbol = symbol(node.name)
                term = Term(size_symbol, Literal(size_symbol))
                scope.names[node.name] = scope.body.frame.define(node.name, term)


def _enter(inputs: tuple[ast.Input, ...], scope: Scope) -> Flow:
    """The input of the body; inputs with names are wires."""
    body = scope.body
    tensors = [_input(each, scope) for each in inputs]
    names = [each.name.name for each in inputs if each.name is not None]
    if len(set(names)) < len(names):
        raise scope.broken()
    body.instance.input_names = tuple(names)
    body.network.graph.inputs = {
        name: Port(tensor.node) for name, tensor in zip(names or [INPUT], tensors, strict=True)
    }
    if not names:
        return tensors[0]
    entry = Several(dict(zip(names, tensors, strict=True)), are_inputs=True)
    body.instance.wires = dict(entry.nodes)
    read_by_name(entry, body)
    return entry


def _input(pattern: ast.Input, scope: Scope) -> Tensor:
    """One input of a network, as a node without an op."""
    written = pattern.shape
    below = None if written.below is None else _size(written.below, scope)
    known = tuple([_size(size, scope) for size in written.sizes])
    sizes = TensorType(known, written.is_last, below)
    if written.below is not None and not isinstance(sizes.breadth.value, int):
        message, help = (
            "the bound of whole numbers must be a number",
            "only positions may be symbols",
        )
        raise scope.fail("E0309", message, written.below.span, help=help)
    if below is None and (not sizes.rank or not isinstance(sizes.channels.value, int)):
        span = pattern.sizes[sizes.channels_dimension].span if pattern.sizes else pattern.span
        help = "write a number; only positions may be symbols"
        raise scope.fail("E0309", "the channels of an input must be a number", span, help=help)
    for size, span in zip(sizes.sizes, [each.span for each in written.sizes], strict=True):
        if isinstance(size.value, Polynomial):
            message, found = "a size would depend on several symbols", str(shape_of(sizes))
            raise scope.fail("E0307", message, span, found=found)
    try:
        shape = checked(shape_of(sizes))
    except Reject as reject:
        raise scope.fail("E0307", reject.message, pattern.span, found=reject.found) from None
    _note_habits(shape, pattern, scope.body)
    node = scope.body.network.add(None, (), shape, "", pattern.span)
    return Tensor(node, sizes)


def _note_habits(shape: Shape, pattern: ast.Input, body: Body) -> None:
    """Remark on sizes that are possible, and look like those of an image in other notations."""
    match () if shape.is_last or shape.below is not None else shape.sizes:
        case (_, 1 | 3 as channels, height, width):
            message = "four sizes are channels, depth, height and width; a batch is not written"
            image = f"[{channels}, {height}, {width}]"
        case (int() as first, second) if first == second:
            message = "two sizes are channels and a length; an image writes its channels too"
            image = f"[1, {first}, {second}]"
        case _:
            return
    body.note(
        "N0301", message, pattern.sizes[0].span.to(pattern.sizes[-1].span), f"write `{image}`"
    )


def _size(expression: ast.Expression, scope: Scope) -> Term:
    if isinstance(expression, ast.Wildcard):
        help = "write a number, or a name for a size that may vary"
        if isinstance(expression, ast.Rest):
            help = "a network says how many sizes its input has: write every one"
        message = f"`{expression.span.text}` is not allowed in a network's input"
        raise scope.fail("E0309", message, expression.span, help=help)
    return as_size(number(expression, scope), expression.span, scope)
