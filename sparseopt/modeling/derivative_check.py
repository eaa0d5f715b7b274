"""Comparing compiled derivatives with independent ones, and naming the entry that is wrong.

One random direction tests every entry of a matrix at once: M v must agree with a directional
derivative.  A row that disagrees is searched for its wrong column by halving the direction, which
takes two products for each halving, not one for each column.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sparseopt.modeling.compiled_problem import CompiledProblem
from sparseopt.modeling.reference_derivatives import Reference, central_difference, reference

__all__ = ["DerivativeReport", "WrongEntry", "check_derivatives"]

FloatArray = NDArray[np.float64]
Product = Callable[[FloatArray], FloatArray]

_MOST_ROWS = 5
_NUM_DIRECTIONS = 2


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
    """Compare values, gradient, Jacobian and Hessian of the Lagrangian at a point."""
    random = np.random.default_rng(seed)
    found = reference(problem.program, problem.evaluator.parameters.copy())
    point = _point_near_start(problem, found, random) if x is None else x
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
        self.random = random
        self.errors: dict[str, float] = {}
        self.wrong: list[WrongEntry] = []

    def values(self) -> None:
        """Compare the compiled functions with the interpreted ones."""
        evaluator = self.problem.evaluator
        computed = np.append(evaluator.objective(self.x), evaluator.constraints(self.x))
        expected = np.append(*self.reference.values(self.x))
        gap = np.abs(computed - expected) / np.maximum(1.0, np.abs(expected))
        self.errors["value"] = float(gap.max())
        for row in np.flatnonzero(~(gap <= 1e-9))[:_MOST_ROWS]:
            name, where = self._row(int(row) - 1)
            found = float(computed[row]), float(expected[row])
            self.wrong.append(WrongEntry("value", name, "", *found, where))

    def gradient(self) -> None:
        """Compare the gradient with derivatives of the objective."""
        row = self.problem.evaluator.gradient(self.x)

        def computed(v: FloatArray) -> FloatArray:
            return np.array([row @ v])

        def expected(v: FloatArray) -> FloatArray:
            return self.reference.along(self.x, v)[0].reshape(1)

        size = float(np.linalg.norm(row))
        self._compare("gradient", computed, expected, lambda k: self._row(-1), np.array([size]))

    def jacobian(self) -> None:
        """Compare the Jacobian with derivatives of the constraints."""
        evaluator = self.problem.evaluator
        matrix = evaluator.jacobian_pattern.to_csr(evaluator.jacobian_values(self.x))

        def expected(v: FloatArray) -> FloatArray:
            return self.reference.along(self.x, v)[1]

        sizes = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1))).reshape(-1)
        self._compare("Jacobian", lambda v: matrix @ v, expected, self._row, sizes)

    def hessian(self) -> None:
        """Compare the Hessian of the Lagrangian with differences of its gradient."""
        problem, evaluator = self.problem, self.problem.evaluator
        multipliers = self.random.uniform(-1.0, 1.0, problem.num_constraints)
        values = evaluator.hessian_values(self.x, multipliers, 1.0)
        matrix = evaluator.hessian_pattern.to_symmetric(values)

        def slope(x: FloatArray) -> list[FloatArray]:
            total = evaluator.gradient(x)
            if multipliers.size:
                total = total + evaluator.pullback(x, multipliers)
            return [total]

        def expected(v: FloatArray) -> FloatArray:
            return central_difference(slope, self.x, v)[0]

        sizes = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1))).reshape(-1)
        # Differences see rounding of the gradient, whatever the size of a row.
        rounding = np.full(sizes.size, 1e-4 * max(1.0, float(np.abs(slope(self.x)[0]).max())))
        sizes = np.maximum(sizes, rounding)
        self._compare("Hessian", lambda v: matrix @ v, expected, self._variable, sizes, 1e-5)

    def _compare(
        self,
        kind: str,
        computed: Product,
        expected: Product,
        describe: Callable[[int], tuple[str, str]],
        sizes: FloatArray,
        tolerance: float | None = None,
    ) -> None:
        limit = self.reference.tolerance if tolerance is None else tolerance
        worst, suspects = 0.0, dict[int, FloatArray]()
        for _ in range(_NUM_DIRECTIONS):
            v = self.random.uniform(0.5, 1.5, self.x.size) * self.random.choice(
                [-1.0, 1.0], self.x.size
            )
            mine, other = computed(v), expected(v)
            scale = np.maximum(np.maximum(np.abs(other), sizes), 1e-3)
            gap = np.abs(mine - other) / scale
            worst = max(worst, float(gap.max()))
            for row in np.flatnonzero(~(gap <= limit))[:_MOST_ROWS]:
                suspects.setdefault(int(row), v)
        self.errors[kind] = worst
        for row, v in list(suspects.items())[:_MOST_ROWS]:
            column, mine_at, other_at = _wrong_column(computed, expected, row, v)
            name, where = describe(row)
            column_name = self.problem.variable_name(column)
            self.wrong.append(WrongEntry(kind, name, column_name, mine_at, other_at, where))

    def _row(self, index: int) -> tuple[str, str]:
        if index < 0:
            return "objective", self.problem.objective_source
        return self.problem.constraint_name(index), self.problem.constraint_source(index)

    def _variable(self, index: int) -> tuple[str, str]:
        return self.problem.variable_name(index), ""


def _wrong_column(
    computed: Product, expected: Product, row: int, v: FloatArray
) -> tuple[int, float, float]:
    """Return the column with the larger error in every halving, and both values of the entry."""

    def error(columns: NDArray[np.int64]) -> float:
        part = np.zeros_like(v)
        part[columns] = v[columns]
        gap = abs(float(computed(part)[row] - expected(part)[row]))
        return gap if np.isfinite(gap) else np.inf

    columns = np.arange(v.size)
    while columns.size > 1:
        first, second = np.array_split(columns, 2)
        columns = first if error(first) >= error(second) else second
    unit = np.zeros_like(v)
    unit[columns] = 1.0
    return int(columns[0]), float(computed(unit)[row]), float(expected(unit)[row])
