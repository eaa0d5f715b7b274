"""`plot_coloring`: a matrix with its columns or rows in colors, seeds, and compressed matrices."""

from __future__ import annotations

import colorsys
import importlib
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.coloring.coloring import Coloring
from sparseopt.coloring.panels import Panel, panels
from sparseopt.errors import ColoringError, did_you_mean

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["distinct_colors", "plot_coloring"]

MOST_PIXELS = 360
"""Rows and columns of the largest image; beyond, a pixel is a block of entries."""
LINED = 40
"""Rows and columns up to which lines separate the entries."""
PALE = 0.25
"""Strength of the color of entries that are not read."""
HEIGHT = 3.2  # inches of the panels
NARROWEST, WIDEST, FLATTEST = 0.4, 1.2, 0.25  # of a panel: width in heights, height in widths

# Okabe and Ito's colors: distinct for readers with any color vision.
_FIRST_COLORS = ["0072B2", "E69F00", "009E73", "CC79A7", "56B4E9", "D55E00", "F0E442"]
_GOLDEN = 0.6180339887498949

Image = NDArray[np.float64]


def plot_coloring(coloring: Coloring, *, triangle: str = "both", title: str = "") -> Figure:
    r"""Draw the matrix, the seed matrix and the compressed matrix of a coloring, side by side.

    An entry has the color in which decompression reads it.  An entry that is not read is pale: its
    mirror image in the other triangle is read instead, or it is a sum of several entries.  Of a
    bidirectional coloring, the seeds of columns S come first and then those of rows R.

    Parameters
    ----------
    coloring : Coloring
    triangle : "both" or "lower"
        What is shown of a symmetric matrix.
    title : str
        Above a line that tells the numbers of colors.

    Returns
    -------
    matplotlib.figure.Figure
        To be saved with ``figure.savefig(path)``.  A pixel of a large matrix is a block of
        entries, in the color of one of them; the labels of the axes tell its size.

    Raises
    ------
    ColoringError
        Without Matplotlib, for what is no `Coloring`, for an unknown triangle, and for colors that
        do not determine a value.

    Examples
    --------
    >>> from sparseopt.coloring import color
    >>> figure = plot_coloring(color(np.eye(6) + np.eye(6, k=1)))
    >>> [axes.get_title().split("\n")[0] for axes in figure.axes]
    ['11 nonzeros', 'seeds', 'compressed']
    """
    if not isinstance(coloring, Coloring):
        raise ColoringError(
            f"a {type(coloring).__name__} is to be drawn as a coloring",
            instead="plot_coloring(color(matrix))",
        )
    if triangle not in ("both", "lower"):
        raise ColoringError(
            f"unknown triangle {triangle!r}", instead=did_you_mean(triangle, ("both", "lower"))
        )
    shown = panels(coloring, triangle)
    palette = distinct_colors(coloring.num_colors)
    widths = [_width(panel) for panel in shown]
    figure = _new_figure((HEIGHT * sum(widths) + 0.8 * len(shown), HEIGHT + 2.0))
    grid = figure.subplots(1, len(shown), width_ratios=widths, squeeze=False)[0]
    for axes, panel in zip(grid, shown, strict=True):
        _draw(axes, panel, palette)
    figure.suptitle("\n".join(filter(None, [title, _summary(coloring)])), fontsize="medium")
    if not all(panel.is_read.all() for panel in shown):
        figure.supxlabel("pale: not read when the matrix is decompressed", fontsize="small")
    return figure


def distinct_colors(count: int) -> Image:
    """Return RGB colors, shape (count, 3), any two consecutive ones of which differ clearly.

    Examples
    --------
    >>> distinct_colors(3).round(2)
    array([[0.  , 0.45, 0.7 ],
           [0.9 , 0.62, 0.  ],
           [0.  , 0.62, 0.45]])
    """
    known = [[int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)] for code in _FIRST_COLORS]
    more = np.arange(max(0, count - len(known)))
    # Hues a golden section apart never come close soon; brightness alternates besides.
    hue, value = (0.05 + more * _GOLDEN) % 1.0, np.where(more % 2, 0.95, 0.6)
    made = [colorsys.hsv_to_rgb(h, 0.8, v) for h, v in zip(hue, value, strict=True)]
    return np.array([*known, *made][:count]).reshape(count, 3)


def _summary(coloring: Coloring) -> str:
    m, n = coloring.pattern.shape
    count, bound = coloring.num_colors, coloring.lower_bound
    one, products = {"row": (m, "pullbacks"), "column": (n, "pushforwards")}.get(
        coloring.partition, (min(m, n), "products")
    )
    how = "" if coloring.decompression == "direct" else ", by substitution"
    colors = f"{count:,} color{'s' if count != 1 else ''} (at least {bound:,})"
    return f"{coloring.partition} coloring{how}: {colors}, {count:,} {products} for {one:,}"


def _width(panel: Panel) -> float:
    rows, cols = panel.shape
    return float(np.clip(cols / max(1, rows), NARROWEST, WIDEST))


def _draw(axes: Axes, panel: Panel, palette: Image) -> None:
    image, (high, wide) = _image(panel, palette)
    extent = (-0.5, image.shape[1] * wide - 0.5, image.shape[0] * high - 0.5, -0.5)
    axes.imshow(image, extent=extent, interpolation="nearest", aspect="auto")
    shape = np.clip(panel.shape[0] / max(1, panel.shape[1]), FLATTEST, 1.0 / NARROWEST)
    axes.set_box_aspect(float(shape))
    axes.set_title(panel.title, fontsize="medium")
    block = f"\npixel: {high:,} × {wide:,} entries" if max(high, wide) > 1 else ""
    axes.set(xlabel=panel.column_label + block, ylabel=panel.row_label)
    axes.locator_params(integer=True, nbins=6, min_n_ticks=1)
    if max(panel.shape) <= LINED:
        axes.set_xticks(np.arange(panel.shape[1] + 1) - 0.5, minor=True)
        axes.set_yticks(np.arange(panel.shape[0] + 1) - 0.5, minor=True)
        axes.grid(which="minor", color="0.85", linewidth=0.5)
        axes.tick_params(which="minor", length=0)


def _image(panel: Panel, palette: Image) -> tuple[Image, tuple[int, int]]:
    """Return an RGB image and how many rows and columns a pixel stands for."""
    high, wide = (max(1, -(-size // MOST_PIXELS)) for size in panel.shape)
    image = np.ones((max(1, -(-panel.shape[0] // high)), max(1, -(-panel.shape[1] // wide)), 3))
    for is_read, strength in ((False, PALE), (True, 1.0)):  # what is read covers what is not
        k = np.flatnonzero(panel.is_read == is_read)
        shade = strength * palette[panel.colors[k]] + (1.0 - strength)
        image[panel.rows[k] // high, panel.cols[k] // wide] = shade
    return image, (high, wide)


def _new_figure(size: tuple[float, float]) -> Figure:
    try:
        figure: Any = importlib.import_module("matplotlib.figure")
    except ImportError as error:
        raise ColoringError(
            "a coloring cannot be drawn without Matplotlib",
            instead="pip install 'sparseopt[plots]', or print coloring.groups()",
        ) from error
    made: Figure = figure.Figure(figsize=size, layout="constrained")
    return made
