"""Polynomials by their coefficients, highest power first: polyval, polyder, polymul, polyfit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import UnsupportedFunctionError
from sparseopt.tracing.array_functions.sparse_matrices import times_traced
from sparseopt.tracing.conversion import as_traced, constant_array, is_traced
from sparseopt.tracing.dispatch import implements, refuse
from sparseopt.tracing.source_lines import describe_where, user_frame

__all__: list[str] = []


def _coefficients(p: Any) -> Any:
    """Return coefficients as a vector, traced or constant."""
    if isinstance(p, np.poly1d):
        return p.coeffs
    return np.atleast_1d(as_traced(p) if is_traced(p) else constant_array(p))


@implements(np.polyval)
def _polyval(p: Any, x: Any) -> Any:
    value: Any = np.zeros_like(x) if is_traced(x) else np.zeros(np.shape(x))
    for coefficient in p:
        value = value * x + coefficient
    return value


def _padded(p: Any, size: int) -> Any:
    return np.concatenate([np.zeros(size - p.size), p]) if p.size < size else p


@implements(np.polyadd)
def _polyadd(a1: Any, a2: Any) -> Any:
    first, second = _coefficients(a1), _coefficients(a2)
    size = max(first.size, second.size)
    return _padded(first, size) + _padded(second, size)


@implements(np.polysub)
def _polysub(a1: Any, a2: Any) -> Any:
    return _polyadd(a1, -_coefficients(a2))


@implements(np.polymul)
def _polymul(a1: Any, a2: Any) -> Any:
    return np.convolve(_coefficients(a1), _coefficients(a2))


@implements(np.poly)
def _poly(seq_of_zeros: Any) -> Any:
    roots = as_traced(seq_of_zeros).view_as(np.atleast_1d)
    if roots.ndim > 1:
        raise UnsupportedFunctionError(
            "np.poly of a traced matrix asks for its eigenvalues",
            where=describe_where(user_frame()),
            why="they have no rule for traced arrays",
            instead="np.poly of a vector of roots",
        )
    coefficients: Any = np.ones(1)
    for root in roots:
        coefficients = np.append(coefficients, 0.0) - np.append(0.0, root * coefficients)
    return coefficients


@implements(np.polyder)
def _polyder(p: Any, m: int = 1) -> Any:
    if m < 0:
        raise ValueError("Order of derivative must be positive (see polyint)")
    coefficients = _coefficients(p)
    for _ in range(m):
        coefficients = coefficients[:-1] * np.arange(coefficients.size - 1.0, 0.0, -1.0)
    return coefficients


@implements(np.polyint)
def _polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    if m < 0:
        raise ValueError("Order of integral must be positive (see polyder)")
    constants = np.zeros(m) if k is None else _coefficients(k)
    if constants.size not in (1, m):
        raise ValueError("k must be a scalar or a rank-1 array of length 1 or >m.")
    coefficients = _coefficients(p)
    for j in range(m):
        raised = coefficients / np.arange(float(coefficients.size), 0.0, -1.0)
        constant = constants[j if constants.size > 1 else 0]
        coefficients = np.concatenate([raised, np.reshape(constant, (1,))])
    return coefficients


@implements(np.vander)
def _vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    points: Any = as_traced(x)
    if points.ndim != 1:
        raise ValueError("x must be a one-dimensional array or sequence.")
    powers = range(points.size if N is None else N)
    columns = [points**k if k else np.ones(points.size) for k in powers]
    return np.stack(columns if increasing else columns[::-1], axis=1)


@implements(np.polyfit)
def _polyfit(
    x: Any, y: Any, deg: int, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False
) -> Any:
    """Return the coefficients, which are linear in ``y``: a constant matrix times it."""
    if is_traced(x) or is_traced(w) or full or cov:
        raise UnsupportedFunctionError(
            "np.polyfit is called with traced points or weights, or asked for more than a fit",
            where=describe_where(user_frame()),
            why="the fit is recorded where it is linear: in y",
            instead="A = np.vander(x, deg + 1); np.linalg.solve(A.T @ A, A.T @ y)",
        )
    fit = _fit_matrix(constant_array(x), deg, rcond, w)
    values: Any = as_traced(y)
    return times_traced(fit, values)


def _fit_matrix(x: NDArray[np.float64], deg: int, rcond: Any, w: Any) -> NDArray[np.float64]:
    design = np.vander(x, deg + 1)
    weights = np.ones(x.size) if w is None else constant_array(w)
    design = design * weights[:, None]
    scale = np.sqrt((design * design).sum(axis=0))  # as NumPy does, for the condition
    cutoff = x.size * np.finfo(np.float64).eps if rcond is None else rcond
    inverse = np.linalg.pinv(design / scale, rcond=cutoff)
    return np.asarray(inverse / scale[:, None] * weights, np.float64)


_ROOTS = "roots depend on the coefficients implicitly"
refuse(np.roots, _ROOTS, "make the root a variable r with the constraint np.polyval(c, r) == 0")
refuse(
    np.polydiv,
    "how many coefficients are left depends on which are zero",
    "np.polyval(a, x) / np.polyval(b, x) for values",
)
refuse(
    np.trim_zeros,
    "how many elements are left depends on the variables",
    "np.polyval(c, x) for np.poly1d(c)(x); leading zeros do no harm",
)
