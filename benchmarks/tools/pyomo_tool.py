"""Pyomo with the AMPL solver library, through PyNumero's `AslNLP`.

The model is scalar: each formula is a Python function, rows are loops (see `translation`). PyNumero
needs a library that users compile, `libpynumero_ASL`; without it the tool is not installed. Set-up
is Pyomo's expressions, its .nl file, and reading that; neither sparseopt's tracing, nor writing the
functions, nor imports count. ASL orders rows and columns by itself; they are put back.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from pyomo.contrib.pynumero.asl import AmplInterface
from pyomo.contrib.pynumero.interfaces.pyomo_nlp import PyomoNLP

from benchmarks.peers.pyomo_translation import IDIOM, model_of
from benchmarks.tools.function_tool import FunctionTool
from benchmarks.tools.interface import Pattern, ToolUnavailableError, Vector
from benchmarks.translation.scalar_rows import ScalarRows
from benchmarks.translation.traced import traced


class PyomoAslTool(FunctionTool):
    """One problem in Pyomo."""

    def __init__(self, problem: str, size: dict[str, Any]) -> None:
        if not AmplInterface.available():
            raise ToolUnavailableError("the library libpynumero_ASL is not installed")
        super().__init__(traced(problem, size))
        rows = ScalarRows(self.problem, IDIOM)
        started = time.perf_counter()
        model = model_of(self.problem, rows)
        built = time.perf_counter()
        self.nlp = PyomoNLP(model)
        done = time.perf_counter()
        self.stages |= {"build": built - started, "derivatives": done - built}
        self._find_order(model)
        self._find_patterns()
        self._fill_functions()

    def _find_order(self, model: Any) -> None:
        number = {id(v): k for k, v in enumerate(model.x.values())}
        self._columns = np.array([number[id(v)] for v in self.nlp.get_pyomo_variables()], np.int64)
        row = {id(c): int(k) for k, c in model.c.items()}
        self._rows = np.array([row[id(c)] for c in self.nlp.get_pyomo_constraints()], np.int64)
        # Pyomo moves constants of rows to their bounds.
        low, high = self.nlp.constraints_lb(), self.nlp.constraints_ub()
        self._shift = self.constraint_offset[self._rows] - np.where(np.isfinite(low), low, high)

    def _find_patterns(self) -> None:
        jacobian, hessian = self.nlp.evaluate_jacobian(), self.nlp.evaluate_hessian_lag()
        self.patterns["jacobian"] = Pattern(self._rows[jacobian.row], self._columns[jacobian.col])
        rows, cols = self._columns[hessian.row], self._columns[hessian.col]
        self._half = np.flatnonzero(hessian.row >= hessian.col)
        rows, cols = rows[self._half], cols[self._half]
        self.patterns["hessian"] = Pattern(np.maximum(rows, cols), np.minimum(rows, cols))

    def _fill_functions(self) -> None:
        self.functions |= {"objective": self._objective, "gradient": self._gradient}
        self.functions["hessian"] = self._hessian
        if self.num_constraints:
            self.functions |= {"constraints": self._constraints, "jacobian": self._jacobian}

    def _objective(self, x: Vector, *_: Any) -> Any:
        self.nlp.set_primals(x[self._columns])
        return self.nlp.evaluate_objective()

    def _gradient(self, x: Vector, *_: Any) -> Any:
        self.nlp.set_primals(x[self._columns])
        gradient = np.zeros(self.start.size)
        gradient[self._columns] = self.nlp.evaluate_grad_objective()
        return gradient

    def _constraints(self, x: Vector, *_: Any) -> Any:
        self.nlp.set_primals(x[self._columns])
        values = np.zeros(self.num_constraints)
        values[self._rows] = self.nlp.evaluate_constraints() + self._shift
        return values

    def _jacobian(self, x: Vector, *_: Any) -> Any:
        self.nlp.set_primals(x[self._columns])
        return self.nlp.evaluate_jacobian().data

    def _hessian(self, x: Vector, multipliers: Vector, weight: float) -> Any:
        self.nlp.set_primals(x[self._columns])
        self.nlp.set_duals(multipliers[self._rows])
        self.nlp.set_obj_factor(weight)
        return self.nlp.evaluate_hessian_lag().data[self._half]
