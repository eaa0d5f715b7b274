"""NIST StRD Nelson: aging of insulation, two predictors.

    minimize    sum_i (log y_i - f(b, x_i))^2
    formula     log y = b1 - b2 x1 exp(-b3 x2)

y is the dielectric breakdown strength in kV, x1 the time in weeks, x2 the temperature in degrees
Celsius; 128 observations. The sum is over squared differences of the logarithms. The parameters
range over nine orders of magnitude, so their sizes at the start are given as scales, and rounding
allows no tolerance below 1e-8.

Source: W. Nelson, Analysis of performance-degradation data, IEEE Transactions on Reliability R-30
(1981), pp. 149-155, observed data. Certified values: NIST, Statistical Reference Datasets,
doi:10.18434/T43G6C.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

import sparseopt as so
from problems.fitting import strd
from problems.record import Counts

_OBSERVED = strd.dataset("Nelson")
DATA = replace(_OBSERVED, response=np.log(_OBSERVED.response))


def response(b: Any, x: strd.Vector) -> Any:
    """Return the modeled responses for the parameters b."""
    b1, b2, b3 = b
    time, temperature = x
    return b1 - b2 * time * np.exp(-b3 * temperature)


def build(start: int = 1) -> so.Model:
    """Return the model from start 1 (far) or 2 (near)."""
    return strd.fit(DATA, response, start, is_scaled=True)


def counts(start: int = 1) -> Counts:
    """Return the counts: a dense Hessian."""
    return strd.counts(DATA)


RECORD = strd.record(
    DATA, build, counts, "aging of insulation, two predictors (NIST Nelson)", options={"tol": 1e-8}
)
