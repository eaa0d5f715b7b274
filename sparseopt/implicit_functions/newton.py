"""Newton's method for a square sparse system, damped, by the natural monotonicity test.

A step δ is taken as far as the simplified correction, F⁻¹ r(u + αδ) with the factors F at u, is
smaller than the step by 1 - α/4.  The test does not depend on how the equations are scaled, and the
correction is an estimate of the error that is left (Deuflhard 2011, Newton Methods for Nonlinear
Problems, algorithm NLEQ-RES/ERR, doi:10.1007/978-3-642-23899-4, section 3.3).  Where corrections
shrink fast, factors serve for further steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import NonFiniteError, SingularMatrixError, SparseOptError
from sparseopt.factorizations import Factorization

__all__ = ["NewtonResult", "newton"]

FloatArray = NDArray[np.float64]

_LEAST_DAMPING = 1e-8
_FAST = 0.1
_MOST_USES = 3  # of the same factors: convergence with them is linear only
_ROUNDING = 1e-6  # relative size of steps that may be rounding errors of an ill-conditioned system


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
    cause : SparseOptError or None
    """

    u: FloatArray
    factors: Factorization | None
    residual_norms: tuple[float, ...]
    reason: str = ""
    cause: SparseOptError | None = None


def newton(
    residual: Callable[[FloatArray], FloatArray],
    factored: Callable[[FloatArray], Factorization],
    start: FloatArray,
    tolerance: float,
    max_iterations: int,
) -> NewtonResult:
    """Solve ``residual(u) = 0``.

    Parameters
    ----------
    residual : callable
    factored : callable
        Factors of the Jacobian at a point.
    start : ndarray
    tolerance : float
        Relative to the largest element of u: size of the last correction.
    max_iterations : int
        Most steps.
    """
    iteration = _Iteration(residual, factored, start, tolerance)
    if not np.isfinite(iteration.r).all():
        row = int(np.flatnonzero(~np.isfinite(iteration.r))[0])
        return iteration.ended(f"residual {row} is {iteration.r[row]} at the start of Newton")
    try:
        for _ in range(max_iterations):
            if iteration.advance():
                return iteration.ended()
    except (SingularMatrixError, NonFiniteError) as error:
        return iteration.ended(f"after {len(iteration.norms) - 1} steps {error.what}", error)
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
        self._step: FloatArray | None = None  # the next one with the same factors
        self._uses = 0
        self.norms = [_size(self.r)]

    def ended(self, reason: str = "", cause: SparseOptError | None = None) -> NewtonResult:
        return NewtonResult(self.u, self.factors, tuple(self.norms), reason, cause)

    def advance(self) -> bool:
        """Take a step; return whether it was the last."""
        if self._step is None:
            self.factors, self._uses = self._factored(self.u), 0
            self._step = -self.factors.solve(self.r)
        assert self.factors is not None
        step, length = self._step, float(np.linalg.norm(self._step))
        is_small = _size(step) <= _ROUNDING * _size(self.u)
        damping = 1.0
        while True:
            u = self.u + damping * step
            r = self._residual(u)
            if np.isfinite(r).all():
                correction = self.factors.solve(r)
                left = float(np.linalg.norm(correction))
                if left <= (1.0 - 0.25 * damping) * length:
                    break
                if is_small and damping == 1.0:
                    return True  # what is left are rounding errors
            damping *= 0.5
            if damping < _LEAST_DAMPING:
                raise _NoDescentError
        self.u, self.r = u, r
        self.norms.append(_size(r))
        if damping == 1.0 and _size(correction) <= self._tolerance * _size(u):
            self.u = u - correction
            return True
        self._uses += 1
        is_fast = damping == 1.0 and left <= _FAST * length and self._uses <= _MOST_USES
        self._step = -correction if is_fast else None
        return False


def _size(vector: FloatArray) -> float:
    return float(np.max(np.abs(vector), initial=0.0))
