"""Numbers of colors that papers print, and first-fit counts found by an independent program."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.coloring import (
    color,
    is_acyclic_coloring,
    is_directly_recoverable,
    is_recoverable_by_substitution,
    is_star_coloring,
    is_structurally_orthogonal,
)
from sparseopt.coloring.problems import OneSided, Symmetric
from sparseopt.coloring.star import star_coloring
from sparseopt.coloring.verification import separates_neighborhoods, separates_nets
from tests.coloring.published import FIGURES, PUBLISHED, RECOMPUTED, load

REPRODUCIBLE = ("natural", "largest_first")
DEPENDING_ON_TIES = ("smallest_last", "incidence_degree", "dynamic_largest_first")
SYMMETRIC = [name for name, entry in RECOMPUTED.items() if "natural_star" in entry]


def checked_count(pattern, partition, order):
    """Return the number of colors, after a check that no two in a row (column) are equal."""
    coloring = color(pattern, partition, order=order)
    side = OneSided.columns(pattern) if partition == "column" else OneSided.rows(pattern)
    assert separates_nets(side.graph, coloring.colors)
    assert coloring.colors.min() >= 0
    return coloring.num_colors


@pytest.mark.parametrize("name", PUBLISHED)
def test_natural_and_largest_first_order_give_the_published_counts(name):
    entry = PUBLISHED[name]
    published = {o: c for o, c in entry["colors"].items() if o in REPRODUCIBLE}
    ours = {o: checked_count(load(entry["file"]), entry["partition"], o) for o in published}
    assert ours == published


@pytest.mark.parametrize("name", PUBLISHED)
def test_orders_that_depend_on_ties_are_at_most_ten_percent_above_the_published_counts(name):
    entry = PUBLISHED[name]
    for order in DEPENDING_ON_TIES:
        if order in entry["colors"]:
            ours = checked_count(load(entry["file"]), entry["partition"], order)
            assert ours <= 1.1 * entry["colors"][order]


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_best_of_our_orders_is_no_worse_than_the_best_published_count(name):
    entry = PUBLISHED[name]
    ours = checked_count(load(entry["file"]), entry["partition"], "best")
    assert ours <= min(entry["colors"].values())


@pytest.mark.parametrize("name", RECOMPUTED)
def test_natural_order_is_first_fit_on_every_stored_matrix(name):
    entry = RECOMPUTED[name]
    pattern = load(entry["file"])
    assert (list(pattern.shape), pattern.nnz) == (entry["shape"], entry["nnz"])
    assert checked_count(pattern, "column", "natural") == entry["natural_columns"]
    assert checked_count(pattern, "row", "natural") == entry["natural_rows"]
    assert color(pattern, "column", order="natural").lower_bound == entry["max_row"]
    assert color(pattern, "row", order="natural").lower_bound == entry["max_col"]


@pytest.mark.parametrize("name", SYMMETRIC)
def test_natural_star_coloring_is_first_fit_on_every_symmetric_matrix(name):
    entry = RECOMPUTED[name]
    coloring = color(load(entry["file"]), "symmetric", order="natural")
    graph = Symmetric.of(coloring.pattern, substitution=False).graph
    natural = star_coloring(graph, np.arange(graph.num_vertices, dtype=np.int32))
    assert natural.max() + 1 == entry["natural_star"]
    # Where the diagonal is not full, colors may be neutral.
    assert coloring.num_colors <= entry["natural_star"]
    assert coloring.recovery.value.size == coloring.pattern.nnz


@pytest.mark.parametrize("name", SYMMETRIC)
def test_natural_distance2_coloring_is_first_fit_on_every_symmetric_matrix(name):
    entry = RECOMPUTED[name]
    graph = Symmetric.of(color(load(entry["file"]), "symmetric").pattern, substitution=False).graph
    every = np.arange(graph.num_vertices)
    sources = np.repeat(every, graph.degrees)
    adjacency = np.zeros((every.size, every.size)) if every.size < 3000 else None
    assert adjacency is not None
    adjacency[sources, graph.neighbors] = adjacency[every, every] = 1.0
    coloring = color(adjacency, order="natural")
    assert separates_neighborhoods(graph, coloring.colors)
    assert coloring.num_colors == entry["natural_distance2"]


@pytest.mark.parametrize("name", [n for n in SYMMETRIC if RECOMPUTED[n]["shape"][0] < 200])
def test_small_symmetric_matrices_pass_the_slow_checks(name):
    pattern = load(RECOMPUTED[name]["file"])
    star = color(pattern, "symmetric", order="best")
    acyclic = color(pattern, "symmetric", "substitution", order="best")
    assert is_structurally_orthogonal(pattern, color(pattern, order="best").colors)
    assert is_directly_recoverable(pattern, star.colors, symmetric=True)
    assert is_recoverable_by_substitution(pattern, acyclic.colors, symmetric=True)
    assert acyclic.num_colors <= star.num_colors <= RECOMPUTED[name]["natural_star"]


@pytest.mark.parametrize("name", FIGURES)
def test_printed_coloring_is_valid_and_ours_is_optimal(name):
    figure = FIGURES[name]
    by_substitution = figure["problem"] == "acyclic"
    is_valid = is_acyclic_coloring if by_substitution else is_star_coloring
    assert is_valid(figure["pattern"], figure["paper_coloring"])
    assert len(set(figure["paper_coloring"])) == figure["paper_colors"]
    decompression = "substitution" if by_substitution else "direct"
    ours = color(figure["pattern"], "symmetric", decompression, order="best")
    assert is_valid(figure["pattern"], ours.colors)
    assert ours.num_colors == figure["exact_acyclic" if by_substitution else "exact_star"]


@pytest.mark.parametrize(
    ("name", "order", "star", "acyclic", "columns"),
    [
        ("what_fig_41", "natural", 3, 3, 5),
        ("what_fig_41", "largest_first", 4, 3, 5),
        ("what_fig_41", "smallest_last", 3, 3, 5),
        ("what_fig_61", "natural", 5, 3, 6),
        ("what_fig_61", "largest_first", 4, 3, 5),
        ("what_fig_61", "smallest_last", 4, 3, 5),
    ],
)
def test_each_order_colors_the_figures_as_known(name, order, star, acyclic, columns):
    pattern = FIGURES[name]["pattern"]
    assert color(pattern, "symmetric", order=order).num_colors == star
    assert color(pattern, "symmetric", "substitution", order=order).num_colors == acyclic
    assert color(pattern, "column", order=order).num_colors == columns


@pytest.mark.parametrize(
    ("order", "star", "acyclic", "columns"),
    [("natural", 12, 8, 15), ("largest_first", 12, 7, 17), ("smallest_last", 12, 7, 16)],
)
def test_bcsstk01_takes_no_more_colors_than_colpack_prints(order, star, acyclic, columns):
    pattern = load(RECOMPUTED["colpack_bcsstk01"]["file"])
    assert color(pattern, "symmetric", order=order).num_colors <= star
    assert color(pattern, "symmetric", "substitution", order=order).num_colors <= acyclic
    assert color(pattern, "column", order=order).num_colors <= columns


def test_jac_pat_takes_its_optimum_on_either_side():
    pattern = load(RECOMPUTED["colpack_jac_pat"]["file"])
    assert color(pattern, "column", order="natural").num_colors == 11
    assert color(pattern, "row", order="natural").num_colors == 6
