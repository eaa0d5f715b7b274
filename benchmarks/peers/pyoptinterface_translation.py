"""Any problem as a PyOptInterface model: scalar expressions, linear and quadratic rows as such.

Nonlinear rows that read the same data share a graph, the others have one each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyoptinterface as poi
from pyoptinterface import ipopt, nl

from benchmarks.translation.scalar_rows import LINEAR, QUADRATIC, ScalarRows, Terms
from benchmarks.translation.traced import TracedProblem

Bounds = Callable[[int], tuple[float, float]]


def numbered(row: int) -> tuple[float, float]:
    """Return bounds that carry a row's number: they tell where PyOptInterface puts it."""
    return float(row), float("inf")


def model_of(
    problem: TracedProblem, rows: ScalarRows, groups: list[list[int]], bounds: Bounds
) -> Any:
    """Return the model; the groups are those of its nonlinear rows, which have these bounds."""
    model = ipopt.Model(jit="LLVM")
    sides = zip(problem.lower.tolist(), problem.upper.tolist(), problem.start.tolist(), strict=True)
    x = [model.add_variable(lb=low, ub=high, start=start) for low, high, start in sides]
    for row, (terms, degree) in enumerate(zip(rows.rows, rows.degrees, strict=True)):
        if degree <= LINEAR:
            model.add_linear_constraint(_polynomial(rows, terms, x), bounds(row))
        elif degree <= QUADRATIC:
            model.add_quadratic_constraint(_polynomial(rows, terms, x), bounds(row))
    for group in groups:
        with nl.graph():
            z = rows.intermediates(x)
            for row in group:
                model.add_nl_constraint(_sum(rows, rows.rows[row], x, z), bounds(row))
    _set_objective(model, rows, x)
    return model


def _set_objective(model: Any, rows: ScalarRows, x: list[Any]) -> None:
    simple = [term for term in rows.objective if rows.degree(term[0]) <= QUADRATIC]
    model.set_objective(_polynomial(rows, simple, x))
    for term in rows.objective:
        if rows.degree(term[0]) > QUADRATIC:
            with nl.graph():
                model.add_nl_objective(_sum(rows, [term], x))


def _polynomial(rows: ScalarRows, terms: Terms, x: list[Any]) -> Any:
    total = poi.ExprBuilder()
    for value in rows.values(terms, x):
        total += value
    return total


def _sum(rows: ScalarRows, terms: Terms, x: list[Any], z: Any = None) -> Any:
    values = rows.values(terms, x, z)
    total = next(values)
    for value in values:
        total = total + value
    return total
