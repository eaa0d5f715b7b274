"""NIST StRD Roszman1: quantum defects in iodine atoms.

    minimize    sum_i (y_i - f(b, x_i))^2
    formula     y = b1 - b2 x - arctan(b3 / (x - b4)) / pi

y is the number of quantum defects, x the energy of the excited state (unit not stated); 25
observations.

Source: L. Roszman, Quantum Defects for Sulfur I Atom, NIST (19??), observed data. Certified values:
NIST, Statistical Reference Datasets, doi:10.18434/T43G6C.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import sparseopt as so
from problems.fitting import strd
from problems.record import Counts

DATA = strd.dataset("Roszman1")


def response(b: Any, x: strd.Vector) -> Any:
    """Return the modeled responses for the parameters b."""
    b1, b2, b3, b4 = b
    return b1 - b2 * x - np.arctan(b3 / (x - b4)) / np.pi


def build(start: int = 1) -> so.Model:
    """Return the model from start 1 (far) or 2 (near)."""
    return strd.fit(DATA, response, start)


def counts(start: int = 1) -> Counts:
    """Return the counts: a dense Hessian."""
    return strd.counts(DATA)


RECORD = strd.record(DATA, build, counts, "quantum defects in iodine atoms (NIST Roszman1)")
