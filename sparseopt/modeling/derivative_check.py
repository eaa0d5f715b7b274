"""Comparing compiled derivatives with independent ones, and naming the entry that is wrong.

One random direction tests every entry of a matrix at once: M v must agree with a directional
derivative.  A row that disagrees is searched for its wrong column by halving the direction, which
takes two products for each halving, not one for each column.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from sparseopt.modeling.compiled_problem import CompiledProblem
from sparseopt.modeling.finite_check import require_finite
from sparseopt.modeling.reference_derivatives import (
    Estimate,
    Reference,
    central_differences,
    reference,
)

__all__ = ["DerivativeReport", "WrongEntry", "check_derivatives"]

FloatArray = NDArray[np.float64]

_MOST_ROWS = 5
_NUM_DIRECTIONS = 2
_HESSIAN_TOLERANCE = 1e-5


@dataclass(frozen=True)
class WrongEntry:
    """An entry of a derivative that disagrees with the reference.

    Attributes
    ----------
    kind : str
        "gradient", "Jacobian" or "Hessian"; "value" where the functions themselves disagree.
    row, column : str
        Names of the constraint (or variable, or "objective") and of the variable.
    computed, expected : float
    where : str
        The user's line of the row.
    """

    kind: str
    row: str
    column: str
    computed: float
    expected: float
    where: str = ""

    def __str__(self) -> str:
        names = f"{self.row} with respect to {self.column}" if self.column else self.row
        scale = max(abs(self.expected), abs(self.computed), 1e-300)
        relative = abs(self.computed - self.expected) / scale
        text = (
            f"{self.kind}: {names}: computed {self.computed:.10g}, expected {self.expected:.10g}"
            f" (relative difference {relative:.1e})"
        )
        return f"{text}, {self.where}" if self.where else text


@dataclass(frozen=True)
class DerivativeReport:
    """The outcome of a derivative check; printing it shows what was compared.

    Attributes
    ----------
    wrong : list of WrongEntry
        At most a few rows of each derivative.
    errors : dict of float
        The largest relative disagreement for each kind.
    method : str
        What the first derivatives were compared with.
    """

    problem: str
    method: str
    errors: dict[str, float]
    wrong: list[WrongEntry] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything agrees."""
        return not self.wrong

    def __str__(self) -> str:
        verdict = "derivatives agree" if self.ok else "derivatives are WRONG"
        lines = [f"{self.problem}: {verdict} with {self.method} along random directions"]
        lines += [f"  {kind:<9} relative error {error:.1e}" for kind, error in self.errors.items()]
        return "\n".join(lines + [f"  wrong {entry}" for entry in self.wrong])


def check_derivatives(
    problem: CompiledProblem, x: FloatArray | None, seed: int
) -> DerivativeReport:
    """Compare values, gradient, Jacobian and Hessian of the Lagrangian at a point.

    Raises
    ------
    NonFiniteError
        If a value or first derivative is not finite there: nothing can be compared.
    """
    random = np.random.default_rng(seed)
    found = reference(problem.program, problem.evaluator.parameters.copy())
    point = _point_near_start(problem, found, random) if x is None else x
    require_finite(problem, point)
    comparison = _Comparison(problem, point, found, random)
    comparison.values()
    comparison.gradient()
    if problem.num_constraints:
        comparison.jacobian()
    comparison.hessian()
    return DerivativeReport(problem.name, found.method, comparison.errors, comparison.wrong)


def _point_near_start(
    problem: CompiledProblem, found: Reference, random: np.random.Generator
) -> FloatArray:
    """Return a point off the start, whose zeros and ones hide errors, where all is finite."""
    start = problem.initial_point
    moved = start + 0.01 * (1.0 + np.abs(start)) * random.uniform(-1.0, 1.0, start.size)
    moved = np.clip(moved, problem.variable_lower, problem.variable_upper)
    fixed = problem.variable_lower == problem.variable_upper
    moved[fixed] = start[fixed]
    finite = all(np.isfinite(output).all() for output in found.values(moved))
    return moved if finite else start.copy()


