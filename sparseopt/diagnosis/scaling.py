"""Sizes of derivatives and bounds: what is far from 1 makes tolerances and steps meaningless."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparseopt.diagnosis.situation import Checked, Result, Situation, listed
from sparseopt.modeling.findings import Finding, Severity
from sparseopt.modeling.problem_table import count
from sparseopt.tracing.source_lines import describe_where

__all__ = ["bad_bounds", "bad_scaling"]

FloatArray = NDArray[np.float64]

_ROW = (
    "constraint",
    "the largest one of each is given",
    "give that size as m.subject_to(..., scale=...), or divide the constraint and its bounds by it",
)
_COLUMN = (
    "variable",
    "each is given relative to the largest one in its constraint, if that is above 1",
    "give a typical value of x as m.variable(..., scale=...), or write x = size * y",
)

_DOUBTFUL, _EXTREME = 1e4, 1e8
"""Derivatives that many times larger or smaller than 1 are noted, and warned of."""
_FAR, _NONE = 1e8, 1e19
"""Bounds from the first on are noted; solvers take the second for no bound."""
_CLOSE = 1e-8
"""Bounds closer together, relative to their size, leave an interior-point method no interior."""


def bad_scaling(situation: Situation) -> Iterator[Result]:
    """Find rows and columns of the Jacobian, and of the gradient, far larger or smaller than 1."""
    here, there = _Sizes.at(situation), _Sizes.at(situation.nearby)
    ranges = f"of constraints {_range(here.rows)}, by variables {_range(here.columns)}"
    yield Checked(f"scaling: largest derivatives {ranges} (large constraints divided)")
    if here.gradient > _DOUBTFUL:
        yield _objective(situation, here.gradient)
    elif 0.0 < max(here.gradient, there.gradient) < 1.0 / _DOUBTFUL:
        yield _objective(situation, max(here.gradient, there.gradient))
    yield from _far_from_one(situation, True, here.rows, there.rows)
    yield from _far_from_one(situation, False, here.columns, there.columns)
    yield from _vanishing_rows(situation, here.rows)


@dataclass(frozen=True)
class _Sizes:
    """The largest derivatives at a point: of each row, each column, and of the objective.

    For the columns, rows are divided by their size first if that is above 1, as solvers do it; a
    large gradient of the objective says nothing of its single variables.
    """

    rows: FloatArray
    columns: FloatArray
    gradient: float

    @staticmethod
    def at(situation: Situation) -> _Sizes:
        matrix, free = situation.jacobian, ~situation.is_fixed
        sizes = np.abs(matrix.data) * free[matrix.indices]
        entry_rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        rows, slope = np.zeros(matrix.shape[0]), np.abs(situation.gradient) * free
        np.maximum.at(rows, entry_rows, sizes)
        gradient = float(slope.max(initial=0.0))
        columns = np.minimum(slope, 1.0)
        np.maximum.at(columns, matrix.indices, sizes / np.maximum(1.0, rows)[entry_rows])
        return _Sizes(rows, columns, gradient)


def _range(sizes: FloatArray) -> str:
    positive = sizes[sizes > 0.0]
    return f"{positive.min():.1e} to {positive.max():.1e}" if positive.size else "none"


def _objective(situation: Situation, size: float) -> Finding:
    return Finding(
        "scaling",
        _severity(size),
        f"the gradient of the objective has size {size:.1e} at this point",
        situation.problem.objective_source,
        "a solver's tolerance for it is absolute, and meant for sizes around 1",
        f"multiply the objective by {_power_of_ten(1.0 / size)}",
        ("objective",),
    )


def _severity(size: float) -> Severity:
    return "note" if 1.0 / _EXTREME <= size <= _EXTREME else "warning"


def _power_of_ten(size: float) -> str:
    return f"1e{round(float(np.log10(size)))}"


def _far_from_one(
    situation: Situation, is_row: bool, here: FloatArray, there: FloatArray
) -> Iterator[Finding]:
    """Find large sizes at the point, and sizes that are small there and nearby."""
    both = np.maximum(here, there)
    large = np.flatnonzero(here > _DOUBTFUL)
    small = np.flatnonzero((both > 0.0) & (both < 1.0 / _DOUBTFUL))
    for adjective, places, values in (("large", large, here), ("small", small, both)):
        if places.size:
            order = np.argsort(-np.abs(np.log(values[places])), kind="stable")
            yield _sized(situation, is_row, adjective, places[order], values)


def _sized(
    situation: Situation,
    is_row: bool,
    adjective: str,
    places: NDArray[np.signedinteger],
    values: FloatArray,
) -> Finding:
    names = situation.rows(places) if is_row else situation.columns(places)
    shown = [f"{name} ({values[k]:.1e})" for name, k in zip(names, places, strict=False)]
    noun, why, instead = _ROW if is_row else _COLUMN
    return Finding(
        "scaling",
        _severity(float(values[places[0]])),
        f"{count(places.size, noun)} with {adjective} derivatives at this point: "
        f"{listed(shown, places.size)}",
        _line(situation, int(places[0]), is_row),
        f"{why}; tolerances and steps of solvers are made for sizes around 1",
        instead,
        names,
        places.size,
    )


def _line(situation: Situation, index: int, is_row: bool) -> str:
    if is_row:
        return situation.line(index)
    return describe_where(situation.problem.variables.at(index).where)


def _vanishing_rows(situation: Situation, rows: FloatArray) -> Iterator[Finding]:
    """Find rows with structural entries by free variables, all of which are zero here."""
    pattern = situation.pattern
    free_entries = (~situation.is_fixed)[pattern.indices].astype(np.int64)
    before = np.concatenate([[0], np.cumsum(free_entries)])
    has_entries = np.diff(before[pattern.indptr]) > 0
    matters = has_entries if situation.outcome is None else has_entries & situation.is_active
    zero = np.flatnonzero((rows == 0.0) & matters)
    equalities = zero[situation.is_equality[zero]]
    if zero.size:
        chosen = equalities if equalities.size else zero
        yield Finding(
            "vanishing rows",
            "warning" if equalities.size else "note",
            f"{count(chosen.size, 'constraint')} without slope at this point: "
            f"{situation.all_rows(chosen)}",
            situation.line(chosen[0]),
            "all derivatives are zero here, so that no step changes the constraint to first order",
            "start elsewhere (start=): often not at zero",
            situation.rows(chosen),
            chosen.size,
        )


# ---- bounds
def bad_bounds(situation: Situation) -> Iterator[Finding]:
    """Find bounds of variables that are too far away, or too close together."""
    problem = situation.problem
    lower, upper = problem.variable_lower, problem.variable_upper
    sizes = [np.where(np.abs(b) < _NONE, np.abs(b), 0.0) for b in (lower, upper)]
    far = np.flatnonzero(np.maximum(*sizes) >= _FAR)
    if far.size:
        yield _bounds(
            situation,
            far,
            "note",
            f"{count(far.size, 'variable')} with bounds of size {_FAR:g} and more",
            "so far away they bound nothing, but they set the scale of multipliers and steps",
            "leave such a bound out (lower=None, upper=None), or change the unit of the variable",
        )
    room = _CLOSE * np.maximum(1.0, np.minimum(np.abs(lower), np.abs(upper)))
    narrow = np.flatnonzero((lower < upper) & (upper - lower < room))
    if narrow.size:
        yield _bounds(
            situation,
            narrow,
            "warning",
            f"{count(narrow.size, 'variable')} with bounds that nearly meet",
            "an interior-point method needs room between them",
            "make them equal: the variable is then fixed and taken out of the problem",
        )


def _bounds(
    situation: Situation,
    places: NDArray[np.signedinteger],
    severity: Severity,
    what: str,
    why: str,
    instead: str,
) -> Finding:
    first = int(places[0])
    problem = situation.problem
    interval = f"[{problem.variable_lower[first]:g}, {problem.variable_upper[first]:g}]"
    return Finding(
        "bounds",
        severity,
        f"{what}: {situation.all_columns(places)}",
        _line(situation, first, is_row=False),
        f"{why}; {problem.variable_name(first)} lies in {interval}",
        instead,
        situation.columns(places),
        places.size,
    )
