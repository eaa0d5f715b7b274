"""NIST StRD DanWood: radiation of a carbon filament.

    minimize    sum_i (y_i - f(b, x_i))^2
    formula     y = b1 x^b2

y is the energy radiated per cm^2 and second, x the absolute temperature in 1000 K; 6 observations.

Source: C. Daniel and F. S. Wood, Fitting Equations to Data, Wiley (1980), pp. 428-431, observed
data of E. S. Keeping (1962). Certified values: NIST, Statistical Reference Datasets,
doi:10.18434/T43G6C.
"""

from __future__ import annotations

from typing import Any

import sparseopt as so
from problems.fitting import strd
from problems.record import Counts

DATA = strd.dataset("DanWood")


def response(b: Any, x: strd.Vector) -> Any:
    """Return the modeled responses for the parameters b."""
    b1, b2 = b
    return b1 * x**b2


def build(start: int = 1) -> so.Model:
    """Return the model from start 1 (far) or 2 (near)."""
    return strd.fit(DATA, response, start)


def counts(start: int = 1) -> Counts:
    """Return the counts: a dense Hessian."""
    return strd.counts(DATA)


RECORD = strd.record(DATA, build, counts, "radiation of a carbon filament (NIST DanWood)")
