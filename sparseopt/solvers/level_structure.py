"""How wide the graph of a problem's linear systems is: a chain of small pieces, or a field.

The graph has a node for each variable and each constraint, and an edge for each entry of the
Hessian and of the Jacobian: the matrix that an interior-point method factorizes.  Its levels, by
distance from a node at its edge, tell how much a factorization fills in (George and Liu 1979, An
implementation of a pseudoperipheral node finder, doi:10.1145/355841.355845).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.solvers.protocol import NonlinearProblem

IntArray = NDArray[np.signedinteger[Any]]

_TIMES_MOST = 8  # a row of so many times the usual length is long
_LEAST_LONG = 50


def row_lengths(problem: NonlinearProblem) -> IntArray:
    """Return the number of neighbors of each variable, then of each constraint."""
    return _row_lengths(_edges(problem), problem.num_variables + problem.num_constraints)


def long_rows(lengths: IntArray) -> NDArray[np.bool_]:
    """Return which rows are many times as long as most."""
    return lengths > max(_LEAST_LONG, _TIMES_MOST * float(np.median(lengths)))


def mean_width(problem: NonlinearProblem, long: NDArray[np.bool_]) -> float:
    """Return the mean number of nodes in a level, from a node as far out as two searches find.

    Long rows are left out, for they connect everything.  Where the graph falls into parts, the one
    around the node with most neighbors counts.
    """
    # Takes milliseconds to load, and is for large problems only.
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order

    rows, cols = _edges(problem)
    kept = ~(long[rows] | long[cols])
    ends = rows[kept], cols[kept]
    graph = csr_array((np.ones(ends[0].size), ends), shape=(long.size, long.size))
    near = int(np.argmax(_row_lengths(ends, long.size)))
    start = int(breadth_first_order(graph, near, directed=False)[0][-1])
    order, before = breadth_first_order(graph, start, directed=False)
    return float(order.size / (_distance(before, start, int(order[-1])) + 1))


def _distance(before: IntArray, start: int, node: int) -> int:
    steps = 0
    while node != start:
        node = int(before[node])
        steps += 1
    return steps


def _row_lengths(edges: tuple[IntArray, IntArray], size: int) -> IntArray:
    rows, cols = (np.bincount(ends, minlength=size) for ends in edges)
    lengths: IntArray = rows + cols
    return lengths


def _edges(problem: NonlinearProblem) -> tuple[IntArray, IntArray]:
    jacobian, hessian = problem.jacobian_pattern, problem.hessian_pattern
    rows = np.concatenate([jacobian.rows + problem.num_variables, hessian.rows])
    return rows, np.concatenate([jacobian.cols, hessian.cols])
