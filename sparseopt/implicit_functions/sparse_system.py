"""`SparseSystem`: x = A⁻¹ b for a sparse A of fixed pattern, as one operation.

With λ = A⁻ᵀ w the derivatives are those of dense systems (Giles 2008,
doi:10.1007/978-3-540-68942-3_4), their products with dA restricted to the pattern:

    dx = A⁻¹ (db - dA x),   b̄ = λ,   Ā_ij = -λ_i x_j,
    dλ = A⁻ᵀ (dw - dAᵀ λ),  db̄ = dλ, dĀ_ij = -dλ_i x_j - λ_i dx_j.

All of them solve with the same factors of A, made once at a point.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spl
from numpy.typing import NDArray

from sparseopt.errors import InnerSolveError, NonFiniteError, SingularMatrixError, SparseOptError
from sparseopt.factorizations import Factorization, factorization
from sparseopt.implicit_functions.recent_points import RecentPoints, RecentProducts
from sparseopt.implicit_functions.solved_function import SolvedFunction

__all__ = ["Entries", "SparseSystem", "SystemFactors", "system_factors"]

FloatArray = NDArray[np.float64]
Array = NDArray[Any]


class Entries:
    """Where the values of a square sparse matrix belong.

    Parameters
    ----------
    rows, cols, numbers : int arrays
        Place of each entry and the number of its value; a value may stand in several places, and
        the entries of a place are added.
    n : int
    num_values : int
    """

    def __init__(self, rows: Array, cols: Array, numbers: Array, n: int, num_values: int) -> None:
        self.rows, self.cols, self.numbers = rows, cols, numbers
        self.n, self.num_values = n, num_values

    @cached_property
    def _compressed(self) -> tuple[Any, Array, Array]:
        """Return the matrix that sums values by places in column order, row numbers, starts."""
        keys = self.cols.astype(np.int64) * self.n + self.rows
        places, which = np.unique(keys, return_inverse=True)
        ones = np.ones(keys.size)
        sums = sp.csr_array((ones, (which, self.numbers)), shape=(places.size, self.num_values))
        starts = np.searchsorted(places, np.arange(self.n + 1) * np.int64(self.n))
        return sums, (places % self.n).astype(np.int32), starts.astype(np.int32)

    def matrix(self, values: Array) -> sp.csc_array:
        """Return the matrix."""
        sums, rows, starts = self._compressed
        return sp.csc_array((sums @ values, rows, starts), shape=(self.n, self.n))

    def outer(self, left: FloatArray, right: FloatArray) -> FloatArray:
        """Return Σ left_i · right_j over the places (i, j) of each value, columns multiplied."""
        products = np.einsum("ek,ek->e", left[self.rows], right[self.cols])
        return np.asarray(np.bincount(self.numbers, products, minlength=self.num_values), float)


class SystemFactors:
    """Factors of matrices with the same entries: systems that share a matrix share its factors.

    Parameters
    ----------
    entries : Entries or csc_array
        Places of the values, or the constant matrix itself.
    backend : str
    """

    def __init__(self, entries: Entries | sp.csc_array, backend: str) -> None:
        self.entries = entries if isinstance(entries, Entries) else None
        self._constant: Any = None if isinstance(entries, Entries) else entries
        self.n = entries.n if isinstance(entries, Entries) else int(entries.shape[0])
        self.num_values = entries.num_values if isinstance(entries, Entries) else 0
        self.num_factorizations = 0
        self.key = ""
        self._backend = backend
        self._known: RecentPoints[Factorization | SparseOptError] = RecentPoints()

    def matrix(self, values: Array) -> sp.csc_array:
        """Return the matrix of some values."""
        return self.entries.matrix(values) if self.entries is not None else self._constant

    def at(self, values: FloatArray) -> Factorization | SparseOptError:
        """Return the factors, or why there are none."""
        return self._known.at(values, self._factored)

    def regular(self) -> Factorization:
        """Return the factors of a constant matrix; if it has none, that is an error."""
        found = self.at(np.zeros(0))
        if isinstance(found, SparseOptError):
            raise found
        return found

    def _factored(self, values: FloatArray) -> Factorization | SparseOptError:
        self.num_factorizations += 1
        try:
            return factorization(self.matrix(values), self._backend)
        except (SingularMatrixError, NonFiniteError) as error:
            return error


_shared: WeakValueDictionary[str, SystemFactors] = WeakValueDictionary()


def system_factors(entries: Entries | sp.csc_array, backend: str) -> SystemFactors:
    """Return the factors for some entries; equal entries have the same ones."""
    parts = (
        (entries.rows, entries.cols, entries.numbers)
        if isinstance(entries, Entries)
        else (entries.indptr, entries.indices, entries.data)
    )
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"{backend} {type(entries).__name__} {parts[0].size}".encode())
    for part in parts:
        digest.update(np.ascontiguousarray(part).tobytes())
    key = digest.hexdigest()
    found = _shared.get(key)
    if found is None:
        found = SystemFactors(entries, backend)
        found.key = key
        _shared[key] = found
    return found


class _Point:
    """Factors and solution at a point, and what was solved for there."""

    def __init__(
        self,
        factors: Factorization | None,
        solution: FloatArray,
        failure: InnerSolveError | None = None,
    ) -> None:
        self.factors = factors
        self.solution = solution
        self.failure = failure
        self.tangents = RecentProducts()
        self.adjoints = RecentProducts()


class SparseSystem(SolvedFunction):
    """x = A⁻¹ b, of the values of A, unless A is constant, and of b, flat in C order.

    Parameters
    ----------
    factors : SystemFactors
    k : int
        Number of right-hand sides.
    active : (bool, bool)
        Whether derivatives by A and by b are wanted.
    where : str
        The user's ``file:line``.
    """

    def __init__(
        self, factors: SystemFactors, k: int, active: tuple[bool, bool], where: str = ""
    ) -> None:
        n, self._num_values = factors.n, factors.num_values
        self._shape = (n, k)
        sizes = (self._num_values, n * k)
        super().__init__(
            f"linear_solve of {n:,} unknowns", sum(sizes), n * k, np.repeat(active, sizes)
        )
        self._factors = factors
        self._active = active
        self._entries = factors.entries if active[0] else None
        self.is_linear = self._entries is None
        self.where = where
        self.key = (factors.key, k, active)
        self._points: RecentPoints[_Point] = RecentPoints()

    def differentiated_by(self, elements: NDArray[np.bool_]) -> SparseSystem:
        """Return the function with derivatives by A, by b or both, where their elements are."""
        by_values, by_sides = (bool(part.any()) for part in np.split(elements, [self._num_values]))
        active = (by_values or self._active[0], by_sides or self._active[1])
        return SparseSystem(self._factors, self._shape[1], active, self.where)

    def describe(self) -> str:
        """Return one line that says how derivatives are found."""
        return f"{self.name}: one sparse factorization at a point, derivatives by formula, exact"

    @property
    def num_factorizations(self) -> int:
        """How many matrices were factored so far, for all systems with the same entries."""
        return self._factors.num_factorizations

    # ---- the system at a point
    def _split(self, x: Array) -> tuple[Array, Array]:
        cut = self._num_values
        return x[:cut], x[cut:].reshape(self._shape)

    def _at(self, x: FloatArray) -> _Point:
        return self._points.at(x, self._solved)

    def _solved(self, x: FloatArray) -> _Point:
        values, b = self._split(x)
        factors = self._factors.at(values)
        if isinstance(factors, SparseOptError):
            failure = _failure(self.name, factors, x, self.where)
            return _Point(None, np.full(self._shape, np.nan), failure)
        self.count("solves", self._shape[1])
        return _Point(factors, factors.solve(b))

    def evaluate(self, x: Array, out: Array) -> None:
        """Write the solution to ``out``, NaN if there is none."""
        if np.iscomplexobj(x):
            out[:] = self._complex_value(x)
        else:
            point = self._at(x)
            self.failure = point.failure
            out[:] = point.solution.reshape(-1)

    def _complex_value(self, x: Array) -> Array:
        values, b = self._split(x)
        matrix = self._factors.matrix(values)
        try:
            solution = spl.splu(sp.csc_array(matrix, dtype=complex)).solve(b.astype(complex))
        except RuntimeError:
            return np.full(self.size_out, np.nan, complex)
        return np.asarray(solution).reshape(-1)

    # ---- derivatives
    def _solve(self, point: _Point, b: FloatArray) -> FloatArray:
        if point.factors is None:
            return np.full(self._shape, np.nan)
        self.count("solves", self._shape[1])
        return point.factors.solve(b)

    def _solve_transposed(self, point: _Point, w: FloatArray) -> FloatArray:
        if point.factors is None:
            return np.full(self._shape, np.nan)
        self.count("transposed solves", self._shape[1])
        return point.factors.solve_transposed(w)

    def _moved(self, point: _Point, direction: FloatArray) -> FloatArray:
        def solved(v: FloatArray) -> FloatArray:
            da, db = self._split(v)
            if self._entries is None or not da.any():
                return self._solve(point, db)
            return self._solve(point, db - self._entries.matrix(da) @ point.solution)

        return point.tangents.of(direction, solved)

    def _adjoint(self, point: _Point, weights: FloatArray) -> FloatArray:
        def solved(w: FloatArray) -> FloatArray:
            return self._solve_transposed(point, w.reshape(self._shape))

        return point.adjoints.of(weights, solved)

    def _by_values(self, left: FloatArray, right: FloatArray) -> FloatArray:
        if self._entries is None:
            return np.zeros(self._num_values)
        return -self._entries.outer(left, right)

    def _tangent(self, x: FloatArray, direction: FloatArray) -> FloatArray:
        return self._moved(self._at(x), direction).reshape(-1)

    def _gradient(self, x: FloatArray, weights: FloatArray) -> FloatArray:
        point = self._at(x)
        dual = self._adjoint(point, weights)
        return np.concatenate([self._by_values(dual, point.solution), dual.reshape(-1)])

    def _gradient_tangent(
        self, x: FloatArray, weights: FloatArray, rates: FloatArray, direction: FloatArray
    ) -> FloatArray:
        assert self._entries is not None
        point = self._at(x)
        dual, moved = self._adjoint(point, weights), self._moved(point, direction)
        change = self._entries.matrix(self._split(direction)[0]).T @ dual
        moved_dual = self._solve_transposed(point, rates.reshape(self._shape) - change)
        by_values = self._by_values(moved_dual, point.solution) + self._by_values(dual, moved)
        return np.concatenate([by_values, moved_dual.reshape(-1)])


def _failure(name: str, error: SparseOptError, x: FloatArray, where: str) -> InnerSolveError:
    found = InnerSolveError(
        f"{name} has no solution: {error.what}",
        where=where,
        why=error.why,
        instead=error.instead,
        parameters=x.copy(),
    )
    found.__cause__ = error
    return found
