"""NIST StRD BoxBOD: biochemical oxygen demand.

    minimize    sum_i (y_i - f(b, x_i))^2
    formula     y = b1 (1 - exp(-b2 x))

y is the biochemical oxygen demand in mg/l, x the incubation time in days; 6 observations. From
start 1 full Newton steps lead to rates so great that the formula is constant: they decrease the
objective by far less than its slope promises. The option has IPOPT's line search refuse them.

Source: G. E. P. Box, W. G. Hunter and J. S. Hunter, Statistics for Experimenters, Wiley (1978), pp.
483-487, observed data. Certified values: NIST, Statistical Reference Datasets, doi:10.18434/T43G6C.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.fitting import strd
from problems.record import Counts

DATA = strd.dataset("BoxBOD")


def response(b: Any, x: strd.Vector) -> Any:
    """Return the modeled responses for the parameters b."""
    b1, b2 = b
    return b1 * (1 - np.exp(-b2 * x))


def build(start: int = 1) -> so.Model:
    """Return the model from start 1 (far) or 2 (near)."""
    return strd.fit(DATA, response, start)


def counts(start: int = 1) -> Counts:
    """Return the counts: a dense Hessian."""
    return strd.counts(DATA)


RECORD = strd.record(
    DATA, build, counts, "biochemical oxygen demand (NIST BoxBOD)", options={"eta_phi": 0.45}
)
