"""Comparing compiled derivatives with independent ones, and naming the entry that is wrong.

One random direction tests every entry of a matrix at once: M v must agree with a directional
derivative.  A row that disagrees is searched for its wrong column by halving the direction, which
takes two products for each halving, not one for each column.

Variables may differ by orders of magnitude.  So displacements and directions are in units of their
typical sizes, and a row is judged beside the sum of the sizes of its terms, M_ij v_j.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sparseopt.modeling.compiled_problem import CompiledProblem
from sparseopt.modeling.difference_slopes import inside_bounds
from sparseopt.modeling.finite_check import require_finite
from sparseopt.modeling.reference_derivatives import Estimate, Reference, differences, reference
from sparseopt.scipy_on_demand import sparse as sp

__all__ = ["DerivativeReport", "WrongEntry", "check_derivatives"]

FloatArray = NDArray[np.float64]

_MOST_ROWS = 5
_NUM_DIRECTIONS = 2
_HESSIAN_TOLERANCE = 1e-5
_DISPLACEMENT = 0.01
_TINY = 1e-300
_ZERO = 1e-14
"""A variable this much smaller than the largest one is a zero with its rounding."""


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
        The largest relative disagreement for each kind, beyond what rounding explains.
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
        for kind, error in self.errors.items():
            size = f"{error:.1e}" if error else "within rounding"
            lines.append(f"  {kind:<9} relative error {size}")
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
    found = reference(problem)
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
    lower, upper = problem.variable_lower, problem.variable_upper
    away = inside_bounds(start, _direction(problem, start, random), lower, upper)
    moved = np.clip(start + _DISPLACEMENT * away, lower, upper)
    return moved if np.isfinite(found.values(moved)).all() else start.copy()


def _typical_sizes(problem: CompiledProblem, x: FloatArray) -> FloatArray:
    """Return the scale where one is declared, else the size of the variable, one for zeros."""
    size = np.abs(x)
    sizes = np.where(size > _ZERO * size.max(initial=0.0), size, 1.0)
    scale = problem.variable_scale
    # A scale of one stands for variables without any.
    return sizes if scale is None else np.where(scale == 1.0, sizes, scale)


def _direction(problem: CompiledProblem, x: FloatArray, random: np.random.Generator) -> FloatArray:
    """Return a random direction in typical sizes, without small elements, which hide errors."""
    v = random.uniform(0.5, 1.5, x.size) * random.choice([-1.0, 1.0], x.size)
    direction: FloatArray = v * _typical_sizes(problem, x)
    return direction


def _steps(problem: CompiledProblem, x: FloatArray, v: FloatArray) -> FloatArray:
    """Return the direction such that differences along it keep the bounds.

    A fixed variable moves all the same: its derivatives are there, and may be wrong.
    """
    lower, upper = problem.variable_lower, problem.variable_upper
    inside = inside_bounds(x, v, lower, upper)
    return np.where(lower == upper, v, inside)


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
        self.directions = [_direction(problem, x, random) for _ in range(_NUM_DIRECTIONS)]
        self.steps = [_steps(problem, x, v) for v in self.directions]
        self.multipliers = random.uniform(-1.0, 1.0, problem.num_constraints)
        self.errors: dict[str, float] = {}
        self.wrong: list[WrongEntry] = []

    def values(self) -> None:
        """Compare the compiled functions with the interpreted ones."""
        evaluator = self.problem.evaluator
        computed = np.append(evaluator.objective(self.x), self.problem.constraints(self.x))
        expected = self.reference.values(self.x)
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
            sp.csr_array(row.reshape(1, -1)),
            lambda v: self.reference.along(self.x, v).rows(slice(0, 1)),
            lambda k: self._row(-1),
            self.reference.tolerance,
        )
        self._compare(matrix, self._directions())

    def jacobian(self) -> None:
        """Compare the Jacobian with derivatives of the constraints."""
        evaluator = self.problem.evaluator
        matrix = _Matrix(
            "Jacobian",
            evaluator.jacobian_pattern.to_csr(evaluator.jacobian_values(self.x)),
            lambda v: self.reference.along(self.x, v).rows(slice(1, None)),
            self._row,
            self.reference.tolerance,
        )
        self._compare(matrix, self._directions())

    def _directions(self) -> list[FloatArray]:
        return self.directions if self.reference.is_exact else self.steps

    def hessian(self) -> None:
        """Compare the Hessian of the Lagrangian with differences of its gradient."""
        evaluator, multipliers = self.problem.evaluator, self.multipliers
        values = evaluator.hessian_values(self.x, multipliers, 1.0)
        hessian = evaluator.hessian_pattern.to_symmetric(values)

        def slope(x: FloatArray) -> FloatArray:
            total = evaluator.gradient(x)
            return total + evaluator.pullback(x, multipliers) if multipliers.size else total

        jacobian = evaluator.jacobian_pattern.to_csr(evaluator.jacobian_values(self.x))
        size = np.abs(evaluator.gradient(self.x)) + abs(jacobian).T @ np.abs(multipliers)
        matrix = _Matrix(
            "Hessian",
            hessian,
            lambda v: differences(slope, self.x, v, size),
            lambda k: (self.problem.variable_name(k), ""),
            _HESSIAN_TOLERANCE,
        )
        self._compare(matrix, self.steps)

    def _compare(self, matrix: _Matrix, directions: list[FloatArray]) -> None:
        worst, suspects = 0.0, dict[int, FloatArray]()
        for v in directions:
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


@dataclass(frozen=True)
class _Matrix:
    """A matrix as computed, and its products as directional derivatives."""

    kind: str
    computed: sp.csr_array
    expected: Callable[[FloatArray], Estimate]
    describe: Callable[[int], tuple[str, str]]
    tolerance: float

    def disagreement(self, v: FloatArray) -> FloatArray:
        """Return for each row the relative difference of the products beyond its uncertainty."""
        expected = self.expected(v)
        terms = abs(self.computed) @ np.abs(v)
        scale = np.maximum(np.maximum(np.abs(expected.value), terms), _TINY)
        gap = np.abs(self.computed @ v - expected.value) - expected.uncertainty
        return np.where(np.isnan(gap), np.inf, np.maximum(gap, 0.0) / scale)

    def wrong_column(self, row: int, v: FloatArray) -> tuple[int, float, float]:
        """Return the column with the larger error in every halving, and both values there."""

        def error(columns: NDArray[np.int64]) -> float:
            expected, part = self._along(columns, v)
            gap = abs(float((self.computed @ part)[row]) - expected.value[row])
            gap -= expected.uncertainty[row]
            return float(gap) if np.isfinite(gap) else np.inf

        columns = np.flatnonzero(v)
        while columns.size > 1:
            first, second = np.array_split(columns, 2)
            columns = first if error(first) >= error(second) else second
        expected, part = self._along(columns, v)
        size = float(v[columns[0]])
        computed = float((self.computed @ part)[row])
        return int(columns[0]), computed / size, float(expected.value[row]) / size

    def _along(self, columns: NDArray[np.int64], v: FloatArray) -> tuple[Estimate, FloatArray]:
        part = np.zeros_like(v)
        part[columns] = v[columns]
        return self.expected(part), part
