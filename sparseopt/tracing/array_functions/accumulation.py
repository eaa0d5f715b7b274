"""Adding into places that may repeat: ``np.add.at`` and ``np.bincount`` with constant indices."""

from __future__ import annotations

from typing import Any

import numpy as np

from sparseopt.scipy_on_demand import sparse as sp
from sparseopt.tracing.array_functions.indexing import written
from sparseopt.tracing.array_functions.sparse_matrices import linear
from sparseopt.tracing.conversion import as_traced
from sparseopt.tracing.dispatch import implements
from sparseopt.tracing.elementwise import ACCUMULATIONS
from sparseopt.tracing.movement import plain, positions
from sparseopt.tracing.traced_array import TracedArray

__all__: list[str] = []


def _scatter(values: TracedArray, places: Any, size: int) -> TracedArray:
    """Return a vector whose elements are the sums of the values that go to their places."""
    ones = np.ones(values.size)
    matrix = sp.csr_array((ones, (np.ravel(places), np.arange(values.size))), (size, values.size))
    return linear(matrix, values, (size,))


def _add_at(sign: float) -> Any:
    def implementation(array: Any, indices: Any, values: Any) -> None:
        target = written(array, "add.at")
        plain(indices)
        places = positions(target.shape)[indices]
        spread = as_traced(values).broadcast_to(places.shape)
        total = _scatter(spread, places, target.size).reshape(target.shape)
        target[...] = target + total if sign > 0 else target - total

    return implementation


ACCUMULATIONS[np.add] = _add_at(1.0)
ACCUMULATIONS[np.subtract] = _add_at(-1.0)


@implements(np.bincount)
def _bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> TracedArray:
    plain(x)
    places = np.asarray(x)
    size = max(minlength, int(places.max(initial=-1)) + 1)
    return _scatter(as_traced(weights), places, size)
