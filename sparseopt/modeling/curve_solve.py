"""How `curve_fit` finds parameters and their covariance: dense least squares with exact Jacobians.

MINPACK and SciPy's trust-region methods stop when the sum of squares does not change any more.
That is flat at its minimum: half of the digits of the parameters may still be wrong.  So full
Gauss–Newton steps follow while they contract, which costs a few evaluations.  Where a method ends
with parameters that hardly matter to the residuals, such as a rate so great that its exponential
has vanished, another one is tried too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.optimize as opt
from numpy.typing import NDArray

from sparseopt.modeling.least_squares_options import marquardt_options, trust_region_options

__all__ = ["CurveResiduals", "CurveSolution", "covariance", "solve_curve"]

FloatArray = NDArray[np.float64]

_TOLERANCES = ("ftol", "xtol", "gtol")
_TIGHT = 1e-15
_MOST_STEPS = 200
_CONTRACTION = 0.95
_SAME_COST = 1e-8
"""By how much rounding of the residuals may seem to change the sum of squares."""
_IRRELEVANT = 1e-10
"""Effect of a relative change of the parameters, beside the largest one, that raises doubt."""
_EVALUATIONS = 2000
"""Allowed for each parameter; SciPy's 100 are too few for some standard problems."""


@dataclass(frozen=True)
class CurveResiduals:
    """Whitened residuals as functions of the parameters, and where these may be."""

    values: Callable[[FloatArray], FloatArray]
    jacobian: Callable[[FloatArray], FloatArray]
    lower: FloatArray
    upper: FloatArray

    @property
    def is_bounded(self) -> bool:
        """Whether any parameter has a bound."""
        return bool((np.isfinite(self.lower) | np.isfinite(self.upper)).any())


@dataclass(frozen=True)
class CurveSolution:
    """Where a method ended.

    Attributes
    ----------
    x, fun, jac : ndarray
        Parameters, and residuals and Jacobian there (rescaled by SciPy for another loss).
    cost : float
        Half the sum of losses.
    success : bool
    message : str
    status : int
        SciPy's number for why it ended.
    information : dict
        SciPy's ``infodict``.
    method : str
    """

    x: FloatArray
    fun: FloatArray
    jac: FloatArray
    cost: float
    success: bool
    message: str
    status: int
    information: dict[str, Any]
    method: str

    @property
    def is_doubtful(self) -> bool:
        """Whether the method failed, or some change of the parameters has no effect here."""
        if not self.success or not np.isfinite(self.jac).all():
            return True
        effects = np.linalg.svd(self.jac * self.x, compute_uv=False)
        return bool(effects.min() <= _IRRELEVANT * effects.max())


def solve_curve(
    problem: CurveResiduals, start: FloatArray, method: str | None, options: dict[str, Any]
) -> CurveSolution:
    """Return the best of what the method finds; with None, of two where one is in doubt."""
    polishes = not any(name in options for name in (*_TOLERANCES, "loss"))
    if method is not None:
        methods: tuple[str, ...] = (method,)
    else:
        methods = ("trf", "dogbox") if problem.is_bounded or "loss" in options else ("lm", "trf")
    best = _run(problem, start, methods[0], options)
    for other in methods[1:]:
        if best.is_doubtful:
            found = _run(problem, start, other, _for_trust_region(options))
            if found.success and (not best.success or found.cost < (1.0 - _SAME_COST) * best.cost):
                best = found
    return _polished(problem, best) if polishes and best.success else best


def _run(
    problem: CurveResiduals, start: FloatArray, method: Any, options: dict[str, Any]
) -> CurveSolution:
    tolerances = dict.fromkeys(_TOLERANCES, _TIGHT)
    if method == "lm":
        return _levenberg_marquardt(problem, start, tolerances | marquardt_options(options))
    most = {"max_nfev": options.get("maxfev") or _EVALUATIONS * start.size}
    named = {name: value for name, value in options.items() if name != "maxfev"}
    chosen = tolerances | {"x_scale": "jac"} | most | trust_region_options(named)
    result = opt.least_squares(
        problem.values,
        start,
        jac=problem.jacobian,
        bounds=(problem.lower, problem.upper),
        method=method,
        **chosen,
    )
    information = {"nfev": result.nfev, "fvec": result.fun}
    told = (bool(result.success), str(result.message), int(result.status), information, method)
    return CurveSolution(result.x, result.fun, np.asarray(result.jac), float(result.cost), *told)


