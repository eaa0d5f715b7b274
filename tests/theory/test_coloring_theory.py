"""Proven numbers of colors: bands, cycles, paths, blocks, grids, stencils and their optima."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from sparseopt.coloring import color
from sparseopt.patterns.sparsity_pattern import SparsityPattern
from tests.coloring.grids import box_stencil, convolution, star_stencil, stencil_pattern

ORDERS = ("natural", "largest_first", "smallest_last", "incidence_degree", "best")


def band(n, lower, upper):
    diagonals = range(-lower, upper + 1)
    return sp.diags_array([np.ones(n - abs(k)) for k in diagonals], offsets=diagonals).tocsr()


def cycle(n):
    return band(n, 1, 1) + sp.csr_array(([1.0, 1.0], ([0, n - 1], [n - 1, 0])), shape=(n, n))


def star_colors(matrix, order="best"):
    return color(matrix, "symmetric", order=order).num_colors


def acyclic_colors(matrix, order="best"):
    return color(matrix, "symmetric", "substitution", order=order).num_colors


@pytest.mark.parametrize("n", [500, 5000])
@pytest.mark.parametrize(("off_diagonals", "star", "acyclic"), [(10, 11, 6), (20, 21, 11)])
def test_symmetric_bands_take_half_the_colors_by_substitution(off_diagonals, star, acyclic, n):
    # 2 floor(rho / 2) + 1 and floor(rho / 2) + 1: Gebremedhin, Tarafdar, Pothen, Walther (2009).
    matrix = band(n, off_diagonals // 2, off_diagonals // 2)
    for order in ("natural", "best"):
        assert star_colors(matrix, order) == star
        assert acyclic_colors(matrix, order) == acyclic


@pytest.mark.parametrize(("lower", "upper"), [(0, 1), (1, 1), (2, 2), (0, 4), (3, 7)])
def test_columns_of_a_band_take_its_width(lower, upper):
    matrix = band(200, lower, upper)
    for order in ("natural", "smallest_last", "best"):
        assert color(matrix, order=order).num_colors == lower + upper + 1
        assert color(matrix, "row", order=order).num_colors == lower + upper + 1


@pytest.mark.parametrize("n", [3, 4, 6, 7, 8, 9, 10, 11, 200])
def test_cycles_take_three_colors(n):
    assert star_colors(cycle(n)) == acyclic_colors(cycle(n)) == 3


def test_the_cycle_of_five_takes_a_fourth_star_color():
    # Fertin, Raspaud, Reed (2004), doi:10.1002/jgt.20029.
    assert star_colors(cycle(5)) == 4
    assert acyclic_colors(cycle(5)) == 3


@pytest.mark.parametrize("n", [4, 5, 9, 100])
def test_paths_take_three_colors_directly_and_two_by_substitution(n):
    assert star_colors(band(n, 1, 1)) == 3
    assert acyclic_colors(band(n, 1, 1)) == 2


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 2, 5])
def test_block_diagonal_matrices_take_the_size_of_a_block(size, order):
    matrix = sp.block_diag([np.ones((size, size))] * 12)
    assert color(matrix, order=order).num_colors == size
    assert color(matrix, "row", order=order).num_colors == size
    assert star_colors(matrix, order) == acyclic_colors(matrix, order) == size
    assert color(matrix, "bidirectional", order=order).num_colors == size


@pytest.mark.parametrize("order", ORDERS)
def test_triangular_matrices_take_a_color_for_each_column(order):
    matrix = np.tril(np.ones((9, 9)))
    coloring = color(matrix, order=order)
    assert coloring.num_colors == coloring.lower_bound == 9


@pytest.mark.parametrize("order", ORDERS)
def test_arrowheads_take_two_symmetric_colors_and_three_of_both_sides(order):
    n = 3000
    every, hub = np.arange(n), np.zeros(n - 1, int)
    rows = np.concatenate([every, every[1:]])
    matrix = SparsityPattern(rows, np.concatenate([every, hub]), (n, n), symmetric=True)
    assert star_colors(matrix, order) == acyclic_colors(matrix, order) == 2
    assert color(matrix, "bidirectional", order=order).num_colors == 3
    assert color(matrix, order=order).num_colors == n


@pytest.mark.parametrize("k", [0, 1, 2, 5])
def test_differences_of_order_k_take_k_plus_one_colors_at_any_size(k):
    for n in (20, 2000):
        matrix = sp.csr_array(sp.eye_array(n))
        for _ in range(k):
            matrix = sp.csr_array(abs(matrix[1:]) + abs(matrix[:-1]))
        assert matrix.shape == (n - k, n)
        assert color(matrix).num_colors == k + 1


@pytest.mark.parametrize(
    ("shape", "stencil", "columns", "star", "acyclic"),
    [
        ((40, 30), star_stencil(2), 5, 5, 3),
        ((40, 30), box_stencil(2), 9, 9, 5),
        ((12, 10, 9), star_stencil(3), 7, 7, 4),
        ((9, 8, 7), box_stencil(3), 27, 27, 14),
    ],
)
def test_grids_take_their_optima_in_the_best_order(shape, stencil, columns, star, acyclic):
    matrix = stencil_pattern(shape, stencil)
    coloring = color(matrix, order="best", grid=shape)
    assert coloring.num_colors == coloring.lower_bound == columns
    assert color(matrix, "symmetric", order="natural", grid=shape).num_colors == star
    assert (
        color(matrix, "symmetric", "substitution", order="natural", grid=shape).num_colors
        == acyclic
    )


@pytest.mark.parametrize(
    ("rows", "cols", "star"), [(2, 2, 3), (2, 9, 4), (3, 3, 4), (3, 5, 4), (4, 4, 5), (6, 8, 5)]
)
def test_star_colorings_of_small_grids_are_optimal(rows, cols, star):
    # Fertin, Raspaud, Reed (2004): 3 for 2 x 2, 4 for two or three rows, 5 from four rows on.
    assert star_colors(stencil_pattern((rows, cols), star_stencil(2))) == star


def test_convolution_takes_one_color_for_each_weight_of_the_kernel():
    jacobian = convolution(28, 5)
    assert (jacobian.shape, jacobian.nnz) == ((576, 784), 14_400)
    for options in ({"grid": (28, 28)}, {"order": "best"}):
        coloring = color(jacobian, **options)
        assert coloring.num_colors == coloring.lower_bound == 25


@pytest.mark.parametrize("seed", range(4))
def test_bounds_hold_between_the_kinds_of_coloring(seed):
    random = np.random.default_rng(seed)
    lower = sp.random_array((60, 60), density=0.04, rng=random)
    matrix = sp.csr_array(lower + lower.T + sp.eye_array(60))
    columns = color(matrix, order="best")
    longest = int(np.diff(matrix.indptr).max())
    assert columns.lower_bound == longest <= columns.num_colors
    assert acyclic_colors(matrix) <= star_colors(matrix) <= columns.num_colors
    assert color(matrix, "bidirectional", order="best").num_colors <= columns.num_colors
