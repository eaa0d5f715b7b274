"""The report of a fit: values with errors and intervals, correlations, what is not determined."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sparseopt.fitting.covariance_operator import CovarianceOperator
from sparseopt.fitting.degeneracy import Combination, confusion_text
from sparseopt.fitting.solved_point import SolvedPoint, listed
from sparseopt.modeling.problem_table import aligned, count

__all__ = ["uncertainty_report"]

FloatArray = NDArray[np.float64]

_MOST_ROWS = 30
_MOST_CORRELATED = 500
_STRONG = 0.95
_MOST_PAIRS = 5
_LEVEL = 0.95


class ReportedFit(Protocol):
    """What a report tells of a fit; the class is `sparseopt.fitting.uncertainty.Uncertainty`."""

    operator: CovarianceOperator
    parameters: tuple[str, ...]

    @property
    def degrees_of_freedom(self) -> int: ...
    @property
    def residual_variance(self) -> float: ...
    @property
    def fixed(self) -> list[str]: ...
    @property
    def undetermined(self) -> list[Combination]: ...
    def standard_error(self, name: str) -> FloatArray: ...
    def interval(self, name: str, level: float) -> tuple[FloatArray, FloatArray]: ...
    def correlation(self) -> FloatArray: ...
    def names(self, *names: str) -> list[str]: ...
    def places(self, name: str) -> NDArray[np.intp]: ...


def uncertainty_report(found: ReportedFit, point: SolvedPoint) -> str:
    """Return the report as plain text."""
    operator = found.operator
    data = operator.values.size - operator.num_prior
    priors = f" and {count(operator.num_prior, 'row')} of priors" if operator.num_prior else ""
    rows = [
        ("data", f"{data:,}{priors}, {count(operator.dimension, 'free dimension')}, "
         f"{count(found.degrees_of_freedom, 'degree')} of freedom"),
        ("residuals", f"standard deviation {np.sqrt(found.residual_variance):.6g} "
         "(weighted; variance s² = "
         f"{found.residual_variance:.6g})"),
        ("covariance", operator.method),
    ]  # fmt: skip
    lines = [f"{point.problem.name}: errors of the fit", *aligned(rows)]
    if np.isnan(found.residual_variance) and operator.needs_variance:
        return "\n".join([*lines, "no degrees of freedom are left: errors cannot be estimated"])
    lines += _table(found, point)
    lines += _correlated(found)
    if found.fixed:
        lines.append(f"held by a bound, and so without error: {listed(found.fixed)}")
    lines += [confusion_text(combination) for combination in found.undetermined]
    return "\n".join(lines)


def _table(found: ReportedFit, point: SolvedPoint) -> list[str]:
    cells = [("", "value", "standard error", "relative", f"{_LEVEL:.0%} interval")]
    hidden = []
    for name in found.parameters:
        errors = found.standard_error(name).reshape(-1)
        lower, upper = (end.reshape(-1) for end in found.interval(name, _LEVEL))
        elements = found.names(name)
        if len(elements) + len(cells) > _MOST_ROWS:
            low, high = errors.min(), errors.max()
            hidden.append(f"{name}: {len(elements):,} values, errors {low:.4g} to {high:.4g}")
            continue
        values = np.array([point.x[k] for k in found.places(name)])
        cells += [
            (
                element, f"{value:.8g}", f"{error:.4g}", _percent(error, value),
                f"{low:.6g} to {high:.6g}" if np.isfinite(error) else "not determined",
            )
            for element, value, error, low, high in zip(
                elements, values, errors, lower, upper, strict=True
            )
        ]  # fmt: skip
    widths = [max(len(row[k]) for row in cells) for k in range(5)]
    shown = ["  " + "  ".join(_cell(row[k], widths[k], k) for k in range(5)) for row in cells]
    return [line.rstrip() for line in (shown if len(cells) > 1 else [])] + hidden


def _cell(text: str, width: int, column: int) -> str:
    return f"{text:>{width}}" if 0 < column < 4 else f"{text:<{width}}"


def _percent(error: float, value: float) -> str:
    return f"{abs(error / value):.2%}" if value and np.isfinite(error) else "-"


def _correlated(found: ReportedFit) -> list[str]:
    """Return the strongest correlations."""
    names = found.names()
    if found.undetermined or not 1 < len(names) <= _MOST_CORRELATED:
        return []
    correlation = np.nan_to_num(found.correlation())
    rows, columns = np.tril_indices(len(names), -1)
    sizes = np.abs(correlation[rows, columns])
    strong = [k for k in np.argsort(-sizes, kind="stable") if sizes[k] > _STRONG]
    if not strong:
        return []
    pairs = [
        f"{names[columns[k]]} and {names[rows[k]]} ({correlation[rows[k], columns[k]]:+.5f})"
        for k in strong[:_MOST_PAIRS]
    ]
    more = f" and {len(strong) - _MOST_PAIRS} more pairs" if len(strong) > _MOST_PAIRS else ""
    return [f"strongly correlated: {', '.join(pairs)}{more}"]