class _Comparison:
    """One check at one point; collects errors and wrong entries."""

    def __init__(
        self,
        problem: CompiledProblem,
        x: FloatArray,
        found: Reference,
        random: np.random.Generator,
    ) -> None:
        self.problem = problem
        self.x = x
        self.reference = found
        self.directions = [_direction(x.size, random) for _ in range(_NUM_DIRECTIONS)]
        self.multipliers = random.uniform(-1.0, 1.0, problem.num_constraints)
        self.errors: dict[str, float] = {}
        self.wrong: list[WrongEntry] = []

    def values(self) -> None:
        """Compare the compiled functions with the interpreted ones."""
        evaluator = self.problem.evaluator
        computed = np.append(evaluator.objective(self.x), self.problem.constraints(self.x))
        expected = np.concatenate([np.ravel(v) for v in self.reference.values(self.x)])
        gap = np.abs(computed - expected) / np.maximum(1.0, np.abs(expected))
        self.errors["value"] = float(gap.max())
        for row in np.flatnonzero(~(gap <= 1e-9))[:_MOST_ROWS]:
            name, where = self._row(int(row) - 1)
            both = float(computed[row]), float(expected[row])
            self.wrong.append(WrongEntry("value", name, "", *both, where))

    def gradient(self) -> None:
        """Compare the gradient with derivatives of the objective."""
        row = self.problem.evaluator.gradient(self.x)
        matrix = _Matrix(
            "gradient",
            lambda v: np.array([row @ v]),
            lambda v: self.reference.along(self.x, v)[0],
            lambda k: self._row(-1),
            np.array([np.linalg.norm(row)]),
            self.reference.tolerance,
        )
        self._compare(matrix)

    def jacobian(self) -> None:
        """Compare the Jacobian with derivatives of the constraints."""
        evaluator = self.problem.evaluator
        jacobian = evaluator.jacobian_pattern.to_csr(evaluator.jacobian_values(self.x))
        matrix = _Matrix(
            "Jacobian",
            lambda v: jacobian @ v,
            lambda v: self.reference.along(self.x, v)[1],
            self._row,
            _row_norms(jacobian),
            self.reference.tolerance,
        )
        self._compare(matrix)

    def hessian(self) -> None:
        """Compare the Hessian of the Lagrangian with differences of its gradient."""
        evaluator, multipliers = self.problem.evaluator, self.multipliers
        values = evaluator.hessian_values(self.x, multipliers, 1.0)
        hessian = evaluator.hessian_pattern.to_symmetric(values)

        def slope(x: FloatArray) -> list[FloatArray]:
            total = evaluator.gradient(x)
            if multipliers.size:
                total = total + evaluator.pullback(x, multipliers)
            return [total]

        # Differences see the rounding of the whole gradient, however small a row of the Hessian.
        rounding = 1e-4 * max(1.0, float(np.abs(slope(self.x)[0]).max()))
        matrix = _Matrix(
            "Hessian",
            lambda v: hessian @ v,
            lambda v: central_differences(slope, self.x, v)[0],
            lambda k: (self.problem.variable_name(k), ""),
            np.maximum(_row_norms(hessian), rounding),
            _HESSIAN_TOLERANCE,
        )
        self._compare(matrix)

    def _compare(self, matrix: _Matrix) -> None:
        worst, suspects = 0.0, dict[int, FloatArray]()
        for v in self.directions:
            gap = matrix.disagreement(v)
            worst = max(worst, float(gap.max(initial=0.0)))
            for row in np.flatnonzero(~(gap <= matrix.tolerance))[:_MOST_ROWS]:
                suspects.setdefault(int(row), v)
        self.errors[matrix.kind] = worst
        for row, v in list(suspects.items())[:_MOST_ROWS]:
            column, computed, expected = matrix.wrong_column(row, v)
            name, where = matrix.describe(row)
            column_name = self.problem.variable_name(column)
            entry = WrongEntry(matrix.kind, name, column_name, computed, expected, where)
            self.wrong.append(entry)

    def _row(self, index: int) -> tuple[str, str]:
        if index < 0:
            return "objective", self.problem.objective_source
        return self.problem.constraint_name(index), self.problem.constraint_source(index)


def _direction(size: int, random: np.random.Generator) -> FloatArray:
    """Return a random direction without small elements, which would hide errors."""
    direction: FloatArray = random.uniform(0.5, 1.5, size) * random.choice([-1.0, 1.0], size)
    return direction


def _row_norms(matrix: sp.csr_array) -> FloatArray:
    norms: FloatArray = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1))).reshape(-1)
    return norms


@dataclass(frozen=True)
class _Matrix:
    """A matrix known by its products: as computed, and as a directional derivative."""

    kind: str
    computed: Callable[[FloatArray], FloatArray]
    expected: Callable[[FloatArray], Estimate]
    describe: Callable[[int], tuple[str, str]]
    sizes: FloatArray
    tolerance: float

    def disagreement(self, v: FloatArray) -> FloatArray:
        """Return for each row the relative difference of the products beyond its uncertainty."""
        expected = self.expected(v)
        scale = np.maximum(np.maximum(np.abs(expected.value), self.sizes), 1e-3)
        gap = np.abs(self.computed(v) - expected.value) - 2.0 * expected.uncertainty
        return np.where(np.isnan(gap), np.inf, np.maximum(gap, 0.0) / scale)

    def wrong_column(self, row: int, v: FloatArray) -> tuple[int, float, float]:
        """Return the column with the larger error in every halving, and both values there."""

        def error(columns: NDArray[np.int64]) -> float:
            part = np.zeros_like(v)
            part[columns] = v[columns]
            expected = self.expected(part).at(row)
            gap = np.abs(self.computed(part)[row] - expected.value) - 2.0 * expected.uncertainty
            return float(gap[0]) if np.isfinite(gap[0]) else np.inf

        columns = np.arange(v.size)
        while columns.size > 1:
            first, second = np.array_split(columns, 2)
            columns = first if error(first) >= error(second) else second
        unit = np.zeros_like(v)
        unit[columns] = 1.0
        expected = self.expected(unit).at(row)
        return int(columns[0]), float(self.computed(unit)[row]), float(expected.value[0])
