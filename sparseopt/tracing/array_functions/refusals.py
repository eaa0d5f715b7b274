"""NumPy functions that are refused on purpose: why, and what to write instead."""

from __future__ import annotations

from typing import Any

import numpy as np

from sparseopt.tracing.dispatch import refuse

__all__: list[str] = []

_ORDER = "the order of the elements depends on the variables, and so would the sparsity"
_INDICES = "the indices it returns depend on the variables, and so would the sparsity"
_TRUTH = "it answers with a number or a truth that is not known while the code is recorded"
_FACTORS = "it has no rule for traced arrays: every result depends on every element"

_REFUSALS: dict[tuple[Any, ...], tuple[str, str]] = {
    (np.sort, np.partition, np.sort_complex): (
        _ORDER,
        "np.max and np.min for extremes; slack variables for order statistics",
    ),
    (np.median, np.percentile, np.quantile): (
        _ORDER,
        "np.mean, or the quantile's linear program with slack variables",
    ),
    (np.argsort, np.argpartition, np.lexsort): (_INDICES, "indices of constant data"),
    (np.argmax, np.argmin, np.nanargmax, np.nanargmin): (
        _INDICES,
        "np.max or np.min for the value itself",
    ),
    (np.nonzero, np.flatnonzero, np.argwhere): (_INDICES, "np.where(condition, a, b)"),
    (np.histogram, np.histogram2d, np.histogramdd, np.histogram_bin_edges): (
        _INDICES,
        "np.where or np.select over the pieces",
    ),
    (
        np.unique,
        np.unique_all,
        np.unique_counts,
        np.unique_inverse,
        np.unique_values,
        np.intersect1d,
        np.union1d,
        np.setdiff1d,
        np.setxor1d,
        np.isin,
    ): (
        "how many elements are left depends on the variables",
        "sets of constant data",
    ),
    (np.array_equal, np.array_equiv, np.allclose): (
        _TRUTH,
        "np.isclose(a, b), which is an array to use in np.where",
    ),
    (
        np.nansum,
        np.nanprod,
        np.nanmean,
        np.nanmax,
        np.nanmin,
        np.nanvar,
        np.nanstd,
        np.nancumsum,
        np.nancumprod,
    ): (
        "which elements are NaN depends on the variables, and hides an undefined formula",
        "the plain function of data without NaN; np.where(mask, x, 0) for a constant mask",
    ),
    (np.linalg.lstsq, np.linalg.pinv): (
        _FACTORS,
        "np.linalg.solve(A.T @ A, A.T @ b) for few unknowns; np.linalg.pinv(A) @ b for constant A; "
        "a variable y with the constraints A.T @ (A @ y - b) == 0 else",
    ),
    (np.linalg.eig, np.linalg.eigh, np.linalg.eigvals, np.linalg.eigvalsh): (
        _FACTORS,
        "make eigenvalues and eigenvectors variables with A @ v == w * v, v @ v == 1",
    ),
    (np.linalg.svd, np.linalg.svdvals, np.linalg.qr): (
        _FACTORS,
        "make the factors variables and their product a constraint",
    ),
    (np.nextafter, np.spacing, np.frexp): (
        "it looks at the bits of a number that is not known while the code is recorded",
        "np.sign, np.floor and np.log2, which are functions of its value",
    ),
    (np.linalg.cond, np.linalg.matrix_rank, np.linalg.tensorsolve, np.linalg.tensorinv): (
        _FACTORS,
        "np.linalg.solve or np.linalg.inv of a small matrix",
    ),
    (np.nanmedian, np.nanpercentile, np.nanquantile): (
        _ORDER,
        "np.mean, or the quantile's linear program with slack variables",
    ),
    (np.angle,): ("traced values are real, and have no phase", "np.arctan2(y, x)"),
}

for _functions, (_why, _instead) in _REFUSALS.items():
    for _function in _functions:
        refuse(_function, _why, _instead)
