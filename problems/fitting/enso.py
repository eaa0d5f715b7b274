"""NIST StRD ENSO: atmospheric pressure of El Niño.

    minimize    sum_i (y_i - f(b, x_i))^2
    formula     y = b1 + b2 cos(2 pi x / 12) + b3 sin(2 pi x / 12)
                    + b5 cos(2 pi x / b4) + b6 sin(2 pi x / b4)
                    + b8 cos(2 pi x / b7) + b9 sin(2 pi x / b7)

y is the monthly average of the difference in atmospheric pressure between Easter Island and Darwin,
x the month; b4 and b7 are periods in months; 168 observations.

Source: D. Kahaner, C. Moler and S. Nash, Numerical Methods and Software, Prentice Hall (1989), pp.
441-445, observed data. Certified values: NIST, Statistical Reference Datasets, doi:10.18434/T43G6C.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.fitting import strd
from problems.record import Counts

DATA = strd.dataset("ENSO")


def response(b: Any, x: strd.Vector) -> Any:
    """Return the modeled responses for the parameters b."""
    b1, b2, b3, b4, b5, b6, b7, b8, b9 = b
    year, long, short = 2 * np.pi * x / 12, 2 * np.pi * x / b4, 2 * np.pi * x / b7
    annual = b2 * np.cos(year) + b3 * np.sin(year)
    oscillation = b5 * np.cos(long) + b6 * np.sin(long) + b8 * np.cos(short) + b9 * np.sin(short)
    return b1 + annual + oscillation


def build(start: int = 1) -> so.Model:
    """Return the model from start 1 (far) or 2 (near)."""
    return strd.fit(DATA, response, start)


def counts(start: int = 1) -> Counts:
    """Return the counts: a dense Hessian."""
    return strd.counts(DATA)


RECORD = strd.record(DATA, build, counts, "atmospheric pressure of El Niño (NIST ENSO)")
