"""Cheap checks of a problem before a solver sees it.

Solvers take a NaN bound for none, and read or write out of range where a pattern is wrong, so these
are worth their microseconds even where the modeling layer has checked before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import NonFiniteError, PatternError, ProblemError, ShapeError
from sparseopt.solvers.guard import has_compiled_functions
from sparseopt.solvers.protocol import NonlinearProblem, Pattern
from sparseopt.solvers.result import Start

FloatArray = NDArray[np.float64]


def check_problem(problem: NonlinearProblem, *, reads_hessian: bool = True) -> None:
    """Raise a named error for bounds or patterns that no solver should see.

    A compiled problem's Hessian, which can be dense, is looked at only for solvers that read it.

    Raises
    ------
    ProblemError
        No variables, no constraint that depends on them, a NaN bound, crossed bounds, or no value
        between them.
    ShapeError
        Bounds of the wrong length.
    PatternError
        Index arrays of different lengths, out of range, or not of the lower triangle.
    """
    n, m = problem.num_variables, problem.num_constraints
    if n < 1:
        raise ProblemError("the problem has no variables")
    _check_bounds(
        problem.variable_lower, problem.variable_upper, n, "variable", problem.variable_name
    )
    _check_bounds(
        problem.constraint_lower, problem.constraint_upper, m, "constraint", problem.constraint_name
    )
    if not has_compiled_functions(problem):
        _check_jacobian(problem)
        _check_hessian(problem)
    elif problem not in _with_sound_patterns:  # theirs never change
        _check_jacobian(problem)
        if reads_hessian:
            _check_hessian(problem)
            _with_sound_patterns.add(problem)


_with_sound_patterns: WeakSet[Any] = WeakSet()


def _check_jacobian(problem: NonlinearProblem) -> None:
    n, m = problem.num_variables, problem.num_constraints
    _check_pattern(problem.jacobian_pattern, (m, n), "Jacobian")
    if m and not len(problem.jacobian_pattern.rows):
        raise ProblemError(
            f"constraint {problem.constraint_name(0)} does not depend on the variables",
            where=problem.constraint_source(0),
            why="nor does any other constraint, and solvers refuse an empty Jacobian",
            instead="leave such constraints out",
        )


def _check_hessian(problem: NonlinearProblem) -> None:
    n = problem.num_variables
    _check_pattern(problem.hessian_pattern, (n, n), "Hessian")
    if np.any(problem.hessian_pattern.rows < problem.hessian_pattern.cols):
        raise PatternError("the Hessian's pattern has entries above its diagonal")


def starting_arrays(
    problem: NonlinearProblem, start: Start | None
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return fresh arrays x, λ, z_lower, z_upper; absent multipliers are zero.

    Raises
    ------
    ShapeError
        For a wrong length.
    NonFiniteError
        For a NaN or infinite entry, by name.
    """
    n, m = problem.num_variables, problem.num_constraints
    if start is None:
        start = Start(problem.initial_point)
    vector = np.zeros(3 * n + m)  # one for all: small problems pay for each NumPy call
    parts = (vector[:n], vector[n : n + m], vector[n + m : -n], vector[-n:])
    given = (
        (start.x, "the starting point", problem.variable_name),
        (start.constraint_multipliers, "the constraint multipliers", problem.constraint_name),
        (start.lower_multipliers, "the lower multipliers", problem.variable_name),
        (start.upper_multipliers, "the upper multipliers", problem.variable_name),
    )
    for part, (values, what, _) in zip(parts, given, strict=True):
        if values is not None:
            _copy(values, part, what)
    if not np.isfinite(vector).all():
        for part, (_, what, name) in zip(parts, given, strict=True):
            _require_finite(part, what, name)
    return parts


def _copy(values: FloatArray, part: FloatArray, what: str) -> None:
    array = np.asarray(values, np.float64)
    if array.shape != part.shape:
        raise ShapeError(f"{what} has shape {array.shape}, but {part.shape} is needed")
    part[:] = array


def _require_finite(values: FloatArray, what: str, name: Callable[[int], str]) -> None:
    finite = np.isfinite(values)
    if not finite.all():
        index = int(np.argmin(finite))
        raise NonFiniteError(
            f"{what} is {values[index]} at {name(index)}", instead="give a finite start"
        )


def _check_bounds(
    lower: FloatArray, upper: FloatArray, size: int, what: str, name: Callable[[int], str]
) -> None:
    for side, bound in (("lower", lower), ("upper", upper)):
        if np.shape(bound) != (size,):
            raise ShapeError(
                f"the {what}s' {side} bounds have shape {np.shape(bound)}, not ({size},)"
            )
    ordered = (lower <= upper) & (lower < np.inf) & (upper > -np.inf)  # false for NaN too
    if not ordered.all():
        index = int(np.argmin(ordered))
        raise ProblemError(
            f"the bounds of {what} {name(index)} are [{lower[index]}, {upper[index]}]",
            why="a bound is NaN, or no value lies between them",
        )


def _check_pattern(pattern: Pattern, shape: tuple[int, int], what: str) -> None:
    rows, cols = pattern.rows, pattern.cols
    if rows.shape != cols.shape or rows.ndim != 1:
        raise PatternError(f"the {what}'s rows and columns differ: {rows.shape}, {cols.shape}")
    if rows.size >= 2**31:
        raise PatternError(f"the {what} has {rows.size} entries, but solvers count to 2**31 - 1")
    if rows.size and not (_largest(rows) < shape[0] and _largest(cols) < shape[1]):
        raise PatternError(f"the {what}'s pattern has entries outside of {shape}")


def _largest(indices: NDArray[np.signedinteger]) -> int:
    # Without their sign, negative indices are the largest: one pass finds both ends.
    unsigned = np.dtype(f"u{indices.itemsize}")
    return int(indices.view(unsigned).max())
