"""Figures for the command line: patterns, colorings, convergence, solution.

matplotlib is an optional dependency and slow to import: it is loaded when a figure is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import typer
from numpy.typing import NDArray

from sparseopt.coloring.color import color
from sparseopt.coloring.coloring import Coloring
from sparseopt.coloring.plot import plot_coloring
from sparseopt.modeling.compiled_problem import CompiledProblem
from sparseopt.patterns.sparsity_pattern import SparsityPattern

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SPY_CELLS = 400  # a pattern with more rows or columns is drawn as a density
MAX_PANELS = 12
MAX_LINES = 16  # an array with more columns is drawn as an image

MOST_PAIRS = 10**9  # a coloring visits each pair of entries that share a row

Array = NDArray[Any]


def require_matplotlib(option: str = "--plot") -> None:
    """Say how to install matplotlib before any long work starts, if it is missing."""
    try:
        import matplotlib as _  # noqa: F401
    except ImportError as error:
        raise typer.BadParameter(
            f"{option} needs matplotlib: pip install 'sparseopt[plots]'"
        ) from error


def save(figure: Figure, directory: Path, name: str) -> Path:
    """Write a figure as PNG, making the directory if needed, and return its path."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.png"
    figure.savefig(path, dpi=150, bbox_inches="tight")
    return path


def pattern_figures(problem: CompiledProblem) -> dict[str, Figure]:
    """Draw the patterns of a problem's Jacobian, if it has constraints, and Hessian, by name."""
    n, m = problem.num_variables, problem.num_constraints
    jacobian, hessian = problem.evaluator.jacobian_pattern, problem.evaluator.hessian_pattern
    figures = {}
    if m:
        figures["jacobian"] = spy_figure(jacobian.rows, jacobian.cols, (m, n), "Jacobian")
    figures["hessian"] = symmetric_spy_figure(hessian.rows, hessian.cols, n, "Hessian")
    return figures


def coloring_figures(problem: CompiledProblem) -> dict[str, Figure]:
    """Draw the colorings of a problem's Jacobian and Hessian, by name.

    Those in use; where a plan needs no colors, those that would take the fewest products.  What
    would take long to color is left out.
    """
    evaluator, figures = problem.evaluator, {}
    if evaluator.jacobian_pattern.nnz:
        coloring = evaluator.jacobian_plan.coloring or _fewest_products(evaluator.jacobian_pattern)
        if coloring:
            title = _plan_title("Jacobian", evaluator.jacobian_plan.name)
            figures["jacobian_coloring"] = plot_coloring(coloring, title=title)
    if evaluator.hessian_pattern.nnz:
        coloring = evaluator.hessian_plan.coloring or _symmetric(evaluator.hessian_pattern)
        if coloring:
            title = _plan_title("Hessian", evaluator.hessian_plan.name)
            figures["hessian_coloring"] = plot_coloring(coloring, title=title)
    return figures


def _plan_title(matrix: str, plan: str) -> str:
    without = ", which needs no colors" if plan == "direct" else ""
    return f"{matrix}, evaluated by the {plan} plan{without}"


def _fewest_products(pattern: SparsityPattern) -> Coloring | None:
    """Color the columns or the rows, whichever takes fewer colors; None if it would take long."""
    in_rows = np.bincount(pattern.rows, minlength=pattern.shape[0])
    in_columns = np.bincount(pattern.cols, minlength=pattern.shape[1])
    pairs = {"column": _pairs(in_rows), "row": _pairs(in_columns)}
    found = [color(pattern, name) for name, count in pairs.items() if count <= MOST_PAIRS]
    return min(found, key=lambda coloring: coloring.num_colors, default=None)


def _symmetric(pattern: SparsityPattern) -> Coloring | None:
    in_rows = np.bincount(pattern.full().rows, minlength=pattern.shape[0])
    return color(pattern, "symmetric") if _pairs(in_rows) <= MOST_PAIRS else None


def _pairs(counts: Array) -> float:
    return float(np.sum(counts.astype(float) ** 2))


def spy_figure(rows: Array, cols: Array, shape: tuple[int, int], title: str) -> Figure:
    """Draw where a sparse matrix has entries; a large one as entries per cell."""
    figure = _new_figure((6.0, 6.0))
    axes = figure.subplots()
    cells = (min(shape[0], SPY_CELLS) or 1, min(shape[1], SPY_CELLS) or 1)
    extent = ((-0.5, shape[0] - 0.5), (-0.5, shape[1] - 0.5))
    counts, _, _ = np.histogram2d(rows, cols, bins=cells, range=extent)
    image = np.where(counts > 0, counts, np.nan)
    box = (*extent[1], *extent[0][::-1])
    drawn = axes.imshow(image, extent=box, interpolation="none", aspect="auto", cmap="viridis_r")
    axes.set(xlabel="column", ylabel="row", title=f"{title}: {len(rows):,} nonzeros")
    if max(shape) > SPY_CELLS:
        figure.colorbar(drawn, label="nonzeros per cell")
    return figure


def symmetric_spy_figure(rows: Array, cols: Array, size: int, title: str) -> Figure:
    """Draw a symmetric pattern given by its lower triangle."""
    below = rows != cols
    all_rows = np.concatenate([rows, cols[below]])
    all_cols = np.concatenate([cols, rows[below]])
    return spy_figure(all_rows, all_cols, (size, size), title)


def convergence_figure(history: Mapping[str, Array]) -> Figure:
    """Draw the objective and the logarithms of the errors over the iterations."""
    figure = _new_figure((7.0, 6.0))
    above, below = figure.subplots(2, 1, sharex=True)
    above.plot(history["objective"], color="black")
    above.set(ylabel="objective")
    for name in ("infeasibility", "dual_infeasibility", "barrier_parameter", "step_norm"):
        values = np.asarray(history.get(name, ()), dtype=float)
        if np.any(values > 0):
            below.semilogy(np.where(values > 0, values, np.nan), label=name.replace("_", " "))
    below.set(xlabel="iteration")
    if below.lines:
        below.legend()
    return figure


def variables_figure(values: Mapping[str, Array]) -> Figure:
    """Draw the arrays of a solution, one panel each; scalars stand in the title."""
    arrays = [(name, np.squeeze(value)) for name, value in values.items() if np.size(value) > 1]
    scalars = [
        f"{name} = {float(np.squeeze(v)):.6g}" for name, v in values.items() if np.size(v) == 1
    ]
    shown = arrays[:MAX_PANELS]
    figure = _new_figure((8.0, 2.2 * max(len(shown), 1)))
    panels = figure.subplots(max(len(shown), 1), 1, squeeze=False)[:, 0]
    for axes, (name, value) in zip(panels, shown, strict=False):
        _draw_array(axes, value)
        axes.set_title(name, loc="left")
    left_out = f"{len(arrays) - MAX_PANELS} more not shown" if len(arrays) > MAX_PANELS else ""
    figure.suptitle(", ".join([*scalars[:6], *filter(None, [left_out])]), fontsize="medium")
    return figure


def _draw_array(axes: Axes, value: Array) -> None:
    if value.ndim > 2:
        value = value.reshape(len(value), -1)
    if value.ndim == 1 or min(value.shape) <= MAX_LINES:
        axes.plot(value if value.ndim == 1 or value.shape[0] >= value.shape[1] else value.T)
        return
    axes.figure.colorbar(axes.imshow(value, aspect="auto", origin="lower"), ax=axes)


def _new_figure(size: tuple[float, float]) -> Figure:
    from matplotlib.figure import Figure as NewFigure

    return NewFigure(figsize=size, layout="constrained")
