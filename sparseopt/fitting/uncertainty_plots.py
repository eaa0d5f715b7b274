"""Pictures of a fit's residuals and correlations, with Matplotlib."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sparseopt.errors import SparseOptError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw_correlations", "draw_residuals", "new_figure"]

FloatArray = NDArray[np.float64]

_MOST_LABELS = 40


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure; raise where Matplotlib is not installed."""
    try:
        figure: Any = importlib.import_module("matplotlib.figure")
    except ImportError as error:
        raise SparseOptError(
            "pictures need Matplotlib, which is not installed",
            instead="pip install 'sparseopt[plots]'",
        ) from error
    made: Figure = figure.Figure(figsize=(width, height), layout="constrained")
    return made


def draw_residuals(at: FloatArray, residuals: FloatArray, title: str) -> Figure:
    """Draw standardized residuals: against abscissas, against normal quantiles, a histogram.

    Parameters
    ----------
    at : float array
        Abscissas of the first picture.
    residuals : float array
        Over their standard deviation.
    title : str
    """
    figure = new_figure(11.0, 3.4)
    rows, quantiles, histogram = figure.subplots(1, 3)
    figure.suptitle(title)
    rows.plot(at, residuals, ".", markersize=4)
    rows.axhline(0.0, color="0.6", linewidth=1)
    rows.set(xlabel="datum or abscissa", ylabel="residual / s", title="residuals")
    normal = ndtri((np.arange(residuals.size) + 0.5) / max(residuals.size, 1))
    quantiles.plot(normal, np.sort(residuals), ".", markersize=4)
    quantiles.plot(normal, normal, color="0.6", linewidth=1)
    quantiles.set(xlabel="normal quantile", ylabel="residual / s", title="normal quantiles")
    histogram.hist(residuals, bins="auto", density=True)
    curve = np.linspace(-4.0, 4.0, 200)
    histogram.plot(curve, np.exp(-(curve**2) / 2) / np.sqrt(2 * np.pi), color="0.3", linewidth=1)
    histogram.set(xlabel="residual / s", title="histogram")
    return figure


def draw_correlations(correlation: FloatArray, names: list[str]) -> Figure:
    """Draw a correlation matrix in colors, with names where there is room."""
    figure = new_figure(5.2, 4.4)
    axes = figure.subplots()
    image = axes.imshow(correlation, cmap="RdBu_r", vmin=-1.0, vmax=1.0)
    figure.colorbar(image, ax=axes, label="correlation")
    if len(names) <= _MOST_LABELS:
        axes.set_xticks(range(len(names)), names, rotation=90)
        axes.set_yticks(range(len(names)), names)
    return figure
