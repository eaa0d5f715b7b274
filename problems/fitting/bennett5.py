"""NIST StRD Bennett5: magnetization of a superconductor.

    minimize    sum_i (y_i - f(b, x_i))^2
    formula     y = b1 (b2 + x)^(-1 / b3)

y is the magnetism, x the logarithm of the time in minutes; 154 observations. The sizes of the start
are given as scales, which spares IPOPT hundreds of iterations.

Source: L. Bennett, L. Swartzendruber and H. Brown, Superconductivity Magnetization Modeling, NIST
(1994), observed data. Certified values: NIST, Statistical Reference Datasets, doi:10.18434/T43G6C.
"""

from __future__ import annotations

from typing import Any

import sparseopt as so
from problems.fitting import strd
from problems.record import Counts

DATA = strd.dataset("Bennett5")


def response(b: Any, x: strd.Vector) -> Any:
    """Return the modeled responses for the parameters b."""
    b1, b2, b3 = b
    return b1 * (b2 + x) ** (-1 / b3)


def build(start: int = 1) -> so.Model:
    """Return the model from start 1 (far) or 2 (near)."""
    return strd.fit(DATA, response, start, is_scaled=True)


def counts(start: int = 1) -> Counts:
    """Return the counts: a dense Hessian."""
    return strd.counts(DATA)


RECORD = strd.record(DATA, build, counts, "magnetization of a superconductor (NIST Bennett5)")
