"""Multipliers from SciPy's results, under the package's sign rule.

trust-constr uses our sign.  SLSQP writes L = f − Σ μ g with g = 0 or g ≥ 0, so a multiplier μ of
c − lower counts as λ = −μ, one of upper − c as λ = μ.  What a method does not say of
constraints is zero; what it does not say of bounds follows from stationarity.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.solvers.protocol import NonlinearProblem
from sparseopt.solvers.scipy_functions import constraint_signs

FloatArray = NDArray[np.float64]


def multipliers_of(
    problem: NonlinearProblem, found: Any
) -> tuple[FloatArray, FloatArray | None, FloatArray | None]:
    """Return λ, z_lower, z_upper from a result of ``scipy.optimize.minimize``.

    The multipliers of bounds are None where the method does not give them.
    """
    rows = np.zeros(problem.num_constraints)
    if "v" in found:  # trust-constr: first the constraints, then the bounds, where there are any
        given = [np.asarray(values, np.float64) for values in found.v]
        if problem.num_constraints:
            rows = given.pop(0)
        bounds = given[0] if given else np.zeros(problem.num_variables)
        return rows, np.maximum(-bounds, 0.0), np.maximum(bounds, 0.0)
    if "multipliers" in found:  # SLSQP, in SciPy 1.16 and later
        equal, lower, upper = constraint_signs(problem)
        ends = np.cumsum([equal.size, lower.size])
        parts = np.split(np.asarray(found.multipliers, np.float64), ends)
        for indices, values in ((equal, -parts[0]), (lower, -parts[1]), (upper, parts[2])):
            rows[indices] += values
    return rows, None, None
