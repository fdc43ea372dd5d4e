"""A block applied, or replayed.

It takes four steps: the signature gives names to the sizes at its entry, its parameters get their
values, its body is applied, and the result is seen from outside.
"""

from __future__ import annotations

from archdsl import tree
from archdsl.elaborate.applications import Applied, Called, Replayed, Spent
from archdsl.elaborate.apply.dispatch import Result, apply
from archdsl.elaborate.apply.entries import Entry
from archdsl.elaborate.apply.keys import ApplicationKey, call_key, call_start, key_of
from archdsl.elaborate.apply.parameters import bind_parameters, kept_arguments
from archdsl.elaborate.apply.place import Place, is_known, outside_of
from archdsl.elaborate.apply.refusals import several_tensors
from archdsl.elaborate.apply.replay import Recording, Turn, alone, fits, replay, turn_channels
from archdsl.elaborate.apply.results import verify_results
from archdsl.elaborate.apply.wires import wires_of
from archdsl.elaborate.build import NetworkBuild, Retracing
from archdsl.elaborate.evaluate.layers import link
from archdsl.elaborate.naming import Key, Keys, body_keys
from archdsl.elaborate.report import MAXIMUM_TRACE, LimitExceeded, Trace, step, too_deep
from archdsl.elaborate.scope import Body, Scope, Session
from archdsl.elaborate.tensors import Flow, Labels, Several, Tensor, Written, made_by, parts_of
from archdsl.elaborate.values import Applicable, BlockCallee, Datum
from archdsl.graph import Graph
from archdsl.provenance import Frame
from archdsl.source import Span
from archdsl.syntax import ast
from archdsl.tree import Binding, Instance


