"""Linear forms of array indices whose residues separate given differences.

``a·i mod K`` colors the element with index i.  Elements that differ by d have different colors if
``a·d mod K`` is not zero, wherever they are; so few differences decide about a whole array.  Which
differences count, and whether the coloring holds on the pattern, is `lattice`'s affair.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from sparseopt.coloring.compiled import IntArray
from sparseopt.coloring.stencils import Differences

__all__ = ["LatticeCertificate", "separating_form"]

MAX_PRODUCTS = 20_000_000  # coefficients times differences tried in one search


@dataclass(frozen=True)
class LatticeCertificate:
    """A coloring of the elements of an array by a linear form of their indices.

    Attributes
    ----------
    shape : tuple of int
        Shape of the array, C order; vertex v is its v-th element.
    coefficients : tuple of int
        One for each axis.
    modulus : int
        Color of the element with index i: ``sum(coefficients * i) % modulus``.
    verified : bool
        The coloring was checked on the whole pattern, from the definition.

    Examples
    --------
    >>> LatticeCertificate((2, 6), (1, 2), 5, verified=False).colors().reshape(2, 6)
    array([[0, 2, 4, 1, 3, 0],
           [1, 3, 0, 2, 4, 1]], dtype=int32)
    """

    shape: tuple[int, ...]
    coefficients: tuple[int, ...]
    modulus: int
    verified: bool

    def colors(self) -> IntArray:
        """Return the color of each element, shape (size,), numbered without holes."""
        terms = [
            a * np.arange(s, dtype=np.int32) % self.modulus
            for a, s in zip(self.coefficients, self.shape, strict=True)
        ]
        residues = reduce(lambda sums, term: np.add.outer(sums, term).ravel() % self.modulus, terms)
        used = np.bincount(residues, minlength=self.modulus) > 0
        return (np.cumsum(used) - 1).astype(np.int32)[residues]

    def __str__(self) -> str:
        terms = [f"{a}·{name}" for a, name in zip(self.coefficients, "ijklm", strict=False) if a]
        return f"({' + '.join(terms) or '0'}) mod {self.modulus}"


def separating_form(
    differences: Differences, grid: tuple[int, ...], moduli: range, most_alike: int
) -> LatticeCertificate | None:
    """Return the form of smallest modulus that is nonzero for every difference d, or None.

    Parameters
    ----------
    differences : int array, shape (number, number of axes)
        One of d and -d.
    grid : tuple of int
        Shape of the array.
    moduli : range
        The moduli that are tried, as long as that is cheap.
    most_alike : int
        If not 0: no residue may belong to more than so many of the vectors d and -d.

    Examples
    --------
    >>> steps = np.array([[0, 1], [1, 0]])
    >>> print(separating_form(steps, (8, 8), range(1, 9), most_alike=2))
    (1·i + 1·j) mod 3
    """
    products = 0
    for modulus in moduli:
        products += modulus ** (len(grid) - 1) * differences.shape[0]
        if products > MAX_PRODUCTS:
            return None
        candidates = _candidates(modulus, len(grid))
        residues = candidates @ differences.T % modulus
        separates = (residues != 0).all(axis=1)
        if most_alike and differences.size:
            separates &= _largest_class(residues, modulus) <= most_alike
        if separates.any():
            best = candidates[np.argmax(separates)]
            return LatticeCertificate(grid, tuple(best.tolist()), modulus, verified=False)
    return None


def _candidates(modulus: int, axes: int) -> Differences:
    """Return coefficient vectors, one for each coloring up to a permutation of the colors.

    Multiplication by a unit permutes the residues, so the first coefficient divides the modulus.
    """
    divisors = [a % modulus for a in range(1, modulus + 1) if modulus % a == 0]
    choices = [np.array(divisors), *[np.arange(modulus)] * (axes - 1)]
    return np.stack([c.ravel() for c in np.meshgrid(*choices, indexing="ij")], axis=1)


def _largest_class(residues: NDArray[np.int64], modulus: int) -> NDArray[np.int64]:
    both = np.concatenate([residues, -residues % modulus], axis=1)
    rows = np.arange(both.shape[0])[:, None]
    counts = np.bincount((both + modulus * rows).ravel(), minlength=both.shape[0] * modulus)
    largest: NDArray[np.int64] = counts.reshape(-1, modulus).max(axis=1)
    return largest
