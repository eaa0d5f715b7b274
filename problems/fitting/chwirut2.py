"""NIST StRD Chwirut2: ultrasonic calibration, fewer observations.

    minimize    sum_i (y_i - f(b, x_i))^2
    formula     y = exp(-b1 x) / (b2 + b3 x)

y is the ultrasonic response, x the metal distance (units not stated); 54 observations.

Source: D. Chwirut, Ultrasonic Reference Block Study, NIST (197?), observed data. Certified values:
NIST, Statistical Reference Datasets, doi:10.18434/T43G6C.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.fitting import strd
from problems.record import Counts

DATA = strd.dataset("Chwirut2")


def response(b: Any, x: strd.Vector) -> Any:
    """Return the modeled responses for the parameters b."""
    b1, b2, b3 = b
    return np.exp(-b1 * x) / (b2 + b3 * x)


def build(start: int = 1) -> so.Model:
    """Return the model from start 1 (far) or 2 (near)."""
    return strd.fit(DATA, response, start)


def counts(start: int = 1) -> Counts:
    """Return the counts: a dense Hessian."""
    return strd.counts(DATA)


RECORD = strd.record(
    DATA, build, counts, "ultrasonic calibration, fewer observations (NIST Chwirut2)"
)
