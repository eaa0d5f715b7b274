"""sparseopt: the compiled schedules that its IPOPT callbacks run, called through ctypes.

All five are compiled as set-up; `Problem`'s own methods would add their checks of arguments.  The
whole time is that of a model and its `solve` alone.
"""

from __future__ import annotations

import ctypes
import time
from typing import Any

import numpy as np

from benchmarks import measure
from benchmarks.lazy_imports import import_all
from benchmarks.tools.interface import KINDS, Call, Pattern, Point, Solved, native_call
from problems import registry
from sparseopt.codegen.tiers import wait_for_improvements

import_all()


def _nothing() -> None:
    pass


class SparseoptTool:
    """One problem, traced and compiled, by the plans that sparseopt chooses."""

    compared = KINDS
    jacobian_plan = "auto"
    hessian_plan = "auto"

    def __init__(self, problem: str, size: dict[str, Any]) -> None:
        self._build(problem, size)
        built = time.perf_counter()
        self.problem: Any = self.model.problem()
        native = self.problem.evaluator.native
        self.problem.evaluator.start_compiling(*KINDS)
        self.sizes = {
            "objective": 1,
            "gradient": self.problem.num_variables,
            "constraints": self.problem.num_constraints,
            "jacobian": self.problem.jacobian_pattern.nnz,
            "hessian": self.problem.hessian_pattern.nnz,
        }
        self.schedules = {kind: native.schedule(kind) for kind in KINDS if self.sizes[kind]}
        self.run_address = native.run_address
        self.stages["derivatives"] = time.perf_counter() - built
        self.start = np.array(self.problem.initial_point)
        self.num_constraints = self.problem.num_constraints
        lower, upper = self.problem.constraint_lower, self.problem.constraint_upper
        self.constraint_offset = np.where(np.isfinite(lower), lower, upper)

    @classmethod
    def whole(cls, problem: str, size: dict[str, Any]) -> tuple[dict[str, float], Solved]:
        """Return seconds of set-up and solve, and the outcome, of what a user writes.

        That is the model and its `solve`, which compiles what IPOPT asks for while it does the
        rest; set-up is what the evaluator counts of it.
        """
        tool = cls.__new__(cls)
        tool._build(problem, size)
        solved = tool.solve()
        counted = sum(tool.model.problem().evaluator.timings.values())
        seconds = {"setup": tool.stages["build"] + counted, "solve": solved.seconds - counted}
        return seconds, solved

    def _build(self, problem: str, size: dict[str, Any]) -> None:
        record = registry.get(problem)
        if record.data is not None:
            record.data(**size)
            measure.reset_peak()
        self.resident_megabytes = measure.resident_megabytes()
        started = time.perf_counter()
        self.model = record.build(**size)
        self.model.jacobian_plan, self.model.hessian_plan = self.jacobian_plan, self.hessian_plan
        self.stages = {"build": time.perf_counter() - started}
        self.sign = 1.0 if record.sense == "minimize" else -1.0
        self.options = dict(record.options)

    def settle(self) -> None:
        """Wait until the code is what it will be: set-up ends with code that is made quickly."""
        wait_for_improvements()

    def bind(self, kind: str, point: Point) -> Call:
        """Return the evaluation into an array of its own."""
        out = np.zeros(self.sizes[kind])
        if not out.size:
            return Call(_nothing, out)
        arrays = (point.x, point.multipliers, out)
        x, multipliers, target = (ctypes.c_void_p(array.ctypes.data) for array in arrays)
        schedule, weight = ctypes.c_void_p(self.schedules[kind]), point.objective_weight
        arguments = (schedule, x, multipliers, ctypes.c_double(weight), target)
        return native_call(self.run_address, arguments, out, (arrays, self))

    def pattern(self, kind: str) -> Pattern:
        """Return the pattern in the order of the values."""
        pattern = getattr(self.problem, f"{kind}_pattern")
        return Pattern(pattern.rows, pattern.cols)

    def details(self) -> dict[str, float]:
        """Return the evaluator's times: element forms, patterns, code generation and compiling."""
        return dict(self.problem.evaluator.timings)

    def solve(self) -> Solved:
        """Solve with IPOPT by the model's own method."""
        started = time.perf_counter()
        solution = self.model.solve(solver="ipopt", options=self.options)
        seconds = time.perf_counter() - started
        status = getattr(solution.status, "name", str(solution.status))
        objective = self.sign * float(solution.objective)
        return Solved(objective, int(solution.iterations), status, seconds)


class SparseoptDirect(SparseoptTool):
    """Jacobian and Hessian entry by entry, without coloring."""

    jacobian_plan = "direct"
    hessian_plan = "direct"


class SparseoptForward(SparseoptTool):
    """Jacobian by columns: forward mode on a coloring of the columns."""

    jacobian_plan = "forward"


class SparseoptReverse(SparseoptTool):
    """Jacobian by rows: reverse mode on a coloring of the rows."""

    jacobian_plan = "reverse"


class SparseoptBidirectional(SparseoptTool):
    """Jacobian by rows and columns: a bidirectional coloring."""

    jacobian_plan = "bidirectional"


class SparseoptStar(SparseoptTool):
    """Hessian by a star coloring."""

    hessian_plan = "star"


class SparseoptAcyclic(SparseoptTool):
    """Hessian by an acyclic coloring."""

    hessian_plan = "acyclic"
