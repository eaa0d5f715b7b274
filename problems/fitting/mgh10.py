"""NIST StRD MGH10: resistance of a thermistor (Meyer).

    minimize    sum_i (y_i - f(b, x_i))^2
    formula     y = b1 exp(b2 / (x + b3))

All quantities are dimensionless; 16 observations. From start 1 Newton's method follows a long
curved valley for more than a thousand iterations.

Source: R. R. Meyer, Theoretical and computational aspects of nonlinear regression, in Nonlinear
Programming, Academic Press (1970), pp. 465-486; J. J. Moré, B. S. Garbow and K. E. Hillstrom,
doi:10.1145/355934.355936; generated data. Certified values: NIST, Statistical Reference Datasets,
doi:10.18434/T43G6C.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.fitting import strd
from problems.record import Counts

DATA = strd.dataset("MGH10")


def response(b: Any, x: strd.Vector) -> Any:
    """Return the modeled responses for the parameters b."""
    b1, b2, b3 = b
    return b1 * np.exp(b2 / (x + b3))


def build(start: int = 1) -> so.Model:
    """Return the model from start 1 (far) or 2 (near)."""
    return strd.fit(DATA, response, start)


def counts(start: int = 1) -> Counts:
    """Return the counts: a dense Hessian."""
    return strd.counts(DATA)


RECORD = strd.record(DATA, build, counts, "resistance of a thermistor (Meyer) (NIST MGH10)")
