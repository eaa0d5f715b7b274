"""Hermite–Simpson, separated: order 4, a quadratic control and a cubic state on each interval.

Kelly (2017), An introduction to trajectory optimization, eqs. 4.2 and 4.3, doi:10.1137/16M1062569.
"""

from __future__ import annotations

import numpy as np

from sparseopt.control.transcriptions.scheme import CollocationScheme

__all__ = ["hermite_simpson_scheme"]


def hermite_simpson_scheme(degree: int) -> CollocationScheme:
    """Return x_m = (x_0 + x_1) / 2 + h (f_0 - f_1) / 8, x_1 - x_0 = h (f_0 + 4 f_m + f_1) / 6."""
    del degree  # there is one only
    return CollocationScheme(
        points=np.array([0.0, 0.5, 1.0]),
        differences=np.array([[-0.5, 1.0, -0.5], [-1.0, 0.0, 1.0]]),
        rates=np.array([[1 / 8, 0.0, -1 / 8], [1 / 6, 2 / 3, 1 / 6]]),
        weights=np.array([1 / 6, 2 / 3, 1 / 6]),
        order=4,
    )
