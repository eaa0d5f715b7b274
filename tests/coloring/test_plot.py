"""Pictures of colorings: what they show, what they say, and that large ones stay small."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse as sp

import sparseopt as so
from sparseopt.coloring.panels import panels
from sparseopt.coloring.plot import distinct_colors
from sparseopt.errors import ColoringError

pytest.importorskip("matplotlib")

TRIDIAGONAL = np.eye(6) + np.eye(6, k=1) + np.eye(6, k=-1)


def arrowhead(size):
    matrix = np.eye(size)
    matrix[0] = matrix[:, 0] = 1.0
    return matrix


def bidirectional():
    pattern = so.SparsityPattern.from_scipy(arrowhead(4))
    columns, rows = np.array([0, 1, 1, 1], np.int32), np.array([0, -1, -1, -1], np.int32)
    return so.Coloring(pattern, "bidirectional", "direct", "given", columns, rows, 1)


def drawn(panel):
    """Return a matrix of colors, -1 where nothing is, and another of what is read."""
    colors, is_read = np.full(panel.shape, -1), np.zeros(panel.shape, bool)
    colors[panel.rows, panel.cols] = panel.colors
    is_read[panel.rows, panel.cols] = panel.is_read
    return colors, is_read


def test_columns_have_their_colors_in_all_three_matrices():
    matrix, seeds, compressed = panels(so.color(TRIDIAGONAL, order="natural"))
    in_matrix, _ = drawn(matrix)
    assert in_matrix.tolist() == np.where(TRIDIAGONAL, np.arange(6) % 3, -1).tolist()
    in_seeds, _ = drawn(seeds)
    assert in_seeds.tolist() == np.where(np.tile(np.eye(3), (2, 1)), np.arange(3), -1).tolist()
    in_compressed, is_read = drawn(compressed)
    assert in_compressed[0].tolist() == [0, 1, -1]
    assert in_compressed[1:5].tolist() == [[0, 1, 2]] * 4
    assert is_read.sum() == np.count_nonzero(TRIDIAGONAL)


def test_rows_have_their_colors_and_the_seeds_stand_on_the_left():
    matrix, seeds, compressed = panels(so.color(TRIDIAGONAL[:4], "row", order="natural"))
    assert [panel.shape for panel in (matrix, seeds, compressed)] == [(4, 6), (3, 4), (3, 6)]
    in_matrix, _ = drawn(matrix)
    assert in_matrix[1].tolist() == [1, 1, 1, -1, -1, -1]
    assert drawn(seeds)[0].tolist() == [[0, -1, -1, 0], [-1, 1, -1, -1], [-1, -1, 2, -1]]
    assert drawn(compressed)[0][0].tolist() == [0, 0, 0, 0, 0, -1]


def test_of_a_symmetric_matrix_one_triangle_is_read_and_the_other_is_pale():
    coloring = so.color(arrowhead(5), "symmetric")
    matrix, _, compressed = panels(coloring)
    _, is_read = drawn(matrix)
    full = arrowhead(5) != 0
    assert matrix.rows.size == full.sum()
    assert ((is_read | is_read.T) == full).all()
    assert is_read.sum() == coloring.pattern.nnz
    hub = coloring.colors[0]
    others = 1 - hub
    in_compressed, read = drawn(compressed)
    assert in_compressed[0, others] == others
    assert not read[0, others]  # the sum of the first row


def test_the_lower_triangle_alone_can_be_shown():
    matrix = panels(so.color(TRIDIAGONAL, "symmetric"), "lower")[0]
    assert (matrix.rows >= matrix.cols).all()
    assert "lower triangle" in matrix.title
    assert matrix.rows.size == 11


def test_bidirectional_entries_have_the_color_of_the_side_they_are_read_from():
    shown = panels(bidirectional())
    assert [panel.shape for panel in shown] == [(4, 4), (4, 2), (4, 2), (1, 4), (1, 4)]
    in_matrix, _ = drawn(shown[0])
    assert in_matrix.tolist() == [[0, 2, 2, 2], [0, 1, -1, -1], [0, -1, 1, -1], [0, -1, -1, 1]]
    assert not drawn(shown[2])[1][0, 1]  # x1 + x2 + x3 of the first row


@pytest.mark.parametrize(
    ("partition", "decompression"),
    [
        ("column", "direct"),
        ("row", "direct"),
        ("symmetric", "direct"),
        ("symmetric", "substitution"),
    ],
)
def test_every_partition_is_drawn_side_by_side(partition, decompression, tmp_path):
    figure = so.plot_coloring(so.color(TRIDIAGONAL, partition, decompression), title="a matrix")
    assert len(figure.axes) == 3
    text = figure.get_suptitle()
    assert text.startswith("a matrix\n")
    assert partition in text
    figure.savefig(tmp_path / "figure.png")


def test_a_bidirectional_coloring_has_five_panels_and_a_word_on_pale_entries():
    figure = so.plot_coloring(bidirectional())
    assert len(figure.axes) == 5
    assert "3 colors (at least 1), 3 products for 4" in figure.get_suptitle()
    assert "pale" in figure.get_supxlabel()


def test_the_titles_tell_nonzeros_sizes_and_products():
    figure = so.plot_coloring(so.color(TRIDIAGONAL))
    titles = [axes.get_title() for axes in figure.axes]
    assert titles == ["16 nonzeros\nJ: 6 × 6", "seeds\nS: 6 × 3", "compressed\nJ S: 6 × 3"]
    assert figure.get_suptitle() == "column coloring: 3 colors (at least 3), 3 pushforwards for 6"


def test_a_large_matrix_is_drawn_in_blocks_and_says_so():
    size = 3_000
    band = sp.diags_array([1.0, 1.0], offsets=[0, 1], shape=(size, size))
    axes = so.plot_coloring(so.color(band)).axes[0]
    image = axes.images[0].get_array()
    assert image.shape == (334, 334, 3)
    assert "pixel: 9 × 9 entries" in axes.get_xlabel()
    assert axes.images[0].get_extent()[1] >= size - 0.5


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (2, 3)])
def test_a_matrix_without_entries_can_be_drawn(shape, tmp_path):
    so.plot_coloring(so.color(np.zeros(shape))).savefig(tmp_path / "figure.png")


def test_consecutive_colors_differ_clearly():
    colors = distinct_colors(40)
    assert colors.shape == (40, 3)
    assert ((colors >= 0) & (colors <= 1)).all()
    assert np.linalg.norm(np.diff(colors, axis=0), axis=1).min() > 0.3
    assert len(np.unique(colors.round(3), axis=0)) == 40


def test_a_matrix_that_is_not_colored_yet_is_refused_with_advice():
    with pytest.raises(ColoringError, match=r"plot_coloring\(color\(matrix\)\)"):
        so.plot_coloring(TRIDIAGONAL)


def test_an_unknown_triangle_is_named():
    with pytest.raises(ColoringError, match="unknown triangle 'uper'"):
        so.plot_coloring(so.color(TRIDIAGONAL, "symmetric"), triangle="uper")


def test_a_missing_matplotlib_is_named_and_so_is_the_way_out(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ColoringError, match=r"sparseopt\[plots\]"):
        so.plot_coloring(so.color(TRIDIAGONAL))


def test_the_drawing_is_loaded_without_matplotlib():
    code = "import sys, sparseopt; sparseopt.plot_coloring; print('matplotlib' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
