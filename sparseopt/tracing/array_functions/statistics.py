"""Covariances and correlations of rows of observations."""

from __future__ import annotations

from typing import Any

import numpy as np

from sparseopt.tracing.array_functions.linear_algebra import matmul
from sparseopt.tracing.array_functions.reductions import sum_over
from sparseopt.tracing.conversion import as_traced, is_traced
from sparseopt.tracing.dispatch import implements

__all__: list[str] = []


@implements(np.cov)
def _cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    del dtype
    rows = _rows(m, rowvar)
    if y is not None:
        rows = np.concatenate([rows, _rows(y, rowvar)], axis=0)
    weights = _weights(rows.shape[1], fweights, aweights)
    freedom = _freedom(weights, int(not bias) if ddof is None else ddof, aweights)
    mean = sum_over(rows * weights, 1, keepdims=True) / np.sum(weights)
    centered = rows - mean
    covariance: Any = matmul(centered * weights, np.transpose(centered)) / freedom
    return np.squeeze(covariance)


def _rows(observations: Any, rowvar: bool) -> Any:
    """Return a matrix with one variable in each row."""
    array = as_traced(observations)
    if array.ndim > 2:
        raise ValueError("observations are a vector or a matrix")
    rows = array.view_as(np.atleast_2d)
    return rows if rowvar or array.ndim == 1 else rows.T


def _weights(count: int, fweights: Any, aweights: Any) -> Any:
    weights: Any = np.ones(count)
    for given in (fweights, aweights):
        if given is None:
            continue
        if np.shape(given) != (count,):
            raise ValueError("weights are a vector with one number for each observation")
        weights = weights * given
    return weights


def _freedom(weights: Any, ddof: int, aweights: Any) -> Any:
    """Return what the sum of squares is divided by, as NumPy defines it for weights."""
    total = np.sum(weights)
    if aweights is None or ddof == 0:
        freedom = total - ddof
    else:
        freedom = total - ddof * np.sum(weights * aweights) / total
    if not is_traced(freedom) and freedom <= 0:
        raise ValueError("a covariance needs more observations than degrees of freedom taken away")
    return freedom


@implements(np.corrcoef)
def _corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    covariance = _cov(x, y, rowvar, dtype=dtype)
    if covariance.ndim == 0:
        return covariance / covariance
    deviations = np.sqrt(np.diagonal(covariance))
    return np.clip(covariance / deviations[:, None] / deviations[None, :], -1.0, 1.0)
