"""One vertex order, or the best of several."""

from __future__ import annotations

from typing import Any

import numpy as np

from sparseopt.coloring.compiled import IntArray
from sparseopt.coloring.graphs import counting_sort
from sparseopt.coloring.ordering import checked_permutation, vertex_order
from sparseopt.coloring.problems import ColoringProblem

__all__ = ["num_colors", "search"]

BEST_OF = (
    "natural",
    "largest_first",
    "smallest_last",
    "incidence_degree",
    "dynamic_largest_first",
)
RECOLORINGS = 10
RECOLORING_WORK = 20_000_000
RANDOM_ORDERS = 100
RANDOM_WORK = 100_000


def search(problem: ColoringProblem, order: Any, seed: int = 0) -> tuple[str, IntArray]:
    """Return (name of the order, colors) for an order's name, a permutation, or "best".

    "best" tries the orders of `BEST_OF`, then colors again by color classes, the last class first
    (iterated greedy: Culberson and Luo 1996), which for one-sided partitions never takes more
    colors, then, if the problem is small, random orders.  How often depends on the problem's size
    only, and it stops at the lower bound.  Where hubs are colored apart, the natural order of the
    rest is tried beside any other.
    """
    if not isinstance(order, str):
        permutation = checked_permutation(order, problem.neighborhoods.num_vertices)
        return "given", problem.color(permutation)
    if order == "best":
        name, colors = _best_of(problem, BEST_OF)
        return _randomized(problem, name, _recolored(problem, colors))
    return _best_of(problem, (order, "natural") if problem.has_hubs else (order,), seed)


def num_colors(colors: IntArray) -> int:
    """Return the number of colors of an array numbered from 0."""
    return int(colors.max(initial=-1)) + 1


def _best_of(
    problem: ColoringProblem, names: tuple[str, ...], seed: int = 0
) -> tuple[str, IntArray]:
    found: list[tuple[str, IntArray]] = []
    for name in names:
        colors = problem.color(vertex_order(name, problem.neighborhoods, seed))
        found.append((name, colors))
        if num_colors(colors) <= problem.lower_bound:
            break
    return min(found, key=lambda one: num_colors(one[1]))


def _recolored(problem: ColoringProblem, colors: IntArray) -> IntArray:
    best = colors
    for _ in range(max(1, min(RECOLORINGS, RECOLORING_WORK // (problem.work + 1)))):
        if num_colors(best) <= problem.lower_bound:
            break
        top = num_colors(colors)
        vertices = np.arange(colors.size, dtype=np.int32)
        colors = problem.color(counting_sort(top - 1 - colors, vertices, top + 1)[1])
        best = min(best, colors, key=num_colors)
    return best


def _randomized(problem: ColoringProblem, name: str, colors: IntArray) -> tuple[str, IntArray]:
    for seed in range(min(RANDOM_ORDERS, RANDOM_WORK // (problem.work + 1))):
        if num_colors(colors) <= problem.lower_bound:
            break
        tried = problem.color(vertex_order("random", problem.neighborhoods, seed))
        if num_colors(tried) < num_colors(colors):
            name, colors = "random", tried
    return name, colors
