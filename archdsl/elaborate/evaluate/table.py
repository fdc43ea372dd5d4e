"""Which function evaluates which kind of expression."""

from __future__ import annotations

from collections.abc import Mapping

from archdsl.elaborate.evaluate import (
    builtins,
    bundles,
    conditions,
    expressions,
    layers,
    lists,
    names,
)
from archdsl.elaborate.scope import Evaluator
from archdsl.syntax import ast

EVALUATORS: Mapping[type[ast.SyntaxNode], Evaluator] = {
    ast.Number: expressions.constant,
    ast.Boolean: expressions.constant,
    ast.String: expressions.constant,
    ast.Wildcard: expressions.wildcard,
    ast.Rest: expressions.wildcard,
    ast.List: expressions.list_of,
    ast.Shape: layers.features,
    ast.Arithmetic: expressions.arithmetic,
    ast.Negation: expressions.negation,
    ast.Comparison: expressions.comparison,
    ast.Logical: expressions.logical,
    ast.Not: expressions.opposite,
    ast.Conditional: conditions.conditional,
    ast.LetIn: expressions.let_in,
    ast.Index: expressions.item_of,
    ast.Slice: expressions.part_of,
    ast.Attribute: expressions.fact,
    ast.Name: names.lookup,
    ast.Call: builtins.call,
    ast.Comprehension: lists.comprehension,
    ast.Wire: layers.wire,
    ast.Labelled: layers.labelled,
    ast.ShareIn: layers.share_in,
    ast.Chain: layers.chain,
    ast.Bundle: bundles.bundle,
}
