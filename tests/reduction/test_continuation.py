"""Solutions that Newton's method finds from nearby alone are reached in steps."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.errors import InnerSolveError
from sparseopt.reduction.continuation import continued


def within(reach, tried):
    """Return a solver of u = p that needs a first guess within a reach."""

    def solve(guess, p):
        tried.append(float(p[0]))
        if abs(guess[0] - p[0]) > reach:
            raise InnerSolveError("too far", parameters=p, residual_norms=[])
        return p.copy()

    return solve


@pytest.mark.parametrize(
    ("reach", "points"),
    [(0.6, [0.5, 1.0]), (0.3, [0.5, 0.25, 0.75, 0.5, 1.0, 0.75, 1.0]), (0.01, None)],
)
def test_steps_that_fail_are_halved_and_steps_that_succeed_doubled(reach, points):
    tried = []
    found = continued(within(reach, tried), np.zeros(1), np.zeros(1), np.ones(1))
    if points is None:
        assert found is None
        assert tried == [0.5, 0.25, 0.125, 0.0625]
    else:
        assert found.tolist() == [1.0]
        assert tried == points
