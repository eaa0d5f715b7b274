"""Minimal programs of failures that random programs found: each passes every check now."""

from __future__ import annotations

import pytest

from sparseopt.testing.checks import Checks, check_program
from sparseopt.testing.programs import SourceProgram
from sparseopt.testing.thresholds import LOWERED

FOUND = {
    # Two leaves of a merged block were the same element, and its Hessian counted the pair once.
    "equal leaves after merging": SourceProgram(
        """def f(x):
    v1 = x + 0.0
    v1 -= np.mean(x)
    v1 *= v1
    v2 = np.gradient(v1, axis=-1)
    return np.concatenate([np.ravel(v2)])""",
        (2,),
    ),
    # A function that selects a step, which is none of its arguments, had no pattern.
    "a step selected": SourceProgram(
        """def f(x):
    v1 = np.heaviside(x - 0.0317, 0.5)
    return np.concatenate([np.ravel(v1 * x)])""",
        (2,),
        is_smooth=False,
    ),
}


@pytest.mark.parametrize("thresholds", LOWERED)
@pytest.mark.parametrize("name", FOUND)
def test_a_program_that_failed_once_passes_every_check(name, thresholds):
    check_program(FOUND[name], 202, Checks(thresholds=thresholds))
