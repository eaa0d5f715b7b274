"""The limit: closed forms in C, for the problems that `benchmarks/limits` has."""

from __future__ import annotations

import time
from ctypes import c_double, c_void_p, cast
from typing import Any

import numpy as np

from benchmarks.limits.closed_forms import CLOSED_FORMS
from benchmarks.limits.compiler import NoCompilerError, load
from benchmarks.tools.interface import (
    KINDS,
    Call,
    Pattern,
    Point,
    Solved,
    ToolUnavailableError,
    Vector,
    native_call,
)


class LimitTool:
    """The closed form of one problem; it has no solver."""

    compared = KINDS

    def __init__(self, problem: str, size: dict[str, Any]) -> None:
        if problem not in CLOSED_FORMS:
            raise ToolUnavailableError(f"there is no closed form of {problem}")
        started = time.perf_counter()
        try:
            self.form = CLOSED_FORMS[problem](**size)
        except NotImplementedError as error:
            raise ToolUnavailableError(str(error)) from error
        try:
            self.name, self.library = problem, load(problem)
        except NoCompilerError as error:
            raise ToolUnavailableError(str(error)) from error
        self.stages = {"compile": time.perf_counter() - started}
        self.start: Vector = self.form.start
        self.num_constraints: int = self.form.num_constraints
        offset = self.form.constraint_offset
        self.constraint_offset = np.zeros(self.num_constraints) if offset is None else offset

    def bind(self, kind: str, point: Point) -> Call | None:
        """Return the call of the C function with its pointers ready."""
        size = self.form.size(kind)
        if not size:
            return None
        function, out = getattr(self.library, f"{self.name}_{kind}"), np.zeros(size)
        arguments = [*self.form.scalars, _pointer(point.x)]
        if kind == "hessian":
            arguments += [_pointer(point.multipliers), c_double(point.objective_weight)]
        arguments.append(_pointer(out))
        address = cast(function, c_void_p).value
        return native_call(address, arguments, out, (point, self.form, self.library))

    def pattern(self, kind: str) -> Pattern:
        """Return the pattern of J or H."""
        pattern: Pattern = getattr(self.form, kind)
        return pattern

    def details(self) -> dict[str, float]:
        """Return nothing: the tool does not count parts of its set-up."""
        return {}

    def solve(self) -> Solved | None:
        """Return nothing: the closed form has no solver."""
        return None


def _pointer(array: Vector) -> c_void_p:
    return c_void_p(array.ctypes.data)
