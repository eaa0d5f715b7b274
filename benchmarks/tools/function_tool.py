"""What tools have in common that give derivatives as Python functions: binding, and IPOPT.

Such tools have no solver of their own. They are solved by sparseopt's adapter to IPOPT, with Python
callbacks: the same libipopt and, unless the problem needs others, IPOPT's own options.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp

from benchmarks.tools.interface import KINDS, Call, Pattern, Point, Solved, Vector
from benchmarks.translation.traced import TracedProblem
from sparseopt.solvers.ipopt import solve_with_ipopt

Function = Callable[[Vector, Vector, float], Any]
"""Takes variables, multipliers and the weight of the objective, of which most need the first."""
# The adapter would choose these by the structure of the problem, which the tools do not.
IPOPT_DEFAULTS = {
    "mumps_pivot_order": 7,
    "mumps_scaling": 77,
    "min_refinement_steps": 1,
    "mumps_mem_percent": 1000,
}


class FunctionTool:
    """A traced problem and the functions that a tool makes of it.

    Subclasses fill `functions` and `patterns`; the Hessian's is the lower triangle.
    """

    compared: tuple[str, ...] = KINDS
    exact_hessian = True

    def __init__(self, problem: TracedProblem) -> None:
        self.problem = problem
        self.start = problem.start
        self.num_constraints = problem.num_constraints
        self.constraint_offset = problem.constraint_offset
        self.resident_megabytes = problem.resident_megabytes
        self.stages: dict[str, float] = {}
        self.functions: dict[str, Function] = {}
        self.patterns: dict[str, Pattern] = {}

    def bind(self, kind: str, point: Point) -> Call | None:
        """Return the call of the tool's function, and a copy to an array, as solvers need it."""
        if kind not in self.functions:
            return None
        function, out = self.functions[kind], np.zeros(self.size(kind))

        def run() -> None:
            np.copyto(out, function(point.x, point.multipliers, point.objective_weight))

        return Call(run, out)

    def size(self, kind: str) -> int:
        """Return the number of values of a kind."""
        if kind in self.patterns:
            return self.patterns[kind].rows.size
        sizes = {"gradient": self.start.size, "constraints": self.num_constraints}
        return sizes.get(kind, 1)

    def pattern(self, kind: str) -> Pattern:
        """Return the pattern that the tool found or was given."""
        return self.patterns[kind]

    def details(self) -> dict[str, float]:
        """Return nothing: the tool does not count parts of its set-up."""
        return {}

    def solve(self) -> Solved | None:
        """Solve with IPOPT by Python callbacks, with its own quasi-Newton Hessian without one."""
        options = {**IPOPT_DEFAULTS, **self.problem.options}
        if not self.exact_hessian:
            options["hessian_approximation"] = "limited-memory"
        problem: Any = _CallbackProblem(self)
        started = time.perf_counter()
        result = solve_with_ipopt(problem, options=options)
        seconds = time.perf_counter() - started
        return Solved(result.objective, result.iterations, result.status.name, seconds)


class _CallbackProblem:
    """A tool's functions under the names that sparseopt's adapters use."""

    is_hessian_constant = False

    def __init__(self, tool: FunctionTool) -> None:
        problem = tool.problem
        self.functions = tool.functions
        self.num_variables, self.num_constraints = problem.start.size, problem.num_constraints
        self.variable_lower, self.variable_upper = problem.lower, problem.upper
        self.constraint_lower = problem.constraint_lower
        self.constraint_upper = problem.constraint_upper
        self.initial_point = problem.start
        self.jacobian_pattern, self.hessian_pattern = (
            Pattern(pattern.rows.astype(np.int32), pattern.cols.astype(np.int32))
            for pattern in (tool.patterns["jacobian"], tool.patterns["hessian"])
        )
        self.is_linear_row = np.zeros(problem.num_constraints, bool)
        self._zeros = np.zeros(problem.num_constraints)

    def objective(self, x: Vector) -> float:
        return float(np.squeeze(self.functions["objective"](x, self._zeros, 1.0)))

    def gradient(self, x: Vector) -> Vector:
        return np.array(self.functions["gradient"](x, self._zeros, 1.0), float)

    def constraints(self, x: Vector) -> Vector:
        return np.array(self.functions["constraints"](x, self._zeros, 1.0), float)

    def jacobian_values(self, x: Vector) -> Vector:
        return np.array(self.functions["jacobian"](x, self._zeros, 1.0), float)

    def hessian_values(self, x: Vector, multipliers: Vector, weight: float = 1.0) -> Vector:
        return np.array(self.functions["hessian"](x, multipliers, weight), float)

    def jacobian(self, x: Vector) -> Any:
        shape = (self.num_constraints, self.num_variables)
        return _matrix(self.jacobian_pattern, self.jacobian_values(x), shape)

    def hessian(self, x: Vector, multipliers: Vector, weight: float = 1.0) -> Any:
        shape = (self.num_variables, self.num_variables)
        values = self.hessian_values(x, multipliers, weight)
        lower = _matrix(self.hessian_pattern, values, shape)
        return lower + sp.triu(lower.T, 1)

    def variable_name(self, index: int) -> str:
        return f"x[{index}]"

    def constraint_name(self, index: int) -> str:
        return f"c[{index}]"

    def constraint_source(self, index: int) -> str:
        return ""

    def require_finite(self, x: Vector) -> None:
        """Do nothing: IPOPT says so itself."""


def _matrix(pattern: Pattern, values: Vector, shape: tuple[int, int]) -> Any:
    return sp.csr_array(sp.coo_array((values, (pattern.rows, pattern.cols)), shape=shape))
