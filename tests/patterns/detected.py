"""Patterns found by index sets, as lines of text: ``#`` where an entry can be, ``.`` elsewhere."""

from __future__ import annotations

import numpy as np

import sparseopt as so


def lines(pattern):
    """Return the whole matrix of a pattern, a string for each row."""
    dense = pattern.to_scipy().toarray()
    return ["".join("#" if entry else "." for entry in row) for row in dense]


def jacobian(function, shape, **options):
    """Return the lines of the Jacobian's pattern."""
    return lines(so.jacobian_pattern(function, np.zeros(shape), **options))


def hessian(function, shape, **options):
    """Return the lines of the Hessian's pattern, both triangles."""
    return lines(so.hessian_pattern(function, np.zeros(shape), **options))


def entries(pattern):
    """Return the stored entries as a set of (row, column)."""
    return set(zip(pattern.rows.tolist(), pattern.cols.tolist(), strict=True))
