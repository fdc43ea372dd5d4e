"""Runs a model once and records what it does, module by module.

Every call of a function of PyTorch is seen by a `TorchFunctionMode`, every call of a module by
`Module.__call__`. So whatever Python does on the way, loops, lists, branches on shapes, is simply
done; only what asks for a tensor's numbers is refused, since another input could take another way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils import _pytree as pytree

from archdsl.importing import samples, steadiness
from archdsl.importing.building import Settings
from archdsl.importing.lines import user_line
from archdsl.importing.nested import opened, tensors_in
from archdsl.importing.refusal import Line, Refusal
from archdsl.importing.samples import plain_number
from archdsl.importing.seen import ASKING, SILENT, by_name, first_first, in_order, name_of
from archdsl.importing.trace import Frame, Node, Value


class Recorder(TorchFunctionMode):
    """The frames of the run so far, and the tensors that are known in them."""

    def __init__(
        self,
        root: nn.Module,
        is_leaf: Callable[[nn.Module], bool],
        settings: Settings,
        is_partial: bool,
    ) -> None:
        super().__init__()
        self.is_partial = is_partial
        self.settings = settings
        self.root = root
        self.is_leaf = is_leaf
        self.paths = {id(module): path for path, module in root.named_modules()}
        own = (*root.named_parameters(), *root.named_buffers())
        self.weights = {id(tensor): key for key, tensor in own}
        self.frames: list[Frame] = []
        self.known: list[dict[int, Value]] = []
        self.kept: list[Tensor] = []
        """All tensors, so that none has the number of one that is gone."""
        self.is_quiet = False
        self.sizes = samples.Sizes(self._refuse_batch)
        self.refused: Refusal | None = None
        self.left_out: dict[str, Refusal] = {}
        """Why modules were not recorded, by their paths."""
        self.inputs: list[tuple[Tensor, int]] = []
        """What goes into the model, with how often it was written to."""

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Call a function, and record it where a module under observation did."""
        kwargs = kwargs or {}
        if self.is_quiet or not self.frames:
            return func(*args, **kwargs)
        name = name_of(func)
        if name in ASKING:
            what = f"`{name}` asks for the numbers of a tensor"
            self._refuse(f"{what}, so what is computed depends on them")
        result = func(*args, **kwargs)
        if name in samples.QUERIES or (name == "__get__" and not isinstance(result, Tensor)):
            return self.sizes.told(result)
        self._require_unwritten(f"`{name}`")
        if name not in SILENT:
            self._take(name, *first_first(args, kwargs), result)
        return result

    def _take(self, name: str, args: Any, kwargs: dict[str, Any], result: Any) -> None:
        tensors = tensors_in(result)
        if tensors:
            node = Node("function", name, user_line(self.frames[-1].module))
            self._give(node, args, kwargs)
            self._add(node, result)
        elif tensors_in((args, kwargs)) and name.rstrip("_").strip("_") in ("setitem", "copy"):
            self._refuse(f"`{name}` writes into a part of a tensor")

    def whole(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function whose calls are recorded, and what it calls itself is not."""

        def recorded(*args: Any, **kwargs: Any) -> Any:
            if self.is_quiet or not self.frames:
                return function(*args, **kwargs)
            with self.quiet():
                result = function(*args, **kwargs)
            self._take(name, (), by_name(function, args, kwargs), result)
            return result

        return recorded

    def called(self, module: nn.Module, args: Any, kwargs: Any, call: Callable[..., Any]) -> Any:
        """Call a module: a leaf as one node, any other in a frame of its own."""
        if self.is_quiet:
            return call(module, *args, **kwargs)
        line = user_line(self.frames[-1].module) if self.frames else Line()
        steadiness.require_no_hooks(module, self.paths.get(id(module), ""), line)
        if id(module) not in self.paths:
            self._require_known(module)
            if not self.is_leaf(module):
                # A slice of a container, say: what it calls is seen where it is called.
                return call(module, *args, **kwargs)
        kwargs = in_order(module.forward, kwargs)
        node = Node("leaf", type(module).__name__, line, module=module)
        node.path = self.paths.get(id(module), "")
        if self.frames:
            # A module may append to a list that it is given.
            self._give(node, args, kwargs)
        if self.frames and self.is_leaf(module):
            with self.quiet():
                result = call(module, *args, **kwargs)
                self._require_unwritten(f"`{node.path}` (`{node.name}`)")
            self._add(node, result)
            return result
        return self._framed(node, args, kwargs, call)

    def _require_known(self, module: nn.Module) -> None:
        """Refuse a module that is no part of the model, but has weights that are not either."""
        if any(id(tensor) not in self.weights for tensor in module.parameters()):
            what = f"`{type(module).__name__}` has weights, and is no module of the model"
            self._refuse(what, "keep modules in an `nn.ModuleList` or `nn.ModuleDict`")

    def _framed(self, node: Node, args: Any, kwargs: Any, call: Callable[..., Any]) -> Any:
        module = node.module
        assert module is not None
        frame = Frame(node.path, module, settings=self.settings.get(node.path, {}))
        given = tensors_in((args, kwargs))
        self.frames.append(frame)
        self.known.append({})
        for tensor in given:
            self._enter(frame, tensor)
        states = steadiness.random_states()
        try:
            result = call(module, *args, **kwargs)
            if changed := steadiness.changed_since(states):
                raise Refusal("E0988", f"{frame.title} {steadiness.DRAWS.format(changed)}")
        except Refusal as refusal:
            if not self.is_partial or len(self.frames) == 1:
                raise
            return self._left_out(node, len(self.frames), args, kwargs, call, refusal)
        frame.result = self._replaced(result)
        frame.results = [
            each for each in pytree.tree_leaves(frame.result) if isinstance(each, Value)
        ]
        self.frames.pop()
        known = self.known.pop()
        if self.frames:
            node.kind, node.frame = "call", frame
            outer = [self._of(tensor) for tensor in self._foreign(frame, given, known)]
            self._add(node, result)
            node.inputs += outer
        else:
            self.root_frame = frame
        return result

    def _left_out(
        self,
        node: Node,
        depth: int,
        args: Any,
        kwargs: Any,
        call: Callable[..., Any],
        refusal: Refusal,
    ) -> Any:
        """Call a module again that cannot be recorded, and keep only that it was called."""
        del self.frames[depth - 1 :], self.known[depth - 1 :]
        node.kind, node.refusal = "leaf", refusal
        self.refused, self.left_out[node.path] = None, refusal
        with self.quiet():
            result = call(node.module, *args, **kwargs)
        self._add(node, result)
        return result

    def _foreign(
        self, frame: Frame, given: Sequence[Tensor], known: dict[int, Value]
    ) -> list[Tensor]:
        """The tensors of outer frames that a frame has read without being given them."""
        count = len({id(tensor) for tensor in given})
        numbers = {id(value): number for number, value in known.items()}
        wanted = [numbers.get(id(value), id(value)) for value in frame.inputs[count:]]
        kept = {id(tensor): tensor for tensor in self.kept}
        return [kept[number] for number in wanted if number in kept]

    def _enter(self, frame: Frame, tensor: Tensor) -> Value:
        """A value in a frame for a tensor that comes in."""
        known = self.known[self.frames.index(frame)]
        if id(tensor) in self.weights or id(tensor) in known:
            return self._of(tensor) if id(tensor) in self.weights else known[id(tensor)]
        node = Node("input", str(len(frame.inputs)))
        value = self._value(node, 0, tensor)
        node.results.append(value)
        frame.inputs.append(value)
        frame.nodes.append(node)
        known[id(tensor)] = value
        return value

    def _of(self, tensor: Tensor) -> Value:
        """The value of a tensor in the frame that runs."""
        known = self.known[-1]
        if id(tensor) in known:
            return known[id(tensor)]
        if id(tensor) in self.weights:
            return self._fixed("weight", self.weights[id(tensor)], tensor)
        if any(id(tensor) in each for each in self.known[:-1]):
            return self._enter(self.frames[-1], tensor)
        return self._fixed("constant", "constant", tensor)

    def _fixed(self, kind: Any, name: str, tensor: Tensor) -> Value:
        node = Node(kind, name, user_line(self.frames[-1].module))
        value = self._value(node, 0, tensor)
        value.is_learned = isinstance(tensor, nn.Parameter)
        node.results.append(value)
        self.frames[-1].nodes.append(node)
        self.known[-1][id(tensor)] = value
        return node.results[0]

    def _value(self, node: Node, index: int, tensor: Tensor) -> Value:
        self.kept.append(tensor)
        return Value(node, index, tuple(tensor.shape), not tensor.is_floating_point())

    def _give(self, node: Node, args: Any, kwargs: Any) -> None:
        """Keep the arguments of a node."""
        node.args, node.kwargs = self._replaced(tuple(args)), self._replaced(dict(kwargs))
        leaves = pytree.tree_leaves((node.args, node.kwargs))
        node.inputs = [each for each in leaves if isinstance(each, Value)]

    def _add(self, node: Node, result: Any) -> None:
        """Append a node, with what it gives."""
        for tensor in tensors_in(result):
            value = self._value(node, len(node.results), tensor)
            node.results.append(value)
            self.known[-1][id(tensor)] = value
        node.result = self._replaced(result)
        self.frames[-1].nodes.append(node)

    def _replaced(self, nested: Any) -> Any:
        """Nested objects with values instead of tensors."""
        with self.quiet():
            return pytree.tree_map(
                lambda each: self._of(each) if isinstance(each, Tensor) else plain_number(each),
                opened(nested),
            )

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Record nothing for a while."""
        before, self.is_quiet = self.is_quiet, True
        try:
            yield
        finally:
            self.is_quiet = before

    def _refuse(self, what: str, help: str = "") -> None:
        frame = self.frames[-1]
        # A model may catch it, and go on in another way.
        self.refused = Refusal("E0988", f"{frame.title}: {what}", help, user_line(frame.module))
        raise self.refused

    def _require_unwritten(self, who: str) -> None:
        if steadiness.written(self.inputs):
            self._refuse(f"{who} writes to the input of the model")

    def _refuse_batch(self) -> None:
        """Refuse what would be done otherwise with other samples, which this run does not show."""
        if self.frames and not self.is_quiet:
            what = "compares a size that changes with the number of samples"
            self._refuse(f"{what}, so what is computed depends on that")

    def refuse_autocast(self) -> None:
        """Refuse a precision of its own, which the proof, in double precision, cannot see."""
        if self.frames and not self.is_quiet:
            self._refuse("computes in a precision of its own, by `torch.autocast`")
