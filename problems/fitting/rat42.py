"""NIST StRD Rat42: growth of a pasture.

    minimize    sum_i (y_i - f(b, x_i))^2
    formula     y = b1 / (1 + exp(b2 - b3 x))

y is the yield of a pasture, x the growing time (units not stated); 9 observations.

Source: D. A. Ratkowsky, Nonlinear Regression Modeling, Marcel Dekker (1983), pp. 61 and 88,
observed data. Certified values: NIST, Statistical Reference Datasets, doi:10.18434/T43G6C.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.fitting import strd
from problems.record import Counts

DATA = strd.dataset("Rat42")


def response(b: Any, x: strd.Vector) -> Any:
    """Return the modeled responses for the parameters b."""
    b1, b2, b3 = b
    return b1 / (1 + np.exp(b2 - b3 * x))


def build(start: int = 1) -> so.Model:
    """Return the model from start 1 (far) or 2 (near)."""
    return strd.fit(DATA, response, start)


def counts(start: int = 1) -> Counts:
    """Return the counts: a dense Hessian."""
    return strd.counts(DATA)


RECORD = strd.record(DATA, build, counts, "growth of a pasture (NIST Rat42)")
