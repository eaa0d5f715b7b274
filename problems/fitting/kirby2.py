"""NIST StRD Kirby2: line widths in an electron microscope.

    minimize    sum_i (y_i - f(b, x_i))^2
    formula     y = (b1 + b2 x + b3 x^2) / (1 + b4 x + b5 x^2)

Line widths of standards in a scanning electron microscope (units not stated); 151 observations.

Source: R. Kirby, Scanning Electron Microscope Line Width Standards, NIST (197?), observed data.
Certified values: NIST, Statistical Reference Datasets, doi:10.18434/T43G6C.
"""

from __future__ import annotations

from typing import Any

import sparseopt as so
from problems.fitting import strd
from problems.record import Counts

DATA = strd.dataset("Kirby2")


def response(b: Any, x: strd.Vector) -> Any:
    """Return the modeled responses for the parameters b."""
    b1, b2, b3, b4, b5 = b
    return (b1 + b2 * x + b3 * x**2) / (1 + b4 * x + b5 * x**2)


def build(start: int = 1) -> so.Model:
    """Return the model from start 1 (far) or 2 (near)."""
    return strd.fit(DATA, response, start)


def counts(start: int = 1) -> Counts:
    """Return the counts: a dense Hessian."""
    return strd.counts(DATA)


RECORD = strd.record(DATA, build, counts, "line widths in an electron microscope (NIST Kirby2)")
