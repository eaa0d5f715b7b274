"""CVXPY's disciplined nonlinear programming: its engine of derivatives, SparseDiffPy.

The problem goes to the engine as it is written: CVXPY's own reductions would first put variables in
the place of subexpressions, and there would be nothing to compare. Called like that, SparseDiffPy
0.6.1 gives other derivatives than all other tools, or ends the process, for some compositions (a
tangent times an expression, a logarithm of a square). Whether it does behind CVXPY's reductions has
not been looked at, so such results say nothing of CVXPY. Problems with functions that the engine
lacks cannot be stated. Set-up is CVXPY's expressions and the engine's own work; sparseopt's
tracing and imports do not count. Solves use sparseopt's adapter, the same libipopt as other tools.
"""

from __future__ import annotations

import time
from typing import Any

import cvxpy as cp
import numpy as np
from cvxpy.reductions.solvers.nlp_solvers.diff_engine import C_problem

from benchmarks.tools.function_tool import FunctionTool
from benchmarks.tools.interface import Pattern, ToolUnavailableError, Vector
from benchmarks.translation.cvxpy_arrays import cvxpy_problem
from benchmarks.translation.traced import traced


class CvxpyTool(FunctionTool):
    """One problem in CVXPY."""

    def __init__(self, problem: str, size: dict[str, Any]) -> None:
        super().__init__(traced(problem, size))
        started = time.perf_counter()
        stated, _ = cvxpy_problem(self.problem)
        built = time.perf_counter()
        self.engine = _engine(stated)
        if self.num_constraints:
            self.engine.init_jacobian_coo()
        self.engine.init_hessian_coo_lower_tri()
        self.stages |= {"build": built - started, "derivatives": time.perf_counter() - built}
        nothing = np.zeros(0, np.int32)
        self.patterns["jacobian"] = Pattern(nothing, nothing)
        if self.num_constraints:
            self.patterns["jacobian"] = Pattern(*self.engine.get_jacobian_sparsity_coo())
            self.functions |= {"constraints": self._constraints, "jacobian": self._jacobian}
        self.patterns["hessian"] = Pattern(*self.engine.get_problem_hessian_sparsity_coo())
        self.functions |= {"objective": self._objective, "gradient": self._gradient}
        self.functions["hessian"] = self._hessian

    def _objective(self, x: Vector, *_: Any) -> Any:
        return self.engine.objective_forward(x)

    def _gradient(self, x: Vector, *_: Any) -> Any:
        self.engine.objective_forward(x)
        return self.engine.gradient()

    def _constraints(self, x: Vector, *_: Any) -> Any:
        return self.engine.constraint_forward(x)

    def _jacobian(self, x: Vector, *_: Any) -> Any:
        self.engine.constraint_forward(x)
        return self.engine.eval_jacobian_vals()

    def _hessian(self, x: Vector, multipliers: Vector, weight: float) -> Any:
        self.engine.objective_forward(x)
        if self.num_constraints:
            self.engine.constraint_forward(x)
        return self.engine.eval_hessian_vals_coo_lower_tri(weight, multipliers)


def _engine(problem: cp.Problem) -> Any:
    try:
        return C_problem(problem, verbose=False)
    except NotImplementedError as error:
        raise ToolUnavailableError(f"CVXPY cannot state it: {error}") from error
