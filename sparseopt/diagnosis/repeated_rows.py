"""Linear constraints with the same left-hand side: repeated, implied, or contradictory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sparseopt.diagnosis.parallel_rows import parallel_rows
from sparseopt.diagnosis.situation import Situation
from sparseopt.modeling.findings import Finding, Severity
from sparseopt.modeling.problem_table import count

__all__ = ["duplicate_equalities", "repeated_rows"]

FloatArray = NDArray[np.float64]

_TOLERANCE = 1e-9

_ENDS: dict[str, tuple[Severity, str, str, str]] = {
    "contradictory rows": (
        "error",
        "cannot both hold",
        "their left-hand sides are the same up to a factor, their bounds have nothing in common",
        "correct one of them",
    ),
    "duplicate rows": (
        "warning",
        "are the same equality",
        "their rows of the Jacobian are dependent, and so their multipliers are not unique",
        "leave one of them out",
    ),
    "implied rows": (
        "note",
        "have the same left-hand side, and the bounds of one imply the other",
        "the weaker one never matters, or both are active and their multipliers are not unique",
        "leave the weaker one out",
    ),
}


def repeated_rows(situation: Situation) -> Iterator[Finding]:
    """Find linear constraints that are multiples of others, by their values."""
    for kind, (first, second) in _classes(situation).items():
        if first.size:
            yield _finding(situation, kind, first, second)


def duplicate_equalities(situation: Situation) -> NDArray[np.signedinteger]:
    """Return linear equalities that repeat an earlier one."""
    classes = _classes(situation)
    return classes["duplicate rows"][1] if classes else np.zeros(0, np.int64)


def _classes(
    situation: Situation,
) -> dict[str, tuple[NDArray[np.signedinteger], NDArray[np.signedinteger]]]:
    """Return the pairs of rows of each kind."""
    problem = situation.problem
    if problem.num_constraints < 2:
        return {}
    linear = np.flatnonzero(problem.evaluator.is_linear_row)
    matrix = situation.jacobian[linear]
    constants = situation.constraints[linear] - matrix @ situation.x
    pairs = parallel_rows(matrix)
    # What is left beside rounding in the constants decides nothing.
    sizes = np.abs(situation.constraints[linear]) + abs(matrix) @ np.abs(situation.x)
    lower = problem.constraint_lower[linear] - constants
    upper = problem.constraint_upper[linear] - constants
    first = lower[pairs.first], upper[pairs.first]
    second = _divided(lower[pairs.second], upper[pairs.second], pairs.factor)
    room = _TOLERANCE * (
        1.0 + sizes[pairs.first] + np.abs(_finite(first)) + np.abs(_finite(second))
    )
    return {
        kind: (linear[pairs.first[members]], linear[pairs.second[members]])
        for kind, members in _classified(first, second, room).items()
    }


Bounds = tuple[FloatArray, FloatArray]


def _divided(lower: FloatArray, upper: FloatArray, factor: FloatArray) -> Bounds:
    one, other = lower / factor, upper / factor
    return np.minimum(one, other), np.maximum(one, other)


def _finite(bounds: Bounds) -> FloatArray:
    """Return the larger size of two bounds, those that are finite."""
    sizes = [np.where(np.isfinite(b), np.abs(b), 0.0) for b in bounds]
    return np.maximum(*sizes)


def _classified(
    first: Bounds, second: Bounds, room: FloatArray
) -> dict[str, NDArray[np.signedinteger]]:
    low, high = np.maximum(first[0], second[0]), np.minimum(first[1], second[1])
    contradictory = low > high + room
    equalities = (first[0] == first[1]) & (np.abs(second[1] - second[0]) <= room)
    inner = _inside(first, second, room) | _inside(second, first, room)
    implied = inner & ~contradictory & ~equalities
    flags = (contradictory, equalities & ~contradictory, implied)
    return {kind: np.flatnonzero(flag) for kind, flag in zip(_ENDS, flags, strict=True)}


def _inside(one: Bounds, other: Bounds, room: FloatArray) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (one[0] >= other[0] - room) & (one[1] <= other[1] + room)
    return inside


def _finding(
    situation: Situation,
    kind: str,
    first: NDArray[np.signedinteger],
    second: NDArray[np.signedinteger],
) -> Finding:
    severity, verb, why, instead = _ENDS[kind]
    a, b = situation.rows(first[:1])[0], situation.rows(second[:1])[0]
    more = f" (and {count(first.size - 1, 'other pair')})" if first.size > 1 else ""
    lines = [situation.line(k) for k in (first[0], second[0])]
    return Finding(
        kind,
        severity,
        f"{a} and {b} {verb}{more}",
        " and ".join(dict.fromkeys(line for line in lines if line)),
        why,
        instead,
        tuple(dict.fromkeys((a, b, *situation.rows(second[1:])))),
        first.size,
    )
