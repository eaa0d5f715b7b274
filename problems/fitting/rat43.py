"""NIST StRD Rat43: growth of onions.

    minimize    sum_i (y_i - f(b, x_i))^2
    formula     y = b1 / (1 + exp(b2 - b3 x))^(1 / b4)

y is the dry weight of bulbs and tops of onions, x the growing time (units not stated); 15
observations.

Source: D. A. Ratkowsky, Nonlinear Regression Modeling, Marcel Dekker (1983), pp. 62 and 88,
observed data. Certified values: NIST, Statistical Reference Datasets, doi:10.18434/T43G6C.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.fitting import strd
from problems.record import Counts

DATA = strd.dataset("Rat43")


def response(b: Any, x: strd.Vector) -> Any:
    """Return the modeled responses for the parameters b."""
    b1, b2, b3, b4 = b
    return b1 / (1 + np.exp(b2 - b3 * x)) ** (1 / b4)


def build(start: int = 1) -> so.Model:
    """Return the model from start 1 (far) or 2 (near)."""
    return strd.fit(DATA, response, start)


def counts(start: int = 1) -> Counts:
    """Return the counts: a dense Hessian."""
    return strd.counts(DATA)


RECORD = strd.record(DATA, build, counts, "growth of onions (NIST Rat43)")
