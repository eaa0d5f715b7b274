"""Colorings of grids by linear forms."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseopt.coloring import (
    color,
    compiled,
    is_acyclic_coloring,
    is_star_coloring,
    is_structurally_orthogonal,
)
from sparseopt.coloring.given_patterns import as_pattern, lower_triangle
from sparseopt.coloring.graphs import AdjacencyGraph
from sparseopt.coloring.linear_forms import LatticeCertificate
from sparseopt.coloring.problems import OneSided, Symmetric
from sparseopt.coloring.stencils import infer_grid, pair_differences, step_differences
from sparseopt.coloring.verification import (
    has_only_trees,
    separates_neighborhoods,
    separates_nets,
)
from sparseopt.errors import ColoringError
from tests.coloring.grids import box_stencil, brusselator, star_stencil, stencil_pattern

# shape, stencil, colors of columns, of a star and of an acyclic coloring: the last two are the
# fewest of a linear form, the first is a lower bound of any partition.
GRIDS = {
    "3-point": ((40,), star_stencil(1), 3, 3, 2),
    "5-point": ((17, 23), star_stencil(2), 5, 5, 3),
    "9-point": ((17, 23), box_stencil(2), 9, 9, 5),
    "7-point": ((7, 8, 9), star_stencil(3), 7, 7, 4),
    "27-point": ((7, 8, 9), box_stencil(3), 27, 27, 14),
}


def symmetric(matrix, *, substitution):
    return Symmetric.of(lower_triangle(as_pattern(matrix)), substitution=substitution)


def lattice_of(matrix, partition, grid, below=64):
    if partition == "column":
        return OneSided.columns(as_pattern(matrix)).lattice(grid, below)
    return symmetric(matrix, substitution=partition == "acyclic").lattice(grid, below)


@pytest.mark.parametrize("name", GRIDS)
def test_linear_forms_reach_the_known_numbers_on_open_grids(name):
    shape, stencil, columns, star, acyclic = GRIDS[name]
    matrix = stencil_pattern(shape, stencil)
    expected = {"column": columns, "star": star, "acyclic": acyclic}
    for partition, modulus in expected.items():
        found = lattice_of(matrix, partition, shape)
        assert (found.modulus, found.verified) == (modulus, True)
        assert found.colors().max() + 1 == modulus


def test_five_point_stencil_is_colored_by_the_knights_move():
    coloring = color(stencil_pattern((9, 11), star_stencil(2)), grid=(9, 11))
    i, j = np.indices((9, 11))
    assert np.array_equal(coloring.colors, ((i + 2 * j) % 5).ravel())
    assert str(coloring.lattice) == "(1·i + 2·j) mod 5"
    assert coloring.lattice == LatticeCertificate((9, 11), (1, 2), 5, verified=True)
    assert (coloring.order, coloring.num_colors, coloring.lower_bound) == ("lattice", 5, 5)


def test_rows_are_elements_of_a_grid_as_well():
    matrix = stencil_pattern((6, 8), box_stencil(2))
    coloring = color(matrix[:, ::3], "row", grid=(6, 8))
    assert is_structurally_orthogonal(matrix[:, ::3], coloring.colors, "row")
    assert color(matrix, "row", grid=(6, 8)).num_colors == 9


def test_best_order_infers_the_grid_and_beats_greedy_coloring():
    matrix = stencil_pattern((30, 20), star_stencil(2))
    coloring = color(matrix, order="best")
    assert coloring.lattice.shape == (30, 20)
    assert (coloring.order, coloring.num_colors) == ("lattice", 5)
    assert color(matrix, order="natural").num_colors == 7


def test_best_order_takes_three_colors_by_substitution_where_greedy_takes_four():
    matrix = stencil_pattern((30, 20), star_stencil(2))
    assert color(matrix, "symmetric", "substitution", order="best").num_colors == 3
    assert color(matrix, "symmetric", "substitution", order="natural").num_colors == 4


@pytest.mark.parametrize(
    ("n", "periodic_colors"), [(10, 5), (15, 5), (16, 8), (20, 5), (32, 8), (13, 10)]
)
def test_five_points_on_a_periodic_grid_take_five_colors_if_five_divides(n, periodic_colors):
    matrix = stencil_pattern((n, n), star_stencil(2), periodic=True)
    found = lattice_of(matrix, "column", (n, n))
    assert found.modulus == periodic_colors
    assert found.verified


@pytest.mark.parametrize(("n", "colors", "greedy"), [(6, 6, 9), (24, 6, 10), (32, 8, 12)])
def test_brusselator_is_colored_as_two_fields_on_a_periodic_grid(n, colors, greedy):
    coloring = color(brusselator(n), grid=(2, n, n))
    assert (coloring.num_colors, coloring.lower_bound) == (colors, 6)
    assert color(brusselator(n), order="natural").num_colors == greedy


def test_fields_may_be_the_last_axis():
    n = 12
    order = np.arange(2 * n * n).reshape(2, n * n).T.ravel()
    matrix = brusselator(n)[order][:, order]
    assert color(matrix, grid=(n, n, 2)).num_colors == 6


def test_greedy_coloring_wins_where_it_takes_fewer_colors():
    # Two rows of the grid: 2 x n needs four star colors, a linear form five or more.
    matrix = stencil_pattern((2, 12), star_stencil(2))
    coloring = color(matrix, "symmetric", order="best", grid=(2, 12))
    assert coloring.num_colors == 4
    assert (coloring.lattice is None) == (coloring.order != "lattice")


def test_million_vertices_are_colored_from_a_handful_of_differences():
    shape = (1000, 1000)
    matrix = stencil_pattern(shape, star_stencil(2))
    assert pair_differences(matrix.indptr, matrix.indices, shape).tolist() == [
        [0, 1],
        [0, 2],
        [1, -1],
        [1, 0],
        [1, 1],
        [2, 0],
    ]
    coloring = color(matrix, grid=shape)
    assert (coloring.num_colors, coloring.lattice.verified) == (5, True)
    assert separates_nets(OneSided.columns(as_pattern(matrix)).graph, coloring.colors)


@pytest.mark.parametrize("partition", ["column", "star", "acyclic"])
def test_patterns_without_a_stencil_have_no_lattice_coloring(partition):
    random = np.random.default_rng(0)
    matrix = sp.random_array((900, 900), density=0.01, rng=random)
    matrix = sp.csr_array(matrix + matrix.T + sp.eye_array(900))
    assert lattice_of(matrix, partition, (30, 30)) is None
    assert lattice_of(matrix, partition, None) is None


def test_dense_rows_are_no_stencil():
    matrix = np.eye(400)
    matrix[0] = 1.0
    assert OneSided.columns(as_pattern(matrix)).lattice((20, 20), 500) is None


@pytest.mark.parametrize("matrix", [np.eye(4), np.ones((300, 300))])
def test_a_wrong_grid_is_refused_whatever_the_pattern(matrix):
    for partition in (("column",), ("row",), ("symmetric",), ("symmetric", "substitution")):
        with pytest.raises(ColoringError, match="a grid of shape"):
            color(matrix, *partition, grid=(2, 3))


@pytest.mark.parametrize("grid", [(3, 5), (16, -1), (4.0, 4.0), "abc", (), 16])
def test_grids_of_another_size_are_refused_by_name(grid):
    with pytest.raises(ColoringError, match="grid"):
        color(stencil_pattern((4, 4), star_stencil(2)), grid=grid)


def test_grids_are_refused_for_bidirectional_partitions():
    with pytest.raises(ColoringError, match="does not go with a bidirectional partition"):
        color(np.eye(4), "bidirectional", grid=(2, 2))


def test_empty_and_single_element_grids_are_colored():
    assert color(np.zeros((0, 0)), grid=(0, 3)).num_colors == 0
    assert color(np.ones((1, 1)), grid=(1, 1)).num_colors == 1
    assert color(np.zeros((2, 6)), grid=(2, 3)).num_colors == 1


@pytest.mark.parametrize(
    ("numbers", "size", "shape"),
    [
        ([1, 2, 3], 100, (100,)),
        ([1, 30], 600, (20, 30)),
        ([1, 29, 30, 31], 600, (20, 30)),
        ([1, 2, 29, 30, 31, 60], 600, (20, 30)),
        ([1, 12, 120], 960, (8, 10, 12)),
        ([1, 30], 601, None),  # 30 does not divide
        ([1, 29, 570, 20 * 29], 600, None),  # a cluster that is not around its stride
    ],
)
def test_shape_of_a_grid_is_inferred_only_if_it_is_clear(numbers, size, shape):
    assert infer_grid(np.array(numbers), size) == shape


def test_differences_of_a_periodic_stencil_tell_wraps_from_neighbors():
    # 4 - 1 columns to the right is the left neighbor's wrap, not the next row's first element.
    rows, cols = np.array([3, 4]), np.array([0, 3])
    assert step_differences(rows, cols, (2, 4)).tolist() == [[0, 3], [1, -3]]


@st.composite
def stencils_with_holes(draw):
    """Draw a small grid, a random symmetric stencil on it, and a random part of its entries."""
    shape = tuple(draw(st.lists(st.integers(1, 5), min_size=1, max_size=3)))
    reach = st.tuples(*[st.integers(-2, 2) for _ in shape])
    offsets = draw(st.lists(reach, min_size=1, max_size=3))
    offsets += [tuple(-k for k in offset) for offset in offsets]
    matrix = stencil_pattern(shape, offsets, periodic=draw(st.booleans())).toarray()
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kept = np.triu(random.random(matrix.shape) < draw(st.sampled_from([0.5, 0.9, 1.0])))
    return shape, matrix * (kept | kept.T)


@settings(max_examples=150, deadline=None)
@given(stencils_with_holes())
def test_whatever_lattice_is_found_is_a_coloring_by_definition(case):
    shape, matrix = case
    columns = lattice_of(matrix, "column", shape, below=30)
    star, acyclic = (lattice_of(matrix, kind, shape, below=30) for kind in ("star", "acyclic"))
    assert columns is None or is_structurally_orthogonal(matrix, columns.colors())
    assert star is None or is_star_coloring(matrix, star.colors())
    assert acyclic is None or is_acyclic_coloring(matrix, acyclic.colors())
    for found in (columns, star, acyclic):
        if found is not None:
            assert found.verified
            assert set(found.colors()) == set(range(found.colors().max() + 1))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 7), st.integers(1, 4))
def test_fast_checks_agree_with_the_definitions(seed, n, palette):
    random = np.random.default_rng(seed)
    matrix = random.random((n, n)) < 0.35
    matrix = matrix | matrix.T
    colors = random.integers(0, palette, n).astype(np.int32)
    edges = [(i, j) for i, j in itertools.combinations(range(n), 2) if matrix[i, j]]
    ends = np.array(edges, np.int32).reshape(-1, 2)
    graph = AdjacencyGraph.from_edges(ends[:, 0].copy(), ends[:, 1].copy(), n)
    assert has_only_trees(graph, colors) == is_acyclic_coloring(matrix, colors)
    closed = matrix | np.eye(n, dtype=bool)
    assert separates_neighborhoods(graph, colors) == is_structurally_orthogonal(closed, colors)
    nets = OneSided.columns(as_pattern(matrix)).graph
    assert separates_nets(nets, colors) == is_structurally_orthogonal(matrix, colors)


@pytest.mark.parametrize("name", GRIDS)
def test_compiled_code_and_plain_python_find_the_same_form(monkeypatch, name):
    shape, stencil, *_ = GRIDS[name]
    small = tuple(min(s, 6) for s in shape)
    matrix = stencil_pattern(small, stencil, periodic=name == "5-point")
    kinds = ("column", "star", "acyclic")
    plain = [lattice_of(matrix, kind, small) for kind in kinds]
    monkeypatch.setattr(compiled, "PYTHON_WORK", -1)
    assert [lattice_of(matrix, kind, small) for kind in kinds] == plain
