"""Traced programs in CasADi, as MX (whole arrays) or SX (scalars): the same lines make both."""

from __future__ import annotations

from typing import Any

import casadi as ca
import numpy as np
import scipy.sparse as sp

from benchmarks.peers.casadi_models import CasadiModel
from benchmarks.tools.interface import ToolUnavailableError, Vector
from benchmarks.translation.replay import Places, replay
from benchmarks.translation.traced import TracedProblem
from sparseopt.testing.casadi_translation import casadi_functions

# CasADi has none of these; sparseopt's own tests have series for them, which no user would write.
LACKING = frozenset(("gamma", "gammaln", "psi", "zeta", "beta", "betaln", "log_ndtr", "erfcx"))


class CasadiArrays:
    """Operations on columns of one kind of symbol."""

    def __init__(self, symbol: Any) -> None:
        self.symbol = symbol
        self.functions = casadi_functions()

    def constant(self, values: Vector) -> Any:
        """Return data as a dense column."""
        return ca.DM(values)

    def apply(self, function: str, args: list[Any], size: int) -> Any:
        """Return a function of columns."""
        if function in LACKING or function not in self.functions:
            raise ToolUnavailableError(f"CasADi has no function {function}")
        value = self.functions[function](*args)
        if isinstance(value, float | int):
            value = ca.DM(value)
        return value if value.numel() == size else ca.repmat(value, size, 1)

    def take(self, sources: list[Any], places: Places, size: int) -> Any:
        """Return elements of columns, by a slice or an index list."""
        if not size:
            return ca.DM(0, 1)
        whole = sources[0] if len(sources) == 1 else ca.vertcat(*sources)
        if isinstance(whole, float):
            whole = ca.DM(whole)
        if isinstance(places, slice):
            if (places.start, places.stop, places.step) == (0, whole.numel(), 1):
                return whole
            return whole[places.start : min(places.stop, whole.numel()) : places.step]
        return ca.reshape(whole[places.tolist()], size, 1)  # a scalar is indexed into a row

    def sum_rows(self, value: Any, num_rows: int, width: int) -> Any:
        """Return the sums of the columns of a matrix."""
        if num_rows == 1:
            return ca.sum1(value)
        return ca.sum1(ca.reshape(value, width, num_rows)).T

    def product(self, matrix: sp.csr_array, value: Any) -> Any:
        """Return a sparse constant matrix times a column."""
        columns = sp.csc_array(matrix)
        columns.sort_indices()
        pattern = ca.Sparsity(*columns.shape, columns.indptr.tolist(), columns.indices.tolist())
        return ca.densify(ca.mtimes(ca.DM(pattern, columns.data.tolist()), value))


def casadi_model(problem: TracedProblem, symbol: str) -> CasadiModel:
    """Return a traced problem as a CasADi model of "SX" or "MX" symbols."""
    kind = getattr(ca, symbol)
    x = kind.sym("x", problem.start.size)
    arrays = CasadiArrays(kind)
    objective, constraints = replay(problem.program, x, problem.parameters, arrays)
    return CasadiModel(
        x,
        ca.densify(kind(objective)),
        ca.densify(kind(constraints)) if problem.num_constraints else kind(0, 1),
        problem.start,
        problem.lower,
        problem.upper,
        np.array(problem.constraint_lower),
        np.array(problem.constraint_upper),
    )
