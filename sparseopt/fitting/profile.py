"""Profile likelihood: one variable fixed at values around its estimate, the others fitted again.

The signed root of the excess, τ(θ) = sign(θ - θ̂) √((S(θ) - S(θ̂)) / s²), would be the straight
line (θ - θ̂) / standard error if the model were linear.  The interval is where |τ| stays below the
quantile (Bates and Watts 1988, doi:10.1002/9780470316757, section 6.1).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import DegenerateSolutionError, ProblemError
from sparseopt.fitting.solved_point import SolvedPoint
from sparseopt.fitting.uncertainty_plots import new_figure
from sparseopt.modeling.problem import Problem
from sparseopt.modeling.solver_registry import SolverOutcome, run_solver

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Profile", "profile_likelihood"]

FloatArray = NDArray[np.float64]

_REACH = 4.0
"""How many times the linear interval is searched before an end is called open."""
_SECANTS = 6
_ROOT = 1e-4
"""Error of an end's τ."""
_LOWER = 1e-6


@dataclass(frozen=True)
class Profile:
    """The profile of one variable.

    Attributes
    ----------
    name : str
    estimate, standard_error : float
    values : ndarray
        Where it was fixed, ascending, with the estimate.
    objectives : ndarray
        ½ the least weighted sum of squares (or losses) with it fixed there.
    tau : ndarray
        Signed roots of the excess, in standard deviations.
    quantile : float
        The |τ| of the ends.
    interval : (float, float)
        Infinite where the data do not limit it.
    num_solves : int
    """

    name: str
    estimate: float
    standard_error: float
    values: FloatArray
    objectives: FloatArray
    tau: FloatArray
    quantile: float
    interval: tuple[float, float]
    num_solves: int

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw τ, the straight line of the linearized model, and the interval."""
        if axes is None:
            axes = new_figure(5.2, 3.6).subplots()
        axes.plot(self.values, self.tau, "o-", markersize=3, label="profile")
        if math.isfinite(self.standard_error) and self.standard_error > 0.0:
            line = (self.values - self.estimate) / self.standard_error
            axes.plot(self.values, line, "--", linewidth=1, label="linearized model")
        for end in filter(math.isfinite, self.interval):
            axes.axvline(end, color="0.6", linewidth=1)
        axes.set_xlabel(self.name)
        axes.set_ylabel("τ")
        axes.legend()
        return axes


class FixedVariable:
    """A problem with one variable fixed, for solvers."""

    def __init__(self, problem: Problem, index: int, value: float) -> None:
        self._problem = problem
        self.variable_lower = problem.variable_lower.copy()
        self.variable_upper = problem.variable_upper.copy()
        self.variable_lower[index] = self.variable_upper[index] = value

    def __getattr__(self, name: str) -> Any:
        return getattr(self._problem, name)


class _Search:
    """Fits with the variable fixed, each started from the nearest one before."""

    def __init__(
        self,
        point: SolvedPoint,
        index: int,
        scales: tuple[float, float, float],
        solver: str,
        options: Mapping[str, Any] | None,
    ) -> None:
        self._point, self._index = point, index
        self.error, self._variance, self.quantile = scales
        self._run = partial(
            run_solver, solver=solver, options=options, time_limit=None, callback=None, verify="off"
        )
        self.estimate = float(point.x[index])
        with point.as_solved():
            self._least = point.problem.objective(point.x)
        self.tau = {self.estimate: 0.0}
        self.objectives = {self.estimate: self._least}
        self._outcomes: dict[float, SolverOutcome] = {self.estimate: point.solution.outcome}
        self.num_solves = 0

    def at(self, value: float) -> float:
        """Return τ with the variable fixed at a value."""
        if value in self.tau:
            return self.tau[value]
        before = self._outcomes[min(self._outcomes, key=lambda other: abs(other - value))]
        start = {
            "x": before.x.copy(),
            "constraint_multipliers": before.constraint_multipliers,
            "lower_multipliers": before.lower_multipliers,
            "upper_multipliers": before.upper_multipliers,
        }
        start["x"][self._index] = value
        problem = FixedVariable(self._point.problem, self._index, value)
        with self._point.as_solved():
            outcome = self._run(problem, start=start)
        self.num_solves += 1
        if not outcome.status.success:
            return math.nan
        self._outcomes[value], self.objectives[value] = outcome, outcome.objective
        self.tau[value] = self._root(value, outcome.objective)
        return self.tau[value]

    def _root(self, value: float, objective: float) -> float:
        excess = 2.0 * (objective - self._least) / self._variance
        if excess < -_LOWER * (1.0 + 2.0 * abs(self._least) / self._variance):
            name = self._point.problem.variable_name(self._index)
            raise DegenerateSolutionError(
                f"a better fit was found with {name} = {value:g}",
                names=(name,),
                why=f"its objective is {objective:g}, that of the solution {self._least:g}",
                instead=f'solve again from there: m.solve(start={{"{name}": {value:g}}})',
            )
        return math.copysign(math.sqrt(max(excess, 0.0)), value - self.estimate)

    def end(self, side: int, step: float) -> float:
        """Return where |τ| reaches the quantile on a side; infinite where it does not."""
        limit = self._limit(side)
        inner, value = self.estimate, self.estimate
        linear = self.error * self.quantile if math.isfinite(self.error) else 0.0
        last = self.estimate + side * _REACH * max(linear, 4.0 * step)
        while True:
            value = value + side * step
            value = min(value, limit) if side > 0 else max(value, limit)
            tau = abs(self.at(value))
            if not tau < self.quantile:  # also where a fit failed
                return self._refined(inner, value) if tau >= self.quantile else side * math.inf
            if value == limit:
                return limit
            if side * (value - last) > 0.0:
                return side * math.inf
            inner = value

    def _refined(self, inner: float, outer: float) -> float:
        """Return the root between two values: regula falsi, Illinois variant."""
        low, high = abs(self.tau[inner]) - self.quantile, abs(self.tau[outer]) - self.quantile
        value = outer
        for _ in range(_SECANTS):
            value = outer - high * (outer - inner) / (high - low)
            excess = abs(self.at(value)) - self.quantile
            if not abs(excess) > _ROOT:
                break
            if excess * high < 0.0:
                inner, low = outer, high
            else:
                low /= 2.0
            outer, high = value, excess
        return value

    def _limit(self, side: int) -> float:
        problem = self._point.problem
        bounds = problem.variable_upper if side > 0 else problem.variable_lower
        return float(bounds[self._index])


def profile_likelihood(
    point: SolvedPoint,
    index: int,
    scales: tuple[float, float, float],
    points: int,
    solver: str = "ipopt",
    options: Mapping[str, Any] | None = None,
) -> Profile:
    """Return the profile of the variable with a flat index.

    Parameters
    ----------
    point : SolvedPoint
    index : int
    scales : (float, float, float)
        Standard error, residual variance, quantile.
    points : int
        Steps across the interval.
    solver, options
        As for `Model.solve`.

    Raises
    ------
    ProblemError
        For a variable without a step to take, because a bound or the constraints hold it, and for
        points that are no positive number.
    DegenerateSolutionError
        If a better fit is found on the way.
    """
    if not isinstance(points, (int, np.integer)) or points < 1:
        raise ProblemError(f"points={points!r}", instead="a number of steps, such as 15")
    search = _Search(point, index, scales, solver, options)
    name = point.problem.variable_name(index)
    step = 2.0 * search.error * search.quantile / max(2, points - 1)
    if search.error == 0.0:
        raise ProblemError(
            f"{name} has no profile: a bound or the constraints fix it",
            instead="choose another variable",
        )
    if not math.isfinite(search.error):
        step = 0.1 * max(abs(search.estimate), 1.0)
    ends = search.end(-1, step), search.end(1, step)
    values = np.array(sorted(search.tau))
    return Profile(
        name,
        search.estimate,
        search.error,
        values,
        np.array([search.objectives[v] for v in values]),
        np.array([search.tau[v] for v in values]),
        search.quantile,
        ends,
        search.num_solves,
    )
