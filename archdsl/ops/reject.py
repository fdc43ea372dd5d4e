"""What an op says of parameters and inputs that it does not take."""

from __future__ import annotations

from archdsl.shapes import Dim


class Reject(Exception):
    """An op's refusal. `argument` is the parameter to blame, if one is; the span is added later.

    Without `argument` the inputs are to blame, or the one at `index`; `expected` and
    `found` are shapes as text. `code` is that of the diagnostic, where it is none that follows
    from the argument. `others` are refusals for other arguments, or other inputs. `unequal` are
    sizes that are equal for some values of their symbols only, where nothing else is refused.
    """

    def __init__(
        self,
        message: str,
        argument: str = "",
        expected: str = "",
        found: str = "",
        help: str = "",
        index: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.argument = argument
        self.expected = expected
        self.found = found
        self.help = help
        self.index = index
        self.code = ""
        self.others: list[Reject] = []
        self.unequal: list[tuple[Dim, Dim]] = []
