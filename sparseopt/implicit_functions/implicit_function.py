"""`ImplicitFunction`: u(p) with r(u, p) = 0, as one operation.

With λ = r_u⁻ᵀ w the derivatives are those of the implicit function theorem, to second order
(Christianson 1998, doi:10.1080/10556789808805701; Hinze et al. 2009, section 1.6,
doi:10.1007/978-1-4020-8839-1):

    du = -r_u⁻¹ r_p dp,                      p̄ = -r_pᵀ λ,
    dλ = r_u⁻ᵀ (dw - ∂_u(λᵀ r)' (du, dp)),   dp̄ = -r_pᵀ dλ - ∂_p(λᵀ r)' (du, dp).

The Hessian of λᵀ r enters by its products, which sparseopt compiles from the residual.
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import InnerSolveError, SingularMatrixError, SparseOptError
from sparseopt.factorizations import Factorization
from sparseopt.implicit_functions.newton import NewtonResult, newton
from sparseopt.implicit_functions.recent_points import RecentPoints, RecentProducts
from sparseopt.implicit_functions.residual_functions import ResidualFunctions, residual_functions
from sparseopt.implicit_functions.solved_function import SolvedFunction

__all__ = ["ImplicitFunction"]

FloatArray = NDArray[np.float64]

_MOST_NORMS = 6


class _Solution:
    """A solution at a point, the factors there, and what was solved for with them.

    ``near`` are the factors that are known: those of Newton's last step, or the ones at the point.
    """

    def __init__(
        self,
        functions: ResidualFunctions,
        u: FloatArray,
        p: FloatArray,
        failure: InnerSolveError | None = None,
        near: Factorization | None = None,
    ) -> None:
        self._functions = functions
        self.failure = failure
        self.near = near
        self.u, self.p = u, p
        self.tangents = RecentProducts()
        self.adjoints = RecentProducts()

    @cached_property
    def factors(self) -> Factorization | None:
        """Of ∂r/∂u at the solution; made when the first derivative is asked for."""
        if not np.isfinite(self.u).all():
            return None
        try:
            self.near = self._functions.factored(self.u, self.p)
        except SingularMatrixError:
            return None
        return self.near


class ImplicitFunction(SolvedFunction):
    """u(p), of a guess, if that is traced, and of the parameters, in a row.

    Parameters
    ----------
    functions : ResidualFunctions
    guess : ndarray, or None if it is the first part of the argument
    active : bool array
        Elements of the argument that derivatives are wanted by.
    tolerance : float
    max_iterations : int
    warm_start : bool
    where : str
    """

    def __init__(
        self,
        functions: ResidualFunctions,
        guess: FloatArray | None,
        active: NDArray[np.bool_],
        tolerance: float,
        max_iterations: int,
        warm_start: bool,
        where: str,
    ) -> None:
        n = functions.program.variables[0].size
        super().__init__(f"implicit({functions.name})", active.size, n, active)
        self._functions = functions
        self._guess = guess
        self._options = (tolerance, max_iterations)
        self._warm_start = warm_start
        self._last: _Solution | None = None
        self.where = where
        shown = None if guess is None else guess.tobytes()
        self.key = (functions.key, shown, active.tobytes(), self._options, warm_start)
        self._points: RecentPoints[_Solution] = RecentPoints()

    def differentiated_by(self, elements: NDArray[np.bool_]) -> ImplicitFunction:
        """Return the function with derivatives by every parameter with one of the elements."""
        known = self._functions
        sizes = [p.size for p in known.program.parameters]
        first = elements.size - sum(sizes)  # after the guess
        ends = np.cumsum([first, *sizes])
        active = tuple(bool(elements[a:b].any()) for a, b in pairwise(ends))
        functions = residual_functions(
            known.program, active, known.shape, known.name, known.backend
        )
        mask = np.concatenate([np.zeros(first, bool), np.repeat(np.array(active, bool), sizes)])
        return ImplicitFunction(
            functions, self._guess, mask, *self._options, self._warm_start, self.where
        )

    def describe(self) -> str:
        """Return one line that says how derivatives are found."""
        return f"{self.name}: Newton's method, derivatives by the adjoint method, exact"

    @property
    def num_factorizations(self) -> int:
        """How many matrices were factored so far, by Newton's method and for derivatives."""
        return self._functions.num_factorizations

    # ---- the solution at a point
    def _split(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        if self._guess is not None:
            return self._guess, x
        return x[: self.size_out], x[self.size_out :]

    def _at(self, x: FloatArray) -> _Solution:
        return self._points.at(x, self._solved)

    def _solved(self, x: FloatArray) -> _Solution:
        guess, p = self._split(x)
        found = None
        if self._warm_start and self._last is not None:
            found = self._newton(self._last.u, p, self._last.near)
        if found is None or found.reason:
            found = self._newton(guess, p)
        if found.reason:
            nowhere = np.full(self.size_out, np.nan)
            return _Solution(self._functions, nowhere, p.copy(), self._failed(found, p))
        solution = _Solution(self._functions, found.u, p.copy(), near=found.factors)
        if found.is_exact and self._functions.is_linear:
            solution.factors = found.factors
        self._last = solution
        return solution

    def _newton(
        self, start: FloatArray, p: FloatArray, nearby: Factorization | None = None
    ) -> NewtonResult:
        functions = self._functions
        return newton(
            lambda u: functions.residual(u, p),
            lambda u: functions.factored(u, p),
            start,
            *self._options,
            nearby,
        )

    def _failed(self, found: NewtonResult, p: FloatArray) -> InnerSolveError:
        norms = [f"{norm:.1e}" for norm in found.residual_norms]
        listed = norms if len(norms) <= _MOST_NORMS else [*norms[:3], "…", *norms[-2:]]
        cause = found.cause
        named = [cause.why] if cause is not None and cause.why else []
        named += [self._functions.rows_named(found.rows)] if found.rows else []
        at = f", at parameters {_shortened(p)}" if p.size else ""
        error = InnerSolveError(
            f"{self.name} has no solution here: {found.reason}",
            where=self.where,
            why="; ".join([*named, f"the largest residuals were {', '.join(listed)}{at}"]),
            instead="a guess nearer to the solution, bounds that keep the parameters where there "
            "is one, or more iterations (max_iterations=)",
            parameters=p.copy(),
            residual_norms=found.residual_norms,
        )
        error.__cause__ = cause
        return error

    def evaluate(self, x: NDArray[Any], out: NDArray[Any]) -> None:
        """Write the solution to ``out``, NaN if there is none."""
        if np.iscomplexobj(x):
            raise SparseOptError(
                f"{self.name} does not take complex numbers",
                why="Newton's method with complex factors is not there",
                instead="real arguments; its derivatives are exact",
            )
        found = self._at(x)
        self.failure = found.failure
        out[:] = found.u

    # ---- derivatives
    def _none(self) -> FloatArray:
        return np.full(self.size_out, np.nan)

    def _moved(self, at: _Solution, dp: FloatArray) -> FloatArray:
        def solved(direction: FloatArray) -> FloatArray:
            if at.factors is None:
                return self._none()
            self.count("solves")
            return -at.factors.solve(self._functions.push(at.u, at.p, direction))

        return at.tangents.of(dp, solved)

    def _transposed(self, at: _Solution, weights: FloatArray) -> FloatArray:
        if at.factors is None:
            return self._none()
        self.count("transposed solves")
        return at.factors.solve_transposed(weights)

    def _adjoint(self, at: _Solution, weights: FloatArray) -> FloatArray:
        return at.adjoints.of(weights, lambda w: self._transposed(at, w))

    def _by_argument(self, by_parameters: FloatArray) -> FloatArray:
        if self._guess is not None:
            return by_parameters
        return np.concatenate([np.zeros(self.size_out), by_parameters])

    def _tangent(self, x: FloatArray, direction: FloatArray) -> FloatArray:
        return self._moved(self._at(x), self._split(direction)[1])

    def _gradient(self, x: FloatArray, weights: FloatArray) -> FloatArray:
        at = self._at(x)
        dual = self._adjoint(at, weights)
        return self._by_argument(-self._functions.pull(at.u, at.p, dual))

    def _gradient_tangent(
        self, x: FloatArray, weights: FloatArray, rates: FloatArray, direction: FloatArray
    ) -> FloatArray:
        at, dp = self._at(x), self._split(direction)[1]
        dual, moved = self._adjoint(at, weights), self._moved(at, dp)
        by_u, by_p = self._functions.curve(at.u, at.p, dual, moved, dp)
        moved_dual = self._transposed(at, rates - by_u)
        return self._by_argument(-self._functions.pull(at.u, at.p, moved_dual) - by_p)


def _shortened(values: FloatArray) -> str:
    return str(np.array2string(values, precision=4, threshold=6, edgeitems=2))
