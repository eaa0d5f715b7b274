"""`minimize` and `least_squares` in SciPy's own call form, with exact sparse derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
import scipy.optimize as opt
from numpy.typing import ArrayLike, NDArray

from sparseopt.errors import ProblemError, UnderdeterminedError
from sparseopt.modeling.checked_problem import Verify, check_choice
from sparseopt.modeling.curve_data import bound_pair, parameter_bounds
from sparseopt.modeling.declarations import full_array
from sparseopt.modeling.least_squares_options import trust_region_options
from sparseopt.modeling.model import Model
from sparseopt.modeling.real_arrays import real_array
from sparseopt.modeling.residual_problem import (
    ResidualProblem,
    check_fit,
    check_fit_start,
    require_finite_residuals,
)
from sparseopt.modeling.scipy_constraints import add_constraints, bound_arrays
from sparseopt.modeling.scipy_options import solver_callback, solver_options
from sparseopt.modeling.solution import Solution
from sparseopt.modeling.traced_function import TracedFunction
from sparseopt.tracing.repetition import repeated

__all__ = ["least_squares", "minimize"]

FloatArray = NDArray[np.float64]


def minimize(
    fun: Callable[..., Any],
    x0: ArrayLike,
    args: Any = (),
    method: str | None = None,
    *,
    jac: Any = None,
    hess: Any = None,
    hessp: Any = None,
    bounds: Any = None,
    constraints: Any = (),
    tol: float | None = None,
    callback: Callable[..., Any] | None = None,
    options: Mapping[str, Any] | None = None,
    verify: Verify = "final",
) -> opt.OptimizeResult:
    """Minimize a function, as `scipy.optimize.minimize`, with exact sparse derivatives.

    Parameters
    ----------
    fun : callable
        NumPy code ``fun(x, *args)`` that returns a number.
    x0 : array-like
        Start; it may have any shape, and ``fun`` and the constraints get an x of that shape.
    args : tuple
        Further arguments of ``fun``.
    method : str, optional
        "ipopt" (the default), "cyipopt", or a method of `scipy.optimize.minimize`.
    jac, hess, hessp : optional
        Accepted for SciPy's sake and not used; with ``jac=True`` the first of the two values that
        ``fun`` returns counts.
    bounds : scipy.optimize.Bounds or sequence of (low, high), optional
    constraints : NonlinearConstraint, LinearConstraint, dict, or a sequence of these
        Derivatives given in them are not used.
    tol : float, optional
        Sets the solver's own tolerances.
    callback : callable, optional
        ``callback(xk)`` or ``callback(intermediate_result)``.
    options : mapping, optional
        Of the solver; ``maxiter`` and ``disp`` are translated for IPOPT.
    verify : {"final", "start", "off"}
        As for `Model.solve`.

    Returns
    -------
    scipy.optimize.OptimizeResult
        With SciPy's fields; ``jac`` is the gradient, ``v`` the multipliers of each constraint,
        ``maxcv`` the largest violation, and ``solution`` our `Solution`.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.optimize import NonlinearConstraint
    >>> circle = NonlinearConstraint(lambda x: x[0] ** 2 + x[1] ** 2, 1.0, 1.0)
    >>> result = minimize(lambda x: -x[0] * x[1], [0.5, 0.4], constraints=circle)
    >>> result.x.round(4).tolist(), round(result.fun, 4), result.success
    ([0.7071, 0.7071], -0.5, True)
    """
    start = real_array(x0, "x0")
    lower, upper = bound_arrays(bounds, start.shape)
    model = Model(getattr(fun, "__name__", "minimize"))
    x = model.variable("x", start.shape, lower, upper, start)
    given = args if isinstance(args, tuple) else (args,)
    model.minimize(repeated(lambda: _value(fun(x, *given), jac), model.name))
    names = add_constraints(model, x, constraints)
    solver = method or "ipopt"
    solution = model.solve(
        solver,
        options=solver_options(solver, options, tol),
        callback=solver_callback(callback, start.shape),
        verify=verify,
    )
    return _optimize_result(solution, names)


def _value(returned: Any, jac: Any) -> Any:
    return returned[0] if jac is True else returned


def _optimize_result(solution: Solution, names: list[str]) -> opt.OptimizeResult:
    errors, counts = solution.outcome.optimality, solution.evaluations
    gradient = solution.problem.evaluator.gradient(solution.x)
    fields: dict[str, Any] = {
        "x": solution["x"],
        "fun": solution.objective,
        "jac": gradient.reshape(np.shape(solution["x"])),
        "success": solution.success,
        "status": solution.outcome.raw_status,
        "message": solution.message,
        "nit": solution.iterations,
        "nfev": counts.get("objective", 0),
        "njev": counts.get("gradient", 0),
        "nhev": counts.get("hessian", 0) + counts.get("hessian_vector_product", 0),
        "v": [np.atleast_1d(solution.dual(name)) for name in names],
        "maxcv": np.nan if errors is None else errors.feasibility,
        "optimality": np.nan if errors is None else errors.stationarity,
        "solution": solution,
    }
    result = opt.OptimizeResult()
    result.update(fields)
    return result


def least_squares(
    residuals: Callable[..., Any],
    x0: ArrayLike,
    jac: Any = None,
    bounds: Any = None,
    method: Literal["trf", "dogbox", "lm"] = "trf",
    *,
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
    verify: Verify = "final",
    **options: Any,
) -> opt.OptimizeResult:
    """Minimize a sum of squares by `scipy.optimize.least_squares` with the exact sparse Jacobian.

    Parameters
    ----------
    residuals : callable
        NumPy code ``residuals(x, *args, **kwargs)``; its result may have any shape.
    x0 : array-like
        Start, of any shape.
    jac : optional
        Accepted for SciPy's sake and not used, as ``jac_sparsity`` and ``diff_step``.
    bounds : scipy.optimize.Bounds, pair (low, high) of arrays, or None
    method : {"trf", "dogbox", "lm"}
        "lm" takes dense Jacobians only, and gets one.
    args, kwargs : tuple, mapping
        Further arguments of ``residuals``.
    verify : {"final", "start", "off"}
        As for `Model.solve`; a failed check makes ``success`` false and is told in ``message``.
    **options
        Of `scipy.optimize.least_squares`: ``f_scale``, ``ftol``, ``x_scale`` (of x0's shape too),
        ``max_nfev``, ….  ``loss`` may be any of `sparseopt.modeling.losses`.
        With ``tr_solver="exact"`` the Jacobian is dense too, best for few parameters.

    Returns
    -------
    scipy.optimize.OptimizeResult
        SciPy's, and ``verification``: the check of the solution, or None.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.linspace(0.0, 1.0, 20)
    >>> data = 2.0 * np.exp(-3.0 * t)
    >>> fit = least_squares(lambda p: p[0] * np.exp(-p[1] * t) - data, [1.0, 1.0])
    >>> fit.x.round(6).tolist()
    [2.0, 3.0]
    """
    check_choice(verify)
    start = real_array(x0, "x0")
    called = _with_arguments(residuals, args, kwargs or {})
    function = TracedFunction(called, start, None, "auto", "constraints")
    evaluator = function.evaluator
    require_finite_residuals(function, start.reshape(-1))
    pattern = evaluator.jacobian_pattern
    is_dense = method == "lm" or options.get("tr_solver") == "exact"

    def jacobian(x: FloatArray) -> Any:
        matrix = pattern.to_csr(evaluator.jacobian_values(x))
        return matrix.toarray() if is_dense else matrix

    chosen = trust_region_options(options)
    low, high = _flat_bounds((-np.inf, np.inf) if bounds is None else bounds, start)
    _require_method(method, function)
    problem = ResidualProblem(function, low, high)
    if verify == "start":
        check_fit_start(problem, start.reshape(-1))
    result: Any = opt.least_squares(
        evaluator.constraints,
        start.reshape(-1),
        jac=jacobian,
        bounds=(-np.inf, np.inf) if bounds is None else (low, high),
        method=method,
        **chosen,
    )
    result.verification = None if verify == "off" else check_fit(problem, result)
    result.x = result.x.reshape(start.shape)
    return result  # type: ignore[no-any-return]


def _require_method(method: str, function: TracedFunction) -> None:
    if method not in ("trf", "dogbox", "lm"):
        raise ProblemError(f"method={method!r} is no choice", instead="'trf', 'dogbox' or 'lm'")
    if method == "lm" and function.result_size < function.size:
        raise UnderdeterminedError(
            f"{function.result_size} residuals cannot determine {function.size} variables",
            why="Method 'lm' doesn't work when the number of residuals is less than the number of "
            "variables",
            instead="method='trf' for any one of the many minima",
        )


def _with_arguments(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Callable[..., Any]:
    if not args and not kwargs:
        return function

    def bound(x: Any) -> Any:
        return function(x, *args, **kwargs)

    return bound


def _flat_bounds(bounds: Any, start: FloatArray) -> tuple[FloatArray, FloatArray]:
    flat = [full_array(b, start.shape, "x0", "bounds", None) for b in bound_pair(bounds)]
    return parameter_bounds((flat[0], flat[1]), start.reshape(-1))
