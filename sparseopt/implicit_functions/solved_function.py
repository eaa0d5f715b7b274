"""`SolvedFunction`: what all functions defined by equations share, as an `OpaqueFunction`.

Each derivative is a linear system with the operator of the equations, or with its transpose.
Gradients and products with vectors need one or two; a matrix of derivatives, which is dense, needs
as many as it has rows or columns, and is made only when a matrix is asked for.
"""

from __future__ import annotations

import threading
from abc import abstractmethod
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import InnerSolveError, PatternError
from sparseopt.graph.opaque import WithLazyStructure

__all__ = ["SolvedFunction"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]

_MOST_ENTRIES = 1 << 27


class SolvedFunction(WithLazyStructure):
    """A function x(p) that equations define.

    Attributes
    ----------
    name : str
    size_in, size_out : int
    active : bool array, shape (size_in,)
        Elements of the argument that derivatives are wanted by.
    is_linear : bool
        Whether all second derivatives are zero.
    failure : InnerSolveError or None
        Why the last value is NaN.
    num_solves : dict of str to int
        Counts of "solves" and "transposed solves" so far.
    """

    is_linear = False
    is_dense = True

    def __init__(self, name: str, size_in: int, size_out: int, active: NDArray[np.bool_]) -> None:
        self.name = name
        self.size_in = size_in
        self.size_out = size_out
        self.active = active
        self.failure: InnerSolveError | None = None
        self.num_solves = {"solves": 0, "transposed solves": 0}
        self._counting = threading.Lock()

    @property
    @abstractmethod
    def num_factorizations(self) -> int:
        """How many matrices were factored so far."""

    def count(self, what: str, number: int = 1) -> None:
        """Add to a count."""
        with self._counting:
            self.num_solves[what] += number

    # ---- what the equations say
    @abstractmethod
    def describe(self) -> str:
        """Return one line that says how derivatives are found, and how exact they are."""

    @abstractmethod
    def evaluate(self, x: NDArray[Any], out: NDArray[Any]) -> None:
        """Write the solution to ``out``."""

    @abstractmethod
    def _tangent(self, x: FloatArray, direction: FloatArray) -> FloatArray: ...

    @abstractmethod
    def _gradient(self, x: FloatArray, weights: FloatArray) -> FloatArray: ...

    @abstractmethod
    def _gradient_tangent(
        self, x: FloatArray, weights: FloatArray, rates: FloatArray, direction: FloatArray
    ) -> FloatArray:
        """Return how the gradient changes along a direction, weights changing at their rates."""

    # ---- products
    def push(self, x: FloatArray, tangent: FloatArray, out: FloatArray) -> None:
        """Add the Jacobian times ``tangent`` to ``out``."""
        moved = np.where(self.active, tangent, 0.0)
        if moved.any():
            out += self._tangent(x, moved)

    def pull(self, x: FloatArray, weights: FloatArray, out: FloatArray) -> None:
        """Add the transposed Jacobian times ``weights`` to ``out``."""
        if weights.any():
            out += np.where(self.active, self._gradient(x, weights), 0.0)

    def curve(
        self, x: FloatArray, weights: FloatArray, direction: FloatArray, out: FloatArray
    ) -> None:
        """Add the Hessian of ``weights · f`` times ``direction`` to ``out``."""
        self.pull_tangent(x, weights, np.zeros(self.size_out), direction, out)

    def pull_tangent(
        self,
        x: FloatArray,
        weights: FloatArray,
        rates: FloatArray,
        direction: FloatArray,
        out: FloatArray,
    ) -> None:
        """Add the derivative of the pullback along a direction, its weights changing at rates.

        It is `curve` with ``weights`` and `pull` with ``rates`` in one transposed system.
        """
        if self.is_linear or not weights.any():
            self.pull(x, rates, out)
            return
        moved = np.where(self.active, direction, 0.0)
        out += np.where(self.active, self._gradient_tangent(x, weights, rates, moved), 0.0)

    # ---- matrices
    @cached_property
    def _places(self) -> IntArray:
        return np.flatnonzero(self.active).astype(np.int32)

    def _require_small(self, rows: int, columns: int, what: str) -> None:
        if rows * columns > _MOST_ENTRIES:
            raise PatternError(
                f"the {what} of {self.name} is asked for: a dense matrix of {rows:,} x {columns:,}",
                why="every unknown of a system depends on all that enters it",
                instead="gradients and Hessian-vector products, which need no matrix: "
                'so.gradient, so.hessian_vector_product, solver="L-BFGS-B" or "trust-krylov"; or '
                "the equations as constraints with the unknowns as variables",
            )

    @cached_property
    def _first(self) -> tuple[IntArray, IntArray]:
        rows, columns = self.size_out, self._places.size
        self._require_small(rows, columns, "Jacobian")
        return np.repeat(np.arange(rows, dtype=np.int32), columns), np.tile(self._places, rows)

    @cached_property
    def _second(self) -> tuple[IntArray, IntArray]:
        size = 0 if self.is_linear else self._places.size
        self._require_small(size, size, "Hessian")
        rows, columns = np.tril_indices(size)
        return self._places[rows], self._places[columns]

    def jacobian_values(self, x: FloatArray, out: FloatArray) -> None:
        """Write the values of the Jacobian, by the fewer of rows and columns."""
        places = self._places
        matrix = out.reshape(self.size_out, places.size)
        if places.size <= self.size_out:
            for k, place in enumerate(places):
                matrix[:, k] = self._tangent(x, _unit(self.size_in, place))
        else:
            for k in range(self.size_out):
                matrix[k] = self._gradient(x, _unit(self.size_out, k))[places]

    def hessian_values(self, x: FloatArray, weights: FloatArray, out: FloatArray) -> None:
        """Write the values of the Hessian of ``weights · f``, a product for each column."""
        out[:] = 0.0
        if self.is_linear or not weights.any():
            return
        places, still = self._places, np.zeros(self.size_out)
        full = np.empty((places.size, places.size))
        for k, place in enumerate(places):
            unit = _unit(self.size_in, place)
            full[k] = self._gradient_tangent(x, weights, still, unit)[places]
        out[:] = full[np.tril_indices(places.size)]


def _unit(size: int, place: int) -> FloatArray:
    unit = np.zeros(size)
    unit[place] = 1.0
    return unit
