"""NIST StRD MGH17: two exponentials (Osborne).

    minimize    sum_i (y_i - f(b, x_i))^2
    formula     y = b1 + b2 exp(-b4 x) + b3 exp(-b5 x)

All quantities are dimensionless; 33 observations. Exchanging the two exponentials gives the same
fit.

Source: M. R. Osborne, Some aspects of nonlinear least squares calculations, in Numerical Methods
for Nonlinear Optimization, Academic Press (1972), pp. 171-189; J. J. Moré, B. S. Garbow and K. E.
Hillstrom, doi:10.1145/355934.355936; generated data. Certified values: NIST, Statistical Reference
Datasets, doi:10.18434/T43G6C.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.fitting import strd
from problems.record import Counts

DATA = strd.dataset("MGH17")


def response(b: Any, x: strd.Vector) -> Any:
    """Return the modeled responses for the parameters b."""
    b1, b2, b3, b4, b5 = b
    return b1 + b2 * np.exp(-b4 * x) + b3 * np.exp(-b5 * x)


def build(start: int = 1) -> so.Model:
    """Return the model from start 1 (far) or 2 (near)."""
    return strd.fit(DATA, response, start)


def counts(start: int = 1) -> Counts:
    """Return the counts: a dense Hessian."""
    return strd.counts(DATA)


RECORD = strd.record(DATA, build, counts, "two exponentials (Osborne) (NIST MGH17)")
