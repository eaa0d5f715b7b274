"""Comparing the user's derivatives and patterns with the function itself, at the first points.

One direction tests every entry of a matrix at once.  If a row disagrees, columns that its pattern
lacks are looked at first: with a coloring, a missing entry is added to others, which then look
wrong.  The column is found by halving.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import DerivativeError, PatternError
from sparseopt.external_functions.differences import central, scale_of
from sparseopt.patterns.sparsity_pattern import SparsityPattern

__all__ = ["NUM_POINTS", "Comparison"]

FloatArray = NDArray[np.float64]
Function = Callable[[FloatArray], FloatArray]

NUM_POINTS = 2
"""Each kind of derivative is compared at so many different points, the first that it is asked at:
at one point a derivative may be zero by chance, as that of x² at 0."""
_TOLERANCE = 1e-4


@dataclass(frozen=True)
class _Estimate:
    value: FloatArray
    uncertainty: FloatArray


class Comparison:
    """A derivative of one kind of one function, compared at the first few points.

    Parameters
    ----------
    what : str
        The derivative, for messages: "jvp of f", say.
    row, column : callable
        Names of a row and of a column of the matrix.
    active : bool array
        Columns that derivatives are wanted by.
    """

    def __init__(
        self,
        what: str,
        row: Callable[[int], str],
        column: Callable[[int], str],
        active: NDArray[np.bool_],
        precision: Callable[[], float],
        typical: float,
    ) -> None:
        self._what = what
        self._row = row
        self._column = column
        self._active = active
        self._precision = precision
        self._typical = typical
        self._points: list[FloatArray] = []
        self._random = np.random.default_rng(0)

    def is_due(self, x: FloatArray) -> bool:
        """Whether there is something to compare at ``x``."""
        return len(self._points) < NUM_POINTS and not any(
            np.array_equal(x, point) for point in self._points
        )

    def direction(self, x: FloatArray) -> FloatArray:
        """Return a random direction of the size of the argument, zero along inactive columns."""
        sign = self._random.choice([-1.0, 1.0], x.size)
        size = self._random.uniform(0.5, 1.0, x.size) * scale_of(x, self._typical)
        return np.where(self._active, sign * size, 0.0)

    def _estimate(
        self, function: Function, x: FloatArray, v: FloatArray, size: float
    ) -> _Estimate | None:
        """Return the derivative along ``v`` by two central differences, or None without numbers."""
        step = max(1e-4, self._precision() ** 0.25)
        try:
            near, far = (central(function, x, v, s, self._typical) for s in (step, 2.0 * step))
        except Exception:  # the function need not be defined beside the points it is asked at
            return None
        largest = float(np.max(np.abs(v) / scale_of(x, self._typical), initial=0.0))
        rounding = self._precision() * size * largest / step
        value = (4.0 * near - far) / 3.0
        return _Estimate(value, np.abs(near - far) + rounding) if np.isfinite(value).all() else None

    def compare(
        self,
        function: Function,
        x: FloatArray,
        product: Function,
        pattern: SparsityPattern | None,
        size: float,
    ) -> None:
        """Compare ``product(v)`` with the derivative of ``function`` along a random ``v``.

        Parameters
        ----------
        pattern : SparsityPattern or None
            Where the matrix may be nonzero.
        size : float
            Of the function's values, which rounding is relative to.

        Raises
        ------
        PatternError
            Naming an entry that the pattern lacks.
        DerivativeError
            Naming an entry that is wrong.
        """
        v = self.direction(x)
        expected = self._estimate(function, x, v, size)
        found = product(v)
        if expected is None or not np.isfinite(found).all():
            return
        gap = self._gap(found, expected)
        if not (gap > 0.0).any():
            self._points.append(x.copy())
            return
        row = int(np.argmax(gap))
        if pattern is not None:
            self._refuse_missing(function, x, v, pattern, row, size)
        self._refuse_wrong(function, x, v, product, row, size)

    def _gap(self, found: FloatArray, expected: _Estimate) -> FloatArray:
        """Return by how much each element differs beyond what the difference can tell."""
        scale = np.maximum(np.abs(expected.value), np.abs(found))
        largest = float(np.max(scale, initial=0.0))
        allowed = _TOLERANCE * scale + 1e-9 * largest
        allowed += 10.0 * expected.uncertainty
        return np.maximum(np.abs(found - expected.value) - allowed, 0.0)

    def _refuse_missing(
        self,
        function: Function,
        x: FloatArray,
        v: FloatArray,
        pattern: SparsityPattern,
        row: int,
        size: float,
    ) -> None:
        inside = np.concatenate(
            [
                pattern.cols[pattern.rows == row],
                pattern.rows[pattern.cols == row] if pattern.symmetric else [],
            ]
        )
        outside = np.setdiff1d(np.flatnonzero(v), inside)

        def error(columns: NDArray[np.intp]) -> float:
            part = _restricted(v, columns)
            expected = self._estimate(function, x, part, size)
            if expected is None:
                return 0.0
            return float(self._gap(np.zeros_like(expected.value), expected)[row])

        if not outside.size or error(outside) == 0.0:
            return
        column = _worst(outside, error)
        raise PatternError(
            f"the pattern of the {self._what} lacks the entry ({row}, {column})",
            where=f"{self._row(row)} by {self._column(column)}",
            why="the function's derivative there is not zero",
            instead="add the entry to the pattern, or leave the pattern out",
        )

    def _refuse_wrong(
        self,
        function: Function,
        x: FloatArray,
        v: FloatArray,
        product: Function,
        row: int,
        size: float,
    ) -> NoReturn:
        def error(columns: NDArray[np.intp]) -> float:
            part = _restricted(v, columns)
            expected = self._estimate(function, x, part, size)
            return 0.0 if expected is None else float(self._gap(product(part), expected)[row])

        column = _worst(np.flatnonzero(v), error)
        unit = np.zeros_like(v)
        unit[column] = 1.0
        expected = self._estimate(function, x, unit, size)
        found, wanted = product(unit)[row], "unknown"
        if expected is not None:
            wanted = f"{expected.value[row]:.8g}"
        raise DerivativeError(
            f"the {self._what} is wrong",
            where=f"{self._row(row)} by {self._column(column)}",
            why=f"it is {found:.8g}, and differences of the function give {wanted}",
            instead="correct it, or leave it out: differences are taken where nothing is given",
        )


def _restricted(v: FloatArray, columns: NDArray[np.intp]) -> FloatArray:
    part = np.zeros_like(v)
    part[columns] = v[columns]
    return part


def _worst(columns: NDArray[np.intp], error: Callable[[NDArray[np.intp]], float]) -> int:
    """Return the column with the larger error in every halving."""
    while columns.size > 1:
        first, second = np.array_split(columns, 2)
        columns = first if error(first) >= error(second) else second
    return int(columns[0])