def _levenberg_marquardt(
    problem: CurveResiduals, start: FloatArray, options: dict[str, Any]
) -> CurveSolution:
    x, _, information, message, status = opt.leastsq(
        problem.values,
        start,
        Dfun=problem.jacobian,
        full_output=True,
        **{"maxfev": _EVALUATIONS * start.size, **options},
    )
    x = np.atleast_1d(x)
    fun, jacobian = np.asarray(information["fvec"]), problem.jacobian(x)
    told = (status in (1, 2, 3, 4), message, status, dict(information), "lm")
    return CurveSolution(x, fun, jacobian, 0.5 * float(fun @ fun), *told)


def _for_trust_region(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options without those that only MINPACK has."""
    only = ("factor", "diag", "epsfcn")
    return {name: value for name, value in options.items() if name not in only}


def _polished(problem: CurveResiduals, found: CurveSolution) -> CurveSolution:
    """Return the point after Gauss–Newton steps, taken while they contract."""
    x, fun, jacobian, last = found.x, found.fun, problem.jacobian(found.x), np.inf
    free = (problem.lower < x) & (x < problem.upper)
    for _ in range(_MOST_STEPS):
        step, size = _step(jacobian, fun, free)
        moved = x + step
        if (
            not size < _CONTRACTION * last
            or not ((problem.lower <= moved) & (moved <= problem.upper)).all()
        ):
            break
        values = problem.values(moved)
        if not values @ values <= (1.0 + _SAME_COST) * (fun @ fun):
            break
        x, fun, jacobian, last = moved, values, problem.jacobian(moved), size
    information = {**found.information, "fvec": fun}
    told = (found.success, found.message, found.status, information, found.method)
    return CurveSolution(x, fun, jacobian, 0.5 * float(fun @ fun), *told)


def _step(
    jacobian: FloatArray, fun: FloatArray, free: NDArray[np.bool_]
) -> tuple[FloatArray, float]:
    """Return the Gauss–Newton step and its length in residuals; infinite for a deficient rank."""
    u, s, vt, is_full = _scaled_svd(jacobian[:, free])
    step = np.zeros(free.size)
    if not is_full:
        return step, np.inf
    sizes = _column_sizes(jacobian[:, free])
    step[free] = -(vt.T @ ((u.T @ fun) / s)) / sizes
    return step, float(np.linalg.norm(u.T @ fun))


def _column_sizes(jacobian: FloatArray) -> FloatArray:
    sizes: FloatArray = np.linalg.norm(jacobian, axis=0)
    return np.where(sizes > 0.0, sizes, 1.0)


def _scaled_svd(jacobian: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, bool]:
    """Return the singular value decomposition with columns of length one; and if the rank is full.

    So the units of the parameters do not decide about the rank.
    """
    if not np.isfinite(jacobian).all():
        empty = np.zeros((0, 0))
        return empty, np.zeros(0), empty, False
    u, s, vt = np.linalg.svd(jacobian / _column_sizes(jacobian), full_matrices=False)
    threshold = np.finfo(np.float64).eps * max(jacobian.shape) * s.max(initial=0.0)
    return u, s, vt, bool(s.size == jacobian.shape[1] and s.min(initial=np.inf) > threshold)


def covariance(found: CurveSolution) -> FloatArray | None:
    """Return (JᵀJ)⁻¹ by singular values; None where "lm" leaves parameters undetermined.

    SciPy's convention: the other methods take the pseudoinverse there.
    """
    _, s, vt, is_full = _scaled_svd(found.jac)
    if is_full:
        rows = vt / s[:, None] / _column_sizes(found.jac)
    elif found.method == "lm" or not np.isfinite(found.jac).all():
        return None
    else:
        _, s, vt = np.linalg.svd(found.jac, full_matrices=False)
        kept = s > np.finfo(np.float64).eps * max(found.jac.shape) * s[0]
        rows = vt[kept] / s[kept, None]
    inverse: FloatArray = rows.T @ rows
    return inverse
