"""Values and derivatives that are NaN or infinite, each at the operation that makes it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sparseopt.diagnosis.situation import Situation
from sparseopt.errors import NonFiniteError
from sparseopt.modeling.findings import Finding
from sparseopt.modeling.finite_check import non_finite_errors
from sparseopt.modeling.infinite_slopes import find_curvature_origin
from sparseopt.modeling.inputs_read import describe_inputs

__all__ = ["non_finite_second_derivatives", "non_finite_values"]


def non_finite_values(situation: Situation) -> Iterator[Finding]:
    """Find values and first derivatives that are not finite."""
    for error in non_finite_errors(situation.problem, situation.x):
        yield _finding(error)


def _finding(error: NonFiniteError) -> Finding:
    return Finding("not finite", "error", error.what, error.where, error.why, error.instead)


def non_finite_second_derivatives(situation: Situation) -> Iterator[Finding]:
    """Find second derivatives that are not finite where values and slopes are."""
    problem, evaluator = situation.problem, situation.problem.evaluator
    weights = np.ones(problem.num_constraints)
    pattern = evaluator.hessian_pattern
    values = evaluator.hessian_values(situation.x, weights, 1.0)
    bad = np.flatnonzero(~np.isfinite(values))
    if not bad.size:
        return
    row, column = int(pattern.rows[bad[0]]), int(pattern.cols[bad[0]])
    origin = find_curvature_origin(problem.program, row, situation.x, evaluator.parameters)
    names = situation.columns([row, column])
    also = f" (one of {bad.size:,} such entries)" if bad.size > 1 else ""
    cause = "the derivatives on the way multiply to it"
    if origin is not None:
        inputs = describe_inputs(problem, origin.node, origin.element, situation.x)
        cause = f"{origin}, from {inputs}"
    yield Finding(
        "not finite",
        "error",
        f"the second derivative by {names[0]} and {names[1]} is {values[bad[0]]} at this "
        f"point{also}",
        origin.where if origin else "",
        f"values and slopes are finite, but the Hessian of the Lagrangian is not: {cause}",
        "give a start (start=) where the formula is smooth twice: x**1.5 has no curvature at 0",
        names,
        bad.size,
    )
