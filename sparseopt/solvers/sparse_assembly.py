"""From values in the order of a pattern to SciPy's sparse arrays, sorted once."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from sparseopt.solvers.protocol import Pattern


class SparseAssembly:
    """Turn values in the order of a pattern into a ``csr_array``.

    Parameters
    ----------
    pattern : Pattern
    shape : tuple of int
    symmetric : bool
        Whether the pattern is a lower triangle that stands for the whole.
    """

    def __init__(self, pattern: Pattern, shape: tuple[int, int], *, symmetric: bool) -> None:
        rows, cols = np.asarray(pattern.rows), np.asarray(pattern.cols)
        source = np.arange(rows.size)
        if symmetric:
            below = np.flatnonzero(rows != cols)
            rows, cols = np.append(rows, cols[below]), np.append(cols, rows[below])
            source = np.append(source, below)
        order = np.lexsort((cols, rows))
        counts = np.bincount(rows, minlength=shape[0])
        self._shape = shape
        self._source = source[order]
        self._indices = cols[order].astype(np.int32)
        self._indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)

    def matrix(self, values: NDArray[np.float64]) -> Any:
        """Return a new ``csr_array``."""
        data = values[self._source]
        entries = (data, self._indices.copy(), self._indptr.copy())
        return scipy.sparse.csr_array(entries, shape=self._shape)
