"""Newton's method for a square sparse system, damped, by the natural monotonicity test.

A step δ is taken as far as the simplified correction, F⁻¹ r(u + αδ) with the factors F at u, is
smaller than the step by 1 - α/4.  The test does not depend on how the equations are scaled, and the
correction is an estimate of the error that is left (Deuflhard 2011, Newton Methods for Nonlinear
Problems, algorithm NLEQ-RES/ERR, doi:10.1007/978-3-642-23899-4, section 3.3).  Where corrections
shrink fast, factors serve for further steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import NonFiniteError, SingularMatrixError, SparseOptError
from sparseopt.factorizations import Factorization

__all__ = ["NewtonResult", "newton"]

FloatArray = NDArray[np.float64]

_LEAST_DAMPING = 1e-8
_FAST = 0.2
_MOST_USES = 12  # of the same factors: a solve takes a small part of the time of a factorization
_TINY = np.finfo(np.float64).tiny
_ROUNDING = 1e-6  # relative size of steps that may be rounding errors of an ill-conditioned system
_AT_ZERO = 4 * np.finfo(np.float64).eps  # the same, where nothing but zero was seen so far
_RESOLVED = 1e-6  # relative error of an element that is small beside others


@dataclass(frozen=True)
class NewtonResult:
    """How an iteration ended.

    Attributes
    ----------
    u : ndarray
        The last iterate.
    factors : Factorization or None
        Of the last Jacobian, not of the one at ``u``.
    residual_norms : tuple of float
        Largest residual at each iterate.
    reason : str
        Why there is no solution; empty if there is one.
    rows : tuple of int
        Equations that are not finite.
    cause : SparseOptError or None
    is_exact : bool
        Whether ``factors`` were made on the way, and not elsewhere before.
    """

    u: FloatArray
    factors: Factorization | None
    residual_norms: tuple[float, ...]
    reason: str = ""
    rows: tuple[int, ...] = ()
    cause: SparseOptError | None = None
    is_exact: bool = True


def newton(
    residual: Callable[[FloatArray], FloatArray],
    factored: Callable[[FloatArray], Factorization],
    start: FloatArray,
    tolerance: float,
    max_iterations: int,
    nearby: Factorization | None = None,
) -> NewtonResult:
    """Solve ``residual(u) = 0``.

    Parameters
    ----------
    residual : callable
    factored : callable
        Factors of the Jacobian at a point.
    start : ndarray
    tolerance : float
        Relative to the largest element of u: size of the last correction.  Smaller elements are
        corrected until they are good to 1e-6, or are rounding errors themselves.
    max_iterations : int
        Most factorizations.
    nearby : Factorization, optional
        Factors of the Jacobian somewhere near the start: tried first.
    """
    iteration = _Iteration(residual, factored, start, tolerance)
    wrong = np.flatnonzero(~np.isfinite(iteration.r))
    if wrong.size:
        reason = f"residual {wrong[0]} is {iteration.r[wrong[0]]} at the start of Newton's method"
        return replace(iteration.ended(reason), rows=tuple(wrong.tolist()))
    if nearby is not None and iteration.repeat(nearby, -nearby.solve(iteration.r)):
        return replace(iteration.ended(), is_exact=False)
    try:
        for _ in range(max_iterations):
            if iteration.advance():
                return iteration.ended()
    except (SingularMatrixError, NonFiniteError) as error:
        reason = f"after {len(iteration.norms) - 1} steps {error.what}"
        return replace(iteration.ended(reason), rows=_rows(error), cause=error)
    except _NoDescentError:
        return iteration.ended(f"no step is short enough after {len(iteration.norms) - 1} steps")
    return iteration.ended(f"it did not converge in {max_iterations} steps")


class _NoDescentError(Exception):
    """No damping makes the corrections smaller."""


class _Iteration:
    def __init__(
        self,
        residual: Callable[[FloatArray], FloatArray],
        factored: Callable[[FloatArray], Factorization],
        start: FloatArray,
        tolerance: float,
    ) -> None:
        self._residual, self._factored, self._tolerance = residual, factored, tolerance
        self.u = start.copy()
        self.r = residual(self.u)
        self.factors: Factorization | None = None
        self.norms = [_size(self.r)]
        self._largest = _size(self.u)  # of all iterates: their last ones may be zero
        self._is_met = False  # the tolerance, though not by small elements

    def ended(self, reason: str = "") -> NewtonResult:
        return NewtonResult(self.u, self.factors, tuple(self.norms), reason)

    def advance(self) -> bool:
        """Take a step with new factors, and those that they are good for; whether it converged."""
        self.factors = factors = self._factored(self.u)
        step = -factors.solve(self.r)
        length = float(np.linalg.norm(step))
        is_small = _size(step) <= (_ROUNDING * self._largest or _AT_ZERO)
        damping = 1.0
        while True:
            u = self.u + damping * step
            r = self._residual(u)
            if np.isfinite(r).all():
                correction = factors.solve(r)
                left = float(np.linalg.norm(correction))
                if left <= (1.0 - 0.25 * damping) * length:
                    break
                if is_small and damping == 1.0:
                    return True  # what is left are rounding errors
            damping *= 0.5
            if damping < _LEAST_DAMPING:
                raise _NoDescentError
        self._move(u, r)
        if damping < 1.0:
            return False
        if self._is_last(correction):
            return True
        return self._pays(left / length, correction, _MOST_USES) and self.repeat(
            factors, -correction
        )

    def repeat(self, factors: Factorization, step: FloatArray) -> bool:
        """Take full steps with the same factors while they shrink fast; whether it converged."""
        self.factors = factors
        for uses in range(_MOST_USES):
            u = self.u + step
            r = self._residual(u)
            if not np.isfinite(r).all():
                return False
            correction = factors.solve(r)
            rate = float(np.linalg.norm(correction)) / max(float(np.linalg.norm(step)), _TINY)
            if rate > _FAST and not self._is_met:
                return False
            self._move(u, r)
            if rate > _FAST:
                return True  # rounding errors are left
            if self._is_last(correction):
                return True
            if not self._pays(rate, correction, _MOST_USES - uses):
                return False
            step = -correction
        return False

    def _move(self, u: FloatArray, r: FloatArray) -> None:
        self.u, self.r = u, r
        self.norms.append(_size(r))
        self._largest = max(self._largest, _size(u))

    def _is_last(self, correction: FloatArray) -> bool:
        """Whether a correction is within the tolerance; it is applied then."""
        if _size(correction) > self._tolerance * _size(self.u):
            return False
        self._is_met = True
        if _worst(correction, self.u) > _RESOLVED:
            return False
        self.u = self.u - correction
        return True

    def _pays(self, rate: float, correction: FloatArray, uses: int) -> bool:
        """Whether so many steps of this rate are expected to reach the tolerance."""
        return rate <= _FAST and rate**uses * _size(correction) <= self._tolerance * _size(self.u)


def _rows(error: SparseOptError) -> tuple[int, ...]:
    return tuple(int(row) for row in getattr(error, "rows", ()))


def _worst(correction: FloatArray, u: FloatArray) -> float:
    """Return the largest relative correction of an element."""
    return float(np.max(np.abs(correction) / np.maximum(np.abs(u), _TINY), initial=0.0))


def _size(vector: FloatArray) -> float:
    return float(np.max(np.abs(vector), initial=0.0))
