"""What a block gives: one tensor, or several by name, as its signature says."""

from __future__ import annotations

from collections.abc import Iterable

from archdsl.elaborate.apply.signatures import verify_result
from archdsl.elaborate.report import Failure
from archdsl.elaborate.scope import Scope
from archdsl.elaborate.tensors import Flow, Several, Tensor, parts_of
from archdsl.syntax import ast


def verify_results(signature: ast.Signature | None, result: Flow, scope: Scope) -> Flow:
    """The result of a body as its signature writes it, several in the order of the signature."""
    if signature is None or not signature.results:
        return result
    names = signature.result_names
    if isinstance(result, Tensor):
        if len(names) > 1 and result.sizes is not None:
            raise _other_names(signature, result, scope)
        return _verified(signature.results[0], result, scope)
    if {*names} != result.parts.keys():
        raise _other_names(signature, result, scope)
    wanted = zip(names, signature.results, strict=True)
    return Several({name: _verified(each, result.parts[name], scope) for name, each in wanted})


def _verified(wanted: ast.Input, tensor: Tensor, scope: Scope) -> Tensor:
    if tensor.sizes is None:
        return tensor
    return Tensor(tensor.node, verify_result(wanted, tensor, scope))


def _other_names(signature: ast.Signature, result: Flow, scope: Scope) -> Failure:
    name, results = scope.body.instance.block.name, signature.results
    message = f"`{name}` does not give the results in its signature"
    wanted = ", ".join(f"{each}: …" for each in signature.result_names)
    help = f"end the body in a bundle of these names: `({wanted})`"
    if len(signature.result_names) == 1:
        help = f"name its only result `{signature.result_names[0]}`, or list all in the signature"
    return scope.fail(
        "E0413",
        message,
        results[0].span.to(results[-1].span),
        expected=_listed(signature.result_names),
        found=_listed(parts_of(result)),
        help=help if signature.result_names else "",
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names if name) or "one tensor"
