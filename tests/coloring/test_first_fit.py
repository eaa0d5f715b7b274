"""Greedy coloring: each vertex takes the smallest color that keeps the coloring valid, no more."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseopt.coloring import (
    color,
    compiled,
    is_acyclic_coloring,
    is_star_coloring,
    is_structurally_orthogonal,
    peeling,
)
from tests.coloring.example_patterns import Matrix, matrices, symmetric_matrices

SETTINGS = settings(max_examples=60, derandomize=True, deadline=None)


def first_fit(
    matrix: Matrix, order: list[int], is_valid: Callable[[Matrix, list[int]], bool]
) -> list[int]:
    """Color by trying: the slow definition of the greedy algorithms."""
    colors = np.full(matrix.shape[1], -1)
    for number, vertex in enumerate(order):
        known = order[: number + 1]
        part = matrix[:, known] if is_valid is is_structurally_orthogonal else None
        part = matrix[np.ix_(known, known)] if part is None else part
        colors[vertex] = 0
        while not is_valid(part, colors[known].tolist()):
            colors[vertex] += 1
    return colors.tolist()


@st.composite
def with_order(draw, strategy):
    matrix = draw(strategy)
    return matrix, draw(st.permutations(range(matrix.shape[1])))


@SETTINGS
@given(with_order(matrices()))
def test_columns_take_the_smallest_color_that_is_structurally_orthogonal(case):
    matrix, order = case
    expected = first_fit(matrix, order, is_structurally_orthogonal)
    assert color(matrix, "column", order=order).colors.tolist() == expected
    assert color(matrix.T, "row", order=order).colors.tolist() == expected


@SETTINGS
@given(with_order(symmetric_matrices()))
def test_star_coloring_takes_the_smallest_color_without_a_two_colored_path(case):
    matrix, order = case
    expected = first_fit(matrix, order, is_star_coloring)
    assert color(matrix, "symmetric", order=order).colors.tolist() == expected


@SETTINGS
@given(with_order(symmetric_matrices()))
def test_acyclic_coloring_takes_the_smallest_color_without_a_two_colored_cycle(case):
    matrix, order = case
    expected = first_fit(matrix, order, is_acyclic_coloring)
    assert color(matrix, "symmetric", "substitution", order=order).colors.tolist() == expected


@SETTINGS
@given(with_order(matrices()))
def test_long_nets_do_not_change_the_colors_of_columns(case):
    matrix, order = case
    expected = color(matrix, order=order).colors
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(peeling, "_moderate", lambda entries: 0)  # every net is long
        assert peeling.long_nets(np.array([3, 1], np.int64)).size == 2
        np.testing.assert_array_equal(color(matrix, order=order).colors, expected)


@pytest.mark.parametrize(
    ("partition", "decompression"),
    [
        ("column", "direct"),
        ("row", "direct"),
        ("symmetric", "direct"),
        ("symmetric", "substitution"),
    ],
)
def test_compiled_code_and_plain_python_give_the_same_colors_and_recovery(
    monkeypatch, partition, decompression
):
    random = np.random.default_rng(8)
    cases = []
    for n in (1, 7, 40):
        matrix = random.random((n, n)) < 3 / n
        matrix |= matrix.T
        orders = ("natural", "largest_first", "smallest_last", "incidence_degree", "best")
        cases += [(matrix, partition, decompression, order) for order in orders]
    plain = [color(*case) for case in cases]
    recoveries = [coloring.recovery for coloring in plain]
    monkeypatch.setattr(compiled, "PYTHON_WORK", -1)
    for case, expected, recovery in zip(cases, plain, recoveries, strict=True):
        coloring = color(*case)
        np.testing.assert_array_equal(coloring.colors, expected.colors)
        assert coloring.order == expected.order
        for name, steps in vars(recovery).items():
            np.testing.assert_array_equal(getattr(coloring.recovery, name), steps)
