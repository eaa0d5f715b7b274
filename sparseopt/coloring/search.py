"""One vertex order or the best of several."""

from __future__ import annotations

from typing import Any

import numpy as np

from sparseopt.coloring.compiled import IntArray
from sparseopt.coloring.graphs import counting_sort
from sparseopt.coloring.ordering import checked_permutation, vertex_order
from sparseopt.coloring.problems import ColoringProblem

__all__ = ["search"]

BEST_OF = (
    "natural",
    "largest_first",
    "smallest_last",
    "incidence_degree",
    "dynamic_largest_first",
)
RECOLORINGS = 10


def search(problem: ColoringProblem, order: Any, seed: int = 0) -> tuple[str, IntArray]:
    """Return (name of the order, colors) for an order's name, a permutation, or "best".

    "best" tries the orders of `BEST_OF`, then colors again by color classes, the last class first
    (iterated greedy: Culberson and Luo 1996), which never takes more colors for a one-sided
    partition; it stops at the lower bound.
    """
    if not isinstance(order, str):
        permutation = checked_permutation(order, problem.neighborhoods.num_vertices)
        return "given", problem.color(permutation)
    if order != "best":
        return order, problem.color(vertex_order(order, problem.neighborhoods, seed))
    best = ("natural", problem.color(vertex_order("natural", problem.neighborhoods)))
    for name in BEST_OF[1:]:
        if num_colors(best[1]) <= problem.lower_bound:
            return best
        colors = problem.color(vertex_order(name, problem.neighborhoods))
        best = min(best, (name, colors), key=lambda found: num_colors(found[1]))
    return best[0], _recolored(problem, best[1])


def num_colors(colors: IntArray) -> int:
    """Return the number of colors of an array numbered from 0."""
    return int(colors.max(initial=-1)) + 1


def _recolored(problem: ColoringProblem, colors: IntArray) -> IntArray:
    best = colors
    for _ in range(RECOLORINGS):
        if num_colors(best) <= problem.lower_bound:
            break
        top = num_colors(colors)
        vertices = np.arange(colors.size, dtype=np.int32)
        colors = problem.color(counting_sort(top - 1 - colors, vertices, top)[1])
        best = min(best, colors, key=num_colors)
    return best
