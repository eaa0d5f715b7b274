"""Legendre points on [0, 1], and the matrices of polynomials through given points."""

from __future__ import annotations

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

__all__ = [
    "differentiation_matrix",
    "gauss_points",
    "integration_matrix",
    "legendre_coefficients",
    "lobatto_points",
    "radau_points",
]

FloatArray = NDArray[np.float64]


def gauss_points(count: int) -> FloatArray:
    """Return the Gauss points: the roots of P_count.

    Examples
    --------
    >>> gauss_points(2).round(4).tolist()
    [0.2113, 0.7887]
    """
    return np.asarray((1.0 + legendre.leggauss(count)[0]) / 2)


def radau_points(count: int) -> FloatArray:
    """Return the Radau points that include 1: the roots of P_(count-1) - P_count.

    Examples
    --------
    >>> radau_points(2).round(4).tolist()
    [0.3333, 1.0]
    """
    series = np.zeros(count + 1)
    series[count - 1], series[count] = 1.0, -1.0
    points = _polished_roots(series)
    points[-1] = 1.0
    return (1.0 + points) / 2


def lobatto_points(count: int) -> FloatArray:
    """Return the Lobatto points: 0, 1 and the roots of P'_(count-1).

    Examples
    --------
    >>> lobatto_points(3).round(4).tolist()
    [0.0, 0.5, 1.0]
    """
    series = np.zeros(count)
    series[-1] = 1.0
    inner = _polished_roots(np.asarray(legendre.legder(series)))
    return np.concatenate([[0.0], (1.0 + inner) / 2, [1.0]])


def _polished_roots(series: FloatArray) -> FloatArray:
    """Return the roots of a Legendre series, after two steps of Newton's method."""
    roots = np.sort(np.real(legendre.legroots(series)))
    slope = np.asarray(legendre.legder(series))
    for _ in range(2):
        roots = roots - legendre.legval(roots, series) / legendre.legval(roots, slope)
    return np.asarray(roots)


def legendre_coefficients(points: FloatArray) -> FloatArray:
    """Return the matrix from values at points of [0, 1] to Legendre coefficients."""
    return np.asarray(np.linalg.inv(legendre.legvander(2 * points - 1, points.size - 1)))


def integration_matrix(points: FloatArray, ends: FloatArray) -> FloatArray:
    """Return A: the integrals from 0 to each end of the polynomial through values at points.

    Examples
    --------
    >>> integration_matrix(np.array([0.0, 1.0]), np.array([1.0])).tolist()
    [[0.5, 0.5]]
    """
    series = np.eye(points.size)
    integrals = legendre.legint(series, lbnd=-1, axis=0) / 2
    found = legendre.legval(2 * ends - 1, integrals).T @ legendre_coefficients(points)
    return np.asarray(found)


def differentiation_matrix(points: FloatArray, at: FloatArray) -> FloatArray:
    """Return D: the slopes at some points of the polynomial through values at points.

    Examples
    --------
    >>> differentiation_matrix(np.array([0.0, 1.0]), np.array([1.0])).tolist()
    [[-1.0, 1.0]]
    """
    slopes = 2 * np.asarray(legendre.legder(np.eye(points.size), axis=0))
    return np.asarray(legendre.legval(2 * at - 1, slopes).T @ legendre_coefficients(points))
