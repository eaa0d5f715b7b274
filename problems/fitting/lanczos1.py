"""NIST StRD Lanczos1: sum of three exponentials, 14 digits.

    minimize    sum_i (y_i - f(b, x_i))^2
    formula     y = b1 exp(-b2 x) + b3 exp(-b4 x) + b5 exp(-b6 x)

Values of 0.0951 exp(-x) + 0.8607 exp(-3 x) + 1.5576 exp(-5 x) to 14 digits; 24 observations. The
certified residual sum of squares, 1.43e-25, is that of the rounding of the data; double precision
resolves it to two or three digits at most, so it counts as zero here. Residuals so small need
a tolerance far below IPOPT's default.

Source: C. Lanczos, Applied Analysis, Prentice Hall (1956), pp. 272-280, generated data. Certified
values: NIST, Statistical Reference Datasets, doi:10.18434/T43G6C.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

import sparseopt as so
from problems.fitting import strd
from problems.record import Counts, KnownObjective

DATA = strd.dataset("Lanczos1")


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


def _zero(data: strd.Dataset, start: int) -> KnownObjective:
    certified = strd.certified(data, start)
    source = f"{certified.source}, {certified.value:.4e}: zero to 1e-24"
    return replace(certified, value=0.0, relative_tolerance=1e-24, source=source)


RECORD = strd.record(
    DATA,
    build,
    counts,
    "sum of three exponentials, 14 digits (NIST Lanczos1)",
    options={"tol": 1e-12},
    known=_zero,
)