class Application:
    """One application of a block, to one tensor or to its inputs by name."""

    def __init__(
        self,
        layer: Applicable,
        callee: BlockCallee,
        place: Place,
        key: Key,
        instance: Instance | None = None,
    ) -> None:
        self.layer, self.callee, self.place, self.key = layer, callee, place, key
        session = place.body.session
        trace = step(callee.name, layer.site, layer.trace, layer.given, callee.declaration)
        if trace.depth > MAXIMUM_TRACE:
            message, span, help = too_deep(trace, session.reporter.placed)
            place.body.fail("E0711", message, span, help=help)
            raise LimitExceeded
        place.body.network.deepest = max(place.body.network.deepest, trace.depth)
        self.instance = instance or Instance(callee.block, key.path, Frame(callee.name), {})
        self.body = _body_of(callee, self.instance, trace, session, place.body.network)
        self.scope = Scope(self.body, callee.namespace, {}, None, trace, is_body=True)

    def run(self, given: Flow) -> Result:
        """The result in the terms of the caller, and the node of the tree."""
        caller = self.place.body
        self.first = self.body.network.count
        result = self._repeated(given) or self._recalled(given) or self._applied(given)
        caller.instance.heads += self.instance.heads
        node = tree.CallNode(self.layer.site, self.key.name, self.instance, *made_by(result))
        self.instance.results = node.results
        return result, node

    def _repeated(self, given: Flow) -> Flow | None:
        """The result, if the caller's last application was this one, in another turn of a loop."""
        body, caller = self.body, self.place.body
        last, channels = caller.replayed, turn_channels(given, caller)
        if last is None or channels is None or not fits(last.applied, last.spent, body):
            return None
        if not last.is_of(self.layer, given, body.instance.path, self._kind):
            return None
        made = self._again(last.applied, last.spent, given, last.sites, last.arguments)
        caller.replayed = turn = last.followed_by(given, channels, made)
        return turn.result

    def _recalled(self, given: Flow) -> Flow | None:
        """The result, if an equal call was replayed before."""
        memory, caller = self.body.session.applications, self.place.body
        start = call_start(self.callee, caller, given)
        call = self._call_key(given) if start and memory.has_call(start) else None
        known = memory.find(call.content) if call else None
        if call is None or not isinstance(known, Called):
            return None
        if not fits(known.applied, known.spent, self.body):
            return None
        sites, arguments = known.sites_for(call.sites), kept_arguments(self.callee, self.layer)
        made = self._again(known.applied, known.spent, given, sites, arguments)
        assert isinstance(made, Tensor)
        result = Tensor(made.node, known.sizes_for(call.foreign))
        self._met(known.applied, known.spent, given, sites, result)
        return result

    def _again(
        self,
        applied: Applied,
        spent: Spent,
        given: Flow,
        sites: tuple[Span, ...],
        arguments: dict[str, Binding],
    ) -> Flow:
        """What a replay makes that gives the parameters no values until somebody reads them."""
        self.instance.arguments = arguments
        made = replay(applied, spent, self.body, given, sites)
        again = Retraced(self.layer, self.callee, self.body.trace, self.place, self.first, given)
        self.instance.defer(again, ("layers",))
        return made

    def _applied(self, given: Flow) -> Flow:
        """The result, replayed if an equal application was made before."""
        site, caller = self.layer.site, self.place.body
        turn = Turn(self.body)
        entry = self.enter(given)
        turn.resume()
        key = self._key(entry)
        known = self.body.session.applications.find(key.content) if key else None
        if not isinstance(known, Applied) or not fits(known, known.spent, self.body):
            made = self._made(entry, key)
            return outside_of({self.body.frame, *self.body.labels.frames}, made, caller, site)
        assert key is not None
        made = replay(known, known.spent, self.body, entry, key.sites)
        own, instead = {known.frame, *known.inner}, {known.frame: self.body.frame}
        renamed = {a: b for a, b in zip(known.foreign, key.foreign, strict=True) if a != b}
        result = outside_of(own, made, caller, site, instead, renamed)
        trace, names = self.body.trace, self.scope.names
        again = Retraced(self.layer, self.callee, trace, self.place, self.first, entry, names)
        self.instance.defer(again)
        caller.replayed = None
        met = turn.finish(known)
        if met is not None:
            self._met(*met, given, key.sites, result)
            self._keep_call(*met, given, key.sites, result)
        return result

    def _met(
        self, applied: Applied, spent: Spent, given: Flow, sites: tuple[Span, ...], result: Flow
    ) -> None:
        """Let the next turn of a loop repeat what was replayed, if it can be."""
        caller, channels = self.place.body, turn_channels(given, self.place.body)
        caller.replayed = None
        if channels is None or not isinstance(given, Tensor) or not isinstance(result, Tensor):
            return
        if result.sizes is None:
            return
        layer, kind, is_root = self.layer, self._kind, not self.instance.path
        arguments = self.instance.arguments
        caller.replayed = Replayed(
            layer, given, channels, kind, is_root, arguments, applied, spent, sites, result
        )

    def _keep_call(
        self, applied: Applied, spent: Spent, given: Flow, sites: tuple[Span, ...], result: Flow
    ) -> None:
        """Remember a call by what its caller gives, if all that is said of it depends on that."""
        start = call_start(self.callee, self.place.body, given)
        call = self._call_key(given) if start else None
        if call is None or not isinstance(result, Tensor) or result.sizes is None:
            return
        symbols = {symbol for size in result.sizes.parts for symbol in size.expression.symbols}
        if symbols <= {*call.foreign}:
            numbers: dict[Span, int] = {site: number for number, site in enumerate(call.sites)}
            own = tuple([numbers.get(site, site) for site in sites])
            kept = Called(applied, spent, result.sizes, call.foreign, own)
            self.body.session.applications.keep_call(start, call.content, kept)

    @property
    def _kind(self) -> tuple[bool, bool]:
        """Whether its nodes are for training alone, and whether they are there again."""
        return self.place.training_only, self.place.again

    def _call_key(self, given: Flow) -> ApplicationKey | None:
        """What the call depends on, if it may be shared."""
        kind = *self._kind, not self.instance.path
        return call_key(self.layer, self.callee, self.place.body, given, kind)

    def _key(self, entry: Flow) -> ApplicationKey | None:
        """What the application depends on, if it may be shared."""
        body = self.body
        if not body.network.shares:
            return None
        return key_of(self.callee, body, self.scope.names, entry, self._kind)

    def _made(self, entry: Flow, key: ApplicationKey | None) -> Flow:
        """The result of the body, applied and remembered."""
        with Recording(self.body, entry) as recording:
            result = apply_body(self.callee.declaration, entry, self.scope, self.place)
            made = recording.finish(result, key) if key else None
        if key and made is not None:
            self.body.session.applications.keep(key.content, made)
        return result

    def enter(self, given: Flow) -> Flow:
        """What comes in as the body sees it, once all parameters have their values."""
        entry = Entry(self.callee, self.scope, self.layer.site)
        entry.bind(given)
        if isinstance(given, Several):
            self.instance.input_names = tuple(given.parts)
            self.instance.wires |= dict(given.nodes)
        bind_parameters(self.callee, self.layer, self.scope, self.place)
        seen = entry.verified(given)
        if isinstance(seen, Several):
            read_by_name(seen, self.body)
        return seen


