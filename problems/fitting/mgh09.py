"""NIST StRD MGH09: enzyme reaction (Kowalik and Osborne).

    minimize    sum_i (y_i - f(b, x_i))^2
    formula     y = b1 (x^2 + b2 x) / (x^2 + b3 x + b4)

All quantities are dimensionless; 11 observations. There is another minimum at infinity, with
residual sum of squares 0.00102734.

Source: J. S. Kowalik and M. R. Osborne, Methods for Unconstrained Optimization Problems, Elsevier
(1978); J. J. Moré, B. S. Garbow and K. E. Hillstrom, Testing unconstrained optimization software,
ACM Transactions on Mathematical Software 7 (1981), doi:10.1145/355934.355936; generated data.
Certified values: NIST, Statistical Reference Datasets, doi:10.18434/T43G6C.
"""

from __future__ import annotations

from typing import Any

import sparseopt as so
from problems.fitting import strd
from problems.record import Counts

DATA = strd.dataset("MGH09")


def response(b: Any, x: strd.Vector) -> Any:
    """Return the modeled responses for the parameters b."""
    b1, b2, b3, b4 = b
    return b1 * (x**2 + x * b2) / (x**2 + x * b3 + b4)


def build(start: int = 1) -> so.Model:
    """Return the model from start 1 (far) or 2 (near)."""
    return strd.fit(DATA, response, start)


def counts(start: int = 1) -> Counts:
    """Return the counts: a dense Hessian."""
    return strd.counts(DATA)


RECORD = strd.record(DATA, build, counts, "enzyme reaction (Kowalik and Osborne) (NIST MGH09)")
