"""Names for sizes of tensors, after the module that produces them."""

from __future__ import annotations

from archdsl import tree
from archdsl.backends.torch.merged import Submodule
from archdsl.backends.torch.names import variable_name
from archdsl.backends.torch.rows import Row
from archdsl.backends.torch.walk import root


def size_name(module: Submodule) -> str:
    """A name for the channels that a module takes: `stem_channels`; empty without one."""
    row = next(iter(module.rows))
    first = _first_op(module.rows[row])
    if first is None:
        return ""
    graph = row.occurrence.graph
    source = graph[graph[first].inputs[0].node].path
    label = _label_within(row, source)
    name = row.occurrence.brought.get(label) or label
    return f"{variable_name(name)}_channels" if name.isidentifier() else ""


def _label_within(row: Row, path: str) -> str:
    """The module of a row's class at a path; empty if the path is outside."""
    occurrence = row.occurrence
    own = occurrence.innermost.path
    if not own:
        # A labelled scope that is a class has no separate path.
        is_network = root(occurrence.graph.tree) is occurrence.instance
        return path.partition(".")[0] if is_network else ""
    return path[len(own) + 1 :].partition(".")[0] if path.startswith(f"{own}.") else ""


def _first_op(node: tree.Node) -> int | None:
    """The node of the graph for the first op in a module."""
    stack = [node]
    while stack:
        match current := stack.pop():
            case tree.OpNode(node=found, branches=()):
                return found
            case tree.CallNode(instance=instance):
                stack.append(instance.body)
            case _:
                stack += reversed(list(tree.children(current)))
    return None
