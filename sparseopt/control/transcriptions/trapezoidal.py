"""The trapezoidal rule: order 2, a linear control and a quadratic state on each interval.

Betts (2010), Practical methods for optimal control, section 4.6, doi:10.1137/1.9780898718577.
"""

from __future__ import annotations

import numpy as np

from sparseopt.control.transcriptions.scheme import CollocationScheme

__all__ = ["trapezoidal_scheme"]


def trapezoidal_scheme(degree: int) -> CollocationScheme:
    """Return x_1 - x_0 = h (f_0 + f_1) / 2."""
    del degree  # there is one only
    return CollocationScheme(
        points=np.array([0.0, 1.0]),
        differences=np.array([[-1.0, 1.0]]),
        rates=np.array([[0.5, 0.5]]),
        weights=np.array([0.5, 0.5]),
        order=2,
    )
