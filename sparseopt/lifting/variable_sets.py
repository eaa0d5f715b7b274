"""Sets of variables as rows of numbers: how many there are is known, which ones need not be.

A set is a row of a two-dimensional array; the union of two sets is one NumPy operation on their
rows.  For few variables a row holds one bit for each of them, and sizes are exact.  For many, a
row holds the smallest of the random numbers that the members drew, column by column: with
exponentially distributed numbers, the minimum over k members is exponential with rate k, so that
(columns - 1) / (sum of the minima) is an unbiased estimate of k, whatever k is (Cohen,
Size-estimation framework with applications to transitive closure and reachability, J. Comput.
Syst. Sci. 55 (1997), doi:10.1006/jcss.1997.1534).  So a dense matrix is counted without its
entries.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["BitSets", "Drawn", "SketchedSets", "VariableSets", "variable_sets"]

Rows = NDArray[Any]
FloatArray = NDArray[np.float64]
Drawn = dict[int, Rows]
"""Random numbers by column."""

MOST_EXACT = 1024
"""Variables up to which sets are exact: a row is as long as one of estimates."""
COLUMNS = 16
"""Random numbers for each variable; the relative error of a size is about 1 / sqrt(14)."""


class VariableSets(Protocol):
    """A way to hold sets: what their rows are, their union, and their sizes.

    Attributes
    ----------
    num_columns : int
        Columns of the rows of all sets; any part of the columns can be worked on by itself.
    union : ufunc
    empty : number
        What the row of the empty set consists of.
    is_exact : bool
        Whether sizes are.
    """

    num_columns: int
    union: np.ufunc
    empty: Any
    is_exact: bool

    def singletons(self, first: int, last: int) -> Rows:
        """Return one set for each variable, in some of the columns."""

    def measure(self, rows: Rows) -> FloatArray:
        """Return what some of the columns contribute to the measure of each set."""

    def sizes(self, measures: FloatArray) -> FloatArray:
        """Return the sizes of sets by their measures over all columns."""


class BitSets:
    """Exact sets: bit k of a row belongs to variable k."""

    union: np.ufunc = np.bitwise_or
    empty = np.uint64(0)
    is_exact = True

    def __init__(self, num_variables: int) -> None:
        self._num_variables = num_variables
        self.num_columns = max(1, -(-num_variables // 64))

    def singletons(self, first: int, last: int) -> Rows:
        """Return one set for each variable, in some of the columns."""
        rows = np.zeros((self._num_variables, last - first), np.uint64)
        members = np.arange(64 * first, min(64 * last, self._num_variables))
        rows[members, members // 64 - first] = np.uint64(1) << (members % 64).astype(np.uint64)
        return rows

    def measure(self, rows: Rows) -> FloatArray:
        """Return the number of members among some of the columns."""
        counts: FloatArray = np.bitwise_count(rows).sum(axis=1, dtype=np.float64)
        return counts

    def sizes(self, measures: FloatArray) -> FloatArray:
        """Return the sizes."""
        return measures


class SketchedSets:
    """Sets of which only the sizes can be told, by estimates; the same ones in every run."""

    union: np.ufunc = np.minimum
    empty = np.float32(np.inf)
    is_exact = False

    def __init__(
        self, num_variables: int, num_columns: int = COLUMNS, drawn: Drawn | None = None
    ) -> None:
        self._num_variables = num_variables
        self.num_columns = num_columns
        self._drawn = {} if drawn is None else drawn

    def singletons(self, first: int, last: int) -> Rows:
        """Return one set for each variable, in some of the columns."""
        return np.stack([self._column(column) for column in range(first, last)], axis=1)

    def _column(self, column: int) -> Rows:
        """Return the numbers that the variables drew: those of fewer variables are the first."""
        size = self._num_variables
        known = self._drawn.get(column)
        if known is None or known.size < size:
            known = np.random.default_rng(column).standard_exponential(size, np.float32)
            self._drawn[column] = known
        return known[:size]

    def measure(self, rows: Rows) -> FloatArray:
        """Return the sums of some of the columns."""
        # As a product: NumPy's sums of many short rows are an order slower.
        sums: FloatArray = rows.astype(np.float64) @ np.ones(rows.shape[1])
        return sums

    def sizes(self, measures: FloatArray) -> FloatArray:
        """Return unbiased estimates of the sizes, at most the number of variables."""
        smallest = (self.num_columns - 1) / max(1, self._num_variables)
        return (self.num_columns - 1) / np.maximum(measures, smallest)


def variable_sets(num_variables: int, drawn: Drawn | None = None) -> VariableSets:
    """Return exact sets for few variables, and sets with estimated sizes for many.

    What ``drawn`` has of random numbers is not drawn again; what is drawn is put there.

    Examples
    --------
    >>> sets = variable_sets(3)
    >>> x, y, z = sets.singletons(0, sets.num_columns)
    >>> sets.sizes(sets.measure(sets.union([x, x, x], [x, y, z])))
    array([1., 2., 2.])
    """
    exact = num_variables <= MOST_EXACT
    return BitSets(num_variables) if exact else SketchedSets(num_variables, drawn=drawn)
