"""Patterns as a Matplotlib figure."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import PatternError

__all__ = ["plot_entries"]

MOST_POINTS = 600
"""Rows and columns of the largest image; beyond, a pixel is a block of entries."""


def plot_entries(
    rows: NDArray[np.integer],
    cols: NDArray[np.integer],
    shape: tuple[int, int],
    ax: Any = None,
    title: str = "",
) -> Any:
    """Draw entries as dark squares, or, of a large matrix, how full its blocks are.

    Parameters
    ----------
    rows, cols : int arrays
    shape : (int, int)
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure, if left out.
    title : str

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    PatternError
        Without Matplotlib.
    """
    axes = _new_axes() if ax is None else ax
    block = max(1, -(-max(shape) // MOST_POINTS))
    counts = np.zeros((-(-shape[0] // block), -(-shape[1] // block)))
    np.add.at(counts, (rows // block, cols // block), 1.0)
    extent = (-0.5, counts.shape[1] * block - 0.5, counts.shape[0] * block - 0.5, -0.5)
    axes.imshow(np.sqrt(counts), cmap="Greys", extent=extent, interpolation="nearest", vmin=0.0)
    axes.set(title=title, xlabel="column", ylabel="row")
    return axes


def _new_axes() -> Any:
    try:
        pyplot = importlib.import_module("matplotlib.pyplot")
    except ImportError as error:
        raise PatternError(
            "a pattern cannot be drawn without Matplotlib",
            instead="pip install matplotlib, or print(pattern) for a picture as text",
        ) from error
    return pyplot.subplots()[1]
