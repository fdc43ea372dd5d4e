"""Networks built: their inputs, their parameters, and the graph that they denote."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from functools import cached_property

from archdsl import tree
from archdsl.arithmetic import Value
from archdsl.diagnostics import Diagnostic
from archdsl.elaborate.apply.application import apply_body
from archdsl.elaborate.apply.fitting import settle
from archdsl.elaborate.apply.parameters import default_value
from archdsl.elaborate.apply.wires import wires_of
from archdsl.elaborate.build import NetworkBuild
from archdsl.elaborate.evaluate.names import callee_of
from archdsl.elaborate.inputs import enter, name_symbols
from archdsl.elaborate.namespaces import Namespace
from archdsl.elaborate.report import Failure, LimitExceeded, Report
from archdsl.elaborate.scope import Body, Scope, Session
from archdsl.elaborate.tensors import Flow, Labels, Several, made_by
from archdsl.elaborate.values import BROKEN, BlockCallee, Datum, Items, Spliced
from archdsl.graph import Cases, Graph, Node, Port, unused, verify
from archdsl.provenance import Frame, constant
from archdsl.syntax import ast
from archdsl.tree import Block, Instance

OUTPUT = "output"


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
        name_symbols(self.declaration, inputs, scope)
        for parameter in self.declaration.parameters:
            self._bind(parameter, scope)
        result = apply_body(self.declaration, enter(inputs, scope), scope)
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
