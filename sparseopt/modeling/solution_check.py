"""Checking a point independently of compiled code: values and slopes by the user's own formulas.

At the point, objective and constraints are evaluated with plain NumPy, and the derivatives that the
solver used are compared with their slopes along one seeded random direction, which tests every
entry at once.  Slopes are exact (complex step) unless a function is not NumPy; then two more
evaluations, inside the bounds, give differences and how far they may be off.

A disagreement is an accusation and needs proof, because a kink, rounding or a rough function looks
the same from one point.  So it is confirmed only if it is there at two points beside this one too,
beyond the error that differences with several steps and an estimate of the noise admit; then the
column is found by halving the direction.  What is not confirmed is no failure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import DerivativeError, PatternError
from sparseopt.modeling.checked_problem import (
    CheckedProblem,
    Evaluated,
    GivenDerivatives,
    PlainFunctions,
    evaluated,
    plain_functions,
)
from sparseopt.modeling.difference_slopes import inside_bounds, quick_slopes, slopes_with_error
from sparseopt.on_demand import on_demand

if TYPE_CHECKING:
    from sparseopt.modeling import derivative_check
    from sparseopt.modeling.derivative_check import WrongEntry
else:
    derivative_check = on_demand("sparseopt.modeling.derivative_check")

__all__ = ["Verification", "check_point"]

FloatArray = NDArray[np.float64]

EXACT = 1e-9
"""Relative difference from exact slopes, and of values, that needs no second look."""
DIFFERENCES = 1e-6
"""The same for differences, beside their own error."""
FLOOR = 1e-12
"""What is smaller than this is zero to a solver."""
_MOST_ROWS = 3
_SMALL = 1000
_BESIDE = (1e-4, 1e-3)


@dataclass(frozen=True)
class Verification:
    """What a check of a point found.

    Attributes
    ----------
    method : str
        What derivatives were compared with: "complex step", "differences", or "nothing" where the
        functions cannot be evaluated beside the point.
    value_error, derivative_error : float
        The largest relative differences, confirmed as an error or not; NaN if nothing was compared.
    feasibility : float
        The largest violation of a constraint or bound, by the formulas.
    wrong : tuple of WrongEntry
        Confirmed errors, the largest first.
    advice : str
        What to do about them.
    """

    method: str
    value_error: float
    derivative_error: float
    feasibility: float
    wrong: tuple[WrongEntry, ...] = ()
    advice: str = ""

    @property
    def ok(self) -> bool:
        """Whether no error is confirmed."""
        return not self.wrong

    def __str__(self) -> str:
        if self.ok:
            return (
                f"values agree to {self.value_error:.1e} with the formulas in plain NumPy, "
                f"derivatives to {self.derivative_error:.1e} with {self.method}"
            )
        return "; ".join(str(entry) for entry in self.wrong) + f".  {self.advice}"


def check_point(
    problem: CheckedProblem, x: FloatArray, seed: int = 0, found: Evaluated | None = None
) -> Verification:
    """Check values and first derivatives of a problem at a point.

    Parameters
    ----------
    problem : CheckedProblem
        With ``formulas``, if it has its functions in another form too; else its derivatives are
        compared with its own values.
    x : ndarray, shape (num_variables,)
        Where values and derivatives are finite.
    seed : int
        Of the direction.
    found : Evaluated, optional
        What the problem's functions give at the point, if they have just been evaluated.
    """
    direction = _direction(problem.num_variables, seed)
    check = _Check(problem, plain_functions(problem), x, direction)
    return check.run(evaluated(problem, x) if found is None else found)


def _direction(size: int, seed: int) -> FloatArray:
    """Return random numbers without small ones, which would hide errors."""
    # Small problems are solved again and again; large ones should keep no memory.
    return _known_direction(size, seed) if size <= _SMALL else _new_direction(size, seed)


def _new_direction(size: int, seed: int) -> FloatArray:
    random = np.random.default_rng(seed)
    direction: FloatArray = random.uniform(0.5, 1.5, size) * random.choice([-1.0, 1.0], size)
    direction.flags.writeable = False
    return direction


_known_direction = lru_cache(maxsize=16)(_new_direction)


def _inside(problem: CheckedProblem, x: FloatArray, v: FloatArray) -> FloatArray:
    """Return ``v`` in the units of ``x``, turned and shortened so that steps stay in the bounds."""
    sized = v * np.maximum(np.abs(x), 1.0)
    return inside_bounds(x, sized, problem.variable_lower, problem.variable_upper)


class _Check:
    """One check at one point."""

    def __init__(
        self, problem: CheckedProblem, formulas: PlainFunctions, x: FloatArray, v: FloatArray
    ) -> None:
        self.problem = problem
        self.formulas = formulas
        self.x = x
        self.v = v

    def run(self, at_point: Evaluated) -> Verification:
        values, slopes, error, v, method = self._by_formulas()
        given = GivenDerivatives(self.problem, self.x, at_point)
        # Values and slopes in one, because small problems pay for each NumPy call.
        found, expected = np.empty((2, values.size)), np.array((values, slopes))
        found[0, 0], found[0, 1:] = at_point.objective, at_point.constraints
        found[1] = given.along(v)
        value_gap, gap = gaps = np.abs(found - expected)
        errors = np.maximum.reduce(gaps / np.maximum(np.abs(expected), 1.0), axis=1)
        value_error, slope_error = errors.tolist()
        # Below the floor nothing needs a second look; NaN fails the comparison and gets one.
        wrong = []
        if not value_error <= FLOOR:
            wrong = self._wrong_values(found[0], values, value_gap, given)
        if not (wrong or slope_error <= FLOOR or method == "nothing"):
            relative = EXACT if method == "complex step" else DIFFERENCES
            wrong = self._wrong_slopes(gap - error, slopes, relative, partial(given.sizes, v))
        return Verification(
            method,
            value_error,
            slope_error,
            self._violation(values),
            tuple(wrong),
            self._advice(wrong) if wrong else "",
        )

    def _by_formulas(self) -> tuple[FloatArray, FloatArray, FloatArray | float, FloatArray, str]:
        """Return values, slopes, the slopes' errors, along which direction, and by which way."""
        exact = self.formulas.along(self.x, self.v)
        if exact is not None:
            return *exact, 0.0, self.v, "complex step"
        values = self.formulas.values(self.x)
        v = _inside(self.problem, self.x, self.v)
        found = _tried(lambda: quick_slopes(self.formulas.values, self.x, v, values))
        if found is None:
            nothing = np.full(values.size, np.nan)
            return values, nothing, nothing, v, "nothing"
        return values, *found, v, "differences"

    def _violation(self, values: FloatArray) -> float:
        problem, x, rows = self.problem, self.x, values[1:]
        slacks = (
            *(x - problem.variable_lower, problem.variable_upper - x),
            *(rows - problem.constraint_lower, problem.constraint_upper - rows),
        )
        return 0.0 - float(min(np.minimum.reduce(slack, initial=0.0) for slack in slacks))

    # ---- values
    def _wrong_values(
        self, computed: FloatArray, values: FloatArray, gap: FloatArray, given: GivenDerivatives
    ) -> list[WrongEntry]:
        if (gap <= EXACT * np.abs(values) + FLOOR).all():
            return []
        sizes = np.maximum(np.abs(values), given.sizes(self.x))
        rows = np.flatnonzero(~(gap <= EXACT * sizes + FLOOR))
        if not rows.size:
            return []
        expected, noise = self._values_and_noise()
        gap, change = np.abs(computed - expected), np.abs(values - expected)
        allowed = EXACT * sizes + FLOOR
        unsteady = change > allowed if self.formulas.external else np.zeros(gap.size, bool)
        rows = rows[(unsteady | (gap > allowed + 100.0 * noise))[rows]]
        worst = rows[np.argsort(-gap[rows])][:_MOST_ROWS]
        return [
            derivative_check.WrongEntry(
                "value", *self._row(k)[:1], "", float(computed[k]), float(expected[k]),
                self._row(k)[1],
            )
            for k in worst.tolist()
        ]  # fmt: skip

    def _values_and_noise(self) -> tuple[FloatArray, FloatArray]:
        """Return the formulas' values, and by how much rounding of the variables moves them."""
        expected = self.formulas.values(self.x)
        unit = np.finfo(np.float64).eps * self.x * self.v
        moved = [self.formulas.values(self.x + k * unit) for k in (-2.0, -1.0, 1.0, 2.0)]
        return expected, np.max(np.abs(np.stack(moved) - expected), axis=0)

    # ---- derivatives
    def _wrong_slopes(
        self,
        gap: FloatArray,
        slopes: FloatArray,
        relative: float,
        sizes: Callable[[], FloatArray],
    ) -> list[WrongEntry]:
        """Return the entries that are wrong beside the point too, in the worst suspected rows."""
        # NaN fails the comparison, and is to be looked at.  The sizes are rarely needed.
        if (gap <= relative * np.abs(slopes) + FLOOR).all():
            return []
        allowed = relative * np.maximum(np.abs(slopes), sizes()) + FLOOR
        rows = np.flatnonzero(~(gap <= allowed))
        excess = np.where(np.isfinite(gap), gap / allowed, np.inf)[rows]
        rows = rows[np.argsort(-excess, kind="stable")]
        points = [self._beside(distance) for distance in _BESIDE]
        for point in points:
            wrong = _tried(partial(self._confirmed, point))
            rows = rows[:0] if wrong is None else rows[wrong[rows]]
            if not rows.size:
                return []
        return [self._wrong_entry(points[0], int(row)) for row in rows[:_MOST_ROWS]]

    def _beside(self, distance: float) -> FloatArray:
        """Return a point near by, within the bounds, off kinks and zeros that are at the point."""
        away = _inside(self.problem, self.x, _direction(self.x.size, 1))
        return self.x + distance * away

    def _confirmed(self, x: FloatArray) -> NDArray[np.bool_]:
        """Return which rows disagree at ``x``, with differences and with exact slopes if any."""
        v = _inside(self.problem, x, self.v)
        given = GivenDerivatives(self.problem, x)
        found, sizes = given.along(v), given.sizes(v)
        slopes, error = slopes_with_error(self.formulas.values, x, v)
        wrong = _differs(found, slopes, sizes, error)
        exact = self.formulas.along(x, v)
        if exact is not None:
            wrong &= _differs(found, exact[1], sizes, 0.0)
        return wrong

    def _wrong_entry(self, x: FloatArray, row: int) -> WrongEntry:
        """Return the entry with the larger error in every halving of the columns."""
        given, v = GivenDerivatives(self.problem, x), _inside(self.problem, x, self.v)

        def error(columns: NDArray[np.intp]) -> float:
            return self._compared(given, x, _restricted(v, columns), row)[2]

        columns = np.flatnonzero(v)
        while columns.size > 1:
            first, second = np.array_split(columns, 2)
            columns = first if error(first) >= error(second) else second
        computed, expected = self._entry(x, row, columns)
        name, where = self._row(row)
        variable = self.problem.variable_name(int(columns[0]))
        return derivative_check.WrongEntry(
            "Jacobian" if row else "gradient", name, variable, computed, expected, where
        )

    def _entry(self, beside: FloatArray, row: int, column: NDArray[np.intp]) -> tuple[float, float]:
        """Return both values of an entry at the point if they differ there, else beside it."""
        for x in (self.x, beside):
            given, v = GivenDerivatives(self.problem, x), _inside(self.problem, x, self.v)
            unit = _restricted(v, column)
            computed, expected, error = self._compared(given, x, unit, row)
            if error > 0.0 or x is beside:
                break
        size = float(v[column[0]])
        return computed / size, expected / size

    def _compared(
        self, given: GivenDerivatives, x: FloatArray, v: FloatArray, row: int
    ) -> tuple[float, float, float]:
        """Return a row's slope as given and by the formulas, and by how much it is surely off."""
        slopes, error = self._best_slopes(x, v)
        computed, expected = float(given.along(v)[row]), float(slopes[row])
        return computed, expected, max(abs(computed - expected) - 3.0 * float(error[row]), 0.0)

    def _best_slopes(self, x: FloatArray, v: FloatArray) -> tuple[FloatArray, FloatArray]:
        exact = self.formulas.along(x, v)
        if exact is not None:
            return exact[1], np.zeros_like(exact[1])
        return slopes_with_error(self.formulas.values, x, v)

    # ---- in words
    def _row(self, k: int) -> tuple[str, str]:
        if k == 0:
            return "objective", getattr(self.problem, "objective_source", "")
        return self.problem.constraint_name(k - 1), self.problem.constraint_source(k - 1)

    def _advice(self, wrong: list[WrongEntry]) -> str:
        external = self.formulas.external
        if not external:
            return (
                "No function of yours is to blame, the derivatives are sparseopt's own: please "
                "report it, with the model; backend='numpy' may do without the fault"
            )
        if wrong[0].kind == "value":
            return f"{', '.join(external)} must return the same values at the same point"
        return (
            f"Correct the derivatives or the pattern given for {', '.join(external)}, or leave "
            "them out"
        )


def _restricted(v: FloatArray, columns: NDArray[np.intp]) -> FloatArray:
    part = np.zeros_like(v)
    part[columns] = v[columns]
    return part


def _differs(
    found: FloatArray, slopes: FloatArray, sizes: FloatArray, error: FloatArray | float
) -> NDArray[np.bool_]:
    allowed = EXACT * sizes + 1e-7 * np.abs(slopes) + 3.0 * error + FLOOR
    wrong: NDArray[np.bool_] = np.abs(found - slopes) > allowed  # NaN proves nothing
    return wrong


def _tried(function: Callable[[], Any]) -> Any:
    """Return a result, or None where the user's functions do not admit the point."""
    try:
        return function()
    except (DerivativeError, PatternError):  # another check names the entry already
        raise
    except Exception:  # they need not be defined beside the points that the solver asked for
        return None
