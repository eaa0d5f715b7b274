# ruff: noqa: D102 - the names below are those of `sparseopt.modeling.problem.Problem`
"""What a check of a point needs: the functions that the solver is given, and plain ones."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import SolverError, did_you_mean

__all__ = [
    "CheckedProblem",
    "Evaluated",
    "GivenDerivatives",
    "PlainFunctions",
    "Verify",
    "check_choice",
    "evaluated",
    "plain_functions",
]

FloatArray = NDArray[np.float64]

Verify = Literal["final", "start", "off"]
"""Where values and derivatives are checked: at a solution, at the start too, or nowhere."""
_CHOICES = get_args(Verify)


def check_choice(verify: str) -> None:
    """Raise `SolverError` for a word that is none of `Verify`."""
    if verify not in _CHOICES:
        raise SolverError(
            f"verify={verify!r} is no choice",
            instead=did_you_mean(str(verify), _CHOICES),
        )


class CheckedProblem(Protocol):
    """Functions, bounds and names of a problem."""

    @property
    def num_variables(self) -> int: ...
    @property
    def num_constraints(self) -> int: ...
    @property
    def variable_lower(self) -> FloatArray: ...
    @property
    def variable_upper(self) -> FloatArray: ...
    @property
    def constraint_lower(self) -> FloatArray: ...
    @property
    def constraint_upper(self) -> FloatArray: ...
    @property
    def jacobian_pattern(self) -> Any: ...
    def objective(self, x: FloatArray) -> float: ...
    def constraints(self, x: FloatArray) -> FloatArray: ...
    def gradient(self, x: FloatArray) -> FloatArray: ...
    def jacobian_values(self, x: FloatArray) -> FloatArray: ...
    def variable_name(self, index: int) -> str: ...
    def constraint_name(self, index: int) -> str: ...
    def constraint_source(self, index: int) -> str: ...


@dataclass(frozen=True)
class Evaluated:
    """What the functions that a solver is given yield at one point.

    Attributes
    ----------
    objective : float
    constraints : ndarray, shape (num_constraints,)
    gradient : ndarray, shape (num_variables,)
    jacobian : ndarray
        Entries in the order of the pattern.
    """

    objective: float
    constraints: FloatArray
    gradient: FloatArray
    jacobian: FloatArray

    @property
    def is_finite(self) -> bool:
        """Whether nothing is NaN or infinite; a sum that overflows is taken for infinite."""
        parts = (self.constraints, self.gradient, self.jacobian)
        with np.errstate(over="ignore", invalid="ignore"):
            return math.isfinite(self.objective + sum(map(_sum, parts)))


_sum: Callable[[FloatArray], float] = np.add.reduce


def evaluated(problem: CheckedProblem, x: FloatArray) -> Evaluated:
    """Return values and first derivatives of a problem at a point."""
    m = problem.num_constraints
    return Evaluated(
        problem.objective(x),
        problem.constraints(x) if m else np.empty(0),
        problem.gradient(x),
        problem.jacobian_values(x) if m else np.empty(0),
    )


class PlainFunctions(Protocol):
    """The same functions, not compiled: `sparseopt.graph.formulas.Formulas`."""

    external: tuple[str, ...]

    def values(self, x: FloatArray) -> FloatArray: ...
    def along(self, x: FloatArray, v: FloatArray) -> tuple[FloatArray, FloatArray] | None: ...


def plain_functions(problem: CheckedProblem) -> PlainFunctions:
    """Return the problem's ``formulas``; for a problem without, its own functions."""
    found: PlainFunctions | None = getattr(problem, "formulas", None)
    return _OwnValues(problem) if found is None else found


class _OwnValues:
    """The functions of a problem that has no second form."""

    def __init__(self, problem: CheckedProblem) -> None:
        self._problem = problem
        self.external: tuple[str, ...] = ("the problem's functions",)

    def values(self, x: FloatArray) -> FloatArray:
        objective = [float(self._problem.objective(x))]
        rows = self._problem.constraints(x) if self._problem.num_constraints else ()
        return np.concatenate((objective, rows))

    def along(self, x: FloatArray, v: FloatArray) -> None:
        return None


class GivenDerivatives:
    """The derivatives that the solver is given at a point: row 0 is the objective."""

    def __init__(
        self, problem: CheckedProblem, x: FloatArray, found: Evaluated | None = None
    ) -> None:
        self._m = problem.num_constraints
        self._gradient = problem.gradient(x) if found is None else found.gradient
        if self._m:
            self._pattern = problem.jacobian_pattern
            self._jacobian = problem.jacobian_values(x) if found is None else found.jacobian

    def along(self, v: FloatArray) -> FloatArray:
        """Return the derivatives along ``v``."""
        return self._sums(self._gradient * v, v, np.asarray)

    def sizes(self, v: FloatArray) -> FloatArray:
        """Return the sums of the sizes of their terms, which rounding is relative to."""
        return self._sums(np.abs(self._gradient * v), v, np.abs)

    def _sums(self, terms: FloatArray, v: FloatArray, part: Callable[..., Any]) -> FloatArray:
        sums = np.empty(1 + self._m)
        sums[0] = _sum(terms)
        if self._m:
            products = part(self._jacobian * v[self._pattern.cols])
            sums[1:] = np.bincount(self._pattern.rows, products, self._m)
        return sums
