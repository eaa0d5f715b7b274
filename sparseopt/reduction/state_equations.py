"""The equations c(u, p) = 0 that determine the states u: residual, matrix, Newton's method.

Newton's method ends with a step whose square is below rounding, or a residual that is nothing but
rounding, so that the states found do not depend on where it started.  The matrix is factored again
only where its entries have changed: once for all points, if the equations are linear; once for each
point p, if they are linear in the states.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from sparseopt.errors import InnerSolveError, SingularMatrixError
from sparseopt.factorizations import factorization
from sparseopt.modeling.problem import Problem
from sparseopt.patterns.compressed_rows import compress
from sparseopt.reduction.block_triangular import Factors, block_triangular_form
from sparseopt.reduction.counts import ReducedCounts
from sparseopt.reduction.partition import Partition, singular_states

__all__ = ["StateEquations"]

FloatArray = NDArray[np.float64]

_MOST_ITERATIONS = 100
_LAST_STEP = 1e-8
"""A Newton step relatively as small as this leaves an error of its square: none."""
_EPSILON = float(np.finfo(np.float64).eps)
_ROUNDING = 16 * _EPSILON
_NEARLY_SOLVED = 1e-11
_SHORTEST = 2.0**-20
_ENOUGH = 1e-4


class StateEquations:
    """The state equations of a problem.

    Parameters
    ----------
    problem : Problem
    partition : Partition
    counts : ReducedCounts
        Is added to.
    backend : str
        Of `sparseopt.factorizations.factorization`.
    """

    def __init__(
        self, problem: Problem, partition: Partition, counts: ReducedCounts, backend: str
    ) -> None:
        self.problem = problem
        self.partition = partition
        self.counts = counts
        self._backend = backend
        self._target = problem.constraint_lower[partition.state_rows]
        pattern = problem.jacobian_pattern
        row_of = _places(problem.num_constraints, partition.state_rows)
        column_of = _places(problem.num_variables, partition.states)
        rows, columns = row_of[pattern.rows], column_of[pattern.cols]
        self._in_rows = np.flatnonzero(rows >= 0)
        self._row, self._column = rows[self._in_rows], pattern.cols[self._in_rows]
        inside = np.flatnonzero((rows >= 0) & (columns >= 0))
        size = partition.states.size
        self._blocks = block_triangular_form(
            rows[inside].astype(np.int64), columns[inside].astype(np.int64), size
        )
        self._indptr, self._indices, order = compress(columns[inside], rows[inside], (size, size))
        # The blocks take the entries as they are, a whole matrix those in the order of columns.
        self._source = inside if self._blocks is not None else inside[order]
        self._factored: tuple[FloatArray, Factors] | None = None

    def residual(self, x: FloatArray) -> FloatArray:
        """Return c(u, p) at the vector of all variables."""
        rows = self.problem.evaluator.constraints(x)[self.partition.state_rows]
        return np.asarray(rows - self._target)

    def factors(self, jacobian_values: FloatArray) -> Factors:
        """Return the factorization of ∂c/∂u, made again if its entries have changed.

        Raises
        ------
        SingularMatrixError
            With the names of rows.
        """
        data = jacobian_values[self._source]
        if self._factored is not None and np.array_equal(self._factored[0], data):
            return self._factored[1]
        self._factored = None  # two at a time would be the peak of memory
        try:
            found = self._new_factors(data)
        except SingularMatrixError as error:
            raise singular_states(self.problem, self.partition, error) from None
        self.counts.factorizations += 1
        self._factored = (data, found)
        return found

    def _new_factors(self, data: FloatArray) -> Factors:
        if self._blocks is not None:
            return self._blocks.factor(data, self._backend)
        size = self.partition.states.size
        # SciPy may sort in place what it is given; the pattern must stay as it is.
        entries = (data, self._indices.copy(), self._indptr.copy())
        return factorization(sp.csc_array(entries, shape=(size, size)), self._backend)

    def solve(self, x: FloatArray) -> FloatArray:
        """Return ``x`` with the states that belong to its parameters; its own are the first guess.

        Raises
        ------
        InnerSolveError
            If Newton's method does not converge.
        SingularMatrixError
            With the names of rows.
        """
        x, norms, largest = x.copy(), [], 0.0
        residual = self.residual(x)
        for _ in range(_MOST_ITERATIONS):
            norms.append(_largest(residual))
            values = self.problem.evaluator.jacobian_values(x)
            if not (np.isfinite(norms[-1]) and np.isfinite(values[self._source]).all()):
                break
            step = -self.factors(values).solve(residual)
            self.counts.newton_iterations += 1
            # Rows ahead of a wave hold nothing but rounding, and a step of that reduces nothing.
            if 0.0 < _largest(step) <= _NEARLY_SOLVED * self._largest_state(x):
                x[self.partition.states] += step
                return x
            fraction, moved, after = self._searched(x, step, residual)
            if not fraction:
                if np.all(np.abs(residual) <= _NEARLY_SOLVED * self._sizes(values, x)):
                    return x
                break
            largest = max(largest, self._largest_state(x))
            x, residual = moved, after
            # States that are zero have no size of their own.
            size = max(_LAST_STEP * self._largest_state(x), _EPSILON * largest)
            is_last = fraction == 1.0 and _largest(step) <= size
            if is_last or np.all(np.abs(residual) <= _ROUNDING * self._sizes(values, x)):
                return x
        raise self._not_solved(x, residual, norms)

    def _searched(
        self, x: FloatArray, step: FloatArray, residual: FloatArray
    ) -> tuple[float, FloatArray, FloatArray]:
        """Return the first fraction of a step, halved again and again, that reduces the residual.

        And the point and the residual there; a fraction of zero if there is none.
        """
        before, fraction = float(np.linalg.norm(residual)), 1.0
        while fraction >= _SHORTEST:
            moved = x.copy()
            moved[self.partition.states] += fraction * step
            after = self.residual(moved)
            # NaN fails the comparison.  A residual of zero has nothing to be reduced.
            if float(np.linalg.norm(after)) <= (1.0 - _ENOUGH * fraction) * before:
                return fraction, moved, after
            fraction /= 2
        return 0.0, x, residual

    def _sizes(self, values: FloatArray, x: FloatArray) -> FloatArray:
        """Return the sums of the sizes of each row's terms, which rounding is relative to."""
        terms = np.abs(values[self._in_rows] * x[self._column])
        sums = np.bincount(self._row, terms, minlength=self.partition.states.size)
        return np.asarray(sums + np.abs(self._target))

    def _largest_state(self, x: FloatArray) -> float:
        return _largest(x[self.partition.states])

    def _not_solved(
        self, x: FloatArray, residual: FloatArray, norms: list[float]
    ) -> InnerSolveError:
        problem, part = self.problem, self.partition
        finite = np.isfinite(residual)
        worst = int(np.argmax(np.abs(residual)) if finite.all() else np.argmin(finite))
        row = int(part.state_rows[worst])
        return InnerSolveError(
            f"the equations of the states of {problem.name!r} could not be solved at "
            f"{self._described(x)}",
            parameters=x[part.parameters],
            residual_norms=norms,
            where=problem.constraint_source(row),
            why=f"after {len(norms)} iterations of Newton's method the residual of "
            f"{problem.constraint_name(row)} is {residual[worst]:.3g}",
            instead="a start for the states that is nearer to them, or bounds of the parameters "
            "that keep out points without a solution",
        )

    def _described(self, x: FloatArray, most: int = 4) -> str:
        """Return the first parameters with their values."""
        parameters = self.partition.parameters
        name = self.problem.variable_name
        listed = [f"{name(int(k))} = {x[k]:.6g}" for k in parameters[:most]]
        if parameters.size > most:
            listed.append(f"and {parameters.size - most:,} more")
        return ", ".join(listed)


def _places(size: int, chosen: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return the place of each number below ``size`` among the chosen ones, or -1."""
    places = np.full(size, -1, np.int32)
    places[chosen] = np.arange(chosen.size, dtype=np.int32)
    return places


def _largest(values: FloatArray) -> float:
    return float(np.abs(values).max(initial=0.0))
