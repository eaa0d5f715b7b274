"""NIST StRD Misra1b: dental adsorption, inverse square.

    minimize    sum_i (y_i - f(b, x_i))^2
    formula     y = b1 (1 - (1 + b2 x / 2)^-2)

y is a volume, x a pressure (units not stated); 14 observations.

Source: D. Misra, Dental Research Monomolecular Adsorption Study, NIST (1978), observed data.
Certified values: NIST, Statistical Reference Datasets, doi:10.18434/T43G6C.
"""

from __future__ import annotations

from typing import Any

import sparseopt as so
from problems.fitting import strd
from problems.record import Counts

DATA = strd.dataset("Misra1b")


def response(b: Any, x: strd.Vector) -> Any:
    """Return the modeled responses for the parameters b."""
    b1, b2 = b
    return b1 * (1 - (1 + b2 * x / 2) ** -2)


def build(start: int = 1) -> so.Model:
    """Return the model from start 1 (far) or 2 (near)."""
    return strd.fit(DATA, response, start)


def counts(start: int = 1) -> Counts:
    """Return the counts: a dense Hessian."""
    return strd.counts(DATA)


RECORD = strd.record(DATA, build, counts, "dental adsorption, inverse square (NIST Misra1b)")
