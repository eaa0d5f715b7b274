"""The limit: closed forms of J and H in C, for the problems that `benchmarks/limits` has."""

from __future__ import annotations

import time
from ctypes import c_double, c_void_p
from typing import Any

import numpy as np

from benchmarks.limits.closed_forms import CLOSED_FORMS
from benchmarks.limits.compiler import NoCompilerError, load
from benchmarks.tools.interface import Call, Pattern, Point, Solved, ToolUnavailableError, Vector


class LimitTool:
    """The closed form of one problem; it has J and H only, and no solver."""

    compared = ("jacobian", "hessian")

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
        self.constraint_offset = np.zeros(self.num_constraints)

    def bind(self, kind: str, point: Point) -> Call | None:
        """Return the call of the C function with its pointers ready."""
        if kind not in ("jacobian", "hessian") or not self.pattern(kind).rows.size:
            return None
        function = getattr(self.library, f"{self.name}_{kind}")
        function.restype = None
        out = np.zeros(self.pattern(kind).rows.size)
        arguments = [*self.form.scalars[kind], _pointer(point.x)]
        if kind == "hessian":
            arguments += [_pointer(point.multipliers), c_double(point.objective_weight)]
        arguments.append(_pointer(out))
        return Call(lambda: function(*arguments), out)

    def pattern(self, kind: str) -> Pattern:
        """Return the pattern of J or H."""
        return self.form.patterns[kind]

    def details(self) -> dict[str, float]:
        """Return nothing: the tool does not count parts of its set-up."""
        return {}

    def solve(self) -> Solved | None:
        """Return nothing: the closed form has no solver."""
        return None


def _pointer(array: Vector) -> c_void_p:
    return c_void_p(array.ctypes.data)
