"""Labels that need not be written: the language numbers the layers of a scope without labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby, pairwise

from archdsl.importing.terms import IDENTITY, Term, chain, label, links, read_labels
from archdsl.ops import OPS
from archdsl.ops.base import Op


def with_few_labels(body: Term) -> Term:
    """The body of a scope without labels that its layers have anyway, in order of appearance."""
    if body.kind == "share":
        # What is shared has a name of the scope, so the others have labels too.
        return body
    body = _gathered(body)
    layers = [*layers_in(body)]
    labels = [each.head for each in layers if each.kind == "label"]
    numbers = [str(place) for place, each in enumerate(layers) if each.kind == "label"]
    is_alone = len(links(body)) == 1 and body.kind != "join"
    is_read = not read_labels(body).isdisjoint(labels)
    if (
        labels != numbers
        or is_alone
        or is_read
        or any(_is_scope(each.parts[0]) for each in _all_labels(body))
    ):
        return body
    return _bare(body)


def _is_scope(term: Term) -> bool:
    """Whether what a label names is no layer of its own, but a scope by the label alone."""
    return term.kind not in ("op", "call", "extern", "use")


def layers_in(term: Term) -> Iterator[Term]:
    """The layers of a scope in order: ops, calls, and what has a label; as they are numbered."""
    if term.kind in ("op", "call") or (term.kind == "label" and term.parts != (IDENTITY,)):
        yield term
    elif term.kind != "label":
        for part in term.parts:
            yield from layers_in(part)


def has_labels(body: Term) -> bool | None:
    """Whether layers of a scope have labels, or numbers; None if none of them has weights."""
    if any(_all_labels(body)):
        return True
    return False if any(map(_may_have_weights, layers_in(body))) else None


def _may_have_weights(layer: Term) -> bool:
    return layer.kind != "op" or (layer.head in OPS and OPS[layer.head].weights is not Op.weights)


def _all_labels(term: Term) -> Iterator[Term]:
    if term.kind == "label":
        yield term
    else:
        for part in term.parts:
            yield from _all_labels(part)


def _bare(term: Term) -> Term:
    """A term without the labels of its scope."""
    if term.kind == "label":
        return term.parts[0]
    if term.kind == "chain":
        # What had a label may be a chain, but is a scope of its own only with it.
        return Term("chain", "", tuple([_bare(part) for part in term.parts]))
    return term.with_parts(_bare)


def _gathered(body: Term) -> Term:
    """A body whose labels with dots are scopes, where the layers of one stand side by side.

    `"layers.0": a -> "layers.1": b` is `layers: (a -> b)`.
    """
    heads = [_head(each) for each in _all_labels(body)]
    together = {name for name, _ in groupby(heads)}
    runs = [name for name, _ in groupby(heads)]
    read = {_first(each) for each in read_labels(body)}
    once = {name for name in together if name and runs.count(name) == 1} - read
    while True:
        made = _with_scopes(body, once)
        written = Counter(_head(each) or str(each.head) for each in _all_labels(made))
        apart = {name for name in once if written[name] > 1}
        apart |= {each.head for each in _all_labels(made) if not _is_readable(each.parts[0])}
        if not apart & once:
            return made
        # Its layers are in several branches, which one scope cannot hold, or those of a scope in it
        # are, whose name is a number, with which no label begins.
        once -= apart


def _is_readable(body: Term) -> bool:
    heads = [_head(each) for each in _all_labels(body)]
    return all(not head or head.isidentifier() for head in heads)


def _head(term: Term) -> str:
    """The first word of a label with dots; empty for a label without."""
    return _first(str(term.head))


def _first(name: str) -> str:
    first, dot, _ = name.partition(".")
    return first if dot else ""


def _with_scopes(term: Term, names: set[str]) -> Term:
    if term.kind == "label":
        return term
    if term.kind != "chain":
        return term.with_parts(lambda part: _with_scopes(part, names))
    made: list[Term] = []
    for name, several in groupby(_owned(term.parts, names), lambda pair: pair[0]):
        run = [link for _, link in several]
        if name:
            made.append(_scope(name, run))
        else:
            made += [_with_scopes(link, names) for link in run]
    return chain(made)


def _owned(parts: tuple[Term, ...], names: set[str]) -> list[tuple[str, Term]]:
    """Links with the scope that they belong to: that of all labels in them."""
    owners = [_owner(link, names) for link in parts]
    known = [place for place, owner in enumerate(owners) if owner is not None]
    for before, after in pairwise(known):
        # What has no label of its own belongs where its neighbours do.
        if owners[before] == owners[after]:
            owners[before:after] = [owners[before]] * (after - before)
    return [(owner or "", link) for owner, link in zip(owners, parts, strict=True)]


def _owner(link: Term, names: set[str]) -> str | None:
    heads = {_head(each) for each in _all_labels(link)}
    if not heads:
        return None
    head = heads.pop()
    return head if not heads and head in names else ""


def _scope(name: str, run: list[Term]) -> Term:
    inside = [_without(name, link) for link in run]
    return label(name, with_few_labels(chain(inside)))


def _without(name: str, term: Term) -> Term:
    if term.kind == "label":
        return label(str(term.head)[len(name) + 1 :], term.parts[0])
    return term.with_parts(lambda part: _without(name, part))
