"""From the steps of a scope to one expression: chains, joins of branches, and wires for the rest.

Where several tensors are joined, the step that all ways from the input pass last, the immediate
dominator, is where the branches part: `a -> add(b -> c, identity)`. A tensor that is read where no
such branch begins gets a label, and is read as a wire.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import networkx as nx

from archdsl.importing.refusal import Refusal
from archdsl.importing.steps import Port, Scope, Step
from archdsl.importing.terms import IDENTITY, Layer, Term, chain, label, links

ROOT = "root"


def composed(scope: Scope, heads: dict[str, Port] | None = None) -> Term:
    """The body of a scope; `heads` are results that exist in training only.

    All layers with weights have their labels.
    """
    wanted: dict[Port, str] = {}
    for _ in range(len(scope.steps) + 2):
        composer = _Composer(scope, dict(wanted), heads or {})
        body = composer.body()
        if composer.wires.keys() == wanted.keys():
            return body
        wanted = composer.wires
    raise AssertionError("labels that never settle")


class _Composer:
    """One attempt, with labels for the tensors that an earlier attempt has read as wires."""

    def __init__(self, scope: Scope, wires: dict[Port, str], heads: dict[str, Port]) -> None:
        self.scope = scope
        self.wires = wires
        self.heads = heads
        self.emitted: set[Step] = set()
        self.taken = {scope.relative(step.path) for step in scope.steps if step.has_weights}
        self.taken |= {*wires.values()}
        self.above = _dominators(scope)
        uses = Counter(step.path for step in scope.steps if step.has_weights)
        for path, count in uses.items():
            if count > 1:
                name = scope.relative(path)
                message = f"`{path}` is used {count} times in `{scope.path or 'the model'}`"
                raise Refusal(
                    "E0988", f"{message}: weights that are shared are not imported yet", name
                )

    def body(self) -> Term:
        start = self.scope.inputs[0].port if len(self.scope.inputs) == 1 else None
        if len(self.scope.results) == 1:
            return self._with_heads(self.scope.results[0], start)
        return self._several(start)

    def _several(self, start: Port | None) -> Term:
        """Several results: what they have in common, then a bundle."""
        results = self.scope.results
        names = self.scope.names or [f"out{index}" for index in range(len(results))]
        common = self._common(results, start)
        branches = [
            self._named(name, self.branch(port, common))
            for name, port in zip(names, results, strict=True)
        ]
        bundle = Term("bundle", "", tuple(branches))
        before = self.links(common, start) if common is not None else []
        return chain([*before, bundle])

    def _named(self, name: str, branch: Term) -> Term:
        last = links(branch)[-1:]
        if last and last[0].kind == "label" and last[0].head == name:
            return branch
        return (
            chain([branch, label(name, IDENTITY)])
            if not branch.is_identity
            else label(name, IDENTITY)
        )

    def _common(self, ports: list[Port], start: Port | None) -> Port | None:
        """The tensor that all ways to some ports pass last."""
        known = [self._line(port.step) for port in ports if _reads(port.step) or port == start]
        if not known:
            return start
        shared = [step for step in known[0] if all(step in other for other in known[1:])]
        shared = [s for s in shared if s != ROOT and len(s.types) == 1]  # type: ignore[union-attr]
        return shared[0].port if shared else start  # type: ignore[union-attr]

    def _line(self, step: Step) -> list[Step | str]:
        """A step and all that dominate it, the nearest first."""
        line: list[Step | str] = [step]
        while line[-1] in self.above and self.above[line[-1]] != line[-1]:
            line.append(self.above[line[-1]])
        return line

    def _with_heads(self, result: Port, start: Port | None) -> Term:
        """The way to the only result, with the heads where they leave it."""
        if not self.heads:
            return chain(self.links(result, start))
        heads: dict[Step, list[Term]] = {}
        on_way = set(self._line(result.step))
        for name, port in self.heads.items():
            line = self._line(port.step)
            origin = next(step for step in line if step in on_way)
            assert isinstance(origin, Step)
            branch = self._named_head(name, port, origin.port)
            heads.setdefault(origin, []).append(Term("aux", "", (branch,)))
        return chain(self.links(result, start, heads))

    def _named_head(self, name: str, port: Port, origin: Port) -> Term:
        branch = self.branch(port, origin)
        if branch.kind == "label":
            return branch
        return label(name, branch)

    # --- chains ---

    def branch(self, port: Port, stop: Port | None) -> Term:
        """A branch from where all part."""
        return chain(self.links(port, stop))

    def links(
        self, port: Port, stop: Port | None, heads: dict[Step, list[Term]] | None = None
    ) -> list[Term]:
        """The layers from one tensor to another; `heads` follow the steps that they read."""
        found: list[Term] = []
        while port != stop:
            step = port.step
            if step.kind == "input" or step in self.emitted or len(step.types) > 1:
                if step.kind != "input" and step not in self.emitted:
                    found.append(self._unlabelled(port, stop))
                found.append(self._wire(port))
                break
            self.emitted.add(step)
            found += reversed((heads or {}).get(step, []))
            before, port_before = self._step(step, stop)
            found += reversed(before)
            if port_before is None:
                break
            port = port_before
        return found[::-1]

    def _unlabelled(self, port: Port, stop: Port | None) -> Term:
        raise Refusal(
            "E0988", f"`{port.step.path}` gives several tensors, of which some are read apart"
        )

    def _step(self, step: Step, stop: Port | None) -> tuple[list[Term], Port | None]:
        """The layers of a step, joins included, and the tensor that they begin with."""
        layer = self._labelled(step)
        if not step.inputs:
            return layer, None
        if len(step.inputs) == 1:
            return layer, step.inputs[0]
        above = self.above.get(step)
        common = stop
        if isinstance(above, Step) and len(above.types) == 1:
            common = above.port
        branches = tuple([self.branch(port, common) for port in step.inputs])
        if step.scope is not None:
            names = _input_names(step.scope, len(branches))
            given = [self._named(n, b) for n, b in zip(names, branches, strict=True)]
            return [Term("bundle", "", tuple(given)), *layer], common
        joined = _join(step, branches)
        return [joined, *layer[1:]], common

    def _labelled(self, step: Step) -> list[Term]:
        """The layer of a step, with its label."""
        term = layer_of(step)
        name = self.scope.relative(step.path) if step.has_weights else ""
        if name:
            term = label(name, term)
        if step.port in self.wires and not name:
            return [term, label(self.wires[step.port], IDENTITY)]
        return [term]

    def _wire(self, port: Port) -> Term:
        """A tensor by its name: that of an input, of a layer, or one made for it."""
        if port not in self.wires:
            self.wires[port] = self._name(port)
        return Term("wire", self.wires[port])

    def _name(self, port: Port) -> str:
        step = port.step
        if step.kind == "input":
            return _input_names(self.scope, len(self.scope.inputs))[self.scope.inputs.index(step)]
        if step.has_weights:
            return self.scope.relative(step.path)
        stem = step.op.name if step.op is not None else "tensor"
        number = 1
        while f"{stem}{number}" in self.taken:
            number += 1
        self.taken.add(f"{stem}{number}")
        return f"{stem}{number}"


def _input_names(scope: Scope, count: int) -> list[str]:
    return scope.input_names or [f"x{index}" for index in range(count)]


def _reads(step: Step) -> bool:
    """Whether a step depends on what comes in; a learned tensor does not."""
    return bool(step.inputs)


def _dominators(scope: Scope) -> dict[Step | str, Step | str]:
    """For every step the one before it that all ways from the input pass last."""
    graph = nx.DiGraph()
    graph.add_nodes_from([ROOT, *scope.inputs])
    graph.add_edges_from([(ROOT, step) for step in scope.inputs])
    for step in scope.steps:
        for port in step.inputs:
            if _reads(port.step) or port.step.kind == "input":
                graph.add_edge(port.step, step)
    return dict(nx.immediate_dominators(graph, ROOT))


def _join(step: Step, branches: tuple[Term, ...]) -> Term:
    assert step.op is not None
    return Term("join", step.op.name, branches, _arguments(step))


def _arguments(step: Step) -> tuple[tuple[str, object], ...]:
    assert step.op is not None
    return tuple([(name, getattr(step.op, name)) for name in step.op.parameters()])


def layer_of(step: Step) -> Term:
    """The layer of a step, without its label."""
    if step.scope is not None:
        return Term("call", step.scope)
    assert step.op is not None
    term = Term("op", step.op.name, (), _arguments(step))
    if step.op.is_activation:
        # Which activation follows is an argument like others.
        return Term("op", "", (), (("activation", Layer(term)),))
    return term


Make = Callable[[Scope], Term]
