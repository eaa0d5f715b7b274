"""Legendre–Gauss–Lobatto collocation with the ends of the interval: order 2d.

The state is the polynomial of degree d + 1 whose slope is the rate at all d + 1 points: as an
integration method Lobatto IIIA, of which the trapezoidal rule (d = 1) and Hermite–Simpson (d = 2)
are the first two.  The defects are multiplied by the inverse of its matrix, so that each has the
rates of two points only:

    A_1^-1 (x_i - x_0) - h (f_i + (A_1^-1 a_0)_i f_0) = 0,     A = [a_0 | A_1].

Hairer and Wanner (1996), Solving ordinary differential equations II, section IV.5,
doi:10.1007/978-3-642-05221-7.
"""

from __future__ import annotations

import numpy as np

from sparseopt.control.transcriptions.quadrature import integration_matrix, lobatto_points
from sparseopt.control.transcriptions.scheme import CollocationScheme

__all__ = ["lobatto_scheme"]


def lobatto_scheme(degree: int) -> CollocationScheme:
    """Return the scheme with ``degree + 1`` collocation points."""
    points = lobatto_points(degree + 1)
    matrix = integration_matrix(points, points[1:])
    inverse = np.linalg.inv(matrix[:, 1:])
    first = inverse @ matrix[:, :1]
    return CollocationScheme(
        points=points,
        differences=np.hstack([-inverse.sum(axis=1, keepdims=True), inverse]),
        rates=np.hstack([first, np.eye(degree)]),
        weights=matrix[-1],
        order=2 * degree,
    )
