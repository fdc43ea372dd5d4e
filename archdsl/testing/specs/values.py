"""Random numbers, lists, words and conditions of a body."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.testing.specs.body import Sort, SpecBody, wrapped

WIDTHS = ("4", "8", "8", "12")
KERNELS = ("1", "3", "3", "5")
COMPARISONS = ("==", "!=", "<", ">", "<=", ">=")
DEEPEST_VALUE = 2


def flag(body: SpecBody, depth: int = 0) -> str:
    """A condition that is not an operand."""
    if depth >= DEEPEST_VALUE or body.one_in(2):
        return _simple_flag(body)
    form = body.number(1, 5)
    if depth:
        body.note("nested condition")
    if form == 1:
        body.note("not")
        return f"not {_operand(body, depth)}"
    if form == 2:
        # A negation binds tighter than `and`.
        body.note("not", "and")
        return f"not {_simple_flag(body)} and {_operand(body, depth)}"
    word = "and" if form <= 4 else "or"
    body.note(word)
    return f"{_operand(body, depth)} {word} {_operand(body, depth)}"


def _operand(body: SpecBody, depth: int) -> str:
    inner = flag(body, depth + 1)
    return f"({inner})" if " and " in inner or " or " in inner or "not " in inner else inner


def _simple_flag(body: SpecBody) -> str:
    flags = body.known(Sort.FLAG)
    if flags and body.one_in(2):
        return body.pick(flags)
    return comparison(body) or (body.pick(flags) if flags else body.pick(["true", "8 > 4"]))


def comparison(body: SpecBody) -> str:
    """A comparison that reads a name; empty if there is no name."""
    widths, kernels, counts = map(body.known, (Sort.WIDTH, Sort.KERNEL, Sort.COUNT))
    if body.channels:
        widths.append(body.channels)
    forms = [f"{name} {body.pick(COMPARISONS)} {body.pick(WIDTHS)}" for name in widths]
    forms += [f"{name} {body.pick(COMPARISONS)} 3" for name in kernels]
    forms += [f"{name} {body.pick(['>', '==', '<='])} {body.number(0, 2)}" for name in counts]
    forms += [f"{name} % 2 == 1" for name in counts]
    forms += [f'{name} == "{body.pick("ab")}"' for name in body.known(Sort.WORD)]
    forms += [f"{name} > 0" for name in body.known(Sort.SHARE)]
    forms += [f"len({name}) > {body.number(1, 2)}" for name in body.known(Sort.WIDTHS)]
    if len(widths) > 1 and body.one_in(2):
        body.note("comparison of parameters")
        return f"{widths[0]} {body.pick(COMPARISONS)} {body.pick(widths[1:])}"
    return body.pick(forms) if forms else ""


def choice(body: SpecBody, what: str, options: Sequence[str], chance: int = 3) -> str:
    """One of some values as an argument, sometimes chosen by a condition."""
    value = body.pick(options)
    if not body.one_in(chance):
        return value
    condition = flag(body)
    body.note(f"conditional {what}")
    others = [option for option in options if option != value]
    return f"{value} if {condition} else {body.pick(others or options)}"


def flag_argument(body: SpecBody, what: str) -> str:
    """A boolean as an argument."""
    form = body.number(1, 4)
    if form == 1 and (compared := comparison(body)):
        body.note("comparison as an argument", f"conditional {what}")
        return compared
    if form == 2:
        return choice(body, what, ["true", "false"], 1)
    if form == 3:
        body.note(f"conditional {what}")
        return flag(body)
    return body.pick(["true", "false"])


def kernel(body: SpecBody) -> str:
    """An odd number."""
    return choice(body, "kernel", [*KERNELS, *_atoms(body, Sort.KERNEL)])


def count(body: SpecBody) -> str:
    """A number of iterations, up to 3."""
    options = ["1", "2", "3", *_atoms(body, Sort.COUNT)]
    for name in body.known(Sort.COUNT):
        options += [f"max({name} - 1, 0)", f"min({name}, 2)"]
    options += [f"len({name})" for name in body.known(Sort.WIDTHS)]
    return choice(body, "count", options, 5)


def share(body: SpecBody) -> str:
    """A probability below 1."""
    options = ["0.5", "0.1", "0.0", *_atoms(body, Sort.SHARE)]
    for name in body.known(Sort.SHARE):
        options += [f"{name} / 2", f"0.5 * {name}"]
    return choice(body, "share", options)


def word(body: SpecBody, what: str, options: Sequence[str]) -> str:
    """A string option of an op, in quotation marks."""
    return choice(body, what, [f'"{option}"' for option in options])


def _atoms(body: SpecBody, sort: Sort) -> list[str]:
    # Values with a name are preferred.
    return body.known(sort) * 3


def width(body: SpecBody, depth: int = 0) -> str:
    """A number of channels."""
    options = [*WIDTHS, *_atoms(body, Sort.WIDTH), *_atoms(body, Sort.WIDTH)]
    if depth >= DEEPEST_VALUE or body.one_in(3):
        return body.pick(options)
    return body.pick(_WIDTHS)(body, body.pick(options), depth + 1)


def _plain(body: SpecBody, one: str, depth: int) -> str:
    return one


def _doubled(body: SpecBody, one: str, depth: int) -> str:
    return f"2 * {one}" if one in body.known(Sort.WIDTH) else one


def _chosen(body: SpecBody, one: str, depth: int) -> str:
    condition = flag(body, 1)
    body.note("conditional number", "conditional width")
    return f"{one} if {condition} else {wrapped(width(body, depth))}"


def _guarded(body: SpecBody, one: str, depth: int) -> str:
    divisors = body.known(Sort.COUNT)
    if not divisors:
        return one
    body.note("number in a guard")
    by = body.pick(divisors)
    return f"{one} // {by} * 4 if {by} > 0 else {body.pick(WIDTHS)}"


def _bent(body: SpecBody, one: str, depth: int) -> str:
    body.note("bending arithmetic")
    other = wrapped(width(body, depth))
    forms = [f"min({one}, {other})", f"max({one}, {other})", f"divisible({one}, 4)"]
    forms += [f"4 * {name} + 4" for name in body.known(Sort.COUNT)]
    forms += [f"{one} // 8 * 4 + 4"]
    return body.pick(forms)


def _fraction(body: SpecBody, one: str, depth: int) -> str:
    body.note("fraction")
    return body.pick([f"{one} / 2 * 2", f"{one} * 1.0", f"0.5 * {one} + {one} / 2"])


def _listed(body: SpecBody, one: str, depth: int) -> str:
    lists = body.known(Sort.WIDTHS)
    if not lists:
        body.note("list index")
        counts = [f"{name} % 3" for name in body.known(Sort.COUNT)]
        index = "4 / 2" if body.one_in(5) else body.pick(["0", "1", *counts])
        return f"[4, {one}, 8][{index}]"
    name = body.pick(lists)
    if body.one_in(2):
        body.note("list index")
        return body.pick([f"{name}[0]", f"{name}[len({name}) - 1]", f"({name} + [{one}])[1]"])
    body.note("list arithmetic")
    return body.pick([f"sum({name})", f"max({name})", f"4 * len({name})"])


_WIDTHS = (_plain, _plain, _doubled, _chosen, _chosen, _guarded, _bent, _fraction, _listed)


def widths(body: SpecBody) -> str:
    """A list of numbers of channels."""
    known = body.known(Sort.WIDTHS)
    if known and body.one_in(2):
        return body.pick(known)
    if known and body.one_in(2):
        body.note("list arithmetic")
        name = body.pick(known)
        return body.pick([f"{name} + [{width(body, 1)}]", f"[4] + {name}", f"{name} + {name}"])
    if known and body.one_in(2):
        body.note("filter")
        limit = body.pick([*WIDTHS, *body.known(Sort.WIDTH)])
        return f"[2 * v for v in {body.pick(known)} if v {body.pick(['>', '>=', '<'])} {limit}]"
    items = [width(body, 1) for _ in range(body.number(1, 3))]
    return f"[{', '.join(items)}]"


def filled(listed: str) -> str:
    """A list that has an item, whatever its filter leaves."""
    return f"{listed} + [8]" if " if " in listed else listed


def kernels(body: SpecBody) -> str:
    """A list of odd numbers."""
    known = body.known(Sort.KERNELS)
    if known and body.one_in(2):
        return body.pick(known)
    return f"[{', '.join(body.pick(KERNELS) for _ in range(body.number(1, 3)))}]"


def counts(body: SpecBody) -> str:
    """A list of numbers of iterations."""
    known = body.known(Sort.COUNTS)
    if known and not body.one_in(4):
        return body.pick(known)
    return f"[{', '.join(body.pick('12') for _ in range(body.number(1, 3)))}]"


def rows(body: SpecBody) -> str:
    """A list of pairs of a width and a kernel."""
    known = body.known(Sort.ROWS)
    if known and body.one_in(2):
        return body.pick(known)
    pairs = [f"[{width(body, 1)}, {body.pick(KERNELS)}]" for _ in range(body.number(1, 3))]
    return f"[{', '.join(pairs)}]"
