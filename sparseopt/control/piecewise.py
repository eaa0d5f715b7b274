"""`PiecewisePolynomial`: a polynomial on each part of a phase, as Legendre series.

Legendre series stay well conditioned at the high degrees of pseudospectral methods, where powers
do not.  The argument is the fraction of the duration, from 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

__all__ = ["PiecewisePolynomial", "joined_pieces"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class PiecewisePolynomial:
    """Polynomials between breaks.

    Attributes
    ----------
    breaks : ndarray, shape (pieces + 1,)
    coefficients : ndarray, shape (pieces, degree + 1, *shape)
        Of Legendre polynomials on each piece.

    Examples
    --------
    >>> line = PiecewisePolynomial(np.array([0.0, 1.0]), np.array([[1.0, 1.0]]))
    >>> line(np.array([0.0, 0.25, 1.0])).tolist()
    [0.0, 0.5, 2.0]
    """

    breaks: FloatArray
    coefficients: FloatArray

    def __call__(self, fractions: FloatArray) -> FloatArray:
        """Return values at fractions, along the first axis; a break belongs to the later piece."""
        last = self.coefficients.shape[0] - 1
        piece = np.clip(np.searchsorted(self.breaks, fractions, side="right") - 1, 0, last)
        return self.on_pieces(piece, fractions)

    def on_pieces(self, piece: NDArray[np.int64], fractions: FloatArray) -> FloatArray:
        """Return values of given pieces at fractions."""
        left, right = self.breaks[piece], self.breaks[piece + 1]
        local = 2 * (fractions - left) / (right - left) - 1
        basis = legendre.legvander(local, self.coefficients.shape[1] - 1)
        return np.asarray(np.einsum("pk,pk...->p...", basis, self.coefficients[piece]))

    def slope(self) -> PiecewisePolynomial:
        """Return the derivative with respect to the fraction."""
        slopes = np.asarray(legendre.legder(self.coefficients, axis=1))
        widths = np.diff(self.breaks).reshape(-1, *(1,) * (slopes.ndim - 1))
        return PiecewisePolynomial(self.breaks, 2 * slopes / widths)

    def integral(self, starts: FloatArray) -> PiecewisePolynomial:
        """Return the integral on each piece, from a value at its beginning."""
        sums = np.asarray(legendre.legint(self.coefficients, lbnd=-1, axis=1))
        widths = np.diff(self.breaks).reshape(-1, *(1,) * (sums.ndim - 1))
        sums = sums * widths / 2
        sums[:, 0] += starts
        return PiecewisePolynomial(self.breaks, sums)


def joined_pieces(
    breaks: FloatArray, groups: list[tuple[NDArray[np.int64], FloatArray]]
) -> PiecewisePolynomial:
    """Return one piecewise polynomial of the pieces of several degrees.

    Each group gives the numbers of its pieces and their coefficients.
    """
    most = max(part.shape[1] for _, part in groups)
    shape = groups[0][1].shape[2:]
    coefficients = np.zeros((breaks.size - 1, most, *shape))
    for pieces, part in groups:
        coefficients[pieces, : part.shape[1]] = part
    return PiecewisePolynomial(breaks, coefficients)
