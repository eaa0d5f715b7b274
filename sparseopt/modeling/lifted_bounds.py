"""Rows with one variable become bounds, and their multipliers come back under their own names.

A solver treats a bound on a variable far better than a general constraint: it needs no slack, no
row of the Jacobian and no multiplier estimate.  A row ``a x + b`` between ``lower`` and ``upper``
bounds ``x`` by ``(lower - b)/a`` and ``(upper - b)/a``, exchanged where ``a < 0``; the tightest
bound is kept, and the row that gave it *owns* it.  Since the stationarity condition holds
``z_upper - z_lower`` where the row would hold ``a λ``, the owner's multiplier is

    λ = (z_upper [owns the upper bound] - z_lower [owns the lower bound]) / a
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import ProblemError
from sparseopt.modeling.declarations import Constraint
from sparseopt.modeling.named_vector import NamedVector
from sparseopt.modeling.single_variable_rows import (
    NO_VARIABLE,
    SingleVariableRows,
    single_variable_rows,
)
from sparseopt.tracing.source_lines import describe_where

__all__ = ["LiftedBounds", "lift_bounds", "no_lifted_bounds"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# A constant row may miss its bound, and two bounds may cross, by rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class LiftedBounds:
    """Which declared rows remain constraints, and what became of the others.

    Attributes
    ----------
    kept_rows : int array
        Declared rows that remain, in order.
    removed_rows : int array
        Declared rows that became bounds, or hold whatever the variables are.
    variable, coefficient : arrays, one element for each removed row
        The row is ``coefficient * x[variable] + constant``; constant rows have `NO_VARIABLE`.
    owns_lower, owns_upper : bool arrays, one element for each removed row
    lower, upper : float arrays, one element for each variable
        The tightened bounds.
    """

    kept_rows: IntArray
    removed_rows: IntArray
    variable: IntArray
    coefficient: FloatArray
    owns_lower: NDArray[np.bool_]
    owns_upper: NDArray[np.bool_]
    lower: FloatArray
    upper: FloatArray

    @property
    def num_rows(self) -> int:
        """Number of declared rows."""
        return self.kept_rows.size + self.removed_rows.size

    def declared_multipliers(
        self, multipliers: FloatArray, lower: FloatArray, upper: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the multipliers of all declared rows, and of the bounds the variables declare."""
        if not self.removed_rows.size:
            return multipliers, lower, upper
        rows = np.zeros(self.num_rows)
        rows[self.kept_rows] = multipliers
        own_lower, own_upper = lower.copy(), upper.copy()
        at_lower, at_upper = self.variable[self.owns_lower], self.variable[self.owns_upper]
        pull = np.zeros(self.removed_rows.size)
        pull[self.owns_lower] -= lower[at_lower]
        pull[self.owns_upper] += upper[at_upper]
        rows[self.removed_rows] = np.divide(
            pull, self.coefficient, out=np.zeros_like(pull), where=self.coefficient != 0.0
        )
        own_lower[at_lower] = 0.0
        own_upper[at_upper] = 0.0
        return rows, own_lower, own_upper


def no_lifted_bounds(num_rows: int, lower: FloatArray, upper: FloatArray) -> LiftedBounds:
    """Return the record for a problem whose declared rows all remain constraints."""
    return _record(np.arange(num_rows), _Candidates.none(), lower, upper)


def lift_bounds(
    constraints: Sequence[Constraint],
    variables: NamedVector,
    offsets: Mapping[int, int],
    lower: FloatArray,
    upper: FloatArray,
) -> LiftedBounds:
    """Find rows of one variable and turn them into bounds.

    Parameters
    ----------
    constraints : sequence of Constraint
    variables : NamedVector
        For messages.
    offsets : mapping of id(Input) to int
        Where each variable array starts in the flat vector of variables.
    lower, upper : float arrays
        The bounds declared with the variables.

    Raises
    ------
    ProblemError
        When a constant row misses its bounds, or a row contradicts the bounds of its variable.
    """
    found = _find(constraints, offsets)
    num_rows = sum(c.node.size for c in constraints)
    if found is None:
        return no_lifted_bounds(num_rows, lower, upper)
    candidates = _implied_bounds(constraints, found)
    kept = np.ones(num_rows, bool)
    kept[candidates.row] = False
    tight_lower, tight_upper = _tightest(candidates, lower, upper)
    _check_crossed(constraints, variables, candidates, tight_lower, tight_upper)
    return _record(np.flatnonzero(kept), candidates, tight_lower, tight_upper, (lower, upper))


def _find(
    constraints: Sequence[Constraint], offsets: Mapping[int, int]
) -> SingleVariableRows | None:
    """Return all declared rows that are recognized; numbers and arrays are collected apart."""
    scalars: list[tuple[int, int, float, float]] = []
    arrays: list[SingleVariableRows] = []
    first = 0
    for constraint in constraints:
        rows = single_variable_rows(constraint.node, offsets)
        if isinstance(rows, tuple):
            scalars.append((first, *rows))
        elif rows is not None:
            arrays.append(replace(rows, row=rows.row + first))
        first += constraint.node.size
    if scalars:
        columns = list(zip(*scalars, strict=True))
        row, variable = (np.array(c, np.int64) for c in columns[:2])
        arrays.append(SingleVariableRows(row, variable, *(np.array(c) for c in columns[2:])))
    if not arrays:
        return None
    return SingleVariableRows(
        np.concatenate([a.row for a in arrays]),
        np.concatenate([a.variable for a in arrays]),
        np.concatenate([a.coefficient for a in arrays]),
        np.concatenate([a.constant for a in arrays]),
    )


