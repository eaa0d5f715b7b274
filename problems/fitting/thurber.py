"""NIST StRD Thurber: mobility of electrons in a semiconductor.

    minimize    sum_i (y_i - f(b, x_i))^2
    formula     y = (b1 + b2 x + b3 x^2 + b4 x^3) / (1 + b5 x + b6 x^2 + b7 x^3)

y measures the mobility of electrons, x is the natural logarithm of the density (units not stated);
37 observations.

Source: R. Thurber, Semiconductor Electron Mobility Modeling, NIST (197?), observed data. Certified
values: NIST, Statistical Reference Datasets, doi:10.18434/T43G6C.
"""

from __future__ import annotations

from typing import Any

import sparseopt as so
from problems.fitting import strd
from problems.record import Counts

DATA = strd.dataset("Thurber")


def response(b: Any, x: strd.Vector) -> Any:
    """Return the modeled responses for the parameters b."""
    b1, b2, b3, b4, b5, b6, b7 = b
    top = b1 + b2 * x + b3 * x**2 + b4 * x**3
    return top / (1 + b5 * x + b6 * x**2 + b7 * x**3)


def build(start: int = 1) -> so.Model:
    """Return the model from start 1 (far) or 2 (near)."""
    return strd.fit(DATA, response, start)


def counts(start: int = 1) -> Counts:
    """Return the counts: a dense Hessian."""
    return strd.counts(DATA)


RECORD = strd.record(DATA, build, counts, "mobility of electrons in a semiconductor (NIST Thurber)")
