"""What is said of a layer that cannot be applied to what comes in."""

from __future__ import annotations

from archdsl.elaborate.apply.orders import in_pytorch_order
from archdsl.elaborate.apply.place import Place, is_known, text_of
from archdsl.elaborate.report import Failure, blamed
from archdsl.elaborate.scope import Body
from archdsl.elaborate.tensors import Several, Tensor
from archdsl.elaborate.values import Applicable, OpCallee
from archdsl.fixes import fixes_of
from archdsl.ops.base import Reject
from archdsl.resolve.foreign import word_instead
from archdsl.source import Span


def several_tensors(flow: Several, site: Span, place: Place) -> Failure:
    """Report a layer that is applied to several tensors at once."""
    body, names = place.body, [*flow.parts]
    if flow.are_inputs:
        kind = "network" if body.instance.block.is_network else "block"
        help = f"begin with {' or '.join(f'`@{name}`' for name in names)}"
        return body.fail("E0408", f"this {kind} has several inputs", site, help=help)
    message = f"several tensors come in here: {', '.join(f'`{name}`' for name in names)}"
    wire = _wire_to(names[0], flow, body)
    help = f"begin with one of them: `{wire}`"
    if not wire:
        help = f"label them, and begin with one of them: `label: … -> @label.{names[0]}`"
    return body.fail("E0412", message, site, help=help)


def _wire_to(name: str, flow: Several, body: Body) -> str:
    """How to read one of several tensors: by the label of all, or its own; empty without both."""
    written = body.labels.written
    found = [label for label, each in written.items() if any(w.tensor is flow for w in each)]
    if found:
        return f"@{found[-1]}.{name}"
    return f"@{name}" if name in written else ""


def misfit(
    reject: Reject, layer: Applicable, tensor: Tensor, place: Place, branch: Span | None = None
) -> Failure:
    """Report what does not fit together: at the argument to blame, else at the op or its `branch`.

    What is refused may be a call in PyTorch's order.
    """
    callee, name = layer.callee, reject.argument
    order = in_pytorch_order(layer, callee, tensor) if isinstance(callee, OpCallee) else None
    if order is not None:
        call = layer.site if layer.site.holds(order.span) else None
        fixes = fixes_of(order.help, order.span, call)
        return place.body.fail(order.code, order.message, order.span, help=order.help, fixes=fixes)
    if name in layer.bindings:
        return rejected(reject, layer.bindings[name].span, layer, tensor, place)
    if name in layer.defaults:
        # For other inputs the default may do.
        span = place.body.session.reporter.placed(layer.defaults[name].span)
        origin = f"`{name}` comes from the `default` at {span.line}:{span.column}"
        reject.help = f"{reject.help}; {origin}" if reject.help else origin
    return rejected(reject, branch or layer.site, layer, tensor, place)


def rejected(
    reject: Reject, span: Span, layer: Applicable, tensor: Tensor, place: Place
) -> Failure:
    """Report what an op refuses."""
    found = reject.found or (text_of(tensor) if is_known(tensor) else "")
    help = reject.help or word_instead(found.strip('"'))
    is_elsewhere = blamed(span, layer.trace) is not span
    if is_elsewhere:
        # The call to blame is another's, which may lack a keyword, and has other layers in it.
        is_keyword = any(f"`{name}=" in help for name in layer.callee.parameters)
        help = "" if is_keyword else f"{help}"
    return place.body.fail(
        reject.code or ("E0306" if reject.argument else "E0305"),
        reject.message,
        span,
        expected=reject.expected,
        found=found,
        help=help,
        trace=layer.trace,
    )
