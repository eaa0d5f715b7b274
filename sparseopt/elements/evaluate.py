"""Evaluating expressions with NumPy, for all instances at once: the reference of the kernels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sparseopt.elements.expressions import ExpressionPool
from sparseopt.graph.functions import FUNCTIONS

__all__ = ["evaluate_terms"]


def evaluate_terms(
    pool: ExpressionPool, terms: Sequence[int], leaves: Mapping[int, NDArray[np.float64]]
) -> list[NDArray[np.float64]]:
    """Return the values of expressions for arrays of leaf values.

    Examples
    --------
    >>> pool = ExpressionPool()
    >>> term = pool.make("sin", pool.leaf(0))
    >>> evaluate_terms(pool, [term], {0: np.array([0.0])})[0]
    array([0.])
    """
    values: dict[int, NDArray[np.float64]] = {}
    with np.errstate(all="ignore"):
        for term in pool.reachable(terms):
            name, payload = pool.calls[term]
            if name == "leaf":
                values[term] = leaves[payload]
            elif name == "literal":
                values[term] = np.asarray(payload, np.float64)
            else:
                values[term] = FUNCTIONS[name].numpy(*(values[a] for a in payload))
    return [np.asarray(values[t], np.float64) for t in terms]
