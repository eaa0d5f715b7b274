"""`curve_fit` in SciPy's own call form, with the exact Jacobian of plain NumPy code."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import scipy.optimize as opt
from numpy.typing import ArrayLike, NDArray

from sparseopt.errors import (
    FitNotFoundError,
    NonFiniteError,
    ProblemError,
    ShapeError,
    UnderdeterminedError,
)
from sparseopt.modeling.curve_data import (
    NanPolicy,
    Whitening,
    bound_pair,
    checked_data,
    parameter_bounds,
    starting_parameters,
)
from sparseopt.modeling.curve_solve import (
    CurveResiduals,
    CurveSolution,
    covariance,
    solve_curve,
)
from sparseopt.modeling.residual_problem import require_finite_residuals
from sparseopt.modeling.traced_function import TracedFunction

__all__ = ["curve_fit"]

FloatArray = NDArray[np.float64]


def curve_fit(
    f: Callable[..., Any],
    xdata: Any,
    ydata: ArrayLike,
    p0: ArrayLike | None = None,
    sigma: ArrayLike | None = None,
    absolute_sigma: bool = False,
    check_finite: bool | None = None,
    bounds: Any = (-np.inf, np.inf),
    method: Literal["lm", "trf", "dogbox"] | None = None,
    jac: Any = None,
    *,
    full_output: bool = False,
    nan_policy: NanPolicy | None = None,
    **kwargs: Any,
) -> Any:
    """Fit a function to data, as `scipy.optimize.curve_fit`, with its exact Jacobian.

    Parameters
    ----------
    f : callable
        NumPy code ``f(xdata, a, b, ...)``, which is traced.
    xdata, ydata : array-like
        Predictors, in whatever form ``f`` takes them, and responses.
    p0 : array-like, optional
        Start; by default inside the bounds, for as many parameters as ``f`` lists.
    sigma : array-like, optional
        Standard deviations of ``ydata``, or their covariance matrix.
    absolute_sigma : bool
        Whether sigma is in the units of ``ydata``, or only relative.
    check_finite : bool, optional
        Whether NaN and infinity in the data are refused; by default if there is no ``nan_policy``.
    bounds : pair of array-like, or scipy.optimize.Bounds
    method : {"lm", "trf", "dogbox"}, optional
        By default "lm", or "trf" with bounds; and another one where that fails or leaves
        parameters undetermined.
    jac : optional
        Accepted for SciPy's sake and not used: the Jacobian is exact.
    full_output : bool
    nan_policy : {"raise", "omit"}, optional
    **kwargs
        Of `scipy.optimize.leastsq` for "lm", else of `scipy.optimize.least_squares`.  Where no
        tolerance is given the fit goes to rounding.

    Returns
    -------
    popt : ndarray, shape (n,)
        Parameters.
    pcov : ndarray, shape (n, n)
        Their covariance, (JᵀJ)⁻¹ times the residual variance unless ``absolute_sigma``; filled
        with infinity, with an `OptimizeWarning`, where it cannot be estimated.
    infodict, mesg, ier
        With ``full_output``, as SciPy.

    Raises
    ------
    FitNotFoundError
        A `RuntimeError`: no method ended in a minimum.
    UnderdeterminedError
        For fewer data than parameters, except with "trf" and "dogbox".
    NonFiniteError, ProblemError, ShapeError
        For bad data; all are `ValueError`.  What ``f`` returns must have the shape of ``ydata``, or
        broadcast to it.
    UnknownOptionError
        For an option that the method does not have.

    Examples
    --------
    >>> x = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    >>> y = np.array([2.5, 1.6, 1.1, 0.8, 0.6])
    >>> popt, pcov = curve_fit(lambda x, a, b, c: a * np.exp(-b * x) + c, x, y)
    >>> popt.round(3).tolist()
    [2.14, 0.533, 0.356]
    >>> np.sqrt(np.diag(pcov)).round(3).tolist()
    [0.033, 0.02, 0.033]
    """
    if "args" in kwargs:
        raise ProblemError("'args' is not a supported keyword argument", instead="a lambda for f")
    start = starting_parameters(f, p0, *bound_pair(bounds))
    lower, upper = parameter_bounds(bounds, start)
    x, y, sigma = checked_data(xdata, ydata, sigma, check_finite, nan_policy)
    problem = _residuals(f, x, y, Whitening(sigma, y.size), start, lower, upper)
    _check_method(method, problem, start, y.size)
    found = solve_curve(problem, start, method, kwargs)
    if not found.success:
        raise FitNotFoundError(
            "Optimal parameters not found: " + found.message,
            why=f"the best sum of squares is {2 * found.cost:g}, at {found.x}",
            instead="give a better p0, or bounds",
        )
    pcov = _covariance(found, absolute_sigma)
    if full_output:
        return found.x, pcov, found.information, found.message, found.status
    return found.x, pcov


def _residuals(
    f: Callable[..., Any],
    x: Any,
    y: FloatArray,
    whitening: Whitening,
    start: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
) -> CurveResiduals:
    def difference(parameters: Any) -> Any:
        return _of_shape(f(x, *parameters), y.shape) - y

    difference.__name__ = getattr(f, "__name__", "f")
    function = TracedFunction(difference, start, None, "auto", "constraints")
    require_finite_residuals(function, start)
    evaluator = function.evaluator
    pattern = evaluator.jacobian_pattern

    def jacobian(p: FloatArray) -> FloatArray:
        return whitening(pattern.to_csr(evaluator.jacobian_values(p)).toarray())

    problem = CurveResiduals(lambda p: whitening(evaluator.constraints(p)), jacobian, lower, upper)
    _require_squares(problem.values(start))
    return problem


def _of_shape(predicted: Any, shape: tuple[int, ...]) -> Any:
    """Return what f predicts; raise where it does not broadcast to the data, and to no more."""
    if predicted is None:
        raise ProblemError("f returned None", instead="return the predicted responses")
    found = np.shape(predicted)
    fits = len(found) <= len(shape) and all(
        n in (1, m) for n, m in zip(found[::-1], shape[::-1], strict=False)
    )
    if not fits:
        raise ShapeError(
            f"f returned shape {found}, `ydata` has shape {shape}",
            why="there is one prediction for each datum",
            instead="ydata.ravel() for a column of data; xdata of as many data",
        )
    return predicted


def _require_squares(residuals: FloatArray) -> None:
    """Raise where squares overflow or underflow: no sum of squares would tell fits apart."""
    size = float(np.abs(residuals).max(initial=0.0))
    with np.errstate(over="ignore", under="ignore"):
        squares = float(residuals @ residuals)
    if size and not 0.0 < squares < np.inf:
        raise NonFiniteError(
            f"the sum of squares is {squares:g} at the start",
            why=f"residuals are as large as {size:g}, whose squares are no floating-point numbers",
            instead="change the units of ydata, or give sigma",
        )


def _check_method(
    method: str | None, problem: CurveResiduals, start: FloatArray, num_data: int
) -> None:
    if method not in (None, "lm", "trf", "dogbox"):
        raise ProblemError(f"method={method!r} is no choice", instead="'lm', 'trf' or 'dogbox'")
    if method == "lm" and problem.is_bounded:
        raise ProblemError(
            "Method 'lm' only works for unconstrained problems", instead="method='trf'"
        )
    if method in (None, "lm") and not problem.is_bounded and num_data < start.size:
        raise UnderdeterminedError(
            f"{num_data} data cannot determine {start.size} parameters",
            why=f"The number of func parameters={start.size} must not exceed the number of data"
            f" points={num_data}",
            instead="fewer parameters, or method='trf' for any one of the many fits",
        )


def _covariance(found: CurveSolution, absolute_sigma: bool) -> FloatArray:
    n = found.x.size
    pcov, freedom = covariance(found), found.fun.size - n
    if pcov is not None and not absolute_sigma:
        pcov = pcov * (2.0 * found.cost / freedom) if freedom > 0 else None
    if pcov is None:
        warnings.warn(
            "Covariance of the parameters could not be estimated",
            category=opt.OptimizeWarning,
            stacklevel=3,
        )
        return np.full((n, n), np.inf)
    return pcov
