"""The error for generated code that differs from its spec."""

from __future__ import annotations

from archdsl.testing.spec import Spec


class Disagreement(AssertionError):
    """The generated module differs from what archdsl inferred about its spec.

    `kind` is an error code, or the difference: "keys", "counts", "shapes", "starts", "numbers",
    "training", "gradients", "crash" (the code raises); or "arguments" if it appears only with other
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
