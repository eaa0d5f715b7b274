"""NIST StRD Gauss1: two well-separated peaks.

    minimize    sum_i (y_i - f(b, x_i))^2
    formula     y = b1 exp(-b2 x) + b3 exp(-(x - b4)^2 / b5^2) + b6 exp(-(x - b7)^2 / b8^2)

Two well-separated Gaussian peaks on a decaying baseline, with normal noise of variance 6.25; 250
observations.

Source: B. Rust, NIST (1996), generated data. Certified values: NIST, Statistical Reference
Datasets, doi:10.18434/T43G6C.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.fitting import strd
from problems.record import Counts

DATA = strd.dataset("Gauss1")


def response(b: Any, x: strd.Vector) -> Any:
    """Return the modeled responses for the parameters b."""
    b1, b2, b3, b4, b5, b6, b7, b8 = b
    first = b3 * np.exp(-((x - b4) ** 2) / b5**2)
    second = b6 * np.exp(-((x - b7) ** 2) / b8**2)
    return b1 * np.exp(-b2 * x) + first + second


def build(start: int = 1) -> so.Model:
    """Return the model from start 1 (far) or 2 (near)."""
    return strd.fit(DATA, response, start)


def counts(start: int = 1) -> Counts:
    """Return the counts: a dense Hessian."""
    return strd.counts(DATA)


RECORD = strd.record(DATA, build, counts, "two well-separated peaks (NIST Gauss1)")
