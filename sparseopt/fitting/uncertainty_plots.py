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

__all__ = ["draw_correlations", "draw_residuals", "pyplot"]

FloatArray = NDArray[np.float64]

_MOST_LABELS = 40


def pyplot() -> Any:
    """Return matplotlib.pyplot; raise where it is not installed."""
    try:
        return importlib.import_module("matplotlib.pyplot")
    except ImportError as error:
        raise SparseOptError(
            "pictures need Matplotlib, which is not installed",
            instead="pip install 'sparseopt[plots]'",
        ) from error


def draw_residuals(residuals: FloatArray, title: str) -> Figure:
    """Draw standardized residuals: against their rows, against normal quantiles, a histogram.

    Parameters
    ----------
    residuals : float array
        Over their standard deviation.
    title : str
    """
    figure, (rows, quantiles, histogram) = pyplot().subplots(
        1, 3, figsize=(11, 3.4), layout="constrained"
    )
    figure.suptitle(title)
    rows.plot(residuals, ".", markersize=4)
    rows.axhline(0.0, color="0.6", linewidth=1)
    rows.set(xlabel="row", ylabel="residual / s", title="residuals")
    normal = ndtri((np.arange(residuals.size) + 0.5) / max(residuals.size, 1))
    quantiles.plot(normal, np.sort(residuals), ".", markersize=4)
    quantiles.plot(normal, normal, color="0.6", linewidth=1)
    quantiles.set(xlabel="normal quantile", ylabel="residual / s", title="normal quantiles")
    histogram.hist(residuals, bins="auto", density=True)
    curve = np.linspace(-4.0, 4.0, 200)
    histogram.plot(curve, np.exp(-(curve**2) / 2) / np.sqrt(2 * np.pi), color="0.3", linewidth=1)
    histogram.set(xlabel="residual / s", title="histogram")
    return figure  # type: ignore[no-any-return]


def draw_correlations(correlation: FloatArray, names: list[str]) -> Figure:
    """Draw a correlation matrix in colors, with names where there is room."""
    figure, axes = pyplot().subplots(figsize=(5.2, 4.4), layout="constrained")
    image = axes.imshow(correlation, cmap="RdBu_r", vmin=-1.0, vmax=1.0)
    figure.colorbar(image, ax=axes, label="correlation")
    if len(names) <= _MOST_LABELS:
        axes.set_xticks(range(len(names)), names, rotation=90)
        axes.set_yticks(range(len(names)), names)
    return figure  # type: ignore[no-any-return]
