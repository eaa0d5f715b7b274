"""The limit: closed forms of J and H in C, for the problems that `benchmarks/limits` has."""

from __future__ import annotations

import time
from ctypes import c_double, c_long, c_void_p
from typing import Any

import numpy as np

from benchmarks.limits.compiler import NoCompilerError, load
from benchmarks.tools.interface import Call, Pattern, Point, Solved, ToolUnavailableError, Vector
from problems.luksan_vlcek import luksan_vlcek_1
from problems.pde import bratu_control


class LuksanVlcekLimit:
    """Lukšan–Vlček 5.1."""

    name = "luksan_vlcek_1"

    def __init__(self, num_variables: int) -> None:
        self.num_variables = num_variables
        self.num_constraints = num_variables - 2
        self.start = np.resize(luksan_vlcek_1.START, num_variables)
        self.scalars = {"jacobian": [c_long(num_variables)], "hessian": [c_long(num_variables)]}

    def pattern(self, kind: str) -> Pattern:
        """Return the entries in the order of the C file."""
        row, i = np.arange(self.num_constraints), np.arange(self.num_variables)
        if kind == "jacobian":
            return Pattern(np.tile(row, 3), np.concatenate([row, row + 1, row + 2]))
        return Pattern(np.concatenate([i, i[1:]]), np.concatenate([i, i[:-1]]))


class BratuControlLimit:
    """Distributed control of the Bratu equation."""

    name = "bratu_control"

    def __init__(self, num_points: int) -> None:
        self.num_points = num_points
        self.num_constraints = num_points**2
        self.start = np.zeros(2 * num_points**2)
        numbers = [1.0 / (num_points + 1), bratu_control.REACTION]
        jacobian = [c_long(num_points), *map(c_double, numbers)]
        self.scalars = {
            "jacobian": jacobian,
            "hessian": [*jacobian, c_double(bratu_control.CONTROL_PRICE)],
        }

    def pattern(self, kind: str) -> Pattern:
        """Return the entries in the order of the C file."""
        point = np.arange(self.num_constraints)
        if kind == "hessian":
            both = np.arange(2 * self.num_constraints)
            return Pattern(both, both)
        grid = point.reshape(self.num_points, self.num_points)
        down, right = (
            (grid[:-1].ravel(), grid[1:].ravel()),
            (grid[:, :-1].ravel(), grid[:, 1:].ravel()),
        )
        rows = [point, down[0], down[1], right[0], right[1], point]
        cols = [point, down[1], down[0], right[1], right[0], point + self.num_constraints]
        return Pattern(np.concatenate(rows), np.concatenate(cols))


CLOSED_FORMS = {form.name: form for form in (LuksanVlcekLimit, BratuControlLimit)}


class LimitTool:
    """The closed form of one problem; it has J and H only, and no solver."""

    compared = ("jacobian", "hessian")

    def __init__(self, problem: str, size: dict[str, Any]) -> None:
        if problem not in CLOSED_FORMS:
            raise ToolUnavailableError(f"there is no closed form of {problem}")
        started = time.perf_counter()
        self.form: Any = CLOSED_FORMS[problem](**size)
        try:
            self.library = load(problem)
        except NoCompilerError as error:
            raise ToolUnavailableError(str(error)) from error
        self.stages = {"compile": time.perf_counter() - started}
        self.start: Vector = self.form.start
        self.num_constraints: int = self.form.num_constraints
        self.constraint_offset = np.zeros(self.num_constraints)

    def bind(self, kind: str, point: Point) -> Call | None:
        """Return the call of the C function with its pointers ready."""
        if kind not in ("jacobian", "hessian"):
            return None
        function = getattr(self.library, f"{self.form.name}_{kind}")
        function.restype = None
        out = np.zeros(self.pattern(kind).rows.size)
        arguments = [*self.form.scalars[kind], _pointer(point.x)]
        if kind == "hessian":
            arguments += [_pointer(point.multipliers), c_double(point.objective_weight)]
        arguments.append(_pointer(out))
        return Call(lambda: function(*arguments), out)

    def pattern(self, kind: str) -> Pattern:
        """Return the pattern of J or H."""
        pattern: Pattern = self.form.pattern(kind)
        return pattern

    def details(self) -> dict[str, float]:
        """Return nothing: the tool does not count parts of its set-up."""
        return {}

    def solve(self) -> Solved | None:
        """Return nothing: the closed form has no solver."""
        return None


def _pointer(array: Vector) -> c_void_p:
    return c_void_p(array.ctypes.data)
