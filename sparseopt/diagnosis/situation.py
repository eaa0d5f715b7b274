"""`Situation`: a problem at a point, evaluated as far as the checks ask, and named."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from sparseopt.modeling.compiled_problem import CompiledProblem
from sparseopt.modeling.dense_rows import dense_rows
from sparseopt.modeling.findings import Finding
from sparseopt.modeling.named_vector import NamedVector
from sparseopt.modeling.solver_registry import SolverOutcome
from sparseopt.tracing.source_lines import describe_where

__all__ = ["Checked", "Result", "Situation", "Skipped", "admissible", "listed"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.integer]
Indices = Sequence[int] | NDArray[np.integer]

MOST_FIRST_DERIVATIVES = 100_000_000
"""Their places and values alone take some gigabytes."""
MOST_SECOND_DERIVATIVES = 200_000_000
"""Of a single sum; their places and values alone take some gigabytes."""
_ACTIVE = 1e-6
"""Relative distance from a bound that counts as being on it."""
MOST_NAMES = 6
"""Names that a sentence lists before it counts the rest."""


def listed(names: Sequence[str], count: int | None = None) -> str:
    """Return names with commas, and how many more there are.

    Examples
    --------
    >>> listed(["a", "b"]), listed(["a", "b"], 5000)
    ('a, b', 'a, b and 4,998 more')
    """
    more = (len(names) if count is None else count) - len(names)
    return ", ".join(names) + (f" and {more:,} more" if more else "")


def admissible(lower: float, upper: float) -> str:
    """Return what a value must be, as the end of a sentence.

    Examples
    --------
    >>> admissible(1.0, 1.0), admissible(-np.inf, 2.5), admissible(0.0, 1.0)
    ('be 1', 'be at most 2.5', 'lie between 0 and 1')
    """
    if lower == upper:
        return f"be {lower:g}"
    if np.isinf(upper):
        return f"be at least {lower:g}"
    if np.isinf(lower):
        return f"be at most {upper:g}"
    return f"lie between {lower:g} and {upper:g}"


class Checked(str):
    """A sentence on what a check looked at."""

    __slots__ = ()


class Skipped(str):
    """A sentence on what was not checked, and why."""

    __slots__ = ()


Result = Finding | Checked | Skipped
"""What checks yield."""


def _all(vector: NamedVector, positions: IntArray) -> str:
    if positions.size <= MOST_NAMES:
        return listed([vector.element(int(k)) for k in positions])
    groups = _grouped(vector, positions)
    return listed([text for text, _ in groups], _num_groups(vector, positions))


def _edges(vector: NamedVector, positions: IntArray) -> IntArray:
    """Return where each array begins and ends among ascending positions."""
    bounds = np.array([(a.offset, a.offset + a.size) for a in vector], np.int64).reshape(-1, 2)
    return np.searchsorted(positions, bounds)


def _num_groups(vector: NamedVector, positions: IntArray) -> int:
    edges = _edges(vector, np.sort(positions))
    return int(np.count_nonzero(edges[:, 1] > edges[:, 0]))


def _grouped(vector: NamedVector, positions: IntArray) -> list[tuple[str, int]]:
    """Return the first few arrays that hold positions, with counts, and a position in each."""
    positions, arrays = np.sort(positions), list(vector)
    edges, found = _edges(vector, positions), []
    for k in np.flatnonzero(edges[:, 1] > edges[:, 0])[:MOST_NAMES]:
        array, (first, end) = arrays[k], edges[k]
        of_many = f" ({end - first:,} of {array.size:,})" if array.size > 1 else ""
        found.append((f"{array.name}{of_many}", int(positions[first])))
    return found


def _beyond(values: FloatArray, lower: FloatArray, upper: FloatArray) -> NDArray[np.bool_]:
    margin = _ACTIVE * np.maximum(1.0, np.abs(values))
    beyond: NDArray[np.bool_] = (values - lower <= margin) | (upper - values <= margin)
    return beyond


class Situation:
    """A problem at a point; matrices are evaluated when a check first asks for them.

    Attributes
    ----------
    problem : CompiledProblem
    x : float array
    outcome : SolverOutcome or None
        Of the solve that ended at ``x``.
    """

    def __init__(
        self, problem: CompiledProblem, x: FloatArray, outcome: SolverOutcome | None = None
    ) -> None:
        self.problem = problem
        self.x = x
        self.outcome = outcome

    @cached_property
    def constraints(self) -> FloatArray:
        """Values of the constraints."""
        return self.problem.constraints(self.x)

    @cached_property
    def gradient(self) -> FloatArray:
        """Gradient of the objective."""
        return self.problem.evaluator.gradient(self.x)

    @cached_property
    def jacobian(self) -> sp.csr_array:
        """Jacobian of the constraints, with every structural entry."""
        evaluator = self.problem.evaluator
        if not self.problem.num_constraints:
            return sp.csr_array((0, self.problem.num_variables))
        return evaluator.jacobian_pattern.to_csr(evaluator.jacobian_values(self.x))

    @cached_property
    def has_huge_hessian(self) -> bool:
        """Whether the Hessian has too many entries to be formed."""
        return bool(self.problem.evaluator.curved_sums(MOST_SECOND_DERIVATIVES))

    @cached_property
    def has_huge_jacobian(self) -> bool:
        """Whether the Jacobian has too many entries to be formed, and need not have."""
        return dense_rows(self.problem, MOST_FIRST_DERIVATIVES) is not None

    @cached_property
    def nearby(self) -> Situation:
        """A point beside this one, within the bounds; this one, if functions are not finite there.

        What is small at both is so not because the point happens to be a stationary one.
        """
        problem, random = self.problem, np.random.default_rng(0)
        signs = random.choice([-1.0, 1.0], self.x.size)
        step = 0.1 * signs * random.uniform(0.5, 1.0, self.x.size)
        moved = self.x + step * (1.0 + np.abs(self.x))
        there = Situation(
            problem, np.clip(moved, problem.variable_lower, problem.variable_upper), self.outcome
        )
        is_finite = np.isfinite(there.gradient).all() and np.isfinite(there.jacobian.data).all()
        return there if is_finite else self

    @property
    def pattern(self) -> sp.csr_array:
        """Pattern of the Jacobian."""
        if not self.problem.num_constraints:
            return sp.csr_array((0, self.problem.num_variables), dtype=bool)
        return self.problem.evaluator.jacobian_pattern.to_scipy()

    @cached_property
    def is_equality(self) -> NDArray[np.bool_]:
        """Which constraints have one admissible value."""
        equal: NDArray[np.bool_] = self.problem.constraint_lower == self.problem.constraint_upper
        return equal

    @cached_property
    def is_fixed(self) -> NDArray[np.bool_]:
        """Which variables have one admissible value."""
        fixed: NDArray[np.bool_] = self.problem.variable_lower == self.problem.variable_upper
        return fixed

    @cached_property
    def is_active(self) -> NDArray[np.bool_]:
        """Which constraints are at or beyond a bound."""
        problem = self.problem
        return _beyond(self.constraints, problem.constraint_lower, problem.constraint_upper)

    @cached_property
    def is_at_bound(self) -> NDArray[np.bool_]:
        """Which variables are at or beyond a bound."""
        return _beyond(self.x, self.problem.variable_lower, self.problem.variable_upper)

    # ---- names
    def rows(self, indices: Indices) -> tuple[str, ...]:
        """Return the names of the first few constraints."""
        return tuple(self.problem.constraint_name(int(k)) for k in indices[:MOST_NAMES])

    def columns(self, indices: Indices) -> tuple[str, ...]:
        """Return the names of the first few variables."""
        return tuple(self.problem.variable_name(int(k)) for k in indices[:MOST_NAMES])

    def all_rows(self, indices: Indices) -> str:
        """Return the names of constraints in a sentence; of many, the arrays that they are in."""
        return _all(
            self.problem.constraint_rows,
            self.problem.lifted.kept_rows[np.asarray(indices, np.int64)],
        )

    def all_columns(self, indices: Indices) -> str:
        """Return the names of variables in a sentence; of many, the arrays that they are in."""
        return _all(self.problem.variables, np.asarray(indices))

    def lines(self, rows: Indices) -> str:
        """Return where constraints were declared, each line once."""
        declared = self.problem.lifted.kept_rows[np.asarray(rows, np.int64)]
        firsts = [first for _, first in _grouped(self.problem.constraint_rows, declared)]
        found = (describe_where(self.problem.constraint_rows.at(k).where) for k in firsts)
        return ", ".join(dict.fromkeys(filter(None, found)))

    def line(self, row: int) -> str:
        """Return the user's ``file:line`` of a constraint."""
        return self.problem.constraint_source(int(row))
