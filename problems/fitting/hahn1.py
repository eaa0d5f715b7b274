"""NIST StRD Hahn1: thermal expansion of copper.

    minimize    sum_i (y_i - f(b, x_i))^2
    formula     y = (b1 + b2 x + b3 x^2 + b4 x^3) / (1 + b5 x + b6 x^2 + b7 x^3)

y is the coefficient of thermal expansion of copper (unit not stated), x the temperature in K; 236
observations. The parameters range over seven orders of magnitude; without their sizes as scales
IPOPT ends at a worse local optimum.

Source: T. Hahn, Copper Thermal Expansion Study, NIST (197?), observed data. Certified values: NIST,
Statistical Reference Datasets, doi:10.18434/T43G6C.
"""

from __future__ import annotations

from typing import Any

import sparseopt as so
from problems.fitting import strd
from problems.record import Counts

DATA = strd.dataset("Hahn1")


def response(b: Any, x: strd.Vector) -> Any:
    """Return the modeled responses for the parameters b."""
    b1, b2, b3, b4, b5, b6, b7 = b
    top = b1 + b2 * x + b3 * x**2 + b4 * x**3
    return top / (1 + b5 * x + b6 * x**2 + b7 * x**3)


def build(start: int = 1) -> so.Model:
    """Return the model from start 1 (far) or 2 (near)."""
    return strd.fit(DATA, response, start, is_scaled=True)


def counts(start: int = 1) -> Counts:
    """Return the counts: a dense Hessian."""
    return strd.counts(DATA)


RECORD = strd.record(DATA, build, counts, "thermal expansion of copper (NIST Hahn1)")
