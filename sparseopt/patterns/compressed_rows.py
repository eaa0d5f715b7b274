"""Places in any order to SciPy's compressed rows, in linear time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparseopt.patterns.entry_keys import encode, is_ascending
from sparseopt.scipy_on_demand import sparse as sp

__all__ = ["compress"]

IntArray = NDArray[np.int32]


def compress(
    rows: IntArray, cols: IntArray, shape: tuple[int, int]
) -> tuple[IntArray, IntArray, IntArray]:
    """Return (indptr, indices, order): place k of the compressed rows holds entry ``order[k]``."""
    if is_ascending(encode(rows, cols)):
        counts = np.bincount(rows, minlength=shape[0])
        indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        return indptr, cols, np.arange(rows.size, dtype=np.int32)
    # Values are the entries' numbers: SciPy's linear-time conversions carry the permutation.
    numbers = np.arange(rows.size, dtype=np.int32)
    by_column = sp.coo_array((numbers, (rows, cols)), shape=shape).tocsc()
    by_row = by_column.tocsr()
    by_row.sort_indices()
    return (
        by_row.indptr.astype(np.int32, copy=False),
        by_row.indices.astype(np.int32, copy=False),
        by_row.data,
    )
