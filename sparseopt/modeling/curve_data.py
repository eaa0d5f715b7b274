"""What `curve_fit` is given, in SciPy's forms, checked: start, bounds, sigma, missing data."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import scipy.linalg
import scipy.optimize as opt
from numpy.typing import ArrayLike, NDArray

from sparseopt.errors import NonFiniteError, ProblemError, ShapeError
from sparseopt.modeling.real_arrays import real_array

__all__ = [
    "NanPolicy",
    "Whitening",
    "bound_pair",
    "checked_data",
    "parameter_bounds",
    "starting_parameters",
]

FloatArray = NDArray[np.float64]
NanPolicy = Literal["raise", "omit"]


class Whitening:
    """What residuals are multiplied by so that their errors have variance one.

    Parameters
    ----------
    sigma : array-like, optional
        Standard deviations, shape (m,) or a number; or a covariance matrix, shape (m, m).
    size : int
        m, the number of data.

    Examples
    --------
    >>> Whitening([0.5, 0.25], 2)(np.array([1.0, 1.0])).tolist()
    [2.0, 4.0]
    """

    def __init__(self, sigma: ArrayLike | None, size: int) -> None:
        self._factor = self._weights = None
        if sigma is None:
            return
        given = real_array(sigma, "sigma")
        if given.size == 1 or given.shape == (size,):
            bad = np.flatnonzero(~((given > 0.0) & (given < np.inf)))
            if bad.size:
                raise ProblemError(
                    f"sigma[{bad[0]}] is {given.reshape(-1)[bad[0]]}",
                    why="standard deviations are positive and finite",
                    instead="remove the data that should not count",
                )
            self._weights = 1.0 / given.reshape(-1)
        elif given.shape == (size, size):
            self._factor = _cholesky(given)
        else:
            raise ShapeError(
                f"`sigma` has incorrect shape {given.shape} for {size} data",
                instead=f"give shape ({size},) for standard deviations, or ({size}, {size}) for"
                " a covariance matrix",
            )

    def __call__(self, residuals: FloatArray) -> FloatArray:
        """Return the whitened residuals, or a whitened Jacobian of shape (m, n)."""
        if self._factor is not None:
            solved: FloatArray = scipy.linalg.solve_triangular(
                self._factor, residuals, lower=True, check_finite=False
            )
            return solved
        if self._weights is None:
            return residuals
        weights = self._weights if residuals.ndim == 1 else self._weights[:, None]
        return weights * residuals


def _cholesky(covariance: FloatArray) -> FloatArray:
    try:
        factor: FloatArray = scipy.linalg.cholesky(covariance, lower=True)
    except (scipy.linalg.LinAlgError, ValueError) as error:
        raise ProblemError(
            "`sigma` must be positive definite",
            why=f"as a covariance matrix: {error}",
            instead="give standard deviations as a vector if the errors are independent",
        ) from error
    return factor


def starting_parameters(
    f: Callable[..., Any], p0: ArrayLike | None, lower: ArrayLike, upper: ArrayLike
) -> FloatArray:
    """Return where a fit starts: p0, or inside the bounds for as many parameters as ``f`` takes."""
    if not callable(f):
        raise ProblemError(f"f is {type(f).__name__}, no function", instead="f(x, a, b)")
    if p0 is not None:
        return _checked_start(f, np.atleast_1d(real_array(p0, "p0")).reshape(-1))
    kinds = [p.kind for p in inspect.signature(f).parameters.values()]
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    count = sum(kind in positional for kind in kinds) - 1
    if count < 1:
        raise ProblemError(
            "Unable to determine number of fit parameters",
            why="f does not list them: f(x, a, b)",
            instead="give p0",
        )
    low, high = _of_size(lower, upper, count)
    nearest = np.where(np.isfinite(low), low + 1.0, np.where(np.isfinite(high), high - 1.0, 1.0))
    with np.errstate(invalid="ignore"):
        both = np.isfinite(low) & np.isfinite(high)
        return np.where(both, 0.5 * low + 0.5 * high, nearest)


def _checked_start(f: Callable[..., Any], start: FloatArray) -> FloatArray:
    """Return a start of finite numbers, as many as ``f`` takes."""
    for k in np.flatnonzero(~np.isfinite(start))[:1]:
        raise NonFiniteError(f"p0[{k}] is {start[k]}", instead="give a finite number")
    try:
        signature = inspect.signature(f)
    except ValueError:  # a ufunc, say: the call itself will tell
        return start
    try:
        signature.bind(None, *start)
    except TypeError as error:
        raise ProblemError(
            f"f does not take the {start.size} parameters of p0",
            why=f"of f(x, ...): {error}",
            instead="give p0 a number for each parameter after x",
        ) from None
    return start


def bound_pair(bounds: Any) -> tuple[Any, Any]:
    """Return lower and upper bounds of what SciPy takes: `scipy.optimize.Bounds`, or a pair."""
    if isinstance(bounds, opt.Bounds):
        return bounds.lb, bounds.ub
    if not isinstance(bounds, (tuple, list, np.ndarray)) or len(bounds) != 2:
        raise ProblemError(
            f"bounds are {type(bounds).__name__}, no pair",
            instead="(lower, upper), each a number or an array; np.inf where there is none",
        )
    return bounds[0], bounds[1]


def _of_size(lower: ArrayLike, upper: ArrayLike, size: int) -> tuple[FloatArray, FloatArray]:
    low, high = real_array(lower, "the lower bounds"), real_array(upper, "the upper bounds")
    try:
        return np.broadcast_to(low, (size,)), np.broadcast_to(high, (size,))
    except ValueError:
        raise ShapeError(
            f"the bounds have shapes {low.shape} and {high.shape}",
            why=f"there are {size} parameters",
        ) from None


def parameter_bounds(bounds: Any, start: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return lower and upper bounds of the shape of the start, which must be between them."""
    lower, upper = _of_size(*bound_pair(bounds), start.size)
    for k in np.flatnonzero(~(lower < upper))[:1]:
        raise ProblemError(
            f"parameter {k} has the bounds {lower[k]:g} and {upper[k]:g}",
            why="a lower bound is strictly less than its upper bound",
        )
    for k in np.flatnonzero(~((lower <= start) & (start <= upper)))[:1]:
        raise ProblemError(
            f"parameter {k} starts at {start[k]:g}, outside its bounds",
            why=f"they are {lower[k]:g} and {upper[k]:g}",
            instead="give a p0 within the bounds",
        )
    return lower, upper


