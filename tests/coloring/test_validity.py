"""The predicates that other tests trust, on cases small enough to check by hand."""

from __future__ import annotations

import numpy as np

from sparseopt.coloring import (
    is_acyclic_coloring,
    is_covered,
    is_directly_recoverable,
    is_recoverable_by_substitution,
    is_star_coloring,
    is_structurally_orthogonal,
)
from tests.coloring.example_patterns import band, cycle, from_edges, path

PATH = from_edges(path(4))
CYCLE = from_edges(cycle(4))


def test_columns_of_one_color_share_no_row():
    assert is_structurally_orthogonal(np.eye(3), [0, 0, 0])
    assert not is_structurally_orthogonal(np.ones((1, 3)), [0, 1, 0])
    assert not is_structurally_orthogonal(np.eye(3), [0, 0, -1])
    assert is_structurally_orthogonal(np.ones((3, 1)), [0, 1, 2], "row")
    assert not is_structurally_orthogonal(np.ones((3, 1)), [0, 1, 0], "row")


def test_a_star_coloring_has_no_path_of_four_in_two_colors():
    assert not is_star_coloring(PATH, [0, 1, 0, 1])
    assert is_star_coloring(PATH, [0, 1, 0, 2])
    assert is_star_coloring(from_edges(path(3)), [0, 1, 0])
    assert not is_star_coloring(from_edges(path(2)), [0, 0])
    assert not is_star_coloring(CYCLE, [0, 1, 0, 1])
    assert is_star_coloring(CYCLE, [0, 1, 0, 2])


def test_an_acyclic_coloring_has_no_cycle_in_two_colors():
    assert is_acyclic_coloring(PATH, [0, 1, 0, 1])
    assert not is_acyclic_coloring(CYCLE, [0, 1, 0, 1])
    assert is_acyclic_coloring(CYCLE, [0, 1, 0, 2])
    assert not is_acyclic_coloring(from_edges(cycle(6)), [0, 1, 0, 1, 0, 1])
    assert is_acyclic_coloring(from_edges(cycle(3)), [0, 1, 2])
    assert not is_acyclic_coloring(from_edges(path(2)), [0, 0])


def test_two_colored_stars_are_read_directly_and_paths_by_substitution():
    assert is_directly_recoverable(PATH, [0, 1, 0, 2], symmetric=True)
    assert not is_directly_recoverable(PATH, [0, 1, 0, 1], symmetric=True)
    assert is_recoverable_by_substitution(PATH, [0, 1, 0, 1], symmetric=True)
    assert not is_recoverable_by_substitution(CYCLE, [0, 1, 0, 1], symmetric=True)
    assert not is_recoverable_by_substitution(PATH, [0, 1, 0, 1])


def test_neutral_colors_leave_entries_to_the_other_reading():
    antidiagonal = np.eye(2)[::-1]
    assert is_directly_recoverable(antidiagonal, [0, -1], symmetric=True)
    assert not is_directly_recoverable(antidiagonal, [0, -1])
    assert is_directly_recoverable(antidiagonal, [0, -1], [0, -1])
    assert not is_star_coloring(antidiagonal, [0, -1])


def test_every_entry_needs_a_color_on_one_side():
    frame = band(3, 1, 1)
    assert is_covered(frame, [0, 1, 2], None)
    assert not is_covered(frame, [0, 1, -1], None)
    assert is_covered(frame, [0, 1, -1], [-1, 0, 0])
    assert not is_covered(np.ones((1, 1)), None, None)
