"""SciPy with finite differences: what a user has who writes NumPy and no derivatives.

Objective and constraints are plain NumPy, the formulas as they were written. The Jacobian is
`approx_derivative` with the known pattern and SciPy's own grouping of columns; the gradient takes
one evaluation for each variable; there is no Hessian. Differences are right to some eight digits,
so only values of the functions themselves are compared. IPOPT works with its quasi-Newton Hessian.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.optimize._numdiff import approx_derivative, group_columns

from benchmarks.tools.function_tool import FunctionTool
from benchmarks.tools.interface import Pattern, Vector
from benchmarks.translation.traced import traced
from problems import registry
from sparseopt.graph.formulas import Formulas


class ScipyTool(FunctionTool):
    """One problem in NumPy, differentiated by SciPy's differences."""

    compared = ("objective", "constraints")
    exact_hessian = False

    def __init__(self, problem: str, size: dict[str, Any]) -> None:
        super().__init__(traced(problem, size))
        structure = _known_pattern(problem, size)
        program, parameters = self.problem.program, self.problem.parameters
        self._formulas = [
            Formulas(program.with_outputs([output]), parameters) for output in program.outputs
        ]
        started = time.perf_counter()
        self._sparsity = (structure, group_columns(structure)) if structure.shape[0] else None
        self.stages["color"] = time.perf_counter() - started
        self.functions["objective"] = lambda x, *_: self._formulas[0].values(x)
        self.functions["gradient"] = lambda x, *_: approx_derivative(self._objective, x, "2-point")
        nothing = np.zeros(0, np.int32)
        self.patterns["hessian"] = Pattern(nothing, nothing)
        self.patterns["jacobian"] = Pattern(*structure.nonzero())
        if self._sparsity is not None:
            self.functions["constraints"] = lambda x, *_: self._formulas[1].values(x)
            self.functions["jacobian"] = lambda x, *_: self._jacobian(x)

    def _objective(self, x: Vector) -> float:
        return float(self._formulas[0].values(x)[0])

    def _jacobian(self, x: Vector) -> Any:
        found = approx_derivative(self._formulas[1].values, x, "2-point", sparsity=self._sparsity)
        pattern = self.patterns["jacobian"]
        return _entries(sp.csr_array(found), pattern)


def _entries(matrix: sp.csr_array, pattern: Pattern) -> Any:
    """Return the values in the order of the pattern; SciPy drops differences that are zero."""
    if matrix.nnz == pattern.rows.size:
        matrix.sort_indices()
        return matrix.data
    return np.asarray(matrix[pattern.rows, pattern.cols]).ravel()


def _known_pattern(problem: str, size: dict[str, Any]) -> sp.csr_array:
    """Return the pattern of the Jacobian, which the user of `approx_derivative` must know."""
    known = registry.get(problem).build(**size).problem()
    if not known.num_constraints:
        return sp.csr_array((0, known.num_variables))
    pattern = known.jacobian_pattern
    ones = np.ones(pattern.nnz)
    shape = (known.num_constraints, known.num_variables)
    structure = sp.csr_array(sp.coo_array((ones, (pattern.rows, pattern.cols)), shape=shape))
    structure.sort_indices()
    return structure