@dataclass(frozen=True)
class _Candidates:
    """Rows that become bounds: declared row, its one variable, and the bounds it implies."""

    row: IntArray
    variable: IntArray
    coefficient: FloatArray
    lower: FloatArray
    upper: FloatArray

    @staticmethod
    def none() -> _Candidates:
        integers, numbers = np.zeros(0, np.int64), np.zeros(0)
        return _Candidates(integers, integers, numbers, numbers, numbers)


def _implied_bounds(constraints: Sequence[Constraint], found: SingleVariableRows) -> _Candidates:
    order = np.argsort(found.row)
    row, variable = found.row[order], found.variable[order]
    a, b = found.coefficient[order], found.constant[order]
    lower = np.concatenate([c.lower for c in constraints])[row]
    upper = np.concatenate([c.upper for c in constraints])[row]
    _check_constant_rows(constraints, row, b, lower, upper, variable)
    divisor = np.where(a == 0.0, 1.0, a)
    at_lower, at_upper = (lower - b) / divisor, (upper - b) / divisor
    low, high = np.minimum(at_lower, at_upper), np.maximum(at_lower, at_upper)
    # Rounding must not split an equality into two different bounds.
    high = np.where(lower == upper, low, high)
    return _Candidates(row, variable, a, low, high)


def _check_constant_rows(
    constraints: Sequence[Constraint],
    row: IntArray,
    values: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    variable: IntArray,
) -> None:
    slack = _ROUNDING * np.maximum(1.0, np.abs(values))
    outside = (values < lower - slack) | (values > upper + slack)
    wrong = np.flatnonzero(outside & (variable == NO_VARIABLE))
    if wrong.size:
        k = int(wrong[0])
        name, where = _locate(constraints, int(row[k]))
        raise ProblemError(
            f"{name} can never hold",
            where=where,
            why=f"its value is {values[k]:g} whatever the variables are, and it must lie "
            f"between {lower[k]:g} and {upper[k]:g}",
        )


def _tightest(
    found: _Candidates, lower: FloatArray, upper: FloatArray
) -> tuple[FloatArray, FloatArray]:
    tight_lower, tight_upper = lower.copy(), upper.copy()
    real = found.variable != NO_VARIABLE
    np.maximum.at(tight_lower, found.variable[real], found.lower[real])
    np.minimum.at(tight_upper, found.variable[real], found.upper[real])
    return tight_lower, tight_upper


def _check_crossed(
    constraints: Sequence[Constraint],
    variables: NamedVector,
    found: _Candidates,
    lower: FloatArray,
    upper: FloatArray,
) -> None:
    """Close gaps of rounding size between crossed bounds, and refuse larger ones."""
    crossed = np.flatnonzero(lower > upper)
    if not crossed.size:
        return
    scale = np.maximum(1.0, np.maximum(np.abs(lower[crossed]), np.abs(upper[crossed])))
    real = crossed[lower[crossed] - upper[crossed] > _ROUNDING * scale]
    if real.size:
        variable = int(real[0])
        row = int(found.row[np.flatnonzero(found.variable == variable)[-1]])
        name, where = _locate(constraints, row)
        raise ProblemError(
            f"{name} leaves no value for {variables.element(variable)}",
            where=where,
            why=f"together with its other bounds it asks for at least {lower[variable]:g} and at "
            f"most {upper[variable]:g}",
        )
    upper[crossed] = lower[crossed]


def _locate(constraints: Sequence[Constraint], row: int) -> tuple[str, str]:
    names = NamedVector((c.name, c.shape, c.where) for c in constraints)
    return names.element(row), describe_where(names.at(row).where)


def _record(
    kept: IntArray,
    found: _Candidates,
    lower: FloatArray,
    upper: FloatArray,
    declared: tuple[FloatArray, FloatArray] | None = None,
) -> LiftedBounds:
    owns_lower = _owners(found, found.lower, lower, declared[0] if declared else lower)
    owns_upper = _owners(found, found.upper, upper, declared[1] if declared else upper)
    return LiftedBounds(
        kept, found.row, found.variable, found.coefficient, owns_lower, owns_upper, lower, upper
    )


def _owners(
    found: _Candidates, implied: FloatArray, tight: FloatArray, declared: FloatArray
) -> NDArray[np.bool_]:
    """Return which rows gave a bound: the first of equals, and the variable itself before them.

    An equality comes before the variable: its multiplier has no other place.
    """
    owns = np.zeros(found.row.size, bool)
    if not owns.size:
        return owns
    real = np.flatnonzero(found.variable != NO_VARIABLE)
    variable = found.variable[real]
    is_new = (tight[variable] != declared[variable]) | (found.lower[real] == found.upper[real])
    gave = real[(implied[real] == tight[variable]) & is_new]
    _, first = np.unique(found.variable[gave], return_index=True)
    owns[gave[first]] = True
    return owns
