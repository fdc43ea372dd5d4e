"""Modules that take a list of tensors, and join it first, take one tensor: DenseNet's layers do.

The join moves to the caller, where the list grows from call to call.
"""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.importing.trace import Frame, Node, Value


def with_joined_lists(frame: Frame) -> None:
    """Move joins of all that comes in from the frames of a trace to their callers."""
    nodes: list[Node] = []
    for node in frame.nodes:
        if node.frame is not None:
            with_joined_lists(node.frame)
            nodes += _moved(node, node.frame)
        nodes.append(node)
    frame.nodes = nodes


def _moved(call: Node, frame: Frame) -> Iterator[Node]:
    """The join of a frame as a node of its caller, where it may go there."""
    join = _join_of_inputs(frame)
    if join is None or len(call.inputs) != len(frame.inputs):
        return
    args = ([*call.inputs], *join.args[1:])
    moved = Node("function", join.name, join.line, args, join.kwargs, [*call.inputs])
    whole = Value(moved, 0, join.results[0].shape)
    moved.results = [whole]
    call.inputs = [whole]
    inside = Node("input", "0", results=join.results)
    frame.nodes = [inside, *[n for n in frame.nodes if n is not join and n.kind != "input"]]
    frame.inputs = [*join.results]
    join.results[0].node = inside
    yield moved


def _join_of_inputs(frame: Frame) -> Node | None:
    """The only reader of what comes in, if it joins all of it in order."""
    readers = [node for node in frame.nodes if {*node.inputs} & {*frame.inputs}]
    if len(readers) != 1 or readers[0].name not in ("cat", "concat") or not frame.inputs:
        return None
    (join,) = readers
    is_result = bool({*frame.results} & {*frame.inputs})
    tensors = join.args[0] if join.args else join.kwargs.get("tensors")
    is_list = isinstance(tensors, list | tuple) and [*tensors] == frame.inputs
    return join if is_list and not is_result and join.args else None