class Retraced:
    """The body of a replayed application, applied once more to the nodes that are there.

    `first` is the number of the first of them. Without `names`, the values of the parameters, what
    comes in is `given` as the caller sees it. It holds neither the instance nor the network, which
    hold it: what refers to itself is freed by the collector alone, and an editor would wait for it.
    """

    __slots__ = (
        "callee", "first", "given", "graph", "kind", "layer", "names", "nodes", "session", "trace"
    )  # fmt: skip

    def __init__(
        self,
        layer: Applicable,
        callee: BlockCallee,
        trace: Trace | None,
        place: Place,
        first: int,
        given: Flow,
        names: dict[str, Datum] | None = None,
    ) -> None:
        self.layer, self.callee, self.first = layer, callee, first
        self.given, self.names = given, names
        graph = place.body.network.graph
        self.trace, self.session = trace, place.body.session
        self.graph, self.nodes = graph.name, graph.order
        self.kind = place.training_only, place.again

    def __call__(self, instance: Instance) -> None:
        """Make what is inside an instance."""
        graph = Graph(self.graph, instance, self.nodes)
        network = Retracing(graph, shares=False, made=self.first)
        body = _body_of(self.callee, instance, self.trace, self.session, network)
        around = Place(body, Keys(""), *self.kind)
        with alone(self.session):
            entry, scope = self._entered(body, around)
            apply_body(self.callee.declaration, entry, scope, around)
        assert not network.failed or not is_known(*parts_of(self.given).values())

    def _entered(self, body: Body, around: Place) -> tuple[Flow, Scope]:
        """What comes in as the body sees it, and the body's names."""
        if self.names is None:
            key = Key(None, body.instance.path)
            made = Application(self.layer, self.callee, around, key, body.instance)
            return made.enter(self.given), made.scope
        if isinstance(self.given, Several):
            read_by_name(self.given, body)
        scope = Scope(body, self.callee.namespace, self.names, None, self.trace, is_body=True)
        return self.given, scope


def _body_of(
    callee: BlockCallee,
    instance: Instance,
    trace: Trace | None,
    session: Session,
    network: NetworkBuild,
) -> Body:
    labels = Labels(wires=wires_of(callee.declaration))
    return Body(session, network, instance, trace, labels)


def read_by_name(entry: Several, body: Body) -> None:
    """Let a body read its inputs by their names."""
    for name, tensor in entry.parts.items():
        body.labels.written[name] = [Written(tensor, "", training_only=False, is_input=True)]


def apply_body(
    declaration: ast.BlockDeclaration, entry: Flow, scope: Scope, around: Place | None = None
) -> Flow:
    """The body of a block applied, and its result compared with the signature.

    It is for training alone, or another use of shared weights, if what is `around` is.
    """
    body = scope.body
    layer = link(declaration.body, scope)
    kind = (around.training_only, around.again) if around is not None else ()
    inner = Place(body, body_keys(layer, body.instance.path), *kind)
    result, body.instance.body = apply(layer, entry, inner)
    if isinstance(result, Several) and result.are_inputs:
        raise several_tensors(result, declaration.body.span, inner)
    return verify_results(declaration.signature, result, scope)
