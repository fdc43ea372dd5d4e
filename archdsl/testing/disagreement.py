"""What is wrong with generated code, as an error with the spec."""

from __future__ import annotations

from archdsl.testing.spec import Spec


class Disagreement(AssertionError):
    """The generated module is not what was inferred about its spec.

    `kind` is a code, or what differs: "keys", "counts", "shapes", "starts", "numbers", "training",
    "gradients", "crash" (the code raises); or "arguments", where any of these is met with other
    arguments than the defaults.
    """

    def __init__(self, kind: str, message: str, spec: Spec) -> None:
        super().__init__(f"{kind}: {message}\n{spec.text}")
        self.kind = kind
        self.message = message
        self.spec = spec


class Difference(Exception):
    """One difference between a module and its graph, without the spec."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
