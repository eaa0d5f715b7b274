"""NIST StRD Lanczos2: sum of three exponentials, 6 digits.

    minimize    sum_i (y_i - f(b, x_i))^2
    formula     y = b1 exp(-b2 x) + b3 exp(-b4 x) + b5 exp(-b6 x)

Values of 0.0951 exp(-x) + 0.8607 exp(-3 x) + 1.5576 exp(-5 x) to 6 digits; 24 observations.
Residuals so small need a tolerance far below IPOPT's default.

Source: C. Lanczos, Applied Analysis, Prentice Hall (1956), pp. 272-280, generated data. Certified
values: NIST, Statistical Reference Datasets, doi:10.18434/T43G6C.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.fitting import strd
from problems.record import Counts

DATA = strd.dataset("Lanczos2")


def response(b: Any, x: strd.Vector) -> Any:
    """Return the modeled responses for the parameters b."""
    b1, b2, b3, b4, b5, b6 = b
    return b1 * np.exp(-b2 * x) + b3 * np.exp(-b4 * x) + b5 * np.exp(-b6 * x)


def build(start: int = 1) -> so.Model:
    """Return the model from start 1 (far) or 2 (near)."""
    return strd.fit(DATA, response, start)


def counts(start: int = 1) -> Counts:
    """Return the counts: a dense Hessian."""
    return strd.counts(DATA)


RECORD = strd.record(
    DATA,
    build,
    counts,
    "sum of three exponentials, 6 digits (NIST Lanczos2)",
    options={"tol": 1e-12},
)