def checked_data(
    xdata: Any,
    ydata: ArrayLike,
    sigma: ArrayLike | None,
    check_finite: bool | None,
    nan_policy: NanPolicy | None,
) -> tuple[Any, FloatArray, ArrayLike | None]:
    """Return predictors, responses and sigma without missing data, as the policy says."""
    if nan_policy not in (None, "raise", "omit"):
        raise ProblemError(
            f"nan_policy={nan_policy!r} is no choice", instead="None, 'raise' or 'omit'"
        )
    y = real_array(ydata, "ydata")
    x = real_array(xdata, "xdata") if isinstance(xdata, (list, tuple, np.ndarray)) else xdata
    if not y.size:
        raise ProblemError("`ydata` must not be empty", why="there is nothing to fit")
    check = nan_policy is None if check_finite is None else check_finite
    if check or nan_policy == "raise":
        for name, values in (("xdata", x), ("ydata", y)):
            _require_finite(name, values, np.isfinite if check else lambda v: ~np.isnan(v))
    elif nan_policy == "omit":
        return _without_nan(x, y, sigma)
    return x, y, sigma


def _require_finite(name: str, values: Any, good: Callable[[Any], Any]) -> None:
    if isinstance(values, np.ndarray) and not good(values).all():
        place = np.argwhere(~good(values))[0]
        index = ", ".join(map(str, place.tolist()))
        raise NonFiniteError(
            f"{name}[{index}] is {values[tuple(place)]}",
            why="array must not contain infs or NaNs",
            instead="nan_policy='omit' leaves missing data out",
        )


def _without_nan(
    x: Any, y: FloatArray, sigma: ArrayLike | None
) -> tuple[Any, FloatArray, ArrayLike | None]:
    missing = np.isnan(y)
    if isinstance(x, np.ndarray) and x.ndim >= y.ndim and x.shape[x.ndim - y.ndim :] == y.shape:
        missing = missing | np.isnan(x).any(axis=tuple(range(x.ndim - y.ndim)))
        x = x[..., ~missing]
    if sigma is not None and np.ndim(sigma):
        given = real_array(sigma, "sigma")
        sigma = given[~missing] if given.ndim == y.ndim else given[~missing][:, ~missing]
    return x, y[~missing], sigma
