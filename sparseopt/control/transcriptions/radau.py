"""Legendre–Gauss–Radau collocation, with the end of the interval: order 2d - 1.

The state is the polynomial of degree d through x_0 … x_d, whose slope is the rate at the d
collocation points; the control is the polynomial of degree d - 1 through them.  As an integration
method it is Radau IIA, which is stiffly accurate.

Garg et al. (2011), doi:10.1007/s10589-009-9291-0; Hairer and Wanner (1996), Solving ordinary
differential equations II, section IV.5, doi:10.1007/978-3-642-05221-7.
"""

from __future__ import annotations

import numpy as np

from sparseopt.control.transcriptions.quadrature import (
    differentiation_matrix,
    integration_matrix,
    radau_points,
)
from sparseopt.control.transcriptions.scheme import CollocationScheme

__all__ = ["radau_scheme"]


def radau_scheme(degree: int) -> CollocationScheme:
    """Return the scheme with `degree` collocation points."""
    collocated = radau_points(degree)
    points = np.concatenate([[0.0], collocated])
    weights = integration_matrix(collocated, np.ones(1))[0]
    return CollocationScheme(
        points=points,
        differences=differentiation_matrix(points, collocated),
        rates=np.hstack([np.zeros((degree, 1)), np.eye(degree)]),
        weights=np.concatenate([[0.0], weights]),
        order=2 * degree - 1,
    )
