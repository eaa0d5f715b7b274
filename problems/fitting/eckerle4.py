"""NIST StRD Eckerle4: interference transmittance.

    minimize    sum_i (y_i - f(b, x_i))^2
    formula     y = b1 / b2 exp(-1/2 ((x - b3) / b2)^2)

y is the transmittance, x the wavelength (unit not stated); 35 observations.

Source: K. Eckerle, Circular Interference Transmittance Study, NIST (197?), observed data. Certified
values: NIST, Statistical Reference Datasets, doi:10.18434/T43G6C.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.fitting import strd
from problems.record import Counts

DATA = strd.dataset("Eckerle4")


def response(b: Any, x: strd.Vector) -> Any:
    """Return the modeled responses for the parameters b."""
    b1, b2, b3 = b
    return b1 / b2 * np.exp(-0.5 * ((x - b3) / b2) ** 2)


def build(start: int = 1) -> so.Model:
    """Return the model from start 1 (far) or 2 (near)."""
    return strd.fit(DATA, response, start)


def counts(start: int = 1) -> Counts:
    """Return the counts: a dense Hessian."""
    return strd.counts(DATA)


RECORD = strd.record(DATA, build, counts, "interference transmittance (NIST Eckerle4)")
