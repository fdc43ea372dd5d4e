"""One result for a block that is applied with equal arguments to an equal entry.

Only applications are remembered in which nothing was reported and nothing was postponed. A replay
appends the same nodes again, with other numbers and keys, and counts as much towards the limits of
the network. What the tree has of its body is made when somebody reads it: the body is applied once
more, to the nodes that are there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from archdsl.elaborate.applications import Applied, Spent
from archdsl.elaborate.apply.keys import ApplicationKey
from archdsl.elaborate.report import MAXIMUM_TRACE
from archdsl.elaborate.scope import Body, Session
from archdsl.elaborate.tensors import UNKNOWN, Flow, Tensor, each_of, parts_of
from archdsl.graph import Graph, Node, Port
from archdsl.provenance import Symbol
from archdsl.source import Span
from archdsl.work import long_work


class Recording:
    """What an application makes, from before its body is applied until after."""

    def __init__(self, body: Body, entry: Flow) -> None:
        network = body.network
        self.body, self.entries, self.first = body, _nodes(entry), network.count
        self.before, self.is_known = _spent(body), _is_known(entry)
        self.pending, self.heads = len(network.pending), len(network.graph.heads)
        self.met = body.session.reporter.met
        self.deepest, network.deepest = network.deepest, _depth(body)
        self.failed, network.failed = network.failed, False

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, *_: object) -> None:
        network = self.body.network
        network.deepest = max(network.deepest, self.deepest)
        network.failed = network.failed or self.failed

    def finish(self, result: Flow, key: ApplicationKey) -> Applied | None:
        """The application to remember, if it can be; of what is unknown nothing comes."""
        body, network = self.body, self.body.network
        height = network.deepest - _depth(body)
        is_silent = body.session.reporter.met == self.met
        is_silent = is_silent and not (network.failed and self.is_known)
        heads = [*network.graph.heads.items()][self.heads :]
        if not is_silent or len(network.pending) > self.pending:
            return None
        if not _is_known(result) and (self.is_known or heads):
            return None
        nodes = tuple(network.graph.order[self.first : network.count])
        read = {port.node for node in nodes for port in node.inputs}
        if any(node < self.first and node not in self.entries for node in read):
            return None
        return Applied(
            nodes,
            self.first,
            self.entries,
            body.instance.path,
            {name: port.node for name, port in heads},
            result,
            body.frame,
            frozenset(body.labels.frames),
            key.foreign,
            _spent(body).since(self.before),
            height,
            body.instance.likeness,
            key.sites,
            network.failed,
        )


class Turn:
    """What is spent on an application that is replayed, its arguments included."""

    def __init__(self, body: Body) -> None:
        network = body.network
        self.body = body
        self.before, self.pending = _spent(body), len(network.pending)
        self.met = body.session.reporter.met
        self.failed, network.failed = network.failed, False
        self.deepest, network.deepest = network.deepest, _depth(body)

    def resume(self) -> None:
        """The arguments have their values; a mistake that was met before counts again."""
        network = self.body.network
        self.is_sound = not network.failed
        network.failed = network.failed or self.failed
        self.height = network.deepest - _depth(self.body)
        network.deepest = max(network.deepest, self.deepest)

    def finish(self, known: Applied) -> tuple[Applied, Spent] | None:
        """The application and what it costs where its arguments are not looked at, if it can be."""
        body = self.body
        is_silent = body.session.reporter.met == self.met and self.is_sound and not known.failed
        is_alone = not known.heads and not body.instance.wires
        if not (is_silent and is_alone) or len(body.network.pending) > self.pending:
            return None
        applied = known if self.height <= known.height else replace(known, height=self.height)
        return applied, _spent(body).since(self.before)


def turn_channels(given: Flow, caller: Body) -> Symbol | None:
    """The symbol of a turn of a loop that stands for the channels of a tensor, if one does."""
    if not isinstance(given, Tensor) or given.sizes is None:
        return None
    match given.sizes.breadth.expression:
        case Symbol() as channels if channels.frame in caller.labels.frames:
            return channels
    return None


def _is_known(flow: Flow) -> bool:
    return all(each.sizes is not None for each in parts_of(flow).values())


def _nodes(flow: Flow) -> tuple[int, ...]:
    return tuple([each.node for each in parts_of(flow).values()])


def _spent(body: Body) -> Spent:
    network = body.network
    return Spent(network.layers, network.turns, body.session.steps, network.entries)


def _depth(body: Body) -> int:
    return body.trace.depth if body.trace else 0


def fits(applied: Applied, spent: Spent, body: Body) -> bool:
    """Whether an application would report nothing here either: no head twice, no limit exceeded."""
    return (
        body.network.graph.heads.keys().isdisjoint(applied.heads)
        and has_room(spent, body)
        and _depth(body) + applied.height <= MAXIMUM_TRACE
    )


def has_room(spent: Spent, body: Body) -> bool:
    """Whether what is to be spent exceeds no limit on a body's network."""
    network = body.network
    return (
        network.layers + spent.layers <= network.limits.layers
        and network.turns + spent.turns <= network.limits.turns
        and network.entries + spent.entries <= network.most_entries
        and body.session.steps + spent.steps <= network.most_steps
    )


def replay(
    applied: Applied, spent: Spent, body: Body, entry: Flow, sites: tuple[Span, ...]
) -> Flow:
    """Append the nodes again; returns the result, in terms of the first application's frames.

    `sites` are where the layers that came through parameters are written now.
    """
    network, instance = body.network, body.instance
    network.failed = network.failed or applied.failed
    spend(spent, body)
    network.deepest = max(network.deepest, _depth(body) + applied.height)
    instance.likeness = body.session.applications.likeness(applied, sites)
    entries, by = _nodes(entry), len(network.graph.order) - applied.first
    copy_nodes(applied, network.graph, entries, instance.path, instance.likeness.moved)
    others = dict(zip(applied.entries, entries, strict=True))

    def moved(node: int) -> int:
        return others.get(node, node + by)

    for name, head in applied.heads.items():
        network.graph.heads[name] = Port(moved(head))
        instance.heads.append(name)
    return each_of(
        applied.result,
        lambda each: UNKNOWN if each.sizes is None else Tensor(moved(each.node), each.sizes),
    )


def spend(spent: Spent, body: Body) -> None:
    """Count what was spent once more."""
    network = body.network
    network.layers += spent.layers
    network.turns += spent.turns
    network.spared += spent.entries
    body.session.steps += spent.steps


def copy_nodes(
    applied: Applied,
    graph: Graph,
    entries: tuple[int, ...],
    path: str,
    moved: Mapping[Span, Span],
) -> None:
    """Append the nodes of an application to a graph, where they read other `entries`."""
    order = graph.order
    by, start = len(order) - applied.first, len(applied.path)
    others = {old: Port(new) for old, new in zip(applied.entries, entries, strict=True)}
    for node in applied.nodes:
        inputs = tuple([others.get(port.node) or Port(port.node + by) for port in node.inputs])
        span = moved.get(node.span, node.span) if moved else node.span
        own, when, again = path + node.path[start:], node.training_only, node.again
        order.append(Node(node.id + by, node.op, inputs, node.shape, own, span, when, again))


@contextmanager
def alone(session: Session) -> Iterator[None]:
    """Elaborate in silence, whatever else is under way."""
    reporter, steps, fact = session.reporter, session.steps, session.fact
    reporter.silent += 1
    session.steps, session.fact = 0, None
    try:
        with long_work():
            yield
    finally:
        reporter.silent -= 1
        session.steps, session.fact = steps, fact
