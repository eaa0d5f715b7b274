"""The rows of a reduced problem: constraints that are no state equations, and bounds of states.

A row without states keeps its entries.  One that sees states depends on every parameter, by an
adjoint solve for each such row, or by a solve for each parameter where these are fewer.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from sparseopt.errors import ProblemError
from sparseopt.modeling.problem import Problem
from sparseopt.patterns.sparsity_pattern import SparsityPattern
from sparseopt.reduction.partition import Partition, in_words
from sparseopt.reduction.reduced_point import ReducedPoint

__all__ = ["MOST_SOLVES", "OtherRows", "bounded_states"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MOST_SOLVES = 400
"""Of linear solves for one Jacobian: with more, full space is the better way."""
_AT_ONCE = 16


class OtherRows:
    """The rows that a solver of the reduced problem sees.

    Parameters
    ----------
    problem : Problem
        The full one.
    partition : Partition
    imposed : int array
        States whose bounds are rows.

    Raises
    ------
    ProblemError
        If too many rows see states.
    """

    def __init__(self, problem: Problem, partition: Partition, imposed: IntArray) -> None:
        self._problem = problem
        self._part = partition
        self.imposed = imposed
        pattern = problem.jacobian_pattern
        is_state = np.zeros(problem.num_variables, bool)
        is_state[partition.states] = True
        sees_states = np.zeros(problem.num_constraints, bool)
        sees_states[pattern.rows[is_state[pattern.cols]]] = True
        self._coupled = sees_states[partition.other_rows]
        self._require_few()
        self._place_entries(sees_states)
        self.lower = np.concatenate(
            [problem.constraint_lower[partition.other_rows], problem.variable_lower[imposed]]
        )
        self.upper = np.concatenate(
            [problem.constraint_upper[partition.other_rows], problem.variable_upper[imposed]]
        )
        linear = problem.is_linear_row[partition.other_rows] & ~self._coupled
        self.is_linear = np.concatenate([linear, np.zeros(imposed.size, bool)])

    @property
    def size(self) -> int:
        """Number of rows."""
        return self._coupled.size + self.imposed.size

    @property
    def _num_dense(self) -> int:
        return int(self._coupled.sum()) + self.imposed.size

    def values(self, point: ReducedPoint) -> FloatArray:
        """Return the values of the rows."""
        rows = point.constraints[self._part.other_rows] if self._coupled.size else np.zeros(0)
        return np.concatenate([rows, point.x[self.imposed]])

    def jacobian_values(self, point: ReducedPoint) -> FloatArray:
        """Return the entries of the rows' derivatives, in the order of `pattern`."""
        direct = point.jacobian_values[self._direct]
        if not self._num_dense:
            return direct
        return np.concatenate([direct, self._dense(point).reshape(-1)])

    def in_full(self, multipliers: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the multipliers as the full problem's: of its rows, and of bounds of states."""
        rows = np.zeros(self._problem.num_constraints)
        slopes = np.zeros(self._problem.num_variables)
        rows[self._part.other_rows] = multipliers[: self._coupled.size]
        slopes[self.imposed] = multipliers[self._coupled.size :]
        return rows, slopes

    def name(self, index: int) -> str:
        """Return the name of a row; that of a state for a bound."""
        if index < self._coupled.size:
            return self._problem.constraint_name(int(self._part.other_rows[index]))
        return self._problem.variable_name(int(self.imposed[index - self._coupled.size]))

    def source(self, index: int) -> str:
        """Return the user's ``file:line`` of a row."""
        if index < self._coupled.size:
            return self._problem.constraint_source(int(self._part.other_rows[index]))
        return ""

    def _require_few(self) -> None:
        solves = min(self._num_dense, self._part.parameters.size)
        if solves <= MOST_SOLVES:
            return
        coupled = self._part.other_rows[self._coupled]
        named = in_words(self._problem.constraint_name, coupled)
        bounds = f"bounds of {self.imposed.size:,} states" if self.imposed.size else ""
        raise ProblemError(
            f"{self._num_dense:,} rows besides the state equations see states: "
            + ", ".join(filter(None, (named, bounds))),
            why=f"each would cost a linear solve at each point, {solves:,} in all, and at most "
            f"{MOST_SOLVES} are worth it",
            instead="solve in full space, m.solve(), or put few rows in their place, such as the "
            "largest value by a smooth maximum",
        )

    def _place_entries(self, sees_states: NDArray[np.bool_]) -> None:
        problem, part = self._problem, self._part
        pattern = problem.jacobian_pattern
        row_of = np.full(problem.num_constraints, -1, np.int64)
        row_of[part.other_rows] = np.arange(part.other_rows.size)
        column_of = np.full(problem.num_variables, -1, np.int64)
        column_of[part.parameters] = np.arange(part.parameters.size)
        rows, columns = row_of[pattern.rows], column_of[pattern.cols]
        kept = (rows >= 0) & (columns >= 0) & ~sees_states[pattern.rows]
        self._direct = np.flatnonzero(kept)
        num = part.parameters.size
        dense = np.concatenate(
            [np.flatnonzero(self._coupled), np.arange(self._coupled.size, self.size)]
        )
        self.pattern = SparsityPattern(
            np.concatenate([rows[self._direct], np.repeat(dense, num)]),
            np.concatenate([columns[self._direct], np.tile(np.arange(num), dense.size)]),
            (self.size, num),
        )

    def _dense(self, point: ReducedPoint) -> FloatArray:
        """Return the rows that see states, of shape (their number, parameters)."""
        part, pattern = self._part, self._problem.jacobian_pattern
        whole = pattern.to_csr(point.jacobian_values)
        rows = whole[part.other_rows[self._coupled]]
        chosen = sp.eye_array(part.states.size, format="csr")
        imposed = chosen[np.searchsorted(part.states, self.imposed)]
        by_states = sp.csr_array(sp.vstack([rows[:, part.states], imposed]))
        dense = np.zeros((self._num_dense, part.parameters.size))
        dense[: rows.shape[0]] = rows[:, part.parameters].toarray()
        if self._num_dense > part.parameters.size:
            return np.asarray(dense + by_states @ point.sensitivity)
        by_parameters = sp.csr_array(whole[part.state_rows][:, part.parameters])
        for some in _groups(self._num_dense):
            adjoints = point.solve_transposed(by_states[some].toarray().T)
            dense[some] -= (by_parameters.T @ adjoints).T
        return dense


def bounded_states(problem: Problem, partition: Partition) -> IntArray:
    """Return the states with a finite bound."""
    states = partition.states
    lower, upper = problem.variable_lower[states], problem.variable_upper[states]
    return states[np.isfinite(lower) | np.isfinite(upper)]


def _groups(size: int) -> list[slice]:
    return [slice(k, min(k + _AT_ONCE, size)) for k in range(0, size, _AT_ONCE)]
